/**
 * Finds the rate the server accepts: quick growth until the first refusal, then a careful probe
 * around the rate that was last refused. Pure arithmetic; the token bucket does the pacing.
 */
export const START_RATE_PER_SECOND = 5;
export const FLOOR_RATE_PER_SECOND = 0.2;

/** Added for each success before the first 429. */
const GROWTH_PER_SUCCESS = 0.3;
/** Share of the last good rate that is added for each success afterwards. */
const PROBE_SHARE_PER_SUCCESS = 0.02;
const DECREASE_FACTOR = 0.8;
/** One refusal often comes as a volley of all that was in flight: it counts once. */
const DECREASE_INTERVAL_MS = 1_000;

export class RateController {
	private rate: number;

	private lastGoodRate: number | undefined;

	private decreasedAtMs = Number.NEGATIVE_INFINITY;

	constructor(private ceilingPerSecond: number) {
		this.rate = Math.min(START_RATE_PER_SECOND, ceilingPerSecond);
	}

	/** Requests per second to send at now. */
	get ratePerSecond(): number {
		return Math.min(this.rate, this.ceilingPerSecond);
	}

	/** Whether the server has ever answered 429. */
	get wasThrottled(): boolean {
		return this.lastGoodRate !== undefined;
	}

	/** Change the ceiling, the lowest one of all active runs. */
	setCeiling(ceilingPerSecond: number): void {
		this.ceilingPerSecond = ceilingPerSecond;
	}

	/** Learn from a request that was let through. */
	onAccepted(): void {
		const step =
			this.lastGoodRate === undefined
				? GROWTH_PER_SUCCESS
				: PROBE_SHARE_PER_SUCCESS * this.lastGoodRate;
		this.rate = Math.min(this.ratePerSecond + step, this.ceilingPerSecond);
	}

	/** Learn from a 429. */
	onThrottled(nowMs: number): void {
		if (nowMs - this.decreasedAtMs < DECREASE_INTERVAL_MS) return;
		this.decreasedAtMs = nowMs;
		this.rate = Math.max(FLOOR_RATE_PER_SECOND, this.ratePerSecond * DECREASE_FACTOR);
		this.lastGoodRate = this.rate;
	}
}
