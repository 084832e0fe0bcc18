/** Follows one operation to its end, the deadline, or a failure; every outcome is a value. */
import { operationPath, readOperation } from '../api/generation';
import { decide, REFUSED_POLL_PAUSE_MS } from '../api/retryPolicy';
import { isTerminal } from '../api/status';
import type { AiutaOperation } from '../api/types';
import { retryDelayMs } from '../core/backoff';
import { MINUTE_MS, SECOND_MS } from '../core/clock';
import {
	attempt,
	faultOf,
	haltOn,
	MAX_THROTTLED_MS,
	type Attempt,
	type CallSpec,
	type Fault,
} from './caller';
import { nextPollDelayMs, pollTimeMs } from './polling';
import type { Run } from './run';

const POLL_TIMEOUT_MS = 30_000;
/** Aiuta may not know an operation yet that it has just created: ask again for so long. */
const SETTLE_MS = MINUTE_MS;
const MAX_MISSING_ANSWERS = 5;
/** SUCCESS without an image: ask again this often. */
const MAX_EMPTY_ANSWERS = 3;
const MAX_MARGIN_MS = SECOND_MS;
const MARGIN_SHARE = 0.1;
/** What the first poll finds finished took less than its delay: the next first poll comes sooner. */
const FOUND_AT_ONCE_SHARE = 0.9;

export interface Followed {
	operationId: string;
	/** Epoch milliseconds of its create if that happened in this run. */
	createdAtMs: number | undefined;
	/** Whether this execution created it, in this run or in an earlier try. */
	isOurs: boolean;
	maxWaitMs: number;
}

export type FollowOutcome =
	| { kind: 'terminal'; operation: AiutaOperation; durationMs: number }
	| { kind: 'timedOut'; last: AiutaOperation | undefined; durationMs: number }
	| { kind: 'unreadable'; fault: Fault; last: AiutaOperation | undefined }
	| { kind: 'cancelled'; last: AiutaOperation | undefined };

/** Make the GET of one operation. */
export function getOperationSpec(run: Run, operationId: string): CallSpec {
	const { generation } = run.settings;
	return {
		call: 'get',
		queue: 'poll',
		request: async () => ({
			method: 'GET',
			path: operationPath(generation, operationId),
			timeoutMs: POLL_TIMEOUT_MS,
		}),
		accepts: (body) => readOperation(generation, body) !== undefined,
	};
}

/**
 * Poll an operation until its status is terminal.
 *
 * The deadline counts from its create in this run, or from the start of this run for an operation
 * that existed before. The last poll is pulled in to just before the deadline.
 */
export async function followOperation(run: Run, followed: Followed): Promise<FollowOutcome> {
	const { scheduler } = run.ports;
	scheduler.pendingOperations += 1;
	try {
		return await new Follower(run, followed).run();
	} finally {
		scheduler.pendingOperations -= 1;
	}
}

class Follower {
	private readonly startMs: number;

	private readonly deadlineMs: number;

	private last: AiutaOperation | undefined;

	private polls = 0;

	/** When the latest poll was due, counted from the start. */
	private dueAfterMs = 0;

	/** Faults in a row, each kind apart: an outage must not use up the patience for a lost connection. */
	private readonly faults = { retry: 0, untilDeadline: 0, pause: 0 };

	private missingAnswers = 0;

	private emptyAnswers = 0;

	constructor(
		private readonly owner: Run,
		private readonly followed: Followed,
	) {
		this.startMs = followed.createdAtMs ?? owner.startedAtMs;
		this.deadlineMs = this.startMs + followed.maxWaitMs;
	}

	async run(): Promise<FollowOutcome> {
		const { clock } = this.owner.ports;
		const spec = getOperationSpec(this.owner, this.followed.operationId);
		const marginMs = Math.min(MAX_MARGIN_MS, MARGIN_SHARE * this.followed.maxWaitMs);
		let delayMs = this.regularDelayMs();
		for (;;) {
			const atMs = pollTimeMs(clock.now(), delayMs, this.deadlineMs, marginMs);
			if (atMs === undefined) return this.timedOut();
			this.dueAfterMs = atMs - this.startMs;
			const tried = await attempt(this.owner, spec, atMs, this.deadlineMs);
			if (tried.kind === 'expired') return this.timedOut();
			this.polls += 1;
			const next = this.judge(tried);
			if (typeof next !== 'number') return next;
			delayMs = next;
		}
	}

	private timedOut(): FollowOutcome {
		const durationMs = this.owner.ports.clock.now() - this.startMs;
		return { kind: 'timedOut', last: this.last, durationMs };
	}

	/** @returns the outcome, or the delay in milliseconds until the next poll */
	private judge(tried: Attempt): FollowOutcome | number {
		if (tried.kind === 'ok') return this.judgeOperation(tried.body);
		if (tried.kind !== 'faulted') return { kind: 'cancelled', last: this.last };
		return this.judgeFault(tried);
	}

	private judgeOperation(body: unknown): FollowOutcome | number {
		const { clock, scheduler } = this.owner.ports;
		const operation = readOperation(this.owner.settings.generation, body);
		if (operation === undefined) return this.regularDelayMs();
		this.last = operation;
		Object.assign(this.faults, { retry: 0, untilDeadline: 0, pause: 0 });
		const durationMs = clock.now() - this.startMs;
		if (!isTerminal(operation.state)) return this.regularDelayMs();
		if (operation.state === 'succeeded' && operation.images.length === 0) {
			this.emptyAnswers += 1;
			if (this.emptyAnswers <= MAX_EMPTY_ANSWERS) {
				return retryDelayMs(this.emptyAnswers, clock.random());
			}
		}
		if (this.followed.createdAtMs !== undefined) scheduler.durationsMs.add(this.learnedMs());
		return { kind: 'terminal', operation, durationMs };
	}

	private judgeFault({ fault, outcome }: Attempt & { kind: 'faulted' }): FollowOutcome | number {
		const { clock, scheduler } = this.owner.ports;
		const isRefusal = fault === 'keyRefused' || fault === 'paymentRequired';
		const verdict = decide('get', fault, isRefusal ? this.faults.pause : this.faults.retry);
		const unreadable = (end: Fault['verdict']): FollowOutcome => ({
			kind: 'unreadable',
			fault: faultOf(fault, outcome, end),
			last: this.last,
		});
		switch (verdict.kind) {
			case 'wait':
				return scheduler.throttledForMs >= MAX_THROTTLED_MS ? unreadable('fail') : 0;
			case 'retry':
				this.faults.retry += 1;
				return retryDelayMs(this.faults.retry, clock.random());
			case 'untilDeadline':
				this.faults.untilDeadline += 1;
				return Math.max(
					this.regularDelayMs(),
					retryDelayMs(this.faults.untilDeadline, clock.random()),
				);
			case 'pause':
				haltOn(this.owner, fault, outcome);
				// Refused before anything succeeded: the key is wrong, and waiting will not change that.
				if (!this.owner.slot.hasSucceeded) return unreadable('stop');
				this.faults.pause += 1;
				return REFUSED_POLL_PAUSE_MS;
			case 'missing':
				return this.isSettling() ? this.regularDelayMs() : unreadable('missing');
			case 'cancelled':
				return { kind: 'cancelled', last: this.last };
			default:
				return unreadable(verdict.kind);
		}
	}

	/**
	 * How long the generation took, as far as the polls tell. When polls wait for their turn behind
	 * creates, the answer says more about the queue than about the generation: learned from it, polls
	 * would come ever later (at 5,000 products that cost 30 % of the makespan).
	 */
	private learnedMs(): number {
		return this.polls === 1 ? FOUND_AT_ONCE_SHARE * this.dueAfterMs : this.dueAfterMs;
	}

	/** Tell whether an operation of our own may simply not be visible yet; counts the question. */
	private isSettling(): boolean {
		this.missingAnswers += 1;
		return (
			this.followed.isOurs &&
			this.missingAnswers < MAX_MISSING_ANSWERS &&
			this.owner.ports.clock.now() - this.startMs < SETTLE_MS
		);
	}

	private regularDelayMs(): number {
		const { clock, scheduler } = this.owner.ports;
		const existedBefore = this.followed.createdAtMs === undefined;
		if (existedBefore && this.polls === 0) return 0;
		return nextPollDelayMs({
			elapsedMs: clock.now() - this.startMs,
			isFirstPoll: this.polls === 0,
			durationsMs: scheduler.durationsMs,
			isTail: this.owner.createsLeft === 0,
			pendingOperations: scheduler.pendingOperations,
			ratePerSecond: scheduler.ratePerSecond,
			random: clock.random(),
		});
	}
}
