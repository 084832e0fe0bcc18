import type { GenerationTime } from './types';

/** Make a repeatable source of numbers in [0, 1) (the mulberry32 generator). */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

/**
 * Draw the duration of one generation, in milliseconds.
 *
 * @param index how many operations there were before this one
 */
export function drawGenerationMs(
	time: GenerationTime,
	random: () => number,
	index: number,
): number {
	if (typeof time === 'number') return time;
	if ('listMs' in time) return time.listMs[index % time.listMs.length] ?? 0;
	return time.minMs + (time.maxMs - time.minMs) * random();
}
