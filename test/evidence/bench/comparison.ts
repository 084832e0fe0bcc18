/** The three systems side by side: one server and one sandbox each per rate, the same generation times. */
import { startBed, type Bed, type Materials } from './bed';
import { FailedExecution, runCell } from './cell';
import { generationTimesMs, type GenerationTimes } from './draws';
import { expectedMs } from './estimate';
import type { CellRun, Comparison, FailedRun, SystemName } from './results';

/** The serial system is measured in every run up to here, ... */
const SERIAL_EVERY_RUN_PRODUCTS = 1;
/** ... once up to here, and beyond it is extrapolated: 200 products would take it an hour and a half. */
const SERIAL_MOST_PRODUCTS = 50;

export interface ComparisonPlan {
	systems: readonly SystemName[];
	sizes: readonly number[];
	rates: readonly number[];
	runs: number;
	seed: number;
	times: GenerationTimes;
	/** Size of each photo and of each generated picture. */
	pictureBytes: number;
}

interface PlannedCell {
	products: number;
	run: number;
	timesMs: number[];
}

/** How often a system is measured with so many products. */
export function runsOf(system: SystemName, products: number, runs: number): number {
	if (system !== 'serial' || products <= SERIAL_EVERY_RUN_PRODUCTS) return runs;
	return products <= SERIAL_MOST_PRODUCTS ? Math.min(1, runs) : 0;
}

function cellsOf(system: SystemName, { sizes, runs, seed, times }: ComparisonPlan): PlannedCell[] {
	return [...sizes]
		.sort((one, other) => one - other)
		.flatMap((products) =>
			Array.from({ length: runsOf(system, products, runs) }, (_, run) => ({
				products,
				run,
				timesMs: generationTimesMs(times, seed, products, run),
			})),
		);
}

/** Estimate how long the comparison takes: as long as its slowest server. */
export function expectedComparisonMs(plan: ComparisonPlan): number {
	const perBedMs = plan.systems.flatMap((system) =>
		plan.rates.map((rate) =>
			cellsOf(system, plan).reduce(
				(sum, { timesMs }) => sum + expectedMs(system, timesMs, rate),
				0,
			),
		),
	);
	return Math.max(0, ...perBedMs);
}

async function runBed(
	bed: Bed,
	plan: ComparisonPlan,
	tell: (line: string) => void,
): Promise<Pick<Comparison, 'cells' | 'failures'>> {
	const { name: system, requestsPerSecond } = bed;
	const cells: CellRun[] = [];
	const failures: FailedRun[] = [];
	for (const { products, run, timesMs } of cellsOf(system, plan)) {
		const what = `${system}, ${requestsPerSecond}/s, ${products} products, run ${run + 1}`;
		try {
			const figures = await runCell(bed, timesMs, expectedMs(system, timesMs, requestsPerSecond));
			cells.push({ system, requestsPerSecond, products, run, figures });
			tell(`${what}: ${(figures.makespanMs / 1000).toFixed(1)} s`);
		} catch (error) {
			if (error instanceof FailedExecution) {
				const { reason } = error;
				failures.push({ system, requestsPerSecond, products, run, reason });
				tell(`${what}: failed: ${reason}`);
				continue;
			}
			throw new Error(`${what} failed`, { cause: error });
		}
	}
	return { cells, failures };
}

/**
 * Measure every system at every rate, all at the same time.
 *
 * @throws Error with the cell's name as soon as one of them has succeeded and is not done completely
 */
export async function compare(
	plan: ComparisonPlan,
	materials: Materials,
	tell: (line: string) => void,
): Promise<Omit<Comparison, 'machine'>> {
	const beds: Bed[] = [];
	try {
		for (const rate of plan.rates)
			for (const system of plan.systems)
				beds.push(await startBed(system, rate, materials, plan.pictureBytes));
		tell(`${beds.length} n8n servers are up`);
		const measured = await Promise.all(beds.map(async (bed) => await runBed(bed, plan, tell)));
		const { seed, sizes, rates, times, pictureBytes } = plan;
		return {
			settings: {
				seed,
				runs: plan.runs,
				sizes,
				rates,
				generation: { distribution: 'lognormal', ...times },
				pictureBytes,
			},
			cells: measured.flatMap(({ cells }) => cells),
			failures: measured.flatMap(({ failures }) => failures),
		};
	} finally {
		await Promise.allSettled(beds.map(async (bed) => await bed.close()));
	}
}
