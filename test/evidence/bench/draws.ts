/** The generation times that all systems get alike. */
import { Random } from '../../support/random';
import { clairvoyantMs, lowerBoundMs, type ScheduleCase } from '../simulation/clairvoyant';

/** Generation times are drawn lognormally: half of them are below the median, 95 % below the other. */
export interface GenerationTimes {
	medianMs: number;
	p95Ms: number;
}

export const USUAL_TIMES: GenerationTimes = { medianMs: 20_000, p95Ms: 60_000 };

/** A loopback round trip with a photo of a few hundred bytes; the bounds hardly depend on it. */
const ROUND_TRIP_MS = 5;

export interface Bounds {
	lowerBoundMs: number;
	clairvoyantMs: number;
}

/** Draw the generation times of one run; the i-th operation that is created takes the i-th of them. */
export function generationTimesMs(
	{ medianMs, p95Ms }: GenerationTimes,
	seed: number,
	products: number,
	run: number,
): number[] {
	const random = new Random((seed * 31 + products) * 31 + run);
	return Array.from({ length: products }, () => Math.round(random.lognormal(medianMs, p95Ms)));
}

/** Draw generation times evenly from a range. */
export function evenTimesMs(
	seed: number,
	products: number,
	minMs: number,
	maxMs: number,
): number[] {
	const random = new Random(seed * 31 + products);
	return Array.from({ length: products }, () => Math.round(random.between(minMs, maxMs)));
}

/** What no schedule can beat for these times, and what one reaches that knows them; milliseconds. */
export function boundsOf(timesMs: readonly number[], requestsPerSecond: number): Bounds {
	const schedule: ScheduleCase = {
		products: timesMs.length,
		requestsPerSecond,
		burst: requestsPerSecond,
		roundTripMs: ROUND_TRIP_MS,
		generationsMs: timesMs,
	};
	return { lowerBoundMs: lowerBoundMs(schedule), clairvoyantMs: clairvoyantMs(schedule) };
}
