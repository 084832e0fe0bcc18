/** The node alone with up to thousands of products: time, processor time and memory by size. */
import { startBed, type Materials } from './bed';
import { runCell } from './cell';
import { evenTimesMs } from './draws';
import { expectedMs } from './estimate';
import type { CellRun, ScaleRun } from './results';

const REQUESTS_PER_SECOND = 100;
const GENERATION = { distribution: 'uniform', minMs: 2000, maxMs: 6000 } as const;

export interface ScalePlan {
	sizes: readonly number[];
	seed: number;
}

function timesOf(seed: number, products: number): number[] {
	return evenTimesMs(seed, products, GENERATION.minMs, GENERATION.maxMs);
}

/** Estimate how long the sizes take one after another. */
export function expectedScaleMs({ sizes, seed }: ScalePlan): number {
	return sizes.reduce(
		(sum, products) => sum + expectedMs('node', timesOf(seed, products), REQUESTS_PER_SECOND),
		0,
	);
}

/** Measure the sizes one after another in a fresh server. */
export async function measureScale(
	{ sizes, seed }: ScalePlan,
	materials: Materials,
	tell: (line: string) => void,
): Promise<Omit<ScaleRun, 'machine'>> {
	const bed = await startBed('node', REQUESTS_PER_SECOND, materials);
	try {
		const cells: CellRun[] = [];
		for (const products of [...sizes].sort((one, other) => one - other)) {
			const timesMs = timesOf(seed, products);
			const limitMs = expectedMs('node', timesMs, REQUESTS_PER_SECOND);
			const figures = await runCell(bed, timesMs, limitMs);
			const cell = { requestsPerSecond: REQUESTS_PER_SECOND, products, run: 0, figures };
			cells.push({ system: 'node', ...cell });
			tell(`scale, ${products} products: ${(figures.makespanMs / 1000).toFixed(1)} s`);
		}
		const settings = {
			seed,
			sizes,
			requestsPerSecond: REQUESTS_PER_SECOND,
			generation: GENERATION,
		};
		return { settings, cells };
	} finally {
		await bed.close();
	}
}
