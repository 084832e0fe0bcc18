/**
 * How good the engine's schedule is: makespan and requests against the lower bound and the clairvoyant
 * scheduler, over rates, batch sizes, generation times and round trips. Medians over several seeds.
 */
import Table from 'cli-table3';

import { MINUTE_MS, SECOND_MS } from '../../../nodes/Aiuta/core/clock';
import { clairvoyantMs, lowerBoundMs } from './clairvoyant';
import { SimulatedExecution } from './execution';
import { ONE_RUN, type Scenario } from './scenario';
import { World } from './world';

export interface Grid {
	rates: readonly number[];
	sizes: readonly number[];
	generationMedianMs: number;
	roundTripMs: number;
	seeds: number;
	/** How far generation times lie apart: the 95th percentile, as a multiple of the median. */
	spread?: number;
	/** How many operations the server works on at once; the others wait in line. */
	concurrency?: number;
	/** What the schedule is held to: its time as a multiple of the best one's. */
	maxOverBest?: number;
}

const RATES = [1, 5, 20];
const ALL_SIZES = [1, 10, 50, 100, 200, 1000, 5000];
const SOME_SIZES = [10, 50, 200, 1000];

const grid = (
	generationMedianMs: number,
	roundTripMs: number,
	sizes: readonly number[],
	seeds: number,
	changes: Partial<Grid> = {},
): Grid => ({
	rates: RATES,
	sizes,
	generationMedianMs,
	roundTripMs,
	seeds,
	...changes,
});

/**
 * Where all take the same time, the careful start counts: the best schedule knows the rate. Where Aiuta
 * works on a few at once, no schedule can know when which of them ends, so requests are not judged.
 */
const SAME_TIME = { spread: 1.05, maxOverBest: 1.2 };
/** A median of 4 s with a 95th percentile of 10 s. */
const QUICK_ONES = { spread: 2.5 };
const IN_LINE = { spread: 1.5, concurrency: 5 };

/** The full grid at 20 s and 0.1 s, a reduced one elsewhere. */
export const FULL_GRIDS: readonly Grid[] = [
	grid(4 * SECOND_MS, 100, [1, 10, 50, 200, 1000], 5, QUICK_ONES),
	...[500, 2000].map((roundTripMs) => grid(4 * SECOND_MS, roundTripMs, [50, 200], 3, QUICK_ONES)),
	grid(20 * SECOND_MS, 100, ALL_SIZES, 5),
	...[500, 2000].map((roundTripMs) => grid(20 * SECOND_MS, roundTripMs, SOME_SIZES, 3)),
	...[5 * MINUTE_MS, 60 * MINUTE_MS].flatMap((generationMs) =>
		[100, 500, 2000].map((roundTripMs) => grid(generationMs, roundTripMs, SOME_SIZES, 3)),
	),
	...[20 * SECOND_MS, 5 * MINUTE_MS].map((generationMs) =>
		grid(generationMs, 100, [10, 50, 200, 1000], 3, SAME_TIME),
	),
	grid(20 * SECOND_MS, 100, [10, 50, 200], 3, IN_LINE),
];

export const QUICK_GRIDS: readonly Grid[] = [
	grid(4 * SECOND_MS, 100, [50, 200], 3, { ...QUICK_ONES, rates: [20] }),
	grid(20 * SECOND_MS, 100, [10, 100, 1000], 3),
];

export interface Measured {
	overBound: number;
	overClairvoyant: number;
	requestsPerProduct: number;
	throttledPerProduct: number;
	/** From the end of an operation to its being seen, on average. */
	meanLatenessSeconds: number;
	/** The same as a share of how long the operations took. */
	latenessShare: number;
	/** Share of the requests that the rate limit would have served meanwhile. */
	usedShare: number;
}

function scenarioFor(
	seed: number,
	products: number,
	requestsPerSecond: number,
	{ generationMedianMs, roundTripMs, spread = 3, concurrency = Number.POSITIVE_INFINITY }: Grid,
): Scenario {
	return {
		seed,
		server: {
			api: 'flatLays',
			roundTripMs,
			generationMedianMs,
			generationP95Ms: spread * generationMedianMs,
			rateLimit: { requestsPerSecond, burst: requestsPerSecond, retryAfter: 'none' },
			concurrency,
			visibleAfterMs: 0,
			failedShare: 0,
			oddStatusShare: 0,
			lateImagesShare: 0,
			noImagesShare: 0,
			namesGoneImages: true,
		},
		executions: [
			{
				products: Array.from({ length: products }, (_, index) => ({
					key: `p${index}`,
					photos: [`photo ${index}`],
					background: undefined,
					operations: [[]],
				})),
				startAfterMs: 0,
				stopOnFailure: false,
				onTimeout: 'error',
				maxWaitMs: 7 * 24 * 60 * MINUTE_MS,
				downloadImages: false,
				requestsPerSecond: 20,
				maxProductsInFlight: 5000,
				differsInEveryTry: false,
				runs: ONE_RUN,
				tries: [
					{
						stopAfterMs: undefined,
						again: 'retryOnFail',
						isSavedAtStop: false,
						forgetsImages: false,
					},
				],
			},
		],
		placements: [],
	};
}

/** Run the engine once and compare it. */
export async function measure(
	seed: number,
	products: number,
	requestsPerSecond: number,
	of: Grid,
): Promise<Measured> {
	const scenario = scenarioFor(seed, products, requestsPerSecond, of);
	const world = new World(scenario);
	const detectedAtMs = new Map<string, number>();
	const startMs = world.clock.now();
	const [plan] = scenario.executions;
	if (plan === undefined) throw new Error('the table needs an execution');
	const execution = new SimulatedExecution(world, plan, (outcome) => {
		if (outcome.kind === 'finished') detectedAtMs.set(outcome.operationId, world.clock.now());
	});
	await world.clock.run(execution.play());
	const operations = [...world.server.operations.values()];
	if (world.violations.length > 0 || detectedAtMs.size !== products) {
		throw new Error(`seed ${seed}: ${world.violations[0]?.text ?? 'not everything was delivered'}`);
	}
	const generations = new Map(
		operations.map((it) => [it.operationKey, it.finishesAtMs - it.createdAtMs]),
	);
	const schedule = {
		products,
		requestsPerSecond,
		burst: requestsPerSecond,
		roundTripMs: of.roundTripMs,
		generationsMs: plan.products.map(({ key }) => generations.get(key) ?? 0),
	};
	const makespanMs = Math.max(...detectedAtMs.values()) - startMs;
	const delaysMs = operations.map(
		(it) => (detectedAtMs.get(it.operationId) ?? 0) - it.finishesAtMs,
	);
	return {
		overBound: makespanMs / lowerBoundMs(schedule),
		overClairvoyant: makespanMs / clairvoyantMs(schedule),
		requestsPerProduct: world.server.requests / products,
		throttledPerProduct: world.server.throttled / products,
		meanLatenessSeconds: sum(delaysMs) / products / 1000,
		latenessShare: sum(delaysMs) / sum([...generations.values()]),
		usedShare: world.server.requests / ((requestsPerSecond * makespanMs) / 1000),
	};
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

function median(values: number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Measure one row over the seeds of its grid. */
export async function measureRow(of: Grid, rate: number, products: number): Promise<Measured> {
	const runs: Measured[] = [];
	for (let seed = 1; seed <= of.seeds; seed += 1) {
		runs.push(await measure(seed, products, rate, of));
	}
	const middle = (key: keyof Measured) => median(runs.map((run) => run[key]));
	return {
		overBound: middle('overBound'),
		overClairvoyant: middle('overClairvoyant'),
		requestsPerProduct: middle('requestsPerProduct'),
		throttledPerProduct: middle('throttledPerProduct'),
		meanLatenessSeconds: middle('meanLatenessSeconds'),
		latenessShare: middle('latenessShare'),
		usedShare: middle('usedShare'),
	};
}

/** Print all rows of the grids, and whether the targets are met. */
export async function printTable(
	say: (line: string) => void,
	grids: readonly Grid[],
): Promise<boolean> {
	let isGood = true;
	for (const of of grids) {
		const { generationMedianMs, roundTripMs, seeds } = of;
		const table = new Table({
			head: ['R', 'N', '/ bound', '/ best', 'requests', '429s', 'rate used', 'mean lateness', ''],
			style: { head: [], border: [] },
		});
		for (const rate of of.rates) {
			for (const size of of.sizes) {
				const row = await measureRow(of, rate, size);
				const misses = missedTargets(row, size, of);
				if (misses !== '') isGood = false;
				table.push([
					rate,
					size,
					row.overBound.toFixed(3),
					row.overClairvoyant.toFixed(3),
					row.requestsPerProduct.toFixed(2),
					row.throttledPerProduct.toFixed(2),
					percent(row.usedShare),
					`${row.meanLatenessSeconds.toFixed(1)} s, ${percent(row.latenessShare)}`,
					misses,
				]);
			}
		}
		say(
			`generation ${generationMedianMs / 1000} s${kindOf(of)}, round trip ${roundTripMs} ms, ${seeds} seeds`,
		);
		say(table.toString());
	}
	return isGood;
}

function percent(share: number): string {
	return `${Math.round(100 * share)} %`;
}

function kindOf({ spread, concurrency }: Grid): string {
	if (concurrency !== undefined) return `, ${concurrency} at once`;
	if (spread === undefined || spread >= 2) return '';
	return ', all about the same';
}

/** At most 1.10 x the best schedule; at most 3.3 requests a product in large batches. */
function missedTargets(row: Measured, size: number, { maxOverBest = 1.1 }: Grid): string {
	const misses: string[] = [];
	if (row.overClairvoyant > maxOverBest) misses.push('slow');
	if (size >= 1000 && row.requestsPerProduct > 3.3) misses.push('chatty');
	return misses.join(', ');
}
