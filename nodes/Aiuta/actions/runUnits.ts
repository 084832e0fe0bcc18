/** Runs the units of a batch (products, images, operations): checks all, runs all, then concludes. */
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { failure, type Failure } from '../api/failures';
import { countCreates, countSettled } from '../batch/countCreates';
import type { Ledger } from '../batch/ledger';
import { jobsOf } from '../batch/ledgerAnswers';
import type { ProductPlan } from '../batch/plan';
import type { Run } from '../batch/run';
import { Limiter } from '../core/limiter';
import { readBatching } from '../inputs/batching';
import type { LedgerChoice } from '../inputs/ledger';
import { chosenGeneration } from '../inputs/selectors';
import { readItem, type Unit } from '../inputs/units';
import type { UnitResult } from '../output/items';
import type { NextRun } from '../output/runReport';
import { conclude, factsOf, type Concluded } from './conclude';
import { reserveCreates } from './createLimit';
import { openLedger } from './openLedger';
import { openExecution, stopsOnFailure, type Execution } from './openRun';
import { concludeRefused, refuseAll, refuseUnits, type RefusedRun } from './refusedRun';
import { beginRun, type BegunRun } from './retryGuard';

export interface BatchJob<T> {
	/** What a unit is called, in the plural, for messages. */
	unitName: string;
	/** Read and check all inputs of every item: what is read later is read after paying. Sends nothing. */
	prepare: (ledger: Ledger | undefined) => Promise<Array<Unit<T>>>;
	/** Which ledger it keeps, if it may keep one. */
	ledgerChoice?: () => LedgerChoice | undefined;
	/** What a unit would create; nothing by default. */
	planOf?: (value: T) => ProductPlan;
	/** What is known of a unit by now, should something break that nobody foresaw: its operation above all. */
	knownOf?: (value: T, execution: Execution) => Partial<Failure>;
	/** Do one unit. */
	perform: (value: T, unit: Unit<T>, execution: Execution) => Promise<UnitResult>;
}

/** What the checks let through, or the units as they were refused. */
type Checked<T> =
	| RefusedRun
	| {
			ok: true;
			units: Array<Unit<T>>;
			execution: Execution;
			correctLimit: () => void;
			/** Whether people choose the pictures, which takes hours. */
			isReviewed: boolean;
			nextRun: NextRun;
	  };

/** Run a job for all items and return the node's output. */
export async function runUnits<T>(
	host: IExecuteFunctions,
	job: BatchJob<T>,
): Promise<INodeExecutionData[][]> {
	const checked = await checkAll(host, job);
	if (!checked.ok) return concludeRefused(host, job.unitName, checked);
	const { execution, units } = checked;
	try {
		const concluded = await Promise.all(units.map(performer(job, execution)));
		const facts = factsOf(execution.run, checked);
		return conclude(host, job.unitName, concluded, facts);
	} finally {
		checked.correctLimit();
		await execution.ledger?.close();
		execution.close();
	}
}

/** Everything that can be known before the first request leaves. */
async function checkAll<T>(host: IExecuteFunctions, job: BatchJob<T>): Promise<Checked<T>> {
	const choice = await readItem(() => job.ledgerChoice?.());
	if (!choice.ok) return refuseAll(host, choice.failure);
	const begun: BegunRun =
		job.planOf === undefined
			? { ok: true, ledgerChoice: choice.value }
			: await beginRun(host, choice.value);
	if (!begun.ok) return refuseAll(host, begun.failure);
	const settings = await readItem(() => ({
		generation: chosenGeneration(host),
		...readBatching(host),
	}));
	if (!settings.ok) return refuseAll(host, settings.failure);
	const { generation, requestsPerSecond, maxProductsInFlight, maxOperationsPerRun } =
		settings.value;
	const noted = await openLedger(host, begun.ledgerChoice, settings.value.budget);
	if (!noted.ok) return refuseAll(host, noted.failure);
	const { ledger } = noted;
	const units = await job.prepare(ledger);
	const isStopped = stopsOnFailure(host) && units.some(({ input }) => !input.ok);
	if (isStopped) return { ok: false, units };
	const plans = units.flatMap(({ input }) => (input.ok ? (job.planOf?.(input.value) ?? []) : []));
	const unread = job.planOf === undefined ? undefined : await ledger?.view.open(jobsOf(plans));
	if (unread !== undefined) return refuseUnits(units, unread);
	const opened = await openExecution(host, generation, requestsPerSecond);
	if (!opened.ok) return refuseUnits(units, opened.failure);
	const execution = { ...opened.execution, ledger };
	const { run, journal } = execution;
	const known = ledger === undefined ? undefined : { ledger, generation };
	const creates = plans.reduce((sum, plan) => sum + countCreates(plan, journal, known), 0);
	const settled = countSettled(plans, journal);
	const planned = { planned: creates, settled, executionId: host.getExecutionId() };
	const reserved = reserveCreates(host.getContext('node'), planned, maxOperationsPerRun);
	if (reserved.correct === undefined) {
		execution.close();
		return refuseUnits(units, tooMany(creates, reserved.made, maxOperationsPerRun));
	}
	const { correct } = reserved;
	run.expect(creates, maxProductsInFlight);
	const correctLimit = () => correct(run.paid.created + run.paid.unknown);
	const isReviewed = plans.some(({ fields }) => fields.options.qaMode === 'human');
	const nextRun = nextRunOf(choice.value);
	return { ok: true, units, execution, correctLimit, isReviewed, nextRun };
}

/** What a new run does with what this one creates. */
function nextRunOf(choice: LedgerChoice | undefined): NextRun {
	if (choice === undefined || choice.whenKnown === 'generateAgain') return 'paysAgain';
	return choice.whenKnown === 'skip' ? 'leavesOut' : 'goesOn';
}

function tooMany(creates: number, made: number, limit: number): Failure {
	const before = made === 0 ? '' : `, after ${made} that this execution has created already`;
	return failure(
		'INVALID_PARAMETER',
		`This run would create ${creates} operation${creates === 1 ? '' : 's'}${before}. Max Operations per Run allows ${limit}`,
		{ description: 'Raise the limit under Batching, or pass fewer products.' },
	);
}

/** Does one unit when there is room for it. A unit must not take the results of the others with it. */
function performer<T>(
	job: BatchJob<T>,
	execution: Execution,
): (unit: Unit<T>) => Promise<Concluded> {
	const { run } = execution;
	const room = new Limiter(run.maxProductsInFlight);
	return async (unit) => {
		const { input } = unit;
		if (!input.ok) return { unit, result: failed(input.failure) };
		await room.enter();
		try {
			const result = await job.perform(input.value, unit, execution);
			for (const cause of result.failures) run.noteFailure(cause);
			return { unit, result };
		} catch (error) {
			// What is known of it is kept: the ID of its own operation above all.
			const detail = `the error was: ${error instanceof Error ? error.message : String(error)}`;
			const known = job.knownOf?.(input.value, execution);
			const unexpected = failure('UNEXPECTED', undefined, { ...known, detail });
			run.noteFailure(unexpected);
			return { unit, result: failed(unexpected) };
		} finally {
			room.leave();
		}
	};
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
