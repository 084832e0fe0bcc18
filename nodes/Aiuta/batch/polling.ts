/**
 * When to ask for an operation's state again. Waiting for a job is not recovering from an error:
 * intervals follow how long such jobs have taken so far, not a backoff.
 */
import { SECOND_MS } from '../core/clock';
import type { RecentValues } from '../core/quantile';

/** So many generation times must have been seen before they are trusted. */
const ENOUGH_DURATIONS = 5;
const UNLEARNED_FIRST_POLL_MS = 5 * SECOND_MS;
const UNLEARNED_SHARE = 0.25;
const FIRST_POLL_QUANTILE = 0.4;
const LEARNED_SHARE = 0.15;
const MIN_INTERVAL_MS = 2 * SECOND_MS;
const MAX_INTERVAL_MS = 600 * SECOND_MS;
const TAIL_MIN_INTERVAL_MS = 3 * SECOND_MS;
const TAIL_SHARE = 0.05;
/**
 * With more than this many pending, the one that ends last is not near its end: asking all of them so
 * often would not end the batch any sooner (at an hour a product, 1,000 products and 20 requests/s: 38
 * requests a product instead of 20 for the same makespan).
 */
const TAIL_PENDING = 50;
/** Before anything has finished, all operations together are asked this often. */
const UNLEARNED_POLLS_PER_SECOND = 4;
/** Share of the rate that the tail's polls may use. */
const TAIL_RATE_SHARE = 0.5;
const JITTER = 0.1;

export interface PollSituation {
	/** Since the create, or since this run began for an operation that existed before. */
	elapsedMs: number;
	/** Whether this operation was created in this run and has not been asked for yet. */
	isFirstPoll: boolean;
	durationsMs: RecentValues;
	/** Whether nothing is left to create in this run. */
	isTail: boolean;
	/** Operations that share the rate. */
	pendingOperations: number;
	ratePerSecond: number;
	/** A number in [0, 1). */
	random: number;
}

/**
 * Choose the delay until the next poll, in milliseconds, at least 0.
 *
 * First poll at 5 s, or at the 40th percentile of the durations seen. Then 25 % (learned: 15 %) of
 * the elapsed time, 2 s to 600 s, +-10 %. Once everything is created, no more than 5 % of the elapsed
 * time or what half the rate can serve.
 */
export function nextPollDelayMs(situation: PollSituation): number {
	const { elapsedMs, durationsMs, random } = situation;
	const isLearned = durationsMs.count >= ENOUGH_DURATIONS;
	if (situation.isFirstPoll) {
		const firstMs = isLearned ? durationsMs.quantile(FIRST_POLL_QUANTILE) : undefined;
		return Math.max(0, (firstMs ?? UNLEARNED_FIRST_POLL_MS) - elapsedMs);
	}
	const share = isLearned ? LEARNED_SHARE : UNLEARNED_SHARE;
	let intervalMs = Math.max(MIN_INTERVAL_MS, share * elapsedMs);
	if (!isLearned) {
		const fairMs = (situation.pendingOperations / UNLEARNED_POLLS_PER_SECOND) * 1000;
		intervalMs = Math.max(intervalMs, fairMs);
	} else if (situation.isTail && situation.pendingOperations <= TAIL_PENDING)
		intervalMs = Math.min(intervalMs, tailIntervalMs(situation));
	const jittered = Math.min(MAX_INTERVAL_MS, intervalMs) * (1 + JITTER * (2 * random - 1));
	return Math.round(jittered);
}

function tailIntervalMs({ elapsedMs, pendingOperations, ratePerSecond }: PollSituation): number {
	const affordableMs = (pendingOperations / (TAIL_RATE_SHARE * ratePerSecond)) * 1000;
	return Math.max(TAIL_MIN_INTERVAL_MS, TAIL_SHARE * elapsedMs, affordableMs);
}

/**
 * Pull the last poll in to just before the deadline.
 *
 * @param marginMs how long an answer takes
 * @returns epoch milliseconds of the next poll, undefined when the deadline leaves no room for one
 */
export function pollTimeMs(
	nowMs: number,
	delayMs: number,
	deadlineMs: number,
	marginMs: number,
): number | undefined {
	const lastPollMs = deadlineMs - marginMs;
	if (nowMs + delayMs <= lastPollMs) return nowMs + delayMs;
	return nowMs < lastPollMs ? lastPollMs : undefined;
}
