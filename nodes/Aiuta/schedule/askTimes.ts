/**
 * When to ask for one of many operations: the first time at an age, later after an interval, both learned
 * until a wanted share of the questions finds an end. One in vain makes the next ones later, one that
 * finds an end earlier, whatever the distribution of the durations is (stochastic approximation of a
 * quantile; H. Robbins and S. Monro, 1951). To ask whenever an end has become equally likely costs the
 * fewest questions for the same lateness, nearly to the optimum of a lognormal distribution.
 */

/** How far one answer moves a time: much at first, less later. */
const FIRST_GAIN = 0.1;
const LAST_GAIN = 0.06;
const GAIN_DECAY = 0.96;
/** Where the interval begins, as a part of the median: a few questions in vain correct it. */
const INTERVAL_PART = 0.15;
/** No interval is a larger part of the first age. */
const MOST_INTERVAL_PART = 0.8;
/** A question at another age than planned may tell nothing about the plan: so many times as late, and so long. */
const LATE_FACTOR = 1.1;
const LATE_MS = 500;
/** A share of 1/4 means four questions for each operation, one of 0.9 means 1.1. */
const LEAST_SHARE = 0.25;
const MOST_SHARE = 0.9;
const MANY_OPERATIONS = 1000;

/** The share of questions that is to find an end: of few operations ends are seen early, many are asked seldom. */
export function wantedShareOf(operations: number): number {
	const part = Math.min(1, operations / MANY_OPERATIONS);
	return LEAST_SHARE + (MOST_SHARE - LEAST_SHARE) * part;
}

class LearnedTime {
	private gain = FIRST_GAIN;

	constructor(public ms: number) {}

	learn(hasEnded: boolean, wantedShare: number): void {
		this.ms *= Math.exp(this.gain * (wantedShare - Number(hasEnded)));
		this.gain = Math.max(LAST_GAIN, GAIN_DECAY * this.gain);
	}
}

/** What became of a question. */
export interface Asked {
	ageMs: number;
	/** Age at the question before it that was answered, undefined when it was the first one. */
	beforeAgeMs: number | undefined;
	hasEnded: boolean;
}

export class AskTimes {
	private readonly first: LearnedTime;

	private readonly interval: LearnedTime;

	/** @param medianMs how long operations take, roughly */
	constructor(medianMs: number) {
		this.first = new LearnedTime(medianMs);
		this.interval = new LearnedTime(INTERVAL_PART * medianMs);
	}

	/** At which age to ask the first time, in milliseconds. */
	get firstMs(): number {
		return this.first.ms;
	}

	/** How long after a question in vain to ask again, in milliseconds. */
	get intervalMs(): number {
		return Math.min(this.interval.ms, MOST_INTERVAL_PART * this.first.ms);
	}

	/** The latest age that could have found an end; undefined where none was asked, or too early. */
	lastAgeMs(polledAtAgeMs: number | undefined): number | undefined {
		const isEarly = polledAtAgeMs === undefined || polledAtAgeMs < this.firstMs / 2;
		return isEarly ? undefined : polledAtAgeMs;
	}

	/** Learn from a question. */
	learn({ ageMs, beforeAgeMs, hasEnded }: Asked, wantedShare: number): void {
		const lastMs = this.lastAgeMs(beforeAgeMs);
		const [time, sinceMs] = lastMs === undefined ? [this.first, 0] : [this.interval, lastMs];
		const plannedMs = lastMs === undefined ? this.firstMs : lastMs + this.intervalMs;
		const isLate = ageMs > LATE_FACTOR * plannedMs + LATE_MS;
		const isEarly = ageMs < plannedMs / LATE_FACTOR;
		// An end that is seen late may have been there in time; one that is not there early may come in time.
		if (hasEnded ? isLate : isEarly) return;
		time.learn(hasEnded, wantedShare);
		if (isLate) time.ms = Math.min(time.ms, ageMs - sinceMs);
	}
}
