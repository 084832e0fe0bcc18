/**
 * When to ask for an operation's state again. Waiting for a job is not recovering from an error:
 * intervals follow how long such jobs have taken so far, not a backoff.
 */
import { SECOND_MS } from '../core/clock';
import type { RecentValues } from '../core/recentValues';
import type { GenerationSample } from './durationSample';

/** So many generation times must have been seen before they are trusted. */
const ENOUGH_DURATIONS = 5;
const UNLEARNED_FIRST_POLL_MS = 5 * SECOND_MS;
const UNLEARNED_SHARE = 0.25;
const FIRST_POLL_QUANTILE = 0.4;
const LEARNED_SHARE = 0.15;
const MIN_INTERVAL_MS = 2 * SECOND_MS;
const MAX_INTERVAL_MS = 600 * SECOND_MS;
const TAIL_SHARE = 0.05;
/** The whole batch waits for the last few. */
const LAST_FEW = 5;
const LAST_SHARE = 0.025;
const LAST_MIN_INTERVAL_MS = 1.25 * SECOND_MS;
/** Of the operations of other runs so many are taken to be asked as often as one's own. */
const MOST_ASKING = 30;
/**
 * With more than this many pending, the one that ends last is not near its end, and nobody waits for any
 * other: to ask all of them again and again would cost requests (at an hour a product, 1,000 products and
 * 20 requests/s: 18 requests a product instead of 3.3) and end the batch no sooner.
 */
const TAIL_PENDING = 15;
/**
 * Between the polls of a member of the sample, while the others are not asked for. Together the members
 * see an end much sooner, because each begins at another time.
 */
const SAMPLE_SHARE = 0.5;
/** Before anything has finished, all operations that are asked for are asked together this often. */
const UNLEARNED_POLLS_PER_SECOND = 4;
/** Share of the rate that the tail's polls may use. */
const TAIL_RATE_SHARE = 0.5;
const JITTER = 0.1;
/** While products are still begun, so many generation times tell more than a sample. */
const MANY_DURATIONS = 30;
const MOST_QUANTILE = 0.75;
/** Between the later polls of an operation that took longer than most. */
const PATIENT_SHARE = 0.5;
/** Even so each is asked in the middle of its time: close to the deadline all would ask at once. */
const LATEST_FIRST_SHARE = 0.5;

export interface PollSituation {
	/**
	 * When the latest poll was, since the create or, for an operation that existed before, since this
	 * run began; undefined before the first.
	 */
	polledAfterMs: number | undefined;
	/** Until its deadline, counted from the same moment. */
	maxWaitMs: number;
	/** Its phase in the sample, undefined for all others. */
	samplePhase: number | undefined;
	/** What the operations of this run tell about each other. */
	sample: Pick<GenerationSample, 'hasEnds' | 'isMisleading' | 'probablyEndedMs' | 'spreadMs'>;
	durationsMs: RecentValues;
	/** Whether nothing is left to create in this run. */
	isTail: boolean;
	/** Whether products wait for others to end before they are begun. */
	isCrowded: boolean;
	/** Operations of this run that are being polled. */
	pendingOperations: number;
	/** The same over all runs that share the rate. */
	allPendingOperations: number;
	ratePerSecond: number;
	/** A number in [0, 1), the same until the poll has been made. */
	random: number;
}

/**
 * Choose when to ask for an operation, in milliseconds since its create (or since this run began); it may
 * lie in the past. What is known grows while an operation waits, so ask again.
 *
 * Few pending: first poll at 5 s, or at the 40th percentile of the durations seen; then 25 % (learned:
 * 15 %) of the elapsed time, 2 s to 600 s, +-10 %; once everything is created no more than 5 % of it, for
 * the last few 2.5 %, or what half the rate can serve. Many pending: nothing waits for any single one, so
 * only a sample is asked again and again, and the others when they have probably ended.
 */
export function pollAfterMs(situation: PollSituation): number {
	if (!isPatient(situation)) return eagerPollMs(situation);
	const { samplePhase } = situation;
	return samplePhase === undefined
		? patientPollMs(situation)
		: samplePollMs(situation, samplePhase);
}

/** Tell whether only a sample is asked again and again, and the others when they have probably ended. */
export function isPatient(situation: PollSituation): boolean {
	const { pendingOperations, isCrowded, sample } = situation;
	return pendingOperations > TAIL_PENDING && !isCrowded && !sample.isMisleading;
}

function eagerPollMs(situation: PollSituation): number {
	const { polledAfterMs, durationsMs } = situation;
	const isLearned = durationsMs.count >= ENOUGH_DURATIONS;
	if (polledAfterMs === undefined) {
		const firstMs = isLearned ? durationsMs.quantile(FIRST_POLL_QUANTILE) : undefined;
		return firstMs ?? UNLEARNED_FIRST_POLL_MS;
	}
	const share = isLearned ? LEARNED_SHARE : UNLEARNED_SHARE;
	let intervalMs = Math.max(MIN_INTERVAL_MS, share * polledAfterMs);
	if (situation.isTail) {
		intervalMs = Math.min(intervalMs, tailIntervalMs(situation, polledAfterMs));
	} else if (!isLearned) {
		const fairMs = (situation.allPendingOperations / UNLEARNED_POLLS_PER_SECOND) * 1000;
		intervalMs = Math.max(intervalMs, fairMs);
	}
	return polledAfterMs + jittered(Math.min(MAX_INTERVAL_MS, intervalMs), situation.random);
}

function samplePollMs(situation: PollSituation, phase: number): number {
	const { polledAfterMs, sample, random } = situation;
	if (polledAfterMs === undefined) return UNLEARNED_FIRST_POLL_MS * (1 + SAMPLE_SHARE) ** phase;
	const share = sample.hasEnds ? LEARNED_SHARE : SAMPLE_SHARE;
	return polledAfterMs + jittered(Math.max(MIN_INTERVAL_MS, share * polledAfterMs), random);
}

function patientPollMs(situation: PollSituation): number {
	const {
		polledAfterMs = 0,
		durationsMs,
		maxWaitMs,
		sample,
		pendingOperations,
		random,
	} = situation;
	const isKnown = durationsMs.count >= MANY_DURATIONS;
	const seenMs = isKnown
		? durationsMs.quantile(MOST_QUANTILE)
		: sample.probablyEndedMs(pendingOperations);
	const endMs = Math.min(seenMs ?? Number.POSITIVE_INFINITY, LATEST_FIRST_SHARE * maxWaitMs);
	if (polledAfterMs < endMs) return endMs;
	// Where all take the same time, one that is not ready yet will be soon.
	const intervalMs = Math.min(PATIENT_SHARE * polledAfterMs, sample.spreadMs);
	return polledAfterMs + jittered(Math.max(MIN_INTERVAL_MS, intervalMs), random);
}

function jittered(intervalMs: number, random: number): number {
	return Math.round(intervalMs * (1 + JITTER * (2 * random - 1)));
}

function tailIntervalMs(situation: PollSituation, polledAfterMs: number): number {
	const { pendingOperations, allPendingOperations, ratePerSecond } = situation;
	// With many in other runs each has its part of the rate, but those do not ask all the time.
	const asking = Math.min(allPendingOperations, MOST_ASKING + pendingOperations);
	const affordableMs = (asking / (TAIL_RATE_SHARE * ratePerSecond)) * 1000;
	const isLast = pendingOperations <= LAST_FEW;
	const shareMs = (isLast ? LAST_SHARE : TAIL_SHARE) * polledAfterMs;
	return Math.max(isLast ? LAST_MIN_INTERVAL_MS : MIN_INTERVAL_MS, shareMs, affordableMs);
}

/**
 * Pull the last poll in to just before the deadline.
 *
 * @param marginMs how long an answer takes
 * @returns epoch milliseconds of the next poll, undefined when the deadline leaves no room for one
 */
export function pollTimeMs(
	nowMs: number,
	plannedMs: number,
	deadlineMs: number,
	marginMs: number,
): number | undefined {
	const lastPollMs = deadlineMs - marginMs;
	if (plannedMs > lastPollMs && nowMs >= lastPollMs) return undefined;
	return nowMs > lastPollMs ? undefined : Math.max(nowMs, Math.min(plannedMs, lastPollMs));
}
