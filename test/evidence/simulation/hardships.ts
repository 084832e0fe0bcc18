/**
 * What makes a run long without breaking it: first products that take very long, a rate limit whose
 * Retry-After is of no use. Drawn apart from the rest of a scenario, so that a seed keeps its faults,
 * and judged by time as well as by the money rules.
 */
import { SECOND_MS } from '../../../nodes/Aiuta/core/clock';
import { Random } from '../../support/random';
import type { Operation } from './server';
import type { World } from './world';

/** How long ago a useless date was. */
const PAST_MS = 30 * SECOND_MS;
/** How much later than its end an operation may be seen: so long, and so many times its own duration. */
const LATE_MS = 60 * SECOND_MS;
const LATE_DURATIONS = 2;
/** A storm: so many refusals within so long. */
const STORM_MS = 12 * SECOND_MS;
const STORM_REFUSALS = 60;

export interface Hardships {
	/** So many operations, the first ones, take a hundred times as long. */
	slowFirst: number;
	/** What a 429 says instead of when to come back. */
	uselessRetryAfter: '0' | 'past' | undefined;
}

export const NO_HARDSHIPS: Hardships = {
	slowFirst: 0,
	uselessRetryAfter: undefined,
};

/** Draw the hardships of a seed; most have none. */
export function hardshipsOf(seed: number): Hardships {
	const random = new Random(seed ^ 0x4a2d);
	return {
		slowFirst: random.chance(0.1) ? random.int(1, 8) : 0,
		uselessRetryAfter: random.pick([undefined, undefined, '0', 'past']),
	};
}

/** Whether a scenario with these hardships is otherwise calm, so that time can be judged. */
export function isJudgedByTime({ slowFirst }: Hardships): boolean {
	return slowFirst > 0;
}

/** What a 429 says in `Retry-After`, in place of the truth. */
export function retryAfterOf({ uselessRetryAfter }: Hardships, nowMs: number): string | undefined {
	if (uselessRetryAfter === 'past') return new Date(nowMs - PAST_MS).toUTCString();
	return uselessRetryAfter;
}

/** Counts the refusals for the rate limit, and notices a storm of them. */
export class StormWatch {
	private recentMs: number[] = [];

	/** Take note of a 429; true when a storm begins with it. */
	note(nowMs: number): boolean {
		this.recentMs = [...this.recentMs.filter((atMs) => atMs > nowMs - STORM_MS), nowMs];
		return this.recentMs.length === STORM_REFUSALS;
	}
}

/**
 * Whether an operation was seen too late for its own duration. Others must not hide it, however long
 * they take.
 */
function isSeenTooLate({ createdAtMs, finishesAtMs, seenFinalAtMs }: Operation): boolean {
	if (seenFinalAtMs === undefined) return false;
	return seenFinalAtMs - finishesAtMs > LATE_MS + LATE_DURATIONS * (finishesAtMs - createdAtMs);
}

/** Judge, after all is over, how long things took. */
export function checkTimes(world: World): void {
	if (!isJudgedByTime(world.hardships)) return;
	for (const operation of world.server.operations.values()) {
		const { operationKey, finishesAtMs, seenFinalAtMs, createdAtMs } = operation;
		if (isSeenTooLate(operation)) {
			const lateMs = (seenFinalAtMs ?? 0) - finishesAtMs;
			world.report(
				'rule',
				`${operationKey} took ${finishesAtMs - createdAtMs} ms and was seen ${Math.round(lateMs)} ms late`,
			);
		}
	}
}
