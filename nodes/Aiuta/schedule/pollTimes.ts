/**
 * When to ask for an operation's state again. Waiting for a job is not recovering from an error:
 * intervals follow how long such jobs take, not a backoff. Every operation has a schedule of its own,
 * at the latest when its age has doubled; what others take can only bring a question forward.
 */
import { SECOND_MS } from '../core/clock';
import type { AskTimes } from './askTimes';

const FIRST_POLL_MS = 3 * SECOND_MS;
/** With twice as long 50 products of 4 s at 20 requests/s take 1.12 x the best time, with this 1.10. */
const MIN_INTERVAL_MS = SECOND_MS / 2;
/** Up to so many are asked closely: each may be the one for which the whole batch waits. */
export const FEW_PENDING = 15;
/** Part of its age between two questions for one of a few. */
const FEW_SHARE = 0.05;
/** Of the operations of other runs so many are taken to be asked as often as one's own. */
const MOST_ASKING = 30;
/** Share of the rate that close questions may use. */
const POLL_RATE_SHARE = 0.5;
/** At each doubling of their age all operations of a run take one request in so many milliseconds. */
const OWN_QUESTION_MS = 10 * SECOND_MS;
/** But each has been asked by the middle of its time: close to the deadline all would ask at once. */
const LATEST_FIRST_SHARE = 0.5;
const JITTER = 0.1;

export interface PollSituation {
	/** Age of the operation when it was asked last, in milliseconds; undefined before the first time. */
	polledAtAgeMs: number | undefined;
	/** Age at its deadline. */
	maxAgeMs: number;
	/** When to ask as others of this run have told, undefined until they have. */
	times: Pick<AskTimes, 'firstMs' | 'intervalMs' | 'lastAgeMs'> | undefined;
	/** The age at which a scout is to be asked, undefined for all others. */
	scoutAtAgeMs: number | undefined;
	/** Operations of this run that have not ended, those that are yet to be created included. */
	pending: number;
	/** Operations that are being followed, over all runs that share the rate. */
	pendingOfAll: number;
	/** Whether products wait for others to end before they are begun. */
	isCrowded: boolean;
	ratePerSecond: number;
	/** A number in [0, 1), the same until the question was asked. */
	random: number;
}

/**
 * Choose the age at which to ask for an operation, in milliseconds since its create (or since this run
 * began); it may lie in the past. What is known grows while an operation waits, so ask again.
 */
export function nextPollAgeMs(situation: PollSituation): number {
	const { pending, isCrowded, scoutAtAgeMs } = situation;
	if (pending <= FEW_PENDING || isCrowded) return closeAgeMs(situation);
	return Math.min(ownAgeMs(situation), scoutAtAgeMs ?? toldAgeMs(situation));
}

/** By its own age alone, whatever is known of others. */
function ownAgeMs({ polledAtAgeMs = 0, pending, maxAgeMs }: PollSituation): number {
	const firstMs = Math.min(pending * OWN_QUESTION_MS, LATEST_FIRST_SHARE * maxAgeMs);
	return Math.max(firstMs, 2 * polledAtAgeMs);
}

/** One of a few: again and again, as often as half the rate can serve all that are asked so. */
function closeAgeMs(situation: PollSituation): number {
	const { polledAtAgeMs, pending, pendingOfAll, ratePerSecond, random } = situation;
	if (polledAtAgeMs === undefined) return Math.min(FIRST_POLL_MS, toldAgeMs(situation));
	const asking = Math.min(pendingOfAll, MOST_ASKING + pending);
	const roundMs = (asking / (POLL_RATE_SHARE * ratePerSecond)) * 1000;
	return later(polledAtAgeMs, Math.max(FEW_SHARE * polledAtAgeMs, roundMs), random);
}

/** By how long others take. */
function toldAgeMs({ times, polledAtAgeMs, random }: PollSituation): number {
	if (times === undefined) return Number.POSITIVE_INFINITY;
	const lastAgeMs = times.lastAgeMs(polledAtAgeMs);
	if (lastAgeMs === undefined) return times.firstMs;
	return Math.max(times.firstMs, later(lastAgeMs, times.intervalMs, random));
}

function later(polledAtAgeMs: number, intervalMs: number, random: number): number {
	const spread = 1 + JITTER * (2 * random - 1);
	return polledAtAgeMs + Math.round(spread * Math.max(MIN_INTERVAL_MS, intervalMs));
}
