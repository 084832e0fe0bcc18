/** How long cells take, roughly: for the line at the start and to give up on what hangs. */
import { boundsOf } from './draws';
import type { SystemName } from './results';

const OVERHEAD_MS = 4000;
const SERIAL_POLL_MS = 5000;
/** A workflow by hand asks for everything once more after the last create. */
const HAND_BUILT_EXTRA_MS = 10_000;

/** Estimate the makespan of a system for these generation times, with what goes on around it. */
export function expectedMs(
	system: SystemName,
	timesMs: readonly number[],
	requestsPerSecond: number,
): number {
	const { clairvoyantMs } = boundsOf(timesMs, requestsPerSecond);
	switch (system) {
		case 'node':
		case 'ledger':
			return 1.2 * clairvoyantMs + OVERHEAD_MS;
		case 'handBuilt':
			return (
				clairvoyantMs + HAND_BUILT_EXTRA_MS + ((2 * timesMs.length) / requestsPerSecond) * 1000
			);
		case 'serial':
			return timesMs.reduce(
				(sum, timeMs) => sum + Math.ceil(timeMs / SERIAL_POLL_MS) * SERIAL_POLL_MS + 100,
				OVERHEAD_MS,
			);
	}
}
