/**
 * `npm run bench`: Generate and Wait through n8n's own engine against the sandbox over real HTTP, and how
 * near it comes to what no schedule can beat. It reports figures; it does not judge them.
 */
import { cpus } from 'node:os';

import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import sharp from 'sharp';

import { startSandbox, type OperationRecord, type Sandbox } from '../sandbox';
import { clairvoyantMs, lowerBoundMs, type ScheduleCase } from '../simulation/clairvoyant';
import { loadBuiltNode } from '../support/builtNode';
import {
	initHost,
	releaseHost,
	runNode,
	type InputItem,
	type NodeUnderTest,
} from '../support/host';

interface BenchOptions {
	products: number;
	rps: number;
	burst: number;
	generationSeconds: { minMs: number; maxMs: number };
	runs: number;
}

interface Figures {
	makespanMs: number;
	overBound: number;
	overClairvoyant: number;
	requestsPerProduct: number;
	throttled: number;
	detectionDelayMs: number;
	peakRssMegabytes: number;
}

/** A loopback round trip with a photo of a few hundred bytes; the bounds hardly depend on it. */
const ROUND_TRIP_MS = 5;
const MEGABYTE = 1024 * 1024;

/** Photos that differ: the same bytes would be uploaded once. */
async function photosOf(count: number): Promise<InputItem[]> {
	return await Promise.all(
		Array.from({ length: count }, async (_, index) => {
			const background = { r: index % 256, g: index >> 8, b: 128 };
			const bytes = await sharp({ create: { width: 32, height: 32, channels: 3, background } })
				.png()
				.toBuffer();
			const file = { bytes, fileName: `photo-${index}.png`, mimeType: 'image/png' };
			return { json: { sku: `SKU-${index}` }, files: { data: file } };
		}),
	);
}

function scheduleOf(options: BenchOptions, operations: readonly OperationRecord[]): ScheduleCase {
	return {
		products: options.products,
		requestsPerSecond: options.rps,
		burst: options.burst,
		roundTripMs: ROUND_TRIP_MS,
		generationsMs: operations.map(({ generationMs }) => generationMs),
	};
}

async function measure(
	under: NodeUnderTest,
	sandbox: Sandbox,
	options: BenchOptions,
): Promise<Figures> {
	sandbox.reset();
	const items = await photosOf(options.products);
	let startedAtMs = 0;
	let peakRssBytes = 0;
	const watch = setInterval(() => {
		peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
	}, 100);
	const result = await runNode(under, {
		items,
		parameters: {
			resource: 'flatLay',
			operation: 'generateAndWait',
			productId: '={{ $json.sku }}',
			batching: { requestsPerSecond: options.rps },
		},
		credential: { apiKey: sandbox.apiKey, baseUrl: sandbox.url, api: 'flatLays' },
		onError: 'continueErrorOutput',
		onStart: () => {
			startedAtMs = performance.now();
		},
	});
	const makespanMs = performance.now() - startedAtMs;
	clearInterval(watch);
	if (result.success.length !== options.products) {
		throw new Error(`${result.success.length} of ${options.products} products came out`);
	}
	const { operations, routes } = sandbox.stats();
	const apiRoutes = [routes.upload, routes.create, routes.getOperation, routes.skuItems];
	const schedule = scheduleOf(options, operations);
	const delaysMs = operations.map(
		({ createdAtMs, generationMs, firstSeenTerminalAtMs }) =>
			(firstSeenTerminalAtMs ?? createdAtMs) - createdAtMs - generationMs,
	);
	return {
		makespanMs,
		overBound: makespanMs / lowerBoundMs(schedule),
		overClairvoyant: makespanMs / clairvoyantMs(schedule),
		requestsPerProduct: sum(apiRoutes.map((route) => route.requests)) / options.products,
		throttled: sum(apiRoutes.map((route) => route.throttled)),
		detectionDelayMs: sum(delaysMs) / delaysMs.length,
		peakRssMegabytes: peakRssBytes / MEGABYTE,
	};
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function report(options: BenchOptions, all: readonly Figures[]): void {
	const { minMs, maxMs } = options.generationSeconds;
	const rows: Array<[string, (it: Figures) => number, number]> = [
		['makespan, s', (it) => it.makespanMs / 1000, 1],
		['makespan / lower bound', (it) => it.overBound, 3],
		['makespan / clairvoyant', (it) => it.overClairvoyant, 3],
		['requests per product', (it) => it.requestsPerProduct, 2],
		['429s', (it) => it.throttled, 0],
		['mean detection delay, s', (it) => it.detectionDelayMs / 1000, 2],
		['peak RSS with the sandbox, MB', (it) => it.peakRssMegabytes, 0],
	];
	const table = new Table({ head: ['', 'median', 'min', 'max'], style: { head: [], border: [] } });
	for (const [name, read, digits] of rows) {
		const values = all.map(read);
		const cells = [median(values), Math.min(...values), Math.max(...values)];
		table.push([name, ...cells.map((value) => value.toFixed(digits))]);
	}
	const [cpu] = cpus();
	process.stdout.write(
		`${options.products} products, ${options.rps} requests/s, burst ${options.burst}, ` +
			`generation ${minMs / 1000} to ${maxMs / 1000} s, ${options.runs} runs\n` +
			`Node ${process.version}, ${cpus().length} cores (${cpu?.model ?? 'unknown'}), ` +
			`${new Date().toISOString().slice(0, 10)}\n${table.toString()}\n`,
	);
}

function positive(text: string): number {
	const value = Number(text);
	if (!(value > 0)) throw new InvalidArgumentError('must be more than 0');
	return value;
}

function range(text: string): { minMs: number; maxMs: number } {
	const [min = Number.NaN, max = min] = text.split('-').map(positive);
	return { minMs: min * 1000, maxMs: max * 1000 };
}

async function main(): Promise<void> {
	const options = new Command('bench')
		.option('--products <n>', 'how many products', positive, 200)
		.option('--rps <n>', 'requests per second that the sandbox lets through', positive, 20)
		.option('--burst <n>', 'how many requests it lets through at once', positive, 20)
		.option('--generation-seconds <range>', 'e.g. 20 or 2-6', range, { minMs: 2000, maxMs: 6000 })
		.option('--runs <n>', 'how often to measure', positive, 3)
		.parse()
		.opts<BenchOptions>();
	await initHost();
	const sandbox = await startSandbox({
		generationMs: options.generationSeconds,
		rateLimit: { requestsPerSecond: options.rps, burst: options.burst },
		picture: 'cached',
	});
	try {
		const under = await loadBuiltNode();
		const all: Figures[] = [];
		for (let run = 0; run < options.runs; run += 1) {
			all.push(await measure(under, sandbox, options));
		}
		report(options, all);
	} finally {
		await sandbox.close();
		releaseHost();
	}
}

void main();
