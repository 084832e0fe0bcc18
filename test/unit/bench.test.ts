/** The parts of the benchmark that only compute: what they say must be right before it is measured. */
import sharp from 'sharp';

import { runsOf } from '../evidence/bench/comparison';
import { verdictsOf } from '../evidence/bench/criteria';
import { USUAL_TIMES, boundsOf, evenTimesMs, generationTimesMs } from '../evidence/bench/draws';
import { photosNode } from '../evidence/bench/photos';
import { drawPlot } from '../evidence/bench/plot';
import { readCpuSeconds, readMemory } from '../evidence/bench/procfs';
import type { CellRun, Comparison, SystemName } from '../evidence/bench/results';
import { extrapolatedMs, mean, median, spreadOf } from '../evidence/bench/statistics';
import { ratioToNode, summarize } from '../evidence/bench/summary';
import { comparisonTables, quotableLine, verdictLines } from '../evidence/bench/tables';
import { tinyPicture } from '../sandbox/pictures/tiny';
import { Client, useSandbox } from './sandbox.support';

const RATE = 20;

function cell(system: SystemName, products: number, run: number, makespanMs: number): CellRun {
	return {
		system,
		requestsPerSecond: RATE,
		products,
		run,
		figures: {
			makespanMs,
			lowerBoundMs: 10_000,
			clairvoyantMs: 10_000,
			requestsPerProduct: 3.5,
			detectionDelayMs: 1500,
			throttled: 0,
			rssBeforeBytes: 500e6,
			peakRssBytes: 600e6,
			cpuSeconds: 2,
		},
	};
}

function comparisonOf(cells: CellRun[], sizes: number[]): Comparison {
	return {
		machine: {
			date: '2026-01-02T03:04:05.000Z',
			nodeVersion: 'v20.0.0',
			n8nVersion: '2.40.7',
			n8nNodeVersion: 'v24.0.0',
			cores: 2,
			cpu: 'Some CPU',
		},
		settings: {
			seed: 1,
			runs: 3,
			sizes,
			rates: [RATE],
			generation: { distribution: 'lognormal', ...USUAL_TIMES },
			pictureBytes: 0,
		},
		cells,
		failures: [],
	};
}

/** Three runs of the node, two of a serial node that was not measured with 200 products. */
function sample(nodeMs = 11_000): Comparison {
	return comparisonOf(
		[
			...[0, 1, 2].flatMap((run) => [
				cell('node', 10, run, nodeMs),
				cell('handBuilt', 10, run, 1.2 * nodeMs),
				cell('node', 200, run, 2 * nodeMs),
				cell('handBuilt', 200, run, 2.4 * nodeMs),
			]),
			cell('serial', 10, 0, 200_000),
			cell('serial', 50, 0, 1_300_000),
		],
		[10, 200],
	);
}

describe('the generation times of the benchmark', () => {
	it('are the same for the same seed, size and run, whichever system asks', () => {
		expect(generationTimesMs(USUAL_TIMES, 1, 50, 2)).toEqual(
			generationTimesMs(USUAL_TIMES, 1, 50, 2),
		);
	});

	it.each([
		['run', generationTimesMs(USUAL_TIMES, 1, 50, 1)],
		['size', generationTimesMs(USUAL_TIMES, 1, 51, 0).slice(0, 50)],
		['seed', generationTimesMs(USUAL_TIMES, 2, 50, 0)],
	])('differ for another %s', (_what, others) => {
		const shared = generationTimesMs(USUAL_TIMES, 1, 50, 0).filter((timeMs) =>
			others.includes(timeMs),
		);
		expect(shared.length).toBeLessThan(3);
	});

	it('have the median and the 95th percentile that they are drawn for', () => {
		const timesMs = generationTimesMs(USUAL_TIMES, 1, 20_000, 0);
		expect(median(timesMs) / 20_000).toBeCloseTo(1, 1);
		const longShare = timesMs.filter((timeMs) => timeMs > USUAL_TIMES.p95Ms).length / 20_000;
		expect(longShare).toBeGreaterThan(0.04);
		expect(longShare).toBeLessThan(0.06);
	});

	it('stay in their range where they are drawn evenly', () => {
		const timesMs = evenTimesMs(1, 5000, 2000, 6000);
		expect(Math.min(...timesMs)).toBeGreaterThanOrEqual(2000);
		expect(Math.max(...timesMs)).toBeLessThanOrEqual(6000);
		expect(mean(timesMs) / 4000).toBeCloseTo(1, 1);
	});

	it('bound the makespan from below by the longest, and by three requests for each product', () => {
		expect(boundsOf([20_000, 30_000], 20).lowerBoundMs).toBeCloseTo(30_000, -2);
		const many = boundsOf(
			Array.from({ length: 200 }, () => 1000),
			5,
		);
		expect(many.lowerBoundMs).toBeCloseTo(((3 * 200 - 5) / 5) * 1000, -2);
		expect(many.clairvoyantMs).toBeGreaterThanOrEqual(many.lowerBoundMs);
	});
});

describe('the statistics of the benchmark', () => {
	it('take the middle value, or the mean of the two in the middle, in any order', () => {
		expect(median([3, 1, 2])).toBe(2);
		expect(median([4, 1, 3, 2])).toBe(2.5);
		expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
	});

	it('refuse to make a figure out of nothing', () => {
		expect(() => median([])).toThrow(RangeError);
		expect(() => mean([])).toThrow(RangeError);
		expect(() => extrapolatedMs([], 10)).toThrow(RangeError);
	});

	it('extrapolate by the mean time per product of everything that was measured', () => {
		const measured = [
			{ products: 10, makespanMs: 200_000 },
			{ products: 50, makespanMs: 1_300_000 },
		];
		expect(extrapolatedMs(measured, 200)).toBe(5_000_000);
	});
});

describe('the summary of a comparison', () => {
	it('measures the serial node in every run, once, or not at all, by the number of products', () => {
		expect([1, 10, 50, 200].map((products) => runsOf('serial', products, 3))).toEqual([3, 1, 1, 0]);
		expect(runsOf('node', 200, 3)).toBe(3);
	});

	it('marks what is extrapolated, and has no measured figures for it', () => {
		const serial = summarize(sample(), 'serial', RATE, 200);
		expect(serial).toMatchObject({ isExtrapolated: true, runs: 0, measured: undefined });
		expect(serial?.makespanMs.median).toBe(5_000_000);
		expect(summarize(sample(), 'serial', RATE, 10)?.isExtrapolated).toBe(false);
	});

	it('extrapolates nothing but the serial node', () => {
		expect(summarize(sample(), 'handBuilt', RATE, 1000)).toBeUndefined();
	});

	it('compares runs that had the same generation times', () => {
		const cells = [
			cell('node', 10, 0, 10_000),
			cell('node', 10, 1, 50_000),
			cell('serial', 10, 1, 100_000),
		];
		const ratio = ratioToNode(comparisonOf(cells, [10]), 'serial', RATE, 10);
		expect(ratio).toEqual({ value: 2, isExtrapolated: false });
	});

	it('compares an extrapolated makespan with the median of the node, and says so', () => {
		const ratio = ratioToNode(sample(), 'serial', RATE, 200);
		expect(ratio).toEqual({ value: 5_000_000 / 22_000, isExtrapolated: true });
	});
});

describe('the verdicts of the benchmark', () => {
	it('are met, missed or not measured, each with the figure that decided', () => {
		const lines = verdictLines(verdictsOf(sample())).join('\n');
		expect(lines).toMatch(/^not measured: at N=50 the serial node/m);
		expect(lines).toMatch(/^met: the workflow by hand .*N=10 at 20\/s: 1\.200/m);
		expect(lines).toMatch(/^NOT MET: the node takes at most 1\.15 .*N=200 at 20\/s: 2\.200 \(!\)/m);
	});

	it('miss a node that is slower than the workflow by hand', () => {
		const cells = [cell('node', 10, 0, 11_000), cell('handBuilt', 10, 0, 10_900)];
		const [, , handBuilt] = verdictsOf(comparisonOf(cells, [10]));
		expect(handBuilt?.met).toBe(false);
	});

	it('count a failed execution against the node, and not against others', () => {
		const failed = (system: SystemName): Comparison => ({
			...sample(),
			failures: [{ system, requestsPerSecond: RATE, products: 200, run: 0, reason: '429' }],
		});
		const lines = (system: SystemName) => verdictLines(verdictsOf(failed(system))).join('\n');
		expect(lines('node')).toMatch(/^NOT MET: no execution of the node fails .*: 1\.000 \(!\)/m);
		expect(lines('handBuilt')).toMatch(/^met: no execution of the node fails/m);
		expect(comparisonTables(failed('handBuilt')).join('\n')).toContain(
			'failed: 429: b: HTTP Request, Wait, If, N=200 at 20/s, run 1',
		);
	});

	it('hold quick pictures to a shorter time, and to ends that are seen soon', () => {
		const late = cell('node', 200, 0, 10_900);
		late.figures.detectionDelayMs = 2500;
		const comparison = comparisonOf([cell('node', 50, 0, 11_200), late], [50, 200]);
		expect(verdictLines(verdictsOf(comparison)).join('\n')).toMatch(/^not measured: .* 4 s/m);
		comparison.settings.generation.medianMs = 4000;
		const lines = verdictLines(verdictsOf(comparison)).join('\n');
		expect(lines).toMatch(/^NOT MET: .* 1\.1 x .* 4 s .*: 1\.120 \(!\), N=200 at 20\/s: 1\.090\)/m);
		expect(lines).toMatch(/^NOT MET: .* 2 s late .*: 1\.500, N=200 at 20\/s: 2\.500 \(!\)/m);
	});

	it('compare what the process grows by with the workflow by hand', () => {
		const greedy = cell('node', 200, 0, 11_000);
		greedy.figures.peakRssBytes += 20e6;
		const cells = [greedy, cell('handBuilt', 200, 0, 12_000)];
		const lines = verdictLines(verdictsOf(comparisonOf(cells, [200]))).join('\n');
		expect(lines).toMatch(/^NOT MET: .* memory .*N=200 at 20\/s: 1\.200 \(!\)/m);
	});

	it('say what a ledger costs in time and in processor time', () => {
		const ledger = cell('ledger', 200, 0, 11_500);
		ledger.figures.cpuSeconds = 5;
		const lines = verdictLines(
			verdictsOf(comparisonOf([cell('node', 200, 0, 11_000), ledger], [200])),
		).join('\n');
		expect(lines).toMatch(/^met: with a ledger the node takes at most 1\.1 .*: 1\.045/m);
		expect(lines).toMatch(/^NOT MET: a ledger costs at most 10 ms .*: 15\.000 \(!\)/m);
	});
});

describe('the report of the benchmark', () => {
	it('marks extrapolated makespans and ratios in the tables and in the line to quote', () => {
		const tables = comparisonTables(sample()).join('\n');
		expect(tables).toContain('~5000.0');
		expect(tables).toContain('~227.27');
		expect(tables).toContain('11.0 (11.0-11.0)');
		expect(quotableLine(sample())).toContain('a serial node takes ~227.27 x as long');
	});

	it('draws what is extrapolated dashed', () => {
		const measured = comparisonOf([cell('node', 10, 0, 11_000), cell('serial', 10, 0, 2e5)], [10]);
		const dashed = /stroke-dasharray="8,4"/g;
		const count = (comparison: Comparison) => drawPlot({ comparison }).match(dashed)?.length ?? 0;
		expect(count(sample())).toBeGreaterThan(count(measured));
	});
});

describe('what the kernel tells of a process', () => {
	it('is read as memory now and at its peak, in bytes', () => {
		const status = 'Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t  200 kB\nVmRSS:\t  100 kB\n';
		expect(readMemory(status)).toEqual({ nowBytes: 102_400, peakBytes: 204_800 });
		expect(() => readMemory('Name:\tnode\n')).toThrow('VmRSS');
	});

	it('is read as processor time, also of a program with spaces and brackets in its name', () => {
		const stat = '12 (a (b) c) S 1 1 1 0 -1 4194304 5 0 0 0 130 20 7 8 20 0 1 0 99 1 1';
		expect(readCpuSeconds(stat)).toBe(1.5);
		expect(() => readCpuSeconds('12 (node) S')).toThrow('another form');
	});
});

describe('what the benchmark sends and gets', () => {
	it.each([0, 5000, 133 * 1024, 1024 * 1024])(
		'is a photo of at least %d bytes, and of hardly more',
		async (photoBytes) => {
			const { parameters } = await photosNode({ name: 'job', products: 1, photoBytes });
			const [, base64 = ''] = /from\('([^']+)'/.exec(String(parameters['jsCode'])) ?? [];
			const bytes = Buffer.from(base64, 'base64');
			expect(bytes.length).toBeGreaterThanOrEqual(photoBytes);
			expect(bytes.length).toBeLessThan(photoBytes + 1000);
			expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 48 });
		},
	);

	it.each([0, 133 * 1024])('is a picture of at least %d bytes', async (bytes) => {
		const picture = await tinyPicture(bytes);
		expect(picture.length).toBeGreaterThanOrEqual(bytes);
		expect((await sharp(picture).stats()).channels).toHaveLength(3);
	});
});

describe('the sandbox that is given a list of generation times', () => {
	const sandbox = useSandbox();

	async function generationTimes(count: number): Promise<number[]> {
		const client = new Client(sandbox());
		for (let index = 0; index < count; index += 1) await client.start('Dress');
		return sandbox()
			.stats()
			.operations.map(({ generationMs }) => generationMs);
	}

	it('takes them in the order of the creates, and begins anew after a reset', async () => {
		sandbox().configure({ generationMs: { listMs: [300, 100, 200] } });
		expect(await generationTimes(4)).toEqual([300, 100, 200, 300]);
		sandbox().reset();
		sandbox().configure({ generationMs: { listMs: [50, 60] } });
		expect(await generationTimes(1)).toEqual([50]);
	});

	it.each([[[]], [[100, -1]]])('refuses the list %j', (listMs) => {
		expect(() => sandbox().configure({ generationMs: { listMs } })).toThrow(RangeError);
	});
});
