/** One execution's share of a scheduler: its queues, and the rule that its first request goes alone. */
import { Heap } from '../core/heap';
import type { HttpOutcome } from '../core/http';

/** In order of priority: a create is what the user pays for, an upload makes one possible. */
export const REQUEST_KINDS = ['create', 'upload', 'poll'] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];

/** What became of a request that was handed to the scheduler. */
export type Granted =
	| { kind: 'sent'; outcome: HttpOutcome }
	/** The task found that nothing had to be sent; its token went back. */
	| { kind: 'skipped' }
	/** The server asked for a pause beyond the latest time of the request. */
	| { kind: 'expired' }
	/** The run was stopped before its turn came. */
	| { kind: 'stopped' };

/** Sends one request when its turn has come, or returns undefined when none is needed. Never rejects. */
export type RequestTask = () => Promise<HttpOutcome | undefined>;

export interface Ticket {
	kind: RequestKind;
	run: SchedulerRun;
	task: RequestTask;
	settle: (granted: Granted) => void;
	dueAtMs: number;
	/** After this it is of no use, epoch milliseconds. */
	notAfterMs: number;
	/** Order of arrival. */
	sequence: number;
}

/** Make a queue of tickets: those that are due first, and of these the ones that came first. */
export function newQueue(): Heap<Ticket> {
	return new Heap<Ticket>(
		(a, b) => a.dueAtMs < b.dueAtMs || (a.dueAtMs === b.dueAtMs && a.sequence < b.sequence),
	);
}

export class SchedulerRun {
	/** Requests on their way. */
	outstanding = 0;

	/** Whether any request of this run was answered with a 2xx. */
	hasSucceeded = false;

	stopped = false;

	private readonly ready: Record<RequestKind, Heap<Ticket>> = {
		create: newQueue(),
		upload: newQueue(),
		poll: newQueue(),
	};

	/** @param requestsPerSecond the run's ceiling */
	constructor(readonly requestsPerSecond: number) {}

	/**
	 * Tell whether a request of this kind may leave. Until the first success of a run exactly one
	 * request is outstanding, so that a refused key costs one refusal.
	 */
	mayStart(kind: RequestKind): boolean {
		return this.ready[kind].size > 0 && (this.hasSucceeded || this.outstanding === 0);
	}

	/** Tell whether anything is due that could leave as far as this run is concerned. */
	hasReady(): boolean {
		return REQUEST_KINDS.some((kind) => this.mayStart(kind));
	}

	enqueue(ticket: Ticket): void {
		this.ready[ticket.kind].push(ticket);
	}

	take(kind: RequestKind): Ticket | undefined {
		return this.ready[kind].pop();
	}

	/** Remove and return what is due and matches. */
	drain(matches: (ticket: Ticket) => boolean = () => true): Ticket[] {
		return REQUEST_KINDS.flatMap((kind) => this.ready[kind].removeWhere(matches));
	}
}
