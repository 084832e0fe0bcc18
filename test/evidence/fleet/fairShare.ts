/**
 * `npm run fleet -- --fair 2`: so many workers, each with one execution of its own on the same key. They know of
 * each other by 429s alone. Prints minute by minute, and over all, how evenly they share the limit.
 */
import assert from 'node:assert/strict';
import { cpus } from 'node:os';

import Table from 'cli-table3';

import type { Sandbox } from '../../sandbox';
import {
	AIUTA,
	aiutaNode,
	flowOf,
	GENERATE,
	itemsNode,
	manualTrigger,
	productItems,
	START,
} from '../../support/n8n/n8nFlows';
import type { QueueHost } from '../../support/n8n/queueHost';
import { commonTime, sharesIn, type ShareWindow } from './shares';

const MINUTE_MS = 60_000;
const WINDOW_MS = MINUTE_MS;
/** Until then the processes find their pace: in the simulation they have three times as long. */
const SETTLE_MS = MINUTE_MS;
/** Many times what it takes. */
const LIMIT_FACTOR = 4;
const REQUESTS_PER_PRODUCT = 4;

/** What is asked of the time after the settling. */
const TARGET = { jain: 0.95, used: 0.95, refused: 0.03 };

export interface FairOptions {
	workers: number;
	/** Of each execution. */
	products: number;
	/** Requests per second that the API allows, and that each execution is told. */
	limit: number;
}

const executionOf = (title: string) => Number(/^Share (\d+) /.exec(title)?.[1] ?? -1);

async function runAll(
	{ client, credentialId }: QueueHost,
	{ workers, products, limit }: FairOptions,
): Promise<void> {
	const flows = await Promise.all(
		Array.from({ length: workers }, async (_, index) => {
			const titleOf = (product: number) => `Share ${index} of ${product}`;
			return await client.createFlow(
				flowOf(`Share ${index}`, [
					manualTrigger(),
					itemsNode(await productItems(products, `share-${index}`, titleOf)),
					aiutaNode({
						parameters: { ...GENERATE, batching: { requestsPerSecond: limit } },
						credentialId,
					}),
				]),
			);
		}),
	);
	const ids = await Promise.all(flows.map(async (flow) => await client.execute(flow, START)));
	const expectedMs = ((workers * products * REQUESTS_PER_PRODUCT) / limit) * 1000;
	const limitMs = LIMIT_FACTOR * expectedMs + MINUTE_MS;
	for (const id of ids) {
		const execution = await client.finished(id, limitMs);
		assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
		assert.equal(execution.items(AIUTA).length, products);
	}
}

/** Which executions each worker has run, by the IDs in its log. */
function placesOf({ workers }: QueueHost, sandbox: Sandbox): number[][] {
	const { operations } = sandbox.stats();
	return workers.map((worker) => {
		const log = worker.output();
		const own = operations.filter(({ id }) => log.includes(id));
		return [...new Set(own.map(({ title }) => executionOf(title ?? '')))];
	});
}

function row(name: string, { served, jain, used, refused }: ShareWindow): string[] {
	const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
	return [name, served.join(', '), jain.toFixed(3), percent(used), percent(refused)];
}

/** Run the executions and print how they shared; tells whether the targets are met. */
export async function shareFairly(
	host: QueueHost,
	sandbox: Sandbox,
	options: FairOptions,
): Promise<boolean> {
	const { workers, products, limit } = options;
	await runAll(host, options);
	const places = placesOf(host, sandbox);
	assert.ok(
		places.every(({ length }) => length === 1),
		`each worker has run one execution: ${JSON.stringify(places)}`,
	);
	const stats = sandbox.stats();
	const of = { executions: workers, limit, executionOf };
	const common = commonTime(stats, workers, executionOf);
	const table = new Table({
		head: ['time', 'served by execution', 'Jain index', 'of the limit', '429s'],
		style: { head: [], border: [] },
	});
	for (let fromMs = common.fromMs; fromMs + WINDOW_MS <= common.toMs; fromMs += WINDOW_MS) {
		const window = sharesIn(stats, { fromMs, toMs: fromMs + WINDOW_MS }, of);
		const minute = Math.round((fromMs - common.fromMs) / MINUTE_MS);
		table.push(row(`minute ${minute + 1}`, window));
	}
	table.push(row('all of it', sharesIn(stats, common, of)));
	const settled = { fromMs: common.fromMs + SETTLE_MS, toMs: common.toMs };
	assert.ok(settled.toMs > settled.fromMs, 'they work beside each other for more than a minute');
	const found = sharesIn(stats, settled, of);
	table.push(row('but the first minute', found));
	console.log(table.toString());
	const { duplicates } = stats;
	console.log(
		`${workers} workers with ${products} products each at ${limit} requests/s on ${cpus().length} cores, while all had products left; ${duplicates.length} paid twice`,
	);
	return (
		duplicates.length === 0 &&
		found.jain >= TARGET.jain &&
		found.used >= TARGET.used &&
		found.refused <= TARGET.refused
	);
}
