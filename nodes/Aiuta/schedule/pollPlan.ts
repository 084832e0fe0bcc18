/**
 * Plans the polls of one operation, and lets the others learn from its answers. When to ask is a
 * function of time: what is known of all operations grows while this one waits.
 */
import type { Clock } from '../core/clock';
import { FEW_PENDING, nextPollAgeMs } from './pollTimes';
import type { Turn } from './queue';
import type { TypicalDuration } from './typicalDuration';

/** An answer takes a moment: the last poll leaves so long before the deadline, or a tenth of the wait. */
const MAX_MARGIN_MS = 1_000;
const MARGIN_SHARE = 0.1;
/** After so many answers in vain a scout makes room for another: a few that hang must not speak for all. */
const SCOUT_PATIENCE = 3;

/** The age at which to poll next, in milliseconds; to be asked again. */
export type PollPlan = () => number;

export interface PlannedOperation {
	/** Epoch milliseconds from which its age counts: its create, or the start of this run. */
	startMs: number;
	maxWaitMs: number;
	/** Whether it was created in this run; one that existed before is asked for at once. */
	isNew: boolean;
}

/** What a plan needs to know of the run, and of all that share its key. */
export interface PollContext {
	ports: {
		clock: Clock;
		scheduler: { readonly pendingOperations: number; readonly ratePerSecond: number };
	};
	readonly typicalDuration: TypicalDuration;
	readonly isCrowded: boolean;
	readonly pendingOperations: number;
	readonly createsLeft: number;
}

export class PollPlanner {
	private polledAtAgeMs: number | undefined;

	/** The latest age at which it was seen to go on. */
	private wentOnAtAgeMs: number | undefined;

	/** While it is a scout the age at which it is to be asked. */
	private scoutAtAgeMs: number | undefined;

	private answersInVain = 0;

	constructor(
		private readonly run: PollContext,
		private readonly planned: PlannedOperation,
	) {}

	/** Milliseconds since its create, or since the start of this run. */
	get ageMs(): number {
		return this.run.ports.clock.now() - this.planned.startMs;
	}

	/** Plan a poll after a fixed time, whatever is learned meanwhile. */
	after(delayMs: number): PollPlan {
		const ageMs = this.ageMs + delayMs;
		return () => ageMs;
	}

	/** Plan the next poll by what is known of all operations. */
	regular(): PollPlan {
		if (!this.planned.isNew && this.polledAtAgeMs === undefined) return () => 0;
		const random = this.run.ports.clock.random();
		return () => this.regularAgeMs(random);
	}

	/**
	 * Put a plan into the terms of the scheduler: not after the deadline, the last time just before it.
	 *
	 * @returns undefined when the deadline leaves no room for another poll
	 */
	turn(plan: PollPlan): Turn | undefined {
		const { startMs, maxWaitMs } = this.planned;
		const lastAgeMs = maxWaitMs - Math.min(MAX_MARGIN_MS, MARGIN_SHARE * maxWaitMs);
		if (this.ageMs > lastAgeMs || (this.ageMs === lastAgeMs && plan() > lastAgeMs))
			return undefined;
		const dueAt = () => startMs + Math.min(plan(), lastAgeMs);
		return { dueAt, notAfterMs: startMs + maxWaitMs };
	}

	/** Note that a poll was answered, or failed. */
	notePoll(): void {
		this.polledAtAgeMs = this.ageMs;
	}

	/** Let the others learn that this operation goes on, or has ended. */
	noteAnswer(hasEnded: boolean): void {
		if (this.scoutAtAgeMs === undefined) this.teachTimes(hasEnded);
		else this.reportAsScout(hasEnded);
		if (!hasEnded) this.wentOnAtAgeMs = this.ageMs;
	}

	private reportAsScout(hasEnded: boolean): void {
		const { ageMs } = this;
		this.run.typicalDuration.learn(ageMs, hasEnded);
		// Where one has ended another of that age tells most.
		this.scoutAtAgeMs = hasEnded ? ageMs : 2 * ageMs;
		if (!hasEnded) this.answersInVain += 1;
		if (this.answersInVain >= SCOUT_PATIENCE) this.leave();
	}

	private teachTimes(hasEnded: boolean): void {
		const { isCrowded, typicalDuration } = this.run;
		if (isCrowded || this.operationsLeft <= FEW_PENDING) return;
		const asked = { ageMs: this.ageMs, beforeAgeMs: this.wentOnAtAgeMs, hasEnded };
		typicalDuration.times?.learn(asked, typicalDuration.wantedShare);
	}

	/** Make room for another scout; once the operation is not followed any longer at the latest. */
	leave(): void {
		if (this.scoutAtAgeMs !== undefined) this.run.typicalDuration.leaveSeat(this.scoutAtAgeMs);
		this.scoutAtAgeMs = undefined;
	}

	private get operationsLeft(): number {
		return this.run.pendingOperations + this.run.createsLeft;
	}

	private regularAgeMs(random: number): number {
		const { run, polledAtAgeMs } = this;
		const { scheduler } = run.ports;
		run.typicalDuration.noteOperations(this.operationsLeft);
		if (this.answersInVain < SCOUT_PATIENCE) {
			this.scoutAtAgeMs ??= run.typicalDuration.takeSeat(this.ageMs);
		}
		return nextPollAgeMs({
			polledAtAgeMs,
			maxAgeMs: this.planned.maxWaitMs,
			times: run.typicalDuration.times,
			scoutAtAgeMs: this.scoutAtAgeMs,
			pending: this.operationsLeft,
			pendingOfAll: scheduler.pendingOperations,
			isCrowded: run.isCrowded,
			ratePerSecond: scheduler.ratePerSecond,
			random,
		});
	}
}
