/** The one error that a run ends with under On Error = Stop: bounded, whatever the size of the batch. */
import type { Failure } from '../api/failures';
import type { ItemIndexes } from './items';

/** So many failures are listed; the rest is counted. */
const LISTED_FAILURES = 20;
const MAX_REASON_LENGTH = 300;

const AFTER_FAILURE =
	'Executions > Retry continues with these operations; a new run creates and pays for them again.';

/** A regular n8n stores a stopped execution as it was before the node began (observed on n8n 2.40). */
const AFTER_STOP =
	'Take their IDs from here or from the log and use Wait for Operation. Do not use Executions > Retry after a stop: n8n may have lost what this run noted. The node then refuses to create anything, but after the stop of a retry it cannot tell and may pay again.';

export interface FailedUnit {
	itemIndexes: ItemIndexes;
	failure: Failure;
}

export interface RunTotals {
	/** Products, images or operations the run was asked for. */
	units: number;
	/** What a unit is called, in the plural. */
	unitName: string;
	/** Operations that exist at Aiuta because of this execution. */
	paidOperations: number;
	/** Whether this kind of run creates operations at all. */
	isPaidWork: boolean;
	/** Creates that may have been accepted. */
	unknownOperations: number;
	isCancelled: boolean;
	/** True when the inputs were refused and nothing was sent. */
	isNothingSent: boolean;
}

export interface RunError {
	message: string;
	description: string;
	itemIndex: number;
}

function line({ itemIndexes, failure }: FailedUnit): string {
	const names = [
		failure.productId === undefined ? undefined : `product ${failure.productId}`,
		failure.operationId === undefined ? undefined : `operation ${failure.operationId}`,
	].filter((name) => name !== undefined);
	const who = names.length === 0 ? '' : ` (${names.join(', ')})`;
	// Parameter messages name the item themselves, for the settings that give failed items.
	const reason = failure.message.replace(/ \[item \d+\]$/, '').slice(0, MAX_REASON_LENGTH);
	return `Item ${itemIndexes.join(', ')}${who}: ${reason}`;
}

function money(totals: RunTotals): string[] {
	const { paidOperations, unknownOperations } = totals;
	if (totals.isNothingSent || !totals.isPaidWork) return [];
	const unknown =
		unknownOperations === 0
			? ''
			: `, and ${unknownOperations} may have been accepted without an ID`;
	return [
		`Operations created and paid for: ${paidOperations}${unknown}.`,
		totals.isCancelled ? AFTER_STOP : AFTER_FAILURE,
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
 * @param failed every failure in input order, at least one; products that were not started are told
 *   apart by their code
 */
export function runError(failed: readonly FailedUnit[], totals: RunTotals): RunError {
	const real = failed.filter(({ failure }) => failure.code !== 'NOT_STARTED');
	const notStarted = failed.length - real.length;
	const shown = (real.length === 0 ? failed : real).slice(0, LISTED_FAILURES);
	const [first] = shown;
	const counts = `${real.length} of ${totals.units} ${totals.unitName} failed`;
	const isAlone = totals.units === 1 && !totals.isCancelled;
	// n8n takes a run that throws after a stop for canceled by this word (observed on n8n 2.8).
	const summary = totals.isCancelled ? `The execution was canceled: ${counts}` : counts;
	const firstLine = first === undefined ? '' : line(first);
	const message = isAlone
		? (first?.failure.message ?? summary)
		: `${summary}. ${shown.length > 1 ? 'First: ' : ''}${firstLine}`;
	const more = real.length - shown.length;
	const description = [
		...(totals.isNothingSent ? ['Nothing was sent to Aiuta.'] : []),
		...commonAdvice(real),
		// The editor joins the lines: a dash keeps them apart.
		...(shown.length > 1 ? shown.map((one) => `- ${line(one)}`) : []),
		...(more > 0 ? [`... and ${more} more; all of them are in the log.`] : []),
		...(notStarted > 0 ? [`Not started because of this: ${notStarted} ${totals.unitName}.`] : []),
		...money(totals),
	].join('\n');
	return { message, description, itemIndex: first?.itemIndexes[0] ?? 0 };
}
