/** One execution's share of a scheduler: its queues, and the rule that its first request goes alone. */
import { Heap } from '../core/heap';
import type { HttpOutcome } from '../core/http';

/** In order of priority: a create is what the user pays for, an upload makes one possible. */
export const REQUEST_KINDS = ['create', 'upload', 'poll'] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];

/** A request whose time depends on what is learned is looked at so often while it waits. */
const MIN_LOOK_MS = 1_000;
/** Later in proportion to how long it has waited: learned late by so much. */
const LOOK_SHARE = 0.05;

/** What became of a request that has waited for its turn. */
export type Granted =
	/**
	 * It may leave at once. In any case `end` must then be called, once, or the place is never free again:
	 * with what came back, or with undefined when nothing was sent and its token goes back.
	 */
	| { kind: 'granted'; end: (outcome: HttpOutcome | undefined) => void }
	/** The server asked for a pause beyond the latest time of the request. */
	| { kind: 'expired' }
	/** The run was stopped before its turn came. */
	| { kind: 'stopped' };

/** Epoch milliseconds before which a request must not leave; a function is asked again while it waits. */
export type DueTime = number | (() => number);

/** When a request wants its turn; at once, behind those that came before it, where nothing is said. */
export interface Turn {
	dueAt?: DueTime;
	/**
	 * Epoch milliseconds after which it is of no use: it is given back as soon as a pause of the server
	 * makes that certain.
	 */
	notAfterMs?: number;
	/** It has had its turn and was refused for the rate alone: before all others of its kind. */
	inFront?: boolean;
}

export interface Ticket {
	kind: RequestKind;
	run: SchedulerRun;
	resolve: (granted: Granted) => void;
	/** When to look at it next: when it is due, or earlier to ask again when that is. */
	lookAtMs: number;
	dueAt: DueTime;
	queuedAtMs: number;
	/** After this it is of no use, epoch milliseconds. */
	notAfterMs: number;
	/** Whether it goes before all others of its kind. */
	inFront: boolean;
	/** Order of arrival. */
	sequence: number;
}

/** The order of a line: who goes in front, then those that are due first, then the ones that came first. */
function isBefore(a: Ticket, b: Ticket): boolean {
	if (a.inFront !== b.inFront) return a.inFront;
	return a.lookAtMs < b.lookAtMs || (a.lookAtMs === b.lookAtMs && a.sequence < b.sequence);
}

/** Make a line of tickets. */
export function newQueue(): Heap<Ticket> {
	return new Heap<Ticket>(isBefore);
}

/**
 * Tell whether a ticket is due, and else plan when to look at it again: when it is due as far as is
 * known now, or earlier if that may change.
 */
export function isDue(ticket: Ticket, nowMs: number): boolean {
	const { dueAt, queuedAtMs } = ticket;
	if (typeof dueAt === 'number') {
		ticket.lookAtMs = dueAt;
	} else {
		const lookMs = Math.max(MIN_LOOK_MS, LOOK_SHARE * (nowMs - queuedAtMs));
		ticket.lookAtMs = Math.min(dueAt(), nowMs + lookMs);
	}
	return ticket.lookAtMs <= nowMs;
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

	/** Tell whether a poll has waited for half of the time after which it is of no use. */
	hasPressingPoll(nowMs: number): boolean {
		const first = this.ready.poll.peek();
		if (first === undefined || !this.mayStart('poll')) return false;
		return first.notAfterMs - nowMs <= nowMs - first.queuedAtMs;
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
