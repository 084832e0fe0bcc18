/**
 * Finds the rate the server accepts: quick growth until the first refusal, then a careful probe around
 * the rate at which requests were let through. Pure arithmetic; the token bucket does the pacing.
 */
export const START_RATE_PER_SECOND = 5;
/** With a higher ceiling it starts at half of it, at most this: 10 products at 20/s end half a second sooner. */
const HIGH_START_RATE_PER_SECOND = 10;
export const FLOOR_RATE_PER_SECOND = 0.2;

/**
 * Added for each success before the first 429. Half of it costs a batch of 50 at 20 requests/s 5 % of its
 * time, and saves no 429 where the server allows less.
 */
const GROWTH_PER_SUCCESS = 0.6;
/** Share of the measured rate that is added for each success until the measurement is sure. */
const SEARCH_SHARE_PER_SUCCESS = 0.01;
/**
 * The same afterwards, up to PROBE_BOOST times as much the longer no 429 comes. At 1, 5 and 20
 * requests/s one of 20 to 40 requests is a 429 then; with twice as much, one of 10 to 20, and a batch
 * takes 1 to 4 % longer.
 */
const PROBE_SHARE_PER_SUCCESS = 0.001;
const PROBE_BOOST = 20;
const SUCCESSES_PER_BOOST = 30;
/** What a 429 takes off at least, and at most. */
const MIN_DECREASE_FACTOR = 0.95;
const MAX_DECREASE_FACTOR = 0.5;
/** Before anything was measured. */
const FIRST_DECREASE_FACTOR = 0.8;
/** After an outage, or a 429 that came by itself, the way back to this share of the measured rate is short. */
const RESUME_SHARE = 0.7;
/** One refusal often comes as a volley of all that was in flight: it counts once. */
const DECREASE_INTERVAL_MS = 1_000;
/** So many accepted requests between two refusals tell the server's rate within a tenth. */
const ENOUGH_ACCEPTED = 10;

interface Refusal {
	atMs: number;
	/** Requests that had been let through by then. */
	accepted: number;
}

export class AcceptedRate {
	private rate: number;

	/** The rate at which the server let requests through, undefined before the first 429. */
	private measuredRate: number | undefined;

	/** Whether enough requests were let through between two refusals to trust the measured rate. */
	private isMeasureSure = false;

	private accepted = 0;

	/** The latest refusals, as many as a measurement needs. */
	private readonly refusals: Refusal[] = [];

	constructor(private ceilingPerSecond: number) {
		this.rate = Math.min(START_RATE_PER_SECOND, ceilingPerSecond);
	}

	/** Requests per second to send at now. */
	get ratePerSecond(): number {
		return Math.min(this.rate, this.ceilingPerSecond);
	}

	/** Whether the server has ever answered 429. */
	get wasThrottled(): boolean {
		return this.measuredRate !== undefined;
	}

	/** Change the ceiling, the lowest one of all active runs. */
	setCeiling(ceilingPerSecond: number): void {
		this.ceilingPerSecond = ceilingPerSecond;
		const isFresh = this.accepted === 0 && this.measuredRate === undefined;
		if (!isFresh) return;
		const highRate = Math.min(HIGH_START_RATE_PER_SECOND, ceilingPerSecond / 2);
		this.rate = Math.max(START_RATE_PER_SECOND, highRate);
	}

	/** Learn from a request that was let through. */
	onAccepted(): void {
		this.accepted += 1;
		this.rate = Math.min(this.grownRate(this.ratePerSecond), this.ceilingPerSecond);
	}

	/**
	 * Learn from a 429.
	 *
	 * @param sentAtMs when the refused request left; one that left before the last decrease says nothing
	 *   about the rate since then
	 */
	onThrottled(nowMs: number, sentAtMs: number): void {
		const last = this.refusals.at(-1);
		if (last !== undefined && nowMs - last.atMs < DECREASE_INTERVAL_MS) return;
		if (last !== undefined && sentAtMs < last.atMs) return;
		const rate = this.ratePerSecond;
		if (last !== undefined && last.accepted === this.accepted) {
			// Nothing got through since the last one: an outage, which says nothing about the rate to return to.
			this.rate = Math.max(FLOOR_RATE_PER_SECOND, rate * MAX_DECREASE_FACTOR);
		} else {
			const measured = this.measure(nowMs) ?? rate * FIRST_DECREASE_FACTOR;
			const lowered = Math.min(measured, rate * MIN_DECREASE_FACTOR);
			this.rate = Math.max(FLOOR_RATE_PER_SECOND, lowered, rate * MAX_DECREASE_FACTOR);
			const outdated = (this.measuredRate ?? 0) * MAX_DECREASE_FACTOR;
			this.measuredRate = Math.max(measured, outdated, FLOOR_RATE_PER_SECOND);
		}
		this.refusals.push({ atMs: nowMs, accepted: this.accepted });
	}

	private grownRate(rate: number): number {
		if (this.measuredRate === undefined) return rate + GROWTH_PER_SUCCESS;
		const resumeRate = RESUME_SHARE * this.measuredRate;
		if (rate < resumeRate) return Math.min(resumeRate, 2 * rate);
		const since = this.accepted - (this.refusals.at(-1)?.accepted ?? 0);
		const boost = Math.min(PROBE_BOOST, 1 + since / SUCCESSES_PER_BOOST);
		const share = this.isMeasureSure ? PROBE_SHARE_PER_SUCCESS * boost : SEARCH_SHARE_PER_SUCCESS;
		return rate + share * Math.max(rate, this.measuredRate);
	}

	/**
	 * What a token bucket let through between two refusals is its rate x the time: it was empty at both
	 * ends, so its burst does not matter.
	 *
	 * @returns requests per second, undefined at the first refusal
	 */
	private measure(nowMs: number): number | undefined {
		const isEnough = (from: Refusal | undefined) =>
			from !== undefined && this.accepted - from.accepted >= ENOUGH_ACCEPTED;
		while (isEnough(this.refusals[1])) this.refusals.shift();
		const [from] = this.refusals;
		if (from === undefined) return undefined;
		this.isMeasureSure ||= isEnough(from);
		return ((this.accepted - from.accepted + 1) / (nowMs - from.atMs)) * 1000;
	}
}
