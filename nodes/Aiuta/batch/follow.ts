/** Follows one operation to its end, the deadline, or a failure; every outcome is a value. */
import { decide, REFUSED_POLL_PAUSE_MS } from '../api/faults';
import { operationRequest } from '../api/requests';
import { isTerminal } from '../api/status';
import type { AiutaOperation } from '../api/types';
import { retryDelayMs } from '../core/backoff';
import { MINUTE_MS, SECOND_MS } from '../core/clock';
import { attempt, faultOf, haltOn, type Attempt, type Fault, type Faulted } from './call';
import { PollPlanner, type PollPlan } from '../schedule/pollPlan';
import type { Run } from './run';
import { ThrottlePatience } from './throttlePatience';

/** Aiuta may not know an operation yet that it has just created: ask again for so long. */
const INTO_SIGHT_MS = MINUTE_MS;
/** Doubled with each further one: five answers span 45 s of that minute. */
const FIRST_MISSING_INTERVAL_MS = 3 * SECOND_MS;
const MAX_MISSING_ANSWERS = 5;
/** SUCCESS without an image: ask again this often. */
const MAX_EMPTY_ANSWERS = 3;

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

/**
 * Poll an operation until its status is terminal.
 *
 * The deadline counts from its create in this run, or from the start of this run for an operation
 * that existed before. The last poll is pulled in to just before the deadline.
 */
export async function followOperation(run: Run, followed: Followed): Promise<FollowOutcome> {
	const { scheduler } = run.ports;
	scheduler.pendingOperations += 1;
	run.pendingOperations += 1;
	const follower = new Follower(run, followed);
	try {
		return await follower.run();
	} finally {
		follower.leave();
		scheduler.pendingOperations -= 1;
		run.pendingOperations -= 1;
	}
}

/** Poll once more, when the plan says. */
interface Again {
	kind: 'again';
	plan: PollPlan;
	/** A poll that was refused for the rate alone has had its turn. */
	inFront: boolean;
}

const again = (plan: PollPlan, inFront = false): Again => ({ kind: 'again', plan, inFront });

class Follower {
	private last: AiutaOperation | undefined;

	private readonly planner: PollPlanner;

	/** Faults in a row, each kind apart: an outage must not use up the patience for a lost connection. */
	private readonly faults = { retry: 0, untilDeadline: 0, pause: 0 };

	private missingAnswers = 0;

	private missingSinceMs: number | undefined;

	private emptyAnswers = 0;

	private readonly patience = new ThrottlePatience();

	constructor(
		private readonly owner: Run,
		private readonly followed: Followed,
	) {
		this.planner = new PollPlanner(owner, {
			startMs: followed.createdAtMs ?? owner.startedAtMs,
			maxWaitMs: followed.maxWaitMs,
			isNew: followed.createdAtMs !== undefined,
		});
	}

	async run(): Promise<FollowOutcome> {
		const { generation } = this.owner.settings;
		const request = operationRequest(generation, this.followed.operationId);
		let next: FollowOutcome | Again = again(this.planner.regular());
		while (next.kind === 'again') {
			const turn = this.planner.turn(next.plan);
			if (turn === undefined) return this.timedOut();
			const tried = await attempt(this.owner, request, {}, { ...turn, inFront: next.inFront });
			if (tried.kind === 'expired') return this.timedOut();
			this.planner.notePoll();
			next = this.judge(tried);
		}
		return next;
	}

	/** Stop following, whatever is known. */
	leave(): void {
		this.planner.leave();
	}

	private timedOut(): FollowOutcome {
		return { kind: 'timedOut', last: this.last, durationMs: this.planner.ageMs };
	}

	private judge(tried: Attempt<AiutaOperation>): FollowOutcome | Again {
		if (tried.kind === 'ok') return this.judgeOperation(tried.answer);
		if (tried.kind !== 'faulted') return { kind: 'cancelled', last: this.last };
		return this.judgeFault(tried);
	}

	private judgeOperation(operation: AiutaOperation): FollowOutcome | Again {
		const { clock } = this.owner.ports;
		this.last = operation;
		this.patience.reset();
		this.missingSinceMs = undefined;
		Object.assign(this.faults, { retry: 0, untilDeadline: 0, pause: 0 });
		const hasEnded = isTerminal(operation.state);
		this.planner.noteAnswer(hasEnded);
		if (!hasEnded) return again(this.planner.regular());
		if (operation.state === 'succeeded' && operation.images.length === 0) {
			this.emptyAnswers += 1;
			if (this.emptyAnswers <= MAX_EMPTY_ANSWERS) {
				return again(this.planner.after(retryDelayMs(this.emptyAnswers, clock.random())));
			}
		}
		return { kind: 'terminal', operation, durationMs: this.planner.ageMs };
	}

	private judgeFault({ fault, outcome }: Faulted): FollowOutcome | Again {
		const { clock } = this.owner.ports;
		const isRefusal = fault === 'keyRefused' || fault === 'paymentRequired';
		const verdict = decide('get', fault, isRefusal ? this.faults.pause : this.faults.retry);
		const unreadable = (end: Fault['verdict']): FollowOutcome => ({
			kind: 'unreadable',
			fault: faultOf(fault, outcome, end),
			last: this.last,
		});
		if (verdict.kind !== 'wait') this.patience.reset();
		switch (verdict.kind) {
			case 'wait':
				return this.patience.isOverAt(clock.now())
					? unreadable('fail')
					: again(this.planner.after(0), true);
			case 'retry':
				this.faults.retry += 1;
				return again(this.planner.after(retryDelayMs(this.faults.retry, clock.random())));
			case 'untilDeadline': {
				this.faults.untilDeadline += 1;
				const regular = this.planner.regular();
				const retry = this.planner.after(retryDelayMs(this.faults.untilDeadline, clock.random()));
				return again(() => Math.max(regular(), retry()));
			}
			case 'pause':
				haltOn(this.owner, fault, outcome);
				// Refused before anything succeeded: the key is wrong, and waiting will not change that.
				if (!this.owner.slot.hasSucceeded) return unreadable('stop');
				this.faults.pause += 1;
				return again(this.planner.after(REFUSED_POLL_PAUSE_MS));
			case 'missing':
				return this.mayComeIntoSight() ? again(this.missingPlan()) : unreadable('missing');
			case 'cancelled':
				return { kind: 'cancelled', last: this.last };
			default:
				return unreadable(verdict.kind);
		}
	}

	/**
	 * Tell whether an operation of our own may simply not be visible; counts the question. In a large
	 * catalogue its first poll comes later than a minute after its create: one odd answer then must not
	 * cost a picture that is paid for, so the minute counts from the first such answer.
	 */
	private mayComeIntoSight(): boolean {
		const nowMs = this.owner.ports.clock.now();
		this.missingAnswers += 1;
		this.missingSinceMs ??= nowMs;
		return (
			this.followed.isOurs &&
			this.missingAnswers < MAX_MISSING_ANSWERS &&
			nowMs - this.missingSinceMs < INTO_SIGHT_MS
		);
	}

	/** Ask again later each time: an operation may need a while to come into sight. */
	private missingPlan(): PollPlan {
		return this.planner.after(FIRST_MISSING_INTERVAL_MS * 2 ** (this.missingAnswers - 1));
	}
}
