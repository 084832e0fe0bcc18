/** The sandbox as a process of its own, with the seeded faults planted; reports when asked. */
import { startSandbox, type Sandbox } from '../../sandbox';
import { planFaults, SOAK_CALLS, type FaultKind, type SoakCall } from './faultMix';
import type { FaultCount, SandboxMessage, SandboxReport, SoakOptions } from './messages';
import { refuseNowAndThen } from './refusals';

const GENERATION_MS = { minMs: 5_000, maxMs: 15_000 };
/** A tenth of the failing calls is refused before it reaches the sandbox. */
const REFUSED_SHARE = 0.1;
const LOOK_EVERY_MS = 200;

interface Planted {
	call: SoakCall;
	name: FaultKind['name'];
	hits: () => number;
}

function plant(sandbox: Sandbox, { products, faultPercent, seed }: SoakOptions): Planted[] {
	const percent = faultPercent * (1 - REFUSED_SHARE);
	return planFaults({ products, percent, seed }).map(({ call, name, fault }) => {
		const handle = sandbox.fault(fault);
		return { call, name, hits: () => handle.hits() };
	});
}

function countFaults(planted: readonly Planted[]): FaultCount[] {
	const counts = new Map<string, FaultCount>();
	for (const { call, name, hits } of planted) {
		const key = `${call} ${name}`;
		const count = counts.get(key) ?? { call, name, hits: 0 };
		count.hits += hits();
		counts.set(key, count);
	}
	return [...counts.values()];
}

type Ledger = Omit<
	SandboxReport,
	'kind' | 'faults' | 'refusals' | 'readyRss' | 'maxRss' | 'endRss'
>;

function ledgerOf(sandbox: Sandbox): Ledger {
	const { operations, duplicates, routes, throttled, uploads } = sandbox.stats();
	const requests = SOAK_CALLS.map((call) => [call, routes[call].requests]);
	return {
		operations: operations.map(({ id, title }) => ({ operationId: id, title: title ?? '' })),
		duplicates: duplicates.length,
		requests: Object.fromEntries(requests) as Record<SoakCall, number>,
		throttled,
		uploadedBytes: uploads.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
		distinctPhotos: new Set(uploads.map(({ sha256 }) => sha256)).size,
	};
}

function tell(message: SandboxMessage): void {
	process.send?.(message);
}

async function main(): Promise<void> {
	const options = JSON.parse(process.argv[2] ?? '') as SoakOptions;
	const { rps, faultPercent, seed } = options;
	const sandbox = await startSandbox({
		generationMs: GENERATION_MS,
		rateLimit: { requestsPerSecond: rps, burst: rps, retryAfter: true },
		picture: 'cached',
		seed,
	});
	const planted = plant(sandbox, options);
	const port = Number(new URL(sandbox.url).port);
	const refusals = refuseNowAndThen({ port, rps, percent: faultPercent * REFUSED_SHARE, seed });
	const readyRss = process.memoryUsage.rss();
	let maxRss = readyRss;
	setInterval(() => {
		maxRss = Math.max(maxRss, process.memoryUsage.rss());
	}, LOOK_EVERY_MS);
	process.on('message', (request) => {
		if (request !== 'report') process.exit(0);
		const endRss = process.memoryUsage.rss();
		tell({
			kind: 'report',
			faults: countFaults(planted),
			refusals: refusals(),
			readyRss,
			maxRss,
			endRss,
			...ledgerOf(sandbox),
		});
	});
	process.on('disconnect', () => process.exit(0));
	tell({ kind: 'ready', url: sandbox.url, apiKey: sandbox.apiKeys.flatLays });
}

main().catch((error: unknown) => {
	console.error(error);
	process.exit(1);
});
