import { MINUTE_MS } from '../core/clock';

/** A request that meets nothing but 429s for so long is given up. */
const MAX_THROTTLED_MS = 15 * MINUTE_MS;

/** How long one request waits out the rate limit, whatever others meet meanwhile. */
export class ThrottlePatience {
	private throttledSinceMs: number | undefined;

	/** Note a 429; true when the request has met nothing else for a quarter of an hour. */
	isOverAt(nowMs: number): boolean {
		this.throttledSinceMs ??= nowMs;
		return nowMs - this.throttledSinceMs >= MAX_THROTTLED_MS;
	}

	/** Note that something else than a 429 came. */
	reset(): void {
		this.throttledSinceMs = undefined;
	}
}
