/**
 * One execution of the node: its place in the scheduler, what it may still start, and the ports it
 * works through.
 */
import type { Failure } from '../api/failures';
import type { Generation } from '../api/generation';
import type { Clock } from '../core/clock';
import type { FaultClass } from '../api/faults';
import type { HttpOutcome, Send } from '../core/http';
import { RetryBudget } from '../core/retryBudget';
import { CreateGate } from './createGate';
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

export class Run {
	readonly budget = new RetryBudget();

	readonly gate = new CreateGate();

	readonly startedAtMs: number;

	readonly slot: SchedulerRun;

	/** Creates that may still be sent. */
	createsLeft = 0;

	/** Operations of this run that are being polled. */
	pendingOperations = 0;

	/** How many products may be under way at once. */
	maxProductsInFlight = Number.POSITIVE_INFINITY;

	/** How long its operations take, as far as they have told. */
	readonly typicalDuration = new TypicalDuration();

	/** Operations created in this run. */
	createsAccepted = 0;

	/** Operations of an earlier try of this execution that this run takes up. */
	operationsResumed = 0;

	/** Creates of this run that may have been accepted, without an ID. */
	createsUnknown = 0;

	/** The answer that refused the key or the plan, undefined while none did. */
	refusedBy: Refusal | undefined;

	private haltedBy: Failure | undefined;

	private readonly background: Array<Promise<void>> = [];

	constructor(
		readonly ports: RunPorts,
		readonly settings: RunSettings,
	) {
		this.startedAtMs = ports.clock.now();
		this.slot = ports.scheduler.openRun(settings.requestsPerSecond);
		if (this.isCancelled) this.cancel();
		else ports.signal?.addEventListener('abort', this.cancel);
	}

	/** Whether products that could be begun wait for others to end. */
	get isCrowded(): boolean {
		const crowd = CROWDED_SHARE * this.maxProductsInFlight;
		return this.createsLeft > 0 && this.pendingOperations >= crowd;
	}

	get isCancelled(): boolean {
		return this.ports.signal?.aborted === true;
	}

	/** Why nothing new may be started, undefined while it may. */
	get halt(): Failure | undefined {
		return this.haltedBy;
	}

	/** Start no further upload or create; polls go on. The first cause is kept. */
	stopStarting(cause: Failure): void {
		this.haltedBy ??= cause;
		this.gate.open();
	}

	/** Take a failure that this run has just met into account. */
	noteNewFailure(failed: Failure): void {
		if (this.settings.stopOnFailure) this.stopStarting(failed);
	}

	/** Do something beside the products; `close` waits for it. The task must not reject. */
	inBackground(task: () => Promise<void>): void {
		this.background.push(task());
	}

	/** Leave the scheduler. Must be called once, whatever happened. */
	async close(): Promise<void> {
		this.ports.signal?.removeEventListener('abort', this.cancel);
		this.ports.scheduler.closeRun(this.slot);
		await Promise.all(this.background);
	}

	private readonly cancel = (): void => {
		this.ports.scheduler.stopRun(this.slot);
		this.gate.open();
	};
}
