/**
 * `npm run fleet [-- --products 5000 --kills 3 --limit 30 --built]`: examples 11a and 11b on a catalogue in
 * PostgreSQL, an n8n in queue mode with two workers, some of which are killed. Nobody does anything about it: the next
 * time of the schedule goes on. Prints how fast it went against the API's limit, what was paid twice and what is
 * missing; exits with 1 when anything is. With `--fair 4` it does what fairShare.ts says instead.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { startFleet, type Fleet, type FleetProduct } from '../../e2e/fleet/fleet';
import { hostPhoto } from '../../e2e/examples/photos';
import { Table } from '../../e2e/examples/rows';
import { keysNamed, startSandbox, type Sandbox } from '../../sandbox';
import { credentialsFor } from '../../support/n8n/n8nHost';
import { installN8n } from '../../support/n8n/n8nInstall';
import { packNode } from '../../support/n8n/n8nPackage';
import { exitOnSignals } from '../../support/n8n/n8nServer';
import { textAt } from '../../support/n8n/n8nValues';
import { recipeOf } from '../../support/n8n/n8nVersions';
import { startQueueHost, type QueueHost, type Release } from '../../support/n8n/queueHost';
import { Random } from '../../support/random';
import { exitWith } from '../../support/verdict';
import { memoryOf } from '../bench/procfs';
import { shareFairly } from './fairShare';
import { readOptions, type Options } from './options';
import { figuresOf, type Sample } from './speed';

/** Short, so that the limit of requests is what holds it up. */
const GENERATION_MS = { minMs: 2000, maxMs: 6000 };
const LOOK_EVERY_MS = 2000;
/** A run in which nothing happens for so long is given up. */
const STANDSTILL_LEASES = 3;
const MEGABYTE = 1_000_000;

/** What happens while the catalogue is worked off. */
interface Watched {
	samples: Sample[];
	chunks: number;
	kills: number;
	/** Resident memory of the largest worker at its peak. */
	peakBytes: number;
	unknown: number;
	/** Bytes of the ledger's table, as n8n counts them against its limit. */
	ledgerBytes: number;
}

/** A catalogue whose products share one photo: they differ by their titles. */
async function catalogue(sandbox: Sandbox, count: number): Promise<FleetProduct[]> {
	const { url } = await hostPhoto(sandbox, 1);
	return Array.from({ length: count }, (_, index) => {
		const sku = `fleet-${index}`;
		return { sku, title: `Product ${sku}`, photoUrls: url };
	});
}

async function unknownIn({ client }: QueueHost, { ledger }: Fleet): Promise<number> {
	const table = await Table.find({ client }, ledger);
	return (await table?.count('state', 'unknown')) ?? 0;
}

async function ledgerBytes({ client }: QueueHost): Promise<number> {
	return Number(textAt(await client.rest('GET', '/data-tables-global/limits'), 'totalBytes'));
}

async function sample(sandbox: Sandbox, fleet: Fleet): Promise<Sample> {
	const { createsAccepted, requests, routes, throttled } = sandbox.stats();
	const { pictured, underWay } = await fleet.progress();
	const apiRequests = requests - routes.file.requests - throttled;
	return { atMs: Date.now(), created: createsAccepted, pictured, underWay, apiRequests, throttled };
}

/** Hand out by the schedule and kill workers evenly over the catalogue, until every product is done. */
async function workOff(
	host: QueueHost,
	fleet: Fleet,
	sandbox: Sandbox,
	{ products, kills, every, lease, seed }: Options,
): Promise<Watched> {
	const random = new Random(seed);
	const watched: Watched = {
		samples: [],
		chunks: 0,
		kills: 0,
		peakBytes: 0,
		unknown: 0,
		ledgerBytes: 0,
	};
	let handedOutAtMs = 0;
	let progressAtMs = Date.now();
	for (;;) {
		if (Date.now() - handedOutAtMs >= every * 1000) {
			handedOutAtMs = Date.now();
			watched.chunks += await fleet.handOut();
		}
		const before = watched.samples.at(-1);
		const now = await sample(sandbox, fleet);
		watched.samples.push(now);
		watched.peakBytes = Math.max(
			watched.peakBytes,
			...host.workers.map(({ pid }) => memoryOf(pid).peakBytes),
		);
		if (now.created !== before?.created || now.pictured !== before.pictured) {
			progressAtMs = now.atMs;
		}
		if (now.created >= (products * (watched.kills + 1)) / (kills + 1) && watched.kills < kills) {
			watched.kills += 1;
			const index = Math.floor(random.between(0, host.workers.length));
			await host.workers[index]?.kill();
			console.log(`${now.created} created, ${now.pictured} done: worker ${index + 1} killed`);
			host.workers[index] = await host.startWorker();
		}
		watched.unknown = await unknownIn(host, fleet);
		const isStuck = now.atMs - progressAtMs > STANDSTILL_LEASES * lease * 1000;
		if (now.pictured + watched.unknown >= products || isStuck) break;
		await sleep(LOOK_EVERY_MS);
	}
	watched.ledgerBytes = await ledgerBytes(host);
	return watched;
}

function print({ products, limit }: Options, watched: Watched, sandbox: Sandbox): boolean {
	const { samples, chunks, kills, peakBytes, unknown } = watched;
	const bytesPerProduct = watched.ledgerBytes / products;
	const { duplicates, createsAccepted } = sandbox.stats();
	const pictured = samples.at(-1)?.pictured ?? 0;
	const missing = products - pictured - unknown;
	const { minutes, perMinute, possiblePerMinute, limitUsed, throttled, requestsPerProduct } =
		figuresOf(samples, limit);
	console.log(
		[
			`${products} products on two workers in ${minutes.toFixed(1)} minutes, ${chunks} chunks handed out, ${kills} workers killed`,
			`${perMinute.toFixed(0)} products a minute while enough were waiting; ${limit} requests a second allow ${possiblePerMinute.toFixed(0)} (${requestsPerProduct.toFixed(2)} requests a product)`,
			`${(limitUsed * 100).toFixed(1)} % of the limit used, ${(throttled * 100).toFixed(1)} % of the requests answered 429`,
			`largest worker ${(peakBytes / MEGABYTE).toFixed(0)} MB at its peak; the ledger takes ${bytesPerProduct.toFixed(0)} bytes a product`,
			`${createsAccepted} paid, ${duplicates.length} paid twice, ${missing} missing, ${unknown} unknown (claimed at a kill; ${createsAccepted - pictured} of them paid)`,
		].join('\n'),
	);
	return duplicates.length === 0 && missing === 0;
}

async function main(options: Options): Promise<boolean> {
	const { products, chunk, limit, lease, seed, n8n, built = false, fair } = options;
	const releases: Release[] = [];
	try {
		const apiKeys = keysNamed(`fleet-${randomUUID()}`);
		const sandbox = await startSandbox({ apiKeys, generationMs: GENERATION_MS, seed });
		releases.push(async () => await sandbox.close());
		const install = await installN8n(recipeOf(n8n), console.log);
		const packed = await packNode(built);
		releases.push(packed.remove);
		const credentials = credentialsFor(sandbox, sandbox.url);
		const alone = fair === undefined ? {} : { workerCount: fair, concurrency: 1 };
		const host = await startQueueHost({ install, packed, credentials, ...alone }, releases);
		const listed = fair === undefined ? await catalogue(sandbox, products) : [];
		sandbox.configure({
			picture: 'cached',
			rateLimit: { requestsPerSecond: limit, burst: limit },
		});
		if (fair !== undefined) {
			return await shareFairly(host, sandbox, { workers: fair, products, limit });
		}
		const fleet = await startFleet(host, listed, {
			chunkSize: chunk,
			leaseSeconds: lease,
			batching: { maxOperationsPerRun: chunk, maxOperationsPerDay: 2 * products },
		});
		releases.push(fleet.close);
		const watched = await workOff(host, fleet, sandbox, options);
		return print(options, watched, sandbox);
	} finally {
		for (const release of releases.reverse()) await release();
	}
}

exitOnSignals();
exitWith(main(readOptions()));
