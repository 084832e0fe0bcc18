import { MAX_SLEEP_SLICE_MS, type Clock } from './clock';

/**
 * Sleep in slices of at most a second and look for a stop after each.
 *
 * @returns false when the wait was given up because of a stop
 */
export async function waitMs(
	clock: Clock,
	delayMs: number,
	isStopped: () => boolean,
): Promise<boolean> {
	const untilMs = clock.now() + delayMs;
	while (!isStopped()) {
		const leftMs = untilMs - clock.now();
		if (leftMs <= 0) return true;
		await clock.sleep(Math.min(leftMs, MAX_SLEEP_SLICE_MS));
	}
	return false;
}
