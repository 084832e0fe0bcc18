/** One call, one item: what Get and Delete have in common. */
import type { Failure } from '../api/failures';
import type { ApiRequest } from '../api/requests';
import { callApi, type Fault } from '../batch/call';
import type { Run } from '../batch/run';
import type { JsonObject } from '../core/json';
import { jsonItem, type ItemIndexes, type UnitResult } from '../output/items';
import { stoppedUnit } from './runUnits';

export interface SingleCall<T> {
	request: ApiRequest<T>;
	/** Whether it is not sent any more once the run may start nothing new. */
	isHeldByHalt?: boolean;
	failureOf: (fault: Fault) => Failure;
	/** What is known of a unit that was not begun. */
	particulars?: Partial<Failure>;
	toJson: (answer: T) => JsonObject;
}

/** Send the call, unless the run is stopped, and report what came of it. */
export async function callOnce<T>(
	run: Run,
	itemIndexes: ItemIndexes,
	{ request, isHeldByHalt = false, failureOf, particulars, toJson }: SingleCall<T>,
): Promise<UnitResult> {
	const result = await callApi(run, request, { mayLeave: () => !isHeldByHalt || run.mayStart });
	if (result.kind === 'fault') return { items: [], failures: [failureOf(result)] };
	if (result.kind !== 'ok') return stoppedUnit(run, particulars);
	return { items: [jsonItem(toJson(result.answer), itemIndexes)], failures: [] };
}
