/**
 * Delay before a retry: full jitter between a floor and a cap that doubles with each attempt.
 * Formula: floor + random x (min(cap, floor x 2^attempt) - floor), see
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("full jitter").
 */
export const RETRY_FLOOR_MS = 1_000;
export const RETRY_CAP_MS = 30_000;

/**
 * @param attempt 1-based number of the attempt that just failed
 * @param random a number in [0, 1)
 * @returns milliseconds within [RETRY_FLOOR_MS, RETRY_CAP_MS]; for attempts 1, 2, 3, 4, 5 the upper
 *   ends are 2, 4, 8, 16 and 30 seconds
 */
export function retryDelayMs(attempt: number, random: number): number {
	const upperMs = Math.min(RETRY_CAP_MS, RETRY_FLOOR_MS * 2 ** Math.min(attempt, 10));
	return Math.round(RETRY_FLOOR_MS + random * (upperMs - RETRY_FLOOR_MS));
}
