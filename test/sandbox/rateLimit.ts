import { nowMs } from './clock';
import type { RateLimit } from './types';

/**
 * A token bucket in front of the API. A refused request takes no token, so hammering does not
 * postpone the next free slot.
 */
export class TokenBucket {
	private tokens: number;

	private refilledAtMs: number;

	constructor(private readonly limit: RateLimit) {
		this.tokens = limit.burst;
		this.refilledAtMs = nowMs();
	}

	/** Take a token: 0 when granted, otherwise the milliseconds until the next one is there. */
	takeOrWaitMs(): number {
		const now = nowMs();
		const gained = ((now - this.refilledAtMs) / 1000) * this.limit.requestsPerSecond;
		this.tokens = Math.min(this.limit.burst, this.tokens + gained);
		this.refilledAtMs = now;
		if (this.tokens >= 1) {
			this.tokens -= 1;
			return 0;
		}
		return ((1 - this.tokens) / this.limit.requestsPerSecond) * 1000;
	}
}
