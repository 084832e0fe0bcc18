/** Draws what happens in a round from the seed alone, so that any round can be played again by itself. */
import { Random } from '../../support/random';

export type Mode = 'regular' | 'queue';

/** Which processes are killed; `main` in regular mode is all there is. */
export type Victim = 'main' | 'worker' | 'both';

/** How the execution is started: by the editor's button, or by a published trigger. */
export type Start = 'manual' | 'webhook';

export interface RoundPlan {
	mode: Mode;
	/** From 1. */
	round: number;
	start: Start;
	saveProgress: boolean;
	victim: Victim;
	/** The kill follows the arrival of so many API requests ... */
	afterRequest: number;
	/** ... after this pause, so that it falls between requests as well as into them. */
	delayMs: number;
}

/** A product needs an upload, a create and, as measured by the benchmark, about one poll. */
const REQUESTS_PER_PRODUCT = 3;
/** The last requests are left out: a kill after the end is none. */
const COVERED_SHARE = 0.92;
const MAX_DELAY_MS = 300;
/** Rounds spread evenly over the run, wherever the seed begins: the golden ratio's fraction. */
const GOLDEN_STEP = (Math.sqrt(5) - 1) / 2;

const STARTS = ['manual', 'webhook'] as const;

/** In queue mode the worker is killed, every third time the main process instead or as well. */
function victimOf(mode: Mode, round: number): Victim {
	if (mode === 'regular') return 'main';
	if (round % 3 !== 0) return 'worker';
	return round % 2 === 0 ? 'main' : 'both';
}

/** Plan a round; the same seed, mode, round and number of products give the same plan. */
export function planRound(seed: number, mode: Mode, round: number, products: number): RoundPlan {
	const begin = new Random(seed * 2 + (mode === 'queue' ? 1 : 0)).next();
	const share = (begin + round * GOLDEN_STEP) % 1;
	const last = Math.max(1, Math.floor(products * REQUESTS_PER_PRODUCT * COVERED_SHARE));
	return {
		mode,
		round,
		start: STARTS[round % 2] ?? 'manual',
		saveProgress: Math.floor(round / 2) % 2 === 1,
		victim: victimOf(mode, round),
		afterRequest: 1 + Math.floor(share * last),
		delayMs: new Random(seed * 1000 + round).int(0, MAX_DELAY_MS),
	};
}
