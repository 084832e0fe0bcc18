/**
 * What a user sees of a run besides its items: the one error of On Error = Stop, a hint that sums up,
 * and an entry in n8n's list of executions. Bounded, whatever the size of the batch.
 */
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Failure } from '../api/failures';
import type { ItemIndexes, UnitResult } from './items';

/** So many failures are listed; the rest is counted. */
const LISTED_FAILURES = 20;
const MAX_REASON_LENGTH = 300;

/** The editor shows a description as HTML: a line break of its own would be a space there. */
const NEW_LINE = '<br>';

/** n8n cuts custom data at 512 characters and keeps ten keys an execution: we use one. */
const CUSTOM_DATA_KEY = 'aiuta';
const MAX_CUSTOM_DATA_LENGTH = 512;

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

function count(results: readonly UnitResult[], isSo: (result: UnitResult) => boolean): number {
	return results.filter(isSo).length;
}

/** Whether every item of a unit says so under `finished`; there is no such key where nothing is awaited. */
const everyItem = ({ items, failures }: UnitResult, finished: boolean | undefined): boolean =>
	failures.length === 0 && items.every(({ json }) => json['finished'] === finished);

/** Sum up a run in one line, e.g. `3 of 4 finished, 1 failed, 38 s`. */
export function runSummary(results: readonly UnitResult[], facts: RunFacts): string {
	const failed = count(results, ({ failures }) => failures.length > 0);
	const finished = count(results, (result) => everyItem(result, true));
	const done = count(results, (result) => everyItem(result, undefined));
	const running = results.length - failed - finished - done;
	const incomplete = count(results, ({ items }) =>
		items.some(({ json }) => json['missing_types'] !== undefined),
	);
	const parts = [
		done > 0 ? `${done} of ${results.length} done` : `${finished} of ${results.length} finished`,
		...(incomplete > 0 ? [`${incomplete} without a picture of every type asked for`] : []),
		...(failed > 0 ? [`${failed} failed`] : []),
		...(running > 0 ? [`${running} still running`] : []),
		...(facts.unknownOperations > 0
			? [`${facts.unknownOperations} may have been accepted without an ID`]
			: []),
		`${facts.seconds} s`,
		...(facts.wasThrottled ? ['slowed down by the rate limit'] : []),
	];
	return parts.join(', ');
}

function operationIds(results: readonly UnitResult[]): string[] {
	const ids = results.flatMap(({ items, failures }) => [
		...items.map(({ json }) => json['operation_id']),
		...failures.map(({ operationId }) => operationId),
	]);
	return [...new Set(ids)].filter((id) => typeof id === 'string');
}

/** Add as many whole IDs as fit. */
function withFirstIds(summary: string, ids: string[]): string {
	return ids.reduce((text, id, index) => {
		const longer = `${text}${index === 0 ? '; ' : ' '}${id}`;
		return longer.length <= MAX_CUSTOM_DATA_LENGTH ? longer : text;
	}, summary);
}

/** When to come back for what people review; empty where nothing is left to wait for. */
function comeBack(results: readonly UnitResult[], { isReviewed }: RunFacts): string {
	const isLeft = results.some(({ items }) => items.some(({ json }) => json['finished'] !== true));
	return isReviewed && isLeft
		? '. People review the pictures, which takes hours: get them then with Wait for Operation'
		: '';
}

/** Show the summary with the output, and with the first operation IDs in n8n's list of executions. */
export function reportRun(
	host: IExecuteFunctions,
	results: readonly UnitResult[],
	facts: RunFacts,
): void {
	const ids = operationIds(results);
	const summary = runSummary(results, facts);
	const hasFailed = results.some(({ failures }) => failures.length > 0);
	if (ids.length === 0 && !hasFailed) return;
	host.addExecutionHints({
		message: `Aiuta: ${summary}${comeBack(results, facts)}`,
		location: 'outputPane',
		...(hasFailed ? { type: 'warning' as const } : {}),
	});
	try {
		// `this.customData` is missing on n8n 2.0.3; the data proxy has it on every supported version.
		const { $execution: execution } = host.getWorkflowDataProxy(0) as {
			$execution?: { customData?: { set: (key: string, value: string) => void } };
		};
		execution?.customData?.set(CUSTOM_DATA_KEY, withFirstIds(summary, ids));
	} catch {
		host.logger.debug('Aiuta: this execution takes no custom data');
	}
}
