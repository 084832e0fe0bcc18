/**
 * What makes a run long without breaking it: photos on a dead host, photos that are gone in a later try,
 * products that take very long, a rate limit whose Retry-After is of no use or that refuses one request alone,
 * a backend that swallows creates. Drawn apart from the rest of a scenario, so that a seed keeps its faults,
 * and judged by time as well as by the money rules.
 */
import type { ImageSource, ProductPlan } from '../../../nodes/Aiuta/batch/plan';
import { failure } from '../../../nodes/Aiuta/api/failures';
import { SECOND_MS } from '../../../nodes/Aiuta/core/clock';
import { Random } from '../../support/random';
import { refusedRequestOf, type RefusedRequest } from './patience';
import type { Operation } from './server';
import type { World } from './world';

/** How long a photo of a dead host is waited for. */
const DEAD_HOST_MS = 30 * SECOND_MS;
/** Until a run on a quiet server has got used to it and sent everything that can be sent. */
const START_UP_MS = 75 * SECOND_MS;
/** How much later than its end an operation may be seen: so long, and so many times its own duration. */
const LATE_MS = 60 * SECOND_MS;
const LATE_DURATIONS = 2;
/** One that is quicker than all others is first asked for at an age of so long for each operation, at the latest. */
const FIRST_QUESTION_MS = 11 * SECOND_MS;
/** A storm: so many refusals within so long. */
const STORM_MS = 12 * SECOND_MS;
const STORM_REFUSALS = 60;
/** More operations than any scenario has. */
const ALL_OF_THEM = 10_000;

export interface Hardships {
	/** From the second try on the host has no photo any more. */
	losesPhotos: boolean;
	/** The photos of so many products, the first ones, lie on a host that does not answer. */
	productsOnDeadHost: number;
	/** So many operations, the first ones, take up to a hundred times as long. */
	slowFirst: number;
	/** What a 429 says instead of when to come back. */
	uselessRetryAfter: '0' | 'past' | undefined;
	/** From the one after so many on, every create is accepted and answered 502, while reads are served. */
	swallowsCreatesAfter: number;
	/** One request that meets nothing but 429s while all others are served. */
	refused: RefusedRequest | undefined;
}

export const NO_HARDSHIPS: Hardships = {
	losesPhotos: false,
	productsOnDeadHost: 0,
	slowFirst: 0,
	uselessRetryAfter: undefined,
	swallowsCreatesAfter: Number.POSITIVE_INFINITY,
	refused: undefined,
};

/** Draw the hardships of a seed; most have none. */
export function hardshipsOf(seed: number): Hardships {
	const random = new Random(seed ^ 0x4a2d);
	return {
		losesPhotos: random.chance(0.2),
		productsOnDeadHost: random.chance(0.1) ? random.int(1, 4) : 0,
		slowFirst: random.chance(0.1) ? random.pick([random.int(1, 8), ALL_OF_THEM]) : 0,
		uselessRetryAfter: random.pick([undefined, undefined, '0', 'past']),
		swallowsCreatesAfter: random.chance(0.1)
			? random.pick([0, random.int(1, 6)])
			: NO_HARDSHIPS.swallowsCreatesAfter,
		refused: random.chance(0.03) ? refusedRequestOf(random) : undefined,
	};
}

/** Whether a scenario with these hardships is otherwise calm, so that time can be judged. */
export function isJudgedByTime({ productsOnDeadHost, slowFirst }: Hardships): boolean {
	return productsOnDeadHost > 0 || slowFirst > 0;
}

/** The sources of a product as a host in this state hands them out. */
export function underHardships(
	world: World,
	plan: ProductPlan,
	{ index, tryIndex }: { index: number; tryIndex: number },
): ProductPlan {
	const { losesPhotos, productsOnDeadHost } = world.hardships;
	const isGone = losesPhotos && tryIndex > 0;
	const isDead = index < productsOnDeadHost;
	if ((!isGone && !isDead) || plan.images.kind !== 'sources') return plan;
	const harden = (source: ImageSource): ImageSource => ({
		...source,
		open: async () => {
			if (isDead) await world.pass(DEAD_HOST_MS);
			return { kind: 'failed', failure: failure('IMAGE_NOT_FETCHED') };
		},
	});
	return { ...plan, images: { kind: 'sources', sources: plan.images.sources.map(harden) } };
}

/** What a 429 says in `Retry-After`, in place of the truth. */
export function retryAfterOf({ uselessRetryAfter }: Hardships, nowMs: number): string | undefined {
	if (uselessRetryAfter === 'past') return new Date(nowMs - DEAD_HOST_MS).toUTCString();
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
 * Whether an operation was seen too late for its own duration, and for the first question that every one
 * of so many gets. Others must not hide it, however long they take.
 */
function isSeenTooLate(
	{ createdAtMs, finishesAtMs, seenFinalAtMs }: Operation,
	operations: number,
): boolean {
	if (seenFinalAtMs === undefined) return false;
	const lateMs = LATE_MS + LATE_DURATIONS * (finishesAtMs - createdAtMs);
	const firstMs = LATE_MS + FIRST_QUESTION_MS * operations;
	return seenFinalAtMs > Math.max(finishesAtMs + lateMs, createdAtMs + firstMs);
}

/** Judge, after all is over, how long things took. */
export function checkTimes(world: World): void {
	if (!isJudgedByTime(world.hardships)) return;
	for (const operation of world.server.operations.values()) {
		const { operationKey, finishesAtMs, seenFinalAtMs, createdAtMs } = operation;
		if (isSeenTooLate(operation, world.server.operations.size)) {
			const lateMs = (seenFinalAtMs ?? 0) - finishesAtMs;
			world.report(
				'rule',
				`${operationKey} took ${finishesAtMs - createdAtMs} ms and was seen ${Math.round(lateMs)} ms late`,
			);
		}
		if (createdAtMs > world.startedAtMs + START_UP_MS) {
			world.report(
				'rule',
				`${operationKey} was created ${createdAtMs - world.startedAtMs} ms late`,
			);
		}
	}
}
