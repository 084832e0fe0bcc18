/**
 * Plans the polls of one operation, and lets the others learn from what they tell. When to ask is a
 * function of time: what is known about all operations grows while this one waits.
 */
import { isPatient, pollAfterMs, type PollSituation } from './pollTimes';
import type { Clock } from '../core/clock';
import type { RecentValues } from '../core/recentValues';
import type { GenerationSample } from './durationSample';

/** What the first poll finds finished took less than its delay: the next first poll comes sooner. */
const FOUND_AT_ONCE_SHARE = 0.9;

/** When to poll next, in milliseconds from the start; to be asked again. */
export type PollPlan = () => number;

export interface PlannedOperation {
	/** Epoch milliseconds from which durations and the deadline count. */
	startMs: number;
	maxWaitMs: number;
	/** Whether it was created in this run; one that existed before is asked for at once. */
	isNew: boolean;
}

/** What the operations of one run, and all that share its key, tell about each other. */
export interface PollContext {
	ports: {
		clock: Clock;
		scheduler: {
			readonly durationsMs: RecentValues;
			readonly pendingOperations: number;
			readonly ratePerSecond: number;
		};
	};
	readonly sample: GenerationSample;
	readonly createsLeft: number;
	readonly isCrowded: boolean;
	readonly pendingOperations: number;
}

export class PollPlanner {
	private polls = 0;

	/** When the latest poll was answered, counted from the start. */
	private polledAfterMs: number | undefined;

	/** When the operation was last seen running, counted from the start. */
	private seenRunningAfterMs: number | undefined;

	/** When the latest poll was due, counted from the start. */
	private dueAfterMs = 0;

	/** Whether the latest poll was one of an operation that had probably ended. */
	private wasPatient = false;

	private readonly samplePhase: number | undefined;

	constructor(
		private readonly run: PollContext,
		private readonly planned: PlannedOperation,
	) {
		this.samplePhase = run.sample.join();
	}

	/** Plan a poll after a fixed time, whatever is learned meanwhile. */
	after(delayMs: number): PollPlan {
		const afterMs = this.sinceStartMs() + delayMs;
		return () => afterMs;
	}

	/** Plan the next poll by what is known of all operations. */
	regular(): PollPlan {
		if (!this.planned.isNew && this.polls === 0) return () => 0;
		const random = this.run.ports.clock.random();
		return () => {
			const situation = this.situation(random);
			this.wasPatient = isPatient(situation);
			return pollAfterMs(situation);
		};
	}

	/** Note when the poll that is about to leave was due, in milliseconds from the start. */
	noteDue(dueAfterMs: number): void {
		this.dueAfterMs = dueAfterMs;
	}

	/** Note that a poll was sent and answered, or failed. */
	notePoll(): void {
		this.polls += 1;
		this.polledAfterMs = this.sinceStartMs();
	}

	/** Learn that the operation goes on. */
	noteRunning(): void {
		this.seenRunningAfterMs = this.sinceStartMs();
		if (this.isTelling()) this.run.sample.noteAnswer(false);
	}

	/**
	 * Learn that the operation has ended. When polls wait for their turn behind creates, the answer says
	 * more about the queue than about the generation: learned from it, polls would come ever later (at
	 * 5,000 products that cost 30 % of the makespan). So the time at which the poll was due counts.
	 */
	noteEnd(): void {
		const { sample, ports } = this.run;
		const share = this.polls === 1 ? FOUND_AT_ONCE_SHARE : 1;
		const durationMs = share * this.dueAfterMs;
		if (this.planned.isNew) ports.scheduler.durationsMs.add(durationMs);
		if (this.isTelling()) sample.noteAnswer(true);
		if (this.samplePhase === undefined) return;
		const earliestMs = Math.min(this.seenRunningAfterMs ?? durationMs, durationMs);
		sample.ended((earliestMs + durationMs) / 2);
	}

	/** Stop following the operation without knowing its end. */
	leave(): void {
		if (this.samplePhase !== undefined) this.run.sample.left();
	}

	private isTelling(): boolean {
		return this.wasPatient && this.samplePhase === undefined;
	}

	private sinceStartMs(): number {
		return this.run.ports.clock.now() - this.planned.startMs;
	}

	private situation(random: number): PollSituation {
		const { run, polledAfterMs, samplePhase } = this;
		const { scheduler } = run.ports;
		return {
			polledAfterMs,
			maxWaitMs: this.planned.maxWaitMs,
			samplePhase,
			sample: run.sample,
			durationsMs: scheduler.durationsMs,
			isTail: run.createsLeft === 0,
			isCrowded: run.isCrowded,
			pendingOperations: run.pendingOperations,
			allPendingOperations: scheduler.pendingOperations,
			ratePerSecond: scheduler.ratePerSecond,
			random,
		};
	}
}
