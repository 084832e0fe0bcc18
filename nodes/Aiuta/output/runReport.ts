/** The one error of On Error = Stop, and the facts of a run. Bounded, whatever the size of the batch. */
import type { Failure } from '../api/failures';
import type { ItemIndexes } from './items';

/** So many failures are listed; the rest is counted. */
const LISTED_FAILURES = 20;
const MAX_REASON_LENGTH = 300;

/** The editor shows a description as HTML: a line break of its own would be a space there. */
const NEW_LINE = '<br>';

/** What a new run does with what exists: without a ledger it knows nothing of it. */
export type NextRun = 'paysAgain' | 'goesOn' | 'leavesOut';

const AFTER_FAILURE = 'Executions > Retry goes on with what exists, free of charge';
const NEXT_RUN: Record<NextRun, string> = {
	paysAgain: '; a new execution creates and pays for it again.',
	goesOn: ', and so does the next run.',
	leavesOut: '; a new execution leaves it out.',
};

/** A regular n8n stores a stopped execution as it was before the node began (observed on n8n 2.40). */
const AFTER_STOP =
	'Take the operation IDs from here or from the log and use Wait for Operation. Do not use Executions > Retry after a stop: n8n may have lost what this run has noted.';
const AFTER_STOP_WITH_LEDGER =
	'The ledger knows them: the next run goes on with what exists, free of charge.';

export interface FailedUnit {
	itemIndexes: ItemIndexes;
	failure: Failure;
}

/** What the engine says of a run. */
export interface RunFacts {
	/** Operations that exist at Aiuta because of this execution. */
	paidOperations: number;
	/** Creates that may have been accepted. */
	unknownOperations: number;
	isCancelled: boolean;
	seconds: number;
	wasThrottled: boolean;
	/** Whether people choose the pictures, which takes hours. */
	isReviewed: boolean;
	nextRun: NextRun;
}

export interface RunError {
	message: string;
	description: string;
	/** Undefined where no single item is to blame. */
	itemIndex: number | undefined;
}

/** `item` in lower case: otherwise the editor adds the item to the message once more. */
function who(itemIndexes: readonly number[], { productId, operationId, message }: Failure): string {
	const isNamed = operationId === undefined || message.includes(operationId);
	const names = [
		productId === undefined ? undefined : `product ${productId}`,
		isNamed ? undefined : `operation ${operationId}`,
	].filter((name) => name !== undefined);
	const items = `item${itemIndexes.length > 1 ? 's' : ''} ${itemIndexes.join(', ')}`;
	return names.length === 0 ? items : `${items} (${names.join(', ')})`;
}

/** One line of the list; the reason stays out where it is the same for all and said already. */
function listed({ itemIndexes, failure }: FailedUnit, isSaid: boolean): string {
	const { message, detail } = failure;
	const particulars = isSaid ? detail : detail === undefined ? message : `${message} (${detail})`;
	const reason = particulars === undefined ? '' : `: ${particulars.slice(0, MAX_REASON_LENGTH)}`;
	return `- ${who(itemIndexes, failure)}${reason}`;
}

/** How to go on after some of the run's operations were created. */
function nextStep({ isCancelled, nextRun }: RunFacts): string {
	if (!isCancelled) return `${AFTER_FAILURE}${NEXT_RUN[nextRun]}`;
	return nextRun === 'goesOn' ? AFTER_STOP_WITH_LEDGER : AFTER_STOP;
}

/** The sentences on money; none where nothing was created. */
function money(facts: RunFacts): string[] {
	const { paidOperations: paid, unknownOperations: unknown } = facts;
	const operations = (count: number) => `${count} operation${count === 1 ? '' : 's'}`;
	return [
		...(unknown > 0 ? [`${operations(unknown)} may have been accepted without an ID.`] : []),
		...(paid > 0
			? [
					`${operations(paid)} ${paid === 1 ? 'was' : 'were'} created and paid for.`,
					nextStep(facts),
				]
			: []),
	];
}

/** What to do next, if it is the same for all failures: a refused key is, for one. */
function commonAdvice(failed: readonly FailedUnit[]): string[] {
	const advice = new Set(failed.map(({ failure }) => failure.description));
	return advice.size === 1 ? [...advice] : [];
}

/**
 * Sum up the failures of a run.
 *
 * @param failed every failure in input order, at least one; what was not started is told apart by its code
 * @param units how many products, images or operations the run was asked for
 * @param unitName what they are called, in the plural
 * @param facts undefined when the inputs were refused and nothing was sent
 */
export function runError(
	failed: readonly [FailedUnit, ...FailedUnit[]],
	units: number,
	unitName: string,
	facts: RunFacts | undefined,
): RunError {
	const real = failed.filter(({ failure }) => failure.code !== 'NOT_STARTED');
	const notStarted = failed.length - real.length;
	const isCancelled = facts?.isCancelled ?? false;
	const [first = failed[0]] = real;
	const counts = `${real.length} of ${units} ${unitName} failed`;
	// n8n takes a run that throws after a stop for canceled by this word (observed on n8n 2.8).
	const summary = isCancelled ? `The execution was canceled: ${counts}` : counts;
	const firstItem = first.itemIndexes.slice(0, 1);
	const reason = first.failure.message;
	const isSame = real.length > 1 && real.every(({ failure }) => failure.message === reason);
	const { code, isOfRun = false } = first.failure;
	// A wrong setting of the node, or its key, is no item's fault: it is said once. Operations are listed.
	const isListed = real.length > 1 && real.some(({ failure }) => failure.operationId !== undefined);
	const isCommon =
		!isCancelled &&
		!isListed &&
		(units === 1 || (isOfRun && isSame) || (code === 'KEY_REFUSED' && failed.length === units));
	const firstOf = `${real.length > 1 ? 'The first is' : 'It is'} ${who(firstItem, first.failure)}`;
	const said = isSame ? `${summary}: ${reason}` : `${summary}. ${firstOf}: ${reason}`;
	const message = isCommon ? reason : said;
	const shown = real.length > 1 && !isCommon ? real.slice(0, LISTED_FAILURES) : [];
	const more = shown.length === 0 ? 0 : real.length - shown.length;
	const prose = [
		...(isCancelled ? [] : commonAdvice(real.length > 0 ? real : failed)),
		...(isCommon ? operationOf(first.failure) : []),
		...(facts === undefined ? ['Nothing was sent to Aiuta.'] : money(facts)),
	].join(' ');
	const lines = [
		prose,
		...shown.map((one) => listed(one, isSame)),
		...(more > 0 ? [`... and ${more} more; all of them are in the log.`] : []),
		...(notStarted > 0
			? [`${notStarted} of ${units} ${unitName} were not started because of this.`]
			: []),
	].filter((line) => line !== '');
	return {
		message: message.slice(0, 2 * MAX_REASON_LENGTH),
		description: lines.join(NEW_LINE),
		itemIndex: (isCommon && units > 1) || isSame ? undefined : first.itemIndexes[0],
	};
}

/** The operation of what is told without a list. */
function operationOf({ operationId, message, description }: Failure): string[] {
	const isNamed = operationId === undefined || `${message} ${description}`.includes(operationId);
	return isNamed ? [] : [`The ID of the operation is ${operationId}.`];
}
