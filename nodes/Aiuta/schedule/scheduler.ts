/**
 * Decides when each request of one credential may leave: one token bucket for all runs that share the
 * key, creates before uploads before polls, limits for what is in flight, and a pause when the server
 * asks for one. It knows nothing of products, retries or n8n; it sees outcomes only to learn the rate.
 */
import { MAX_SLEEP_SLICE_MS, type Clock } from '../core/clock';
import type { HttpOutcome } from '../core/http';
import { InFlight } from './inFlight';
import { Pacing } from './pacing';
import {
	isDue,
	newQueue,
	REQUEST_KINDS,
	SchedulerRun,
	type Granted,
	type RequestKind,
	type Ticket,
	type Turn,
} from './queue';

/**
 * Polls get at least this share of the rate while other work is waiting. Twice as much costs 200 products of
 * 4 seconds 5 % of their time. Polls that have waited for half of their time come first in any case.
 */
const POLL_SHARE = 0.05;
/** The shortest sleep there is: every promise that can settle without a timer has settled after it. */
const NEXT_TURN_MS = 1;

export class Scheduler {
	/** Operations that are being polled, over all runs. */
	pendingOperations = 0;

	private readonly runs: SchedulerRun[] = [];

	private readonly waiting = newQueue();

	private readonly inFlight = new InFlight();

	private readonly pacing: Pacing;

	private sequence = 0;

	/** Answers that their callers have not judged yet; nothing leaves while there are any. */
	private unjudged = 0;

	private pollCredit = 0;

	private nextWakeMs = Number.POSITIVE_INFINITY;

	constructor(private readonly clock: Clock) {
		this.pacing = new Pacing(clock.now(), () => clock.random());
	}

	/** Requests per second it sends at now. */
	get ratePerSecond(): number {
		return this.pacing.ratePerSecond;
	}

	/** Whether the server has asked this credential to slow down. */
	get wasThrottled(): boolean {
		return this.pacing.wasThrottled;
	}

	/** How many runs are open. */
	get openRuns(): number {
		return this.runs.length;
	}

	/** Add a run; of several ceilings the lowest counts. The caller closes it. */
	openRun(requestsPerSecond: number): SchedulerRun {
		const run = new SchedulerRun(requestsPerSecond);
		this.runs.push(run);
		this.applyCeiling();
		return run;
	}

	/** Remove a run; whatever it still has waiting is told that it was stopped. */
	closeRun(run: SchedulerRun): void {
		this.stopRun(run);
		const index = this.runs.indexOf(run);
		if (index >= 0) this.runs.splice(index, 1);
		this.applyCeiling();
		this.pump();
	}

	/** Let nothing more of this run leave; what is in flight ends by itself. */
	stopRun(run: SchedulerRun): void {
		run.stopped = true;
		for (const ticket of [...this.waiting.removeWhere((it) => it.run === run), ...run.drain()]) {
			ticket.resolve({ kind: 'stopped' });
		}
	}

	/** Wait until a request may leave: the caller sends it then, and says what became of it. */
	async awaitTurn(run: SchedulerRun, kind: RequestKind, turn: Turn = {}): Promise<Granted> {
		const { dueAt = 0, notAfterMs = Number.POSITIVE_INFINITY, inFront = false } = turn;
		if (run.stopped) return { kind: 'stopped' };
		if (notAfterMs < this.pacing.pausedUntilMs) return { kind: 'expired' };
		return await new Promise<Granted>((resolve) => {
			this.sequence += 1;
			const { sequence } = this;
			const queuedAtMs = this.clock.now();
			const when = { dueAt, queuedAtMs, lookAtMs: queuedAtMs, notAfterMs, inFront, sequence };
			this.waiting.push({ kind, run, resolve, ...when });
			this.pump();
		});
	}

	/** Take the size of an upload that is about to ask for its turn into account. */
	noteUploadSize(sizeBytes: number): void {
		this.inFlight.noteUploadSize(sizeBytes);
	}

	private applyCeiling(): void {
		// An idle scheduler keeps its ceiling, or it would save up tokens faster than any run allows.
		if (this.runs.length === 0) return;
		const ceiling = Math.min(...this.runs.map((run) => run.requestsPerSecond));
		this.pacing.setCeiling(ceiling, this.clock.now());
	}

	/** Send whatever may leave now, then sleep until more may. */
	private pump(): void {
		const nowMs = this.clock.now();
		this.lineUpDue(nowMs);
		if (this.unjudged === 0) this.sendReady(nowMs);
		this.sleepUntilNext(nowMs);
	}

	private lineUpDue(nowMs: number): void {
		for (let next = this.waiting.peek(); next !== undefined; next = this.waiting.peek()) {
			if (next.lookAtMs > nowMs) break;
			this.waiting.pop();
			if (isDue(next, nowMs)) next.run.enqueue(next);
			else this.waiting.push(next);
		}
	}

	private sendReady(nowMs: number): void {
		while (nowMs >= this.pacing.freeAtMs(nowMs)) {
			const ticket = this.nextTicket(nowMs);
			if (ticket === undefined) return;
			this.pacing.take(nowMs);
			ticket.run.outstanding += 1;
			this.inFlight.add(ticket.kind);
			const end = (outcome: HttpOutcome | undefined) => this.finish(ticket, outcome, nowMs);
			ticket.resolve({ kind: 'granted', end });
		}
	}

	private nextTicket(nowMs: number): Ticket | undefined {
		const isPollsTurn = this.pollCredit >= 1 || this.runs.some((run) => run.hasPressingPoll(nowMs));
		const order: readonly RequestKind[] = isPollsTurn ? ['poll', ...REQUEST_KINDS] : REQUEST_KINDS;
		for (const kind of order) {
			if (!this.inFlight.hasRoom(kind, this.ratePerSecond)) continue;
			const index = this.runs.findIndex((run) => run.mayStart(kind));
			const run = this.runs[index];
			if (run === undefined) continue;
			// The run that was served goes to the end, so that a small execution does not wait for a big one.
			this.runs.splice(index, 1);
			this.runs.push(run);
			this.pollCredit = kind === 'poll' ? Math.max(0, this.pollCredit - 1) : this.earnedCredit();
			return run.take(kind);
		}
		return undefined;
	}

	private earnedCredit(): number {
		return Math.min(1, this.pollCredit + POLL_SHARE / (1 - POLL_SHARE));
	}

	private finish(
		{ run, kind }: Ticket,
		outcome: HttpOutcome | undefined,
		startedAtMs: number,
	): void {
		const nowMs = this.clock.now();
		run.outstanding -= 1;
		this.inFlight.remove(kind, outcome === undefined ? undefined : nowMs - startedAtMs);
		if (outcome === undefined) {
			this.pacing.refund();
		} else {
			this.pacing.learn(outcome, startedAtMs, nowMs);
			this.giveBackExpired();
			const isSuccess =
				outcome.kind === 'response' && outcome.status >= 200 && outcome.status < 300;
			if (isSuccess) run.hasSucceeded = true;
		}
		this.pumpOnceJudged();
	}

	/**
	 * The caller judges an answer before anything else leaves, because a refused key or a failure under
	 * On Error = Stop holds back even the very next request.
	 */
	private pumpOnceJudged(): void {
		this.unjudged += 1;
		void this.clock.sleep(NEXT_TURN_MS).then(() => {
			this.unjudged -= 1;
			this.pump();
		});
	}

	/** Requests that can only leave after their latest time are of no use to anybody. */
	private giveBackExpired(): void {
		const { pausedUntilMs } = this.pacing;
		if (pausedUntilMs <= this.clock.now()) return;
		const isExpired = (ticket: Ticket) => ticket.notAfterMs < pausedUntilMs;
		const ready = this.runs.flatMap((run) => run.drain(isExpired));
		for (const ticket of [...this.waiting.removeWhere(isExpired), ...ready]) {
			ticket.resolve({ kind: 'expired' });
		}
	}

	/** Sleep until the next moment at which something can change without an event of its own. */
	private sleepUntilNext(nowMs: number): void {
		let wakeMs = this.waiting.peek()?.lookAtMs ?? Number.POSITIVE_INFINITY;
		if (this.runs.some((run) => run.hasReady())) {
			this.pacing.awaitToken(nowMs);
			const freeAtMs = this.pacing.freeAtMs(nowMs);
			// With a token at hand only an answer can make room, and that pumps by itself.
			if (freeAtMs > nowMs) wakeMs = Math.min(wakeMs, freeAtMs);
		}
		if (wakeMs < Number.POSITIVE_INFINITY) this.wakeAt(wakeMs, nowMs);
	}

	private wakeAt(wakeMs: number, nowMs: number): void {
		if (this.nextWakeMs <= wakeMs) return;
		const sliceEndMs = Math.min(wakeMs, nowMs + MAX_SLEEP_SLICE_MS);
		if (this.nextWakeMs <= sliceEndMs) return;
		this.nextWakeMs = sliceEndMs;
		void this.clock.sleep(Math.max(1, sliceEndMs - nowMs)).then(() => {
			if (this.nextWakeMs === sliceEndMs) this.nextWakeMs = Number.POSITIVE_INFINITY;
			this.pump();
		});
	}
}
