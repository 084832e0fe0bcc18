/** Measures one execution of one system, and counts nothing as done that is not. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import type { SandboxStats } from '../../sandbox';
import type { SavedFlow } from '../../support/n8n/n8nClient';
import type { StoredExecution } from '../../support/n8n/n8nExecution';
import { ITEMS, START } from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import { listAt, textAt } from '../../support/n8n/n8nValues';
import type { Bed } from './bed';
import { boundsOf } from './draws';
import { cpuSecondsOf, memoryOf, resetPeakMemory } from './procfs';
import type { CellFigures } from './results';
import { mean } from './statistics';
import { SYSTEMS } from './systems';
import { FLAT_LAYS_PATH } from './systems/system';

/** The list of executions is asked: reading the execution itself would load its data into the server. */
const LOOK_EVERY_MS = 1000;
/** On a busy machine n8n now and then answers 503 while its execution goes on. */
const MOST_TRIES = 30;
const GOING_ON = ['new', 'running', 'waiting'];
/** Many times what any system needs; a system that hangs must not hang the benchmark. */
const LIMIT_FACTOR = 4;
const LIMIT_EXTRA_MS = 120_000;

let flowCount = 0;

/** An execution that n8n ended with an error: a figure of its system, and nothing to end the benchmark for. */
export class FailedExecution extends Error {
	/** @param reason the HTTP status that ended it, or the message */
	constructor(readonly reason: string) {
		super(`the execution failed: ${reason}`);
	}
}

/** Ask n8n for something, again and again while it does not answer. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
	for (let tries = 1; ; tries += 1) {
		try {
			return await ask();
		} catch (error) {
			if (tries === MOST_TRIES) throw error;
			await sleep(LOOK_EVERY_MS);
		}
	}
}

async function endOf({ client }: Bed, { id }: SavedFlow, limitMs: number): Promise<void> {
	const query = new URLSearchParams({ filter: JSON.stringify({ workflowId: id }), limit: '1' });
	const path = `/executions?${query.toString()}`;
	const isOver = async () => {
		const answer = await patiently(async () => await client.rest('GET', path));
		const [execution] = listAt(answer, 'results');
		const isGoingOn = execution === undefined || GOING_ON.includes(textAt(execution, 'status'));
		return isGoingOn ? undefined : true;
	};
	const isDone = await poll(isOver, limitMs, LOOK_EVERY_MS);
	if (isDone === undefined) throw new Error(`no end within ${limitMs / 1000} s`);
}

/** N operations were created, each once, all succeeded, and each product's own picture is in the output. */
function assertComplete(
	execution: StoredExecution,
	lastNode: string,
	products: number,
	stats: SandboxStats,
): void {
	if (execution.status !== 'success') {
		const status = execution.errorStatus(lastNode);
		const message = execution.error(lastNode)?.message;
		throw new FailedExecution(status ?? message ?? execution.status);
	}
	assert.equal(stats.createsAccepted, products, 'operations created');
	assert.deepEqual(stats.duplicates, []);
	const unfinished = stats.operations.filter(
		({ status, firstSeenTerminalAtMs }) => status !== 'SUCCESS' || firstSeenTerminalAtMs === null,
	);
	assert.deepEqual(unfinished, [], 'every operation has succeeded and was seen to');
	const runs = Array.from({ length: execution.runs(lastNode) }, (_, run) => run);
	const items = runs.flatMap((run) => execution.items(lastNode, 0, run));
	const pictures = items.filter(({ binary }) => binary['data']?.id !== undefined);
	assert.equal(pictures.length, products, 'pictures in the output');
	const made = new Map(stats.operations.map(({ id, title }) => [id, title]));
	const shown = new Map(
		pictures.map(({ json }) => [textAt(json, 'operation_id'), textAt(json, 'product_id')]),
	);
	assert.equal(shown.size, products, 'different operations in the output');
	for (const [id, productId] of shown) assert.equal(productId, made.get(id), `product of ${id}`);
	const { file } = stats.routes;
	assert.ok((file.statuses['200'] ?? 0) >= products, 'pictures downloaded');
}

/** Without the Code node: it makes the photos in a process of its own, which takes seconds for large ones. */
function makespanOf(execution: StoredExecution): number {
	const timings = execution.timings().filter(({ node }) => node !== START && node !== ITEMS);
	const startMs = Math.min(...timings.map(({ startedAtMs }) => startedAtMs));
	return Math.max(...timings.map(({ startedAtMs, tookMs }) => startedAtMs + tookMs)) - startMs;
}

function requestFigures({ routes, operations }: SandboxStats) {
	const withKey = [routes.upload, routes.create, routes.getOperation, routes.skuItems];
	const delaysMs = operations.map(
		({ createdAtMs, generationMs, firstSeenTerminalAtMs }) =>
			(firstSeenTerminalAtMs ?? Number.NaN) - createdAtMs - generationMs,
	);
	const total = (count: (route: (typeof withKey)[number]) => number) =>
		withKey.reduce((sum, route) => sum + count(route), 0);
	return {
		requestsPerProduct: total(({ requests }) => requests) / operations.length,
		throttled: total(({ throttled }) => throttled),
		detectionDelayMs: mean(delaysMs),
	};
}

/**
 * Run one product per generation time through the bed's system and measure it.
 *
 * @param expectedMs about how long it should take; it is given up after several times that
 * @throws FailedExecution when n8n ended it with an error
 * @throws Error when anything else is missing at its end
 */
export async function runCell(
	bed: Bed,
	timesMs: readonly number[],
	expectedMs: number,
): Promise<CellFigures> {
	const { client, sandbox, pid, credentialId, requestsPerSecond, pictureBytes } = bed;
	const system = SYSTEMS[bed.name];
	const products = timesMs.length;
	sandbox.reset();
	sandbox.configure({ generationMs: { listMs: timesMs } });
	flowCount += 1;
	const flow = await system.flow({
		name: `cell-${flowCount}`,
		products,
		photoBytes: pictureBytes,
		requestsPerSecond,
		credentialId,
		flatLaysUrl: `${sandbox.url}${FLAT_LAYS_PATH}`,
	});
	const saved = await client.createFlow(flow);
	resetPeakMemory(pid);
	const { nowBytes: rssBeforeBytes } = memoryOf(pid);
	const cpuBeforeSeconds = cpuSecondsOf(pid);
	const id = await client.execute(saved, START);
	await endOf(bed, saved, LIMIT_FACTOR * expectedMs + LIMIT_EXTRA_MS);
	const cpuSeconds = cpuSecondsOf(pid) - cpuBeforeSeconds;
	const { peakBytes: peakRssBytes } = memoryOf(pid);
	const execution = await patiently(async () => await client.execution(id));
	const stats = sandbox.stats();
	assertComplete(execution, system.lastNode, products, stats);
	return {
		makespanMs: makespanOf(execution),
		...boundsOf(timesMs, requestsPerSecond),
		...requestFigures(stats),
		rssBeforeBytes,
		peakRssBytes,
		cpuSeconds,
	};
}
