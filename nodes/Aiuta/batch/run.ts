/**
 * One execution of the node: its place in the scheduler, what it may still start, what it has paid for,
 * and the ports it works through.
 */
import type { Failure } from '../api/failures';
import type { Generation } from '../api/generation';
import type { Clock } from '../core/clock';
import type { FaultClass } from '../api/faults';
import type { HttpOutcome, Send } from '../core/http';
import { RetryBudget } from '../core/retryBudget';
import { CreateBreaker } from './createBreaker';
import { TypicalDuration } from '../schedule/typicalDuration';
import type { Scheduler } from '../schedule/scheduler';
import type { SchedulerRun } from '../schedule/queue';

/** With so much of what may be under way being polled, an end that is seen late holds up the next product. */
const CROWDED_SHARE = 0.8;

export interface RunLog {
	/** An operation ID has just been received. */
	operationCreated(operationId: string, productId: string | undefined, itemIndex: number): void;
}

export interface Refusal {
	fault: FaultClass;
	outcome: HttpOutcome;
}

export interface RunPorts {
	send: Send;
	clock: Clock;
	scheduler: Scheduler;
	log: RunLog;
	/** Fires when the user or the host stops the execution. */
	signal: AbortSignal | undefined;
}

export interface RunSettings {
	generation: Generation;
	requestsPerSecond: number;
	/** On Error = Stop: the first new failure keeps every further product from being started. */
	stopOnFailure: boolean;
}

/** What a run has cost. */
interface Paid {
	/** Operations created in this run. */
	created: number;
	/** Operations of an earlier try of this execution that this run takes up. */
	resumed: number;
	/** Creates of this run that may have been accepted, without an ID. */
	unknown: number;
}

export class Run {
	readonly budget = new RetryBudget();

	readonly breaker = new CreateBreaker();

	readonly startedAtMs: number;

	readonly slot: SchedulerRun;

	/** Operations of this run that are being polled. */
	pendingOperations = 0;

	private toCreate = 0;

	/** How long its operations take, as far as they have told. */
	readonly typicalDuration = new TypicalDuration();

	private inFlightLimit = Number.POSITIVE_INFINITY;

	private readonly counts: Paid = { created: 0, resumed: 0, unknown: 0 };

	private keyRefusal: Refusal | undefined;

	private haltedBy: Failure | undefined;

	constructor(
		readonly ports: RunPorts,
		readonly settings: RunSettings,
	) {
		this.startedAtMs = ports.clock.now();
		this.slot = ports.scheduler.openRun(settings.requestsPerSecond);
		if (this.isCancelled) this.cancel();
		else ports.signal?.addEventListener('abort', this.cancel);
	}

	/**
	 * Say what lies ahead.
	 *
	 * @param creates operations that are to be created; polling becomes denser when none is left
	 * @param maxProductsInFlight how many products may be under way at once
	 */
	expect(creates: number, maxProductsInFlight = Number.POSITIVE_INFINITY): void {
		this.toCreate = creates;
		this.inFlightLimit = maxProductsInFlight;
	}

	/** How many products may be under way at once. */
	get maxProductsInFlight(): number {
		return this.inFlightLimit;
	}

	/** Creates that may still be sent. */
	get createsLeft(): number {
		return this.toCreate;
	}

	/** Count an operation that was to be created and has been dealt with, one way or the other. */
	noteCreateDone(): void {
		this.toCreate -= 1;
	}

	/** Whether products that could be begun wait for others to end. */
	get isCrowded(): boolean {
		const crowd = CROWDED_SHARE * this.inFlightLimit;
		return this.toCreate > 0 && this.pendingOperations >= crowd;
	}

	get isCancelled(): boolean {
		return this.ports.signal?.aborted === true;
	}

	/** Why nothing new may be started, undefined while it may. */
	get halt(): Failure | undefined {
		return this.haltedBy;
	}

	/** Whether an upload or a create may be started. */
	get mayStart(): boolean {
		return this.haltedBy === undefined && !this.isCancelled;
	}

	/** The answer that refused the key or the plan, undefined while none did. */
	get refusedBy(): Refusal | undefined {
		return this.keyRefusal;
	}

	/** What this run has paid for. */
	get paid(): Readonly<Paid> {
		return this.counts;
	}

	/** Count an operation at the moment its ID is known. */
	noteOperation(kind: 'created' | 'resumed'): void {
		this.counts[kind] += 1;
	}

	/** Note a create that may have been accepted. */
	noteUnknown(): void {
		this.counts.unknown += 1;
	}

	/** Start no further upload or create; polls go on. The first cause is kept. */
	stopStarting(cause: Failure): void {
		this.haltedBy ??= cause;
		this.breaker.letAllGo();
	}

	/** Take a refusal of the key or the plan into account: nothing new is started. */
	noteRefusal(refused: Refusal, cause: Failure): void {
		this.keyRefusal ??= refused;
		this.stopStarting(cause);
	}

	/**
	 * On Error = Stop: from the first failure on nothing further is started. One of an earlier try, met
	 * again, does not count, nor do pictures that are paid for and could not be fetched.
	 */
	noteFailure(failed: Failure): void {
		const isHarmless = failed.isOfEarlierTry === true || failed.code === 'DOWNLOAD_FAILED';
		if (this.settings.stopOnFailure && !isHarmless) this.stopStarting(failed);
	}

	/** Leave the scheduler. Must be called once, whatever happened. */
	close(): void {
		this.ports.signal?.removeEventListener('abort', this.cancel);
		this.ports.scheduler.closeRun(this.slot);
	}

	private readonly cancel = (): void => {
		this.ports.scheduler.stopRun(this.slot);
		this.breaker.letAllGo();
	};
}
