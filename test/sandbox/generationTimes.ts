/** How long the sandbox's generations take. */
import type { Random } from '../support/random';
import type { GenerationTime } from './types';

/**
 * Draw the duration of one generation, in milliseconds.
 *
 * @param index how many operations there were before this one
 */
export function drawGenerationMs(time: GenerationTime, random: Random, index: number): number {
	if (typeof time === 'number') return time;
	if ('listMs' in time) return time.listMs[index % time.listMs.length] ?? 0;
	return random.between(time.minMs, time.maxMs);
}
