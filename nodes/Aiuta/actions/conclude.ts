/** How a batch ends: with its items, or with the one error of On Error = Stop. */
import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import type { Run } from '../batch/run';
import { oneLine } from '../core/oneLine';
import type { Unit } from '../inputs/units';
import { failedItem, type UnitResult } from '../output/items';
import { runError, type FailedUnit, type RunError, type RunFacts } from '../output/runReport';
import { reportRun } from '../output/runSummary';
import { withPictureLink } from '../transport/pictures';
import { isTool, stopsOnFailure } from './openRun';

/** A unit and what became of it. */
export interface Concluded {
	unit: Unit<unknown>;
	result: UnitResult;
}

/** What the report of a run says of the run itself. */
export function factsOf(run: Run, known: Pick<RunFacts, 'isReviewed' | 'nextRun'>): RunFacts {
	const { clock, scheduler } = run.ports;
	return {
		paidOperations: run.paid.created + run.paid.resumed,
		unknownOperations: run.paid.unknown,
		isCancelled: run.isCancelled,
		seconds: Math.round((clock.now() - run.startedAtMs) / 1000),
		wasThrottled: scheduler.wasThrottled,
		...known,
	};
}

/** Hand out the items, or throw the one error of On Error = Stop. */
export function conclude(
	host: IExecuteFunctions,
	unitName: string,
	concluded: Concluded[],
	facts?: RunFacts,
): INodeExecutionData[][] {
	const results = concluded.map(({ result }) => result);
	if (facts !== undefined) reportRun(host, results, facts);
	const [first, ...others] = concluded.flatMap(failuresOf);
	if (first !== undefined && stopsOnFailure(host)) {
		const failures: [FailedUnit, ...FailedUnit[]] = [first, ...others];
		throw stopError(host, failures, runError(failures, concluded.length, unitName, facts));
	}
	const itemsOf = (one: Concluded) => [
		...one.result.items,
		...failuresOf(one).map(({ failure: cause, itemIndexes }) => failedItem(cause, itemIndexes)),
	];
	const items = concluded.flatMap(itemsOf);
	return [isTool(host) ? items.map((item) => withPictureLink(host, item)) : items];
}

/** The failures of a unit, told by its product where they do not say themselves. */
function failuresOf({ unit: { itemIndexes, productId }, result }: Concluded): FailedUnit[] {
	return result.failures.map((cause) => ({
		itemIndexes,
		failure: cause.productId === undefined ? { ...cause, productId } : cause,
	}));
}

function stopError(
	host: IExecuteFunctions,
	failures: readonly FailedUnit[],
	{ message, description, itemIndex }: RunError,
): NodeOperationError {
	for (const { itemIndexes, failure: cause } of failures) {
		const operation = cause.operationId === undefined ? '' : ` (operation ${cause.operationId})`;
		const said = `${oneLine(cause.message)}${operation}`;
		host.logger.error(`Aiuta: item ${itemIndexes.join(', ')}: ${said}`, {
			code: cause.code,
			productId: cause.productId,
			operationId: cause.operationId,
			detail: cause.detail,
		});
	}
	const where = itemIndex === undefined ? {} : { itemIndex };
	const error = new NodeOperationError(host.getNode(), message, { description, ...where });
	// The constructor replaces a message that contains a code such as ECONNRESET (observed on n8n 2.8).
	error.message = message;
	return error;
}
