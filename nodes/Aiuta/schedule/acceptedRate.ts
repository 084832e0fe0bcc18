/**
 * Finds the rate that the server accepts, by its refusals alone, and shares it with other processes that
 * use the same key: each adds a fixed step per second and takes a part of its own off at a refusal, so that
 * a fast one loses more than it gains and a slow one less, until all are alike (additive increase,
 * multiplicative decrease; D. Chiu and R. Jain, 1989). Pure arithmetic; the token bucket does the pacing.
 */
const START_RATE_PER_SECOND = 5;
/** With a higher ceiling it starts at half of it, at most this: 10 products at 20/s end half a second sooner. */
const HIGH_START_RATE_PER_SECOND = 10;
export const FLOOR_RATE_PER_SECOND = 0.2;

/**
 * Added for each success before the first 429. Half of it costs a batch of 50 at 20 requests/s 5 % of its
 * time, and saves no 429 where the server allows less.
 */
const SEARCH_STEP = 0.6;
/** Less where answers take longer: whatever leaves before the first 429 is here will be refused as well. */
const FULL_STEP_LATENCY_MS = 1000;
/** Afterwards for each second in which something was let through, less for one that is slow anyway. */
const STEP_PER_SECOND = 0.003;
const FULL_STEP_RATE = 2;
/** But twice as much with every so many seconds without a refusal: others may have left. */
const DOUBLING_SECONDS = 19;
const MAX_STEP_PER_SECOND = 1;
/** Time without traffic teaches nothing: each answer accounts for so long, and for so many requests' time. */
const MAX_SECONDS = 5;
const MAX_INTERVALS = 2;
/** What is left at a refusal: with steps as small as these 1 to 8 processes meet one in 30 to 1,000 requests. */
const DECREASE_FACTOR = 0.85;
/**
 * The same when next to nothing was let through since the last one: the rate is far too high. Once more
 * for every further second that the answer took, in which as much again has left.
 */
const FAR_DECREASE_FACTOR = 0.7;
const FEW_ACCEPTED = 3;
/** One refusal often comes as a volley of all that was in flight: it counts once. */
const DECREASE_INTERVAL_MS = 1_000;
/** After an outage, or a 429 that came by itself, the way back to this share of the accepted rate is short. */
const RESUME_SHARE = 0.9;

export class AcceptedRate {
	private rate: number;

	/** The rate at the latest refusal before which requests were let through, as far as it still holds. */
	private goodRate = 0;

	/** When the latest decrease was, undefined before the first 429. */
	private throttledAtMs: number | undefined;

	/** Seconds with traffic since then. */
	private quietSeconds = 0;

	private acceptedSince = 0;

	private acceptedAtMs = 0;

	constructor(private ceilingPerSecond: number) {
		this.rate = Math.min(START_RATE_PER_SECOND, ceilingPerSecond);
	}

	/** Requests per second to send at now. */
	get ratePerSecond(): number {
		return Math.min(this.rate, this.ceilingPerSecond);
	}

	/** Whether the server has ever answered 429. */
	get wasThrottled(): boolean {
		return this.throttledAtMs !== undefined;
	}

	/** Change the ceiling, the lowest one of all active runs. */
	setCeiling(ceilingPerSecond: number): void {
		this.ceilingPerSecond = ceilingPerSecond;
		if (this.acceptedSince > 0 || this.wasThrottled) return;
		const highRate = Math.min(HIGH_START_RATE_PER_SECOND, ceilingPerSecond / 2);
		this.rate = Math.max(START_RATE_PER_SECOND, highRate);
	}

	/** Learn from a request that left at `sentAtMs` and was let through. */
	onAccepted(nowMs: number, sentAtMs: number): void {
		const mostSeconds = Math.min(MAX_SECONDS, MAX_INTERVALS / this.ratePerSecond);
		const seconds = Math.min(mostSeconds, (nowMs - this.acceptedAtMs) / 1000);
		this.acceptedAtMs = nowMs;
		this.acceptedSince += 1;
		this.quietSeconds += seconds;
		this.rate = Math.min(
			this.grownRate(this.ratePerSecond, seconds, nowMs - sentAtMs),
			this.ceilingPerSecond,
		);
	}

	/**
	 * Learn from a 429.
	 *
	 * @param sentAtMs when the refused request left; one that left before the last decrease says nothing
	 *   about the rate since then
	 */
	onThrottled(nowMs: number, sentAtMs: number): void {
		const last = this.throttledAtMs;
		const isVolley = last !== undefined && (sentAtMs < last || nowMs - last < DECREASE_INTERVAL_MS);
		if (isVolley) return;
		const rate = this.ratePerSecond;
		const isFar = last === undefined || this.acceptedSince < FEW_ACCEPTED;
		const delays = Math.max(1, (nowMs - sentAtMs) / DECREASE_INTERVAL_MS);
		const factor = isFar ? FAR_DECREASE_FACTOR ** delays : DECREASE_FACTOR;
		this.rate = Math.max(FLOOR_RATE_PER_SECOND, factor * rate);
		// With nothing let through it is an outage, which says nothing about the rate to return to.
		if (this.acceptedSince > 0) this.goodRate = isFar ? this.rate : rate;
		this.acceptedSince = 0;
		this.quietSeconds = 0;
		this.throttledAtMs = nowMs;
		this.acceptedAtMs = nowMs;
	}

	private grownRate(rate: number, seconds: number, latencyMs: number): number {
		if (this.throttledAtMs === undefined) {
			return rate + SEARCH_STEP * Math.min(1, FULL_STEP_LATENCY_MS / latencyMs);
		}
		const resumeRate = RESUME_SHARE * this.goodRate;
		if (rate < resumeRate) return Math.min(resumeRate, 2 * rate);
		const step = STEP_PER_SECOND * Math.min(1, rate / FULL_STEP_RATE);
		const boosted = step * 2 ** (this.quietSeconds / DOUBLING_SECONDS);
		return rate + seconds * Math.min(MAX_STEP_PER_SECOND, boosted);
	}
}
