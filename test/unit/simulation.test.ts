import { newCampaign, playSeeds, summary } from '../evidence/simulation/campaign';
import { clairvoyantMs, lowerBoundMs } from '../evidence/simulation/clairvoyant';
import { CALLS, FAULTS } from '../evidence/simulation/faults';
import { allPlacements } from '../evidence/simulation/placements';
import { Random } from '../support/random';
import { scenarioOf } from '../evidence/simulation/scenario';
import { measureRow, type Grid } from '../evidence/simulation/scheduleTable';
import { simulate } from '../evidence/simulation/simulate';

/** A second or two; more on a busy machine. */
const SLOW_TEST_MS = 120_000;

const GRID: Grid = {
	rates: [],
	sizes: [],
	generationMedianMs: 20_000,
	roundTripMs: 100,
	seeds: 3,
};

describe('the simulation of the batch engine', () => {
	it(
		'breaks no rule in the first thirty seeds',
		async () => {
			const campaign = newCampaign();
			await playSeeds(campaign, 30, false);
			expect(campaign.broken).toEqual([]);
			expect(summary(campaign)).toBe(
				'30 seeds, 0 placements: 0 duplicate creates, 0 lost operation IDs, 0 hangs, 0 lost items',
			);
		},
		SLOW_TEST_MS,
	);

	it('plays the same seed the same way every time', async () => {
		const first: string[] = [];
		const second: string[] = [];
		await simulate(scenarioOf(19), (line) => first.push(line));
		await simulate(scenarioOf(19), (line) => second.push(line));
		expect(first.length).toBeGreaterThan(10);
		expect(second).toEqual(first);
	});

	it('places every fault at every kind of call, alone and in pairs', () => {
		let singles = 0;
		let pairs = 0;
		for (const { placements, hardships } of allPlacements()) {
			if (hardships !== undefined) continue;
			if (placements.length === 1) singles += 1;
			if (placements.length === 2) pairs += 1;
		}
		// Those of creates also with images that are gone.
		expect(singles).toBe(FAULTS.length * (CALLS.length + 1) * 4 * 2);
		expect(pairs).toBeGreaterThan(18_000);
	});

	it('draws half of its generation times below the median and 95 % below the 95th percentile', () => {
		const random = new Random(1);
		const values = Array.from({ length: 20_000 }, () => random.lognormal(20, 60));
		const share = (limit: number) => values.filter((value) => value < limit).length / values.length;
		expect(share(20)).toBeCloseTo(0.5, 1);
		expect(share(60)).toBeCloseTo(0.95, 1.5);
	});
});

describe('the clairvoyant scheduler', () => {
	const schedule = {
		products: 2,
		requestsPerSecond: 1,
		burst: 1,
		roundTripMs: 100,
		generationsMs: [10_000, 10_000],
	};

	it('uploads, creates and asks as early as the rate allows', () => {
		// Upload 0 s, create 1 s, upload 2 s, create 3 s, asked at 13 s, known at 13.1 s.
		expect(clairvoyantMs(schedule)).toBeCloseTo(13_100, 0);
	});

	it('is never better than the lower bound', () => {
		const random = new Random(3);
		for (let index = 0; index < 200; index += 1) {
			const products = random.int(1, 60);
			const requestsPerSecond = random.int(1, 20);
			const it = {
				products,
				requestsPerSecond,
				burst: random.int(1, requestsPerSecond),
				roundTripMs: random.int(20, 2000),
				generationsMs: Array.from({ length: products }, () => random.lognormal(20_000, 60_000)),
			};
			expect(clairvoyantMs(it)).toBeGreaterThanOrEqual(lowerBoundMs({ ...it, roundTripMs: 0 }) - 1);
		}
	});
});

describe('the schedule of the engine', () => {
	it.each([
		[5, 200, 3.6],
		[20, 200, 6],
		[20, 1000, 3.3],
	])(
		'at %i requests per second and %i products is close to the best one, with at most %f requests a product',
		async (rate, products, maxRequests) => {
			const measured = await measureRow(GRID, rate, products);
			expect(measured.overClairvoyant).toBeLessThanOrEqual(1.1);
			expect(measured.requestsPerProduct).toBeLessThanOrEqual(maxRequests);
		},
		SLOW_TEST_MS,
	);

	it(
		'is close to the best one where all of a thousand products take the same five minutes',
		async () => {
			const alike = { ...GRID, generationMedianMs: 300_000, spread: 1.05, seeds: 1 };
			const measured = await measureRow(alike, 20, 1000);
			expect(measured.overClairvoyant).toBeLessThanOrEqual(1.2);
			expect(measured.requestsPerProduct).toBeLessThanOrEqual(3.3);
		},
		SLOW_TEST_MS,
	);
});
