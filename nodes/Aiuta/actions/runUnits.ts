/**
 * Runs the units of a batch (products, images, operations) and turns their outcomes into items, or
 * into the one error of On Error = Stop. Inputs of all units are checked before anything is sent.
 */
import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import { failure, type Failure } from '../api/failures';
import type { Journal } from '../batch/journal';
import type { Run } from '../batch/run';
import { mapLimited } from '../core/limiter';
import { runError, type FailedUnit, type RunTotals } from '../output/runReport';
import { failedItem, type UnitResult } from '../output/items';
import { readBatching, type Batching } from '../inputs/batching';
import { readItem, type Unit } from '../inputs/units';
import { openExecution, stopsOnFailure, type Execution } from './openRun';
import { reportProgress } from './feedback';
import { beginNotes } from './retryGuard';

export interface BatchJob<T> {
	/** What a unit is called, in the plural, for messages. */
	unitName: string;
	/** Read and check all inputs of every item: what is read later is read after paying. Sends nothing. */
	prepare: () => Promise<Array<Unit<T>>>;
	/** How many operations a unit would create; none by default. */
	createsOf?: (value: T, journal: Journal) => number;
	/** Do one unit. */
	perform: (value: T, unit: Unit<T>, execution: Execution) => Promise<UnitResult>;
}

/** Run a job for all items and return the node's output. */
export async function runUnits<T>(
	host: IExecuteFunctions,
	job: BatchJob<T>,
): Promise<INodeExecutionData[][]> {
	if (job.createsOf !== undefined && !(await beginNotes(host)))
		return refuseAll(host, job.unitName, failure('NOTES_LOST'));
	const batching = await readItem(() => readBatching(host));
	if (!batching.ok) return refuseAll(host, job.unitName, batching.failure);
	const units = await job.prepare();
	if (stopsOnFailure(host) && units.some((unit) => !unit.input.ok))
		return conclude(host, job, units, [], undefined);
	const opened = await openExecution(host, batching.value.requestsPerSecond);
	if (!opened.ok) return refuseAll(host, job.unitName, opened.failure);
	const { execution } = opened;
	try {
		const results = await performAll(job, units, execution, batching.value);
		reportProgress(execution, units.length, results);
		return conclude(host, job, units, results, execution);
	} finally {
		await execution.close();
	}
}

async function performAll<T>(
	job: BatchJob<T>,
	units: Array<Unit<T>>,
	execution: Execution,
	{ maxProductsInFlight, maxOperationsPerRun }: Batching,
): Promise<UnitResult[]> {
	const creates = units.reduce(
		(sum, { input }) =>
			sum + (input.ok ? (job.createsOf?.(input.value, execution.journal) ?? 0) : 0),
		0,
	);
	if (maxOperationsPerRun > 0 && creates > maxOperationsPerRun) {
		const tooMany = failure(
			'INVALID_PARAMETER',
			`This run would create ${creates} operations, more than Max Operations per Run (maxOperationsPerRun) allows: ${maxOperationsPerRun}`,
			{ description: 'Nothing was sent. Raise the limit under Batching, or pass fewer products.' },
		);
		return units.map(({ input }) => failed(input.ok ? tooMany : input.failure));
	}
	execution.run.createsLeft = creates;
	execution.run.maxProductsInFlight = maxProductsInFlight;
	return await mapLimited(units, maxProductsInFlight, async (unit) => {
		if (!unit.input.ok) return failed(unit.input.failure);
		try {
			return await job.perform(unit.input.value, unit, execution);
		} catch (error) {
			// One unit must not take the results of the others with it, whatever happened to it.
			const message = error instanceof Error ? error.message : String(error);
			return failed(failure('UNEXPECTED', `${failure('UNEXPECTED').message}: ${message}`));
		}
	});
}

/** A unit that was not begun: the run was stopped, or may start nothing new. */
export function stoppedUnit(run: Run, particulars: Partial<Failure> = {}): UnitResult {
	if (run.isCancelled || run.halt === undefined) {
		return failed(failure('CANCELLED', undefined, particulars));
	}
	const message = `Not started, because of an earlier failure: ${run.halt.message}`;
	return failed(failure('NOT_STARTED', message, particulars));
}

function failed(cause: Failure): UnitResult {
	return { items: [], failures: [cause] };
}

/** The whole run cannot be done, whatever the items are. */
function refuseAll(
	host: IExecuteFunctions,
	unitName: string,
	cause: Failure,
): INodeExecutionData[][] {
	const units = host.getInputData().map((_, index): Unit<never> => ({
		itemIndexes: [index],
		input: { ok: false, failure: cause },
	}));
	return conclude(host, { unitName }, units, [], undefined);
}

function conclude<T>(
	host: IExecuteFunctions,
	{ unitName, createsOf }: Pick<BatchJob<T>, 'unitName' | 'createsOf'>,
	units: ReadonlyArray<Unit<T>>,
	results: readonly UnitResult[],
	execution: Execution | undefined,
): INodeExecutionData[][] {
	const outputs: INodeExecutionData[] = [];
	const failures: FailedUnit[] = [];
	units.forEach(({ itemIndexes, productId, input }, index) => {
		const result = results[index] ?? (input.ok ? undefined : failed(input.failure));
		outputs.push(...(result?.items ?? []));
		for (const cause of result?.failures ?? []) {
			const named = cause.productId === undefined ? { ...cause, productId } : cause;
			failures.push({ itemIndexes, failure: named });
			outputs.push(failedItem(named, itemIndexes));
		}
	});
	if (failures.length === 0 || !stopsOnFailure(host)) return [outputs];
	const run = execution?.run;
	const totals: RunTotals = {
		units: units.length,
		unitName,
		paidOperations: (run?.createsAccepted ?? 0) + (run?.operationsResumed ?? 0),
		unknownOperations: run?.createsUnknown ?? 0,
		isCancelled: run?.isCancelled ?? false,
		isPaidWork: createsOf !== undefined,
		isNothingSent: run === undefined,
	};
	for (const { itemIndexes, failure: cause } of failures) {
		host.logger.error(`Aiuta: item ${itemIndexes.join(', ')}: ${cause.message}`, {
			code: cause.code,
			productId: cause.productId,
			operationId: cause.operationId,
		});
	}
	const { message, description, itemIndex } = runError(failures, totals);
	const error = new NodeOperationError(host.getNode(), message, { description, itemIndex });
	// The constructor replaces a message that contains a code such as ECONNRESET (observed on n8n 2.8).
	error.message = message;
	throw error;
}
