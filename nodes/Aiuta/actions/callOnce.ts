/** One call, one item: what Get and Delete have in common. */
import type { Failure } from '../api/failures';
import { callApi, type CallSpec, type Fault } from '../batch/call';
import type { Run } from '../batch/run';
import type { JsonObject } from '../core/json';
import { jsonItem, type ItemIndexes, type UnitResult } from '../output/items';
import { stoppedUnit } from './runUnits';

export interface SingleCall<T> {
	call: CallSpec;
	failureOf: (fault: Fault) => Failure;
	/** What is known of a unit that was not begun. */
	particulars?: Partial<Failure>;
	/** Narrow the answer, which the call has accepted. */
	read: (body: unknown) => T | undefined;
	toJson: (value: T) => JsonObject;
}

/** Send the call, unless the run is stopped, and report what came of it. */
export async function callOnce<T>(
	run: Run,
	itemIndexes: ItemIndexes,
	{ call, failureOf, particulars, read, toJson }: SingleCall<T>,
): Promise<UnitResult> {
	const result = await callApi(run, call);
	if (result.kind === 'fault') {
		const failed = failureOf(result);
		run.noteNewFailure(failed);
		return { items: [], failures: [failed] };
	}
	const value = result.kind === 'ok' ? read(result.body) : undefined;
	if (value === undefined) return stoppedUnit(run, particulars);
	return { items: [jsonItem(toJson(value), itemIndexes)], failures: [] };
}
