/**
 * The only door to time and chance. Everything below `transport/` takes a Clock, so that a test can
 * run an hour of polling in microseconds and replay any schedule from a seed.
 */
export interface Clock {
	/** Milliseconds since the Unix epoch. */
	now(): number;
	/** Resolve after `delayMs`; never reject. Callers keep `delayMs` at or below one second. */
	sleep(delayMs: number): Promise<void>;
	/** A number in [0, 1). */
	random(): number;
}

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;

/**
 * The longest sleep taken in one piece: n8n's `sleep` cannot be interrupted on every supported
 * version, so a stop must be seen when a slice ends, and no timer outlives its run by more than this.
 */
export const MAX_SLEEP_SLICE_MS = SECOND_MS;
