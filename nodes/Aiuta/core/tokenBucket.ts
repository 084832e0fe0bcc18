const BILLION = 1e9;

/**
 * A token bucket whose rate may change while it runs. In any window of t seconds it hands out at
 * most rate x t + capacity tokens.
 */
export class TokenBucket {
	private tokens: number;

	private updatedAtMs: number;

	constructor(
		private ratePerSecond: number,
		private readonly capacity: number,
		nowMs: number,
	) {
		this.tokens = capacity;
		this.updatedAtMs = nowMs;
	}

	/** Change the refill rate from now on; what was earned at the old rate stays. */
	setRate(ratePerSecond: number, nowMs: number): void {
		this.refill(nowMs);
		this.ratePerSecond = ratePerSecond;
	}

	/** Take one token if there is one. */
	tryTake(nowMs: number): boolean {
		this.refill(nowMs);
		if (!this.hasOne) return false;
		this.tokens = Math.max(0, this.tokens - 1);
		return true;
	}

	/**
	 * Make up for a token that was there before it could be taken, because a timer fired late: without
	 * this every delay of a busy process would lower the rate. At most half a token, so that two never
	 * follow each other closely.
	 *
	 * @param lateMs 0 or more
	 */
	makeUpFor(lateMs: number): void {
		const missed = (lateMs / 1000) * this.ratePerSecond;
		this.tokens = Math.max(this.tokens, Math.min(this.capacity / 2, this.tokens + missed));
	}

	/** Give back a token that was taken and not used. */
	refund(): void {
		this.tokens = Math.min(this.capacity, this.tokens + 1);
	}

	/** Have one token again after `delayMs`, no more than that from the time until then: the last one bought nothing. */
	restoreOne(delayMs: number, nowMs: number): void {
		this.refill(nowMs);
		this.tokens = Math.max(0, 1 - (delayMs / 1000) * this.ratePerSecond);
	}

	/** Milliseconds until `tryTake` can succeed, 0 when it can now. */
	msUntilToken(nowMs: number): number {
		this.refill(nowMs);
		return this.hasOne ? 0 : Math.ceil(((1 - this.tokens) / this.ratePerSecond) * 1000);
	}

	/**
	 * Refilling adds fractions, so tokens are counted in billionths: a caller that waited exactly long
	 * enough must not miss its token by one rounding error.
	 */
	private get hasOne(): boolean {
		return Math.round(this.tokens * BILLION) >= BILLION;
	}

	private refill(nowMs: number): void {
		// A clock that is set back must neither remove tokens nor grant them twice.
		const elapsedMs = Math.max(0, nowMs - this.updatedAtMs);
		this.updatedAtMs = nowMs;
		this.tokens = Math.min(this.capacity, this.tokens + (elapsedMs / 1000) * this.ratePerSecond);
	}
}
