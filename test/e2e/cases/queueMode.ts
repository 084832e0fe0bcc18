/** What is different with several workers: one rate limit for all, and workers that die. */
import assert from 'node:assert/strict';

import { messageOf } from '../../support/n8n/n8nCommand';
import type { SavedFlow } from '../../support/n8n/n8nClient';
import type { StoredExecution } from '../../support/n8n/n8nExecution';
import {
	AIUTA,
	GENERATE,
	START,
	aiutaNode,
	flowOf,
	itemsNode,
	manualTrigger,
	productItems,
} from '../../support/n8n/n8nFlows';
import { poll, type N8nServer } from '../../support/n8n/n8nServer';
import type { Sandbox } from '../../sandbox';
import type { QueueHost } from '../../support/n8n/queueHost';
import { flowName } from './case';

export interface QueueContext extends QueueHost {
	sandbox: Sandbox;
	note: (fact: string) => void;
}

export interface QueueCase {
	title: string;
	run: (context: QueueContext) => Promise<void>;
}

const EXECUTIONS = 4;
const PRODUCTS = 25;
const SHARED = 10;
const BATCH_LIMIT_MS = 5 * 60_000;
const CREATES_LIMIT_MS = 60_000;
const NOTICED_LIMIT_MS = 2 * 60_000;
/** Products that never end are asked for more often than this. */
const QUIET_MS = 7000;
const QUIET_LIMIT_MS = 3 * QUIET_MS;
const RETRY_LIMIT_MS = 90_000;
const BATCH = 20;
const KILLED_AFTER_CREATES = 8;
const SHORT_WAIT_MINUTES = 0.1;
/** What the node says when n8n starts it without its journal. */
const NOTES_LOST = /started this retry without the notes/;

async function saveBatch(
	{ client, credentialId }: QueueContext,
	count: number,
	prefix: string,
	parameters: Record<string, unknown> = {},
	settings: Record<string, unknown> = {},
): Promise<SavedFlow> {
	const flow = flowOf(flowName(), [
		manualTrigger(),
		itemsNode(await productItems(count, prefix, (index) => `Sample ${prefix} ${index}`)),
		aiutaNode({ parameters: { ...GENERATE, ...parameters }, credentialId }),
	]);
	return await client.createFlow({ ...flow, settings: { ...flow.settings, ...settings } });
}

/** How many of the operations that exist a process has in its log. */
export function logged({ sandbox }: QueueContext, server: N8nServer): number {
	const log = server.output();
	return sandbox.stats().creates.filter(({ operationId }) => log.includes(operationId)).length;
}

function check(title: string, run: QueueCase['run']): QueueCase {
	return { title, run };
}

function refusal(error: unknown): string {
	const text = messageOf(error);
	return `retry is refused (${/"message":"([^"]*)"/.exec(text)?.[1] ?? text})`;
}

function describe(retried: StoredExecution): string {
	const message = retried.error(AIUTA)?.message ?? 'no error';
	const items = retried.items(AIUTA).length;
	return `retry: ${retried.status}, ${retried.runs(AIUTA)} runs of the node, ${items} items (${message})`;
}

/** Kill the worker that runs a batch of twenty when eight are created, and put a new one in its place. */
async function killedMidway(
	context: QueueContext,
	settings: Record<string, unknown>,
): Promise<{ flow: SavedFlow; id: string; created: number }> {
	const { client, sandbox, workers, note } = context;
	sandbox.setOutcome({}, { generationMs: 60_000 });
	const flow = await saveBatch(context, BATCH, 'killed', {}, settings);
	const id = await client.execute(flow, START);
	const isHalfDone = () =>
		sandbox.stats().createsAccepted >= KILLED_AFTER_CREATES ? true : undefined;
	assert.ok(await poll(isHalfDone, CREATES_LIMIT_MS, 20), 'eight are created');
	const index = workers.findIndex((worker) => logged(context, worker) > 0);
	const victim = workers[index];
	assert.ok(victim);
	await victim.kill();
	const killedMs = Date.now();
	const { createsAccepted: created } = sandbox.stats();
	const inLog = logged(context, victim);
	note(`${created} of ${BATCH} created, ${inLog} of these in the log of the killed worker`);
	assert.ok(inLog >= created - 1, 'at most the answer on its way is not in the log');
	const ended = await client.finished(id, NOTICED_LIMIT_MS);
	const noticedSeconds = Math.round((Date.now() - killedMs) / 1000);
	const saved = sandbox
		.stats()
		.creates.filter(({ operationId }) => ended.raw.includes(operationId)).length;
	note(`${ended.status} after ${noticedSeconds} s, ${saved} IDs saved by n8n`);
	assert.equal(sandbox.stats().createsAccepted, created, 'no worker ran the batch again');
	workers[index] = await context.startWorker();
	return { flow, id, created };
}

export const queueCases: QueueCase[] = [
	check(
		'four executions of 25 products on two workers share one rate limit and finish',
		async (context) => {
			const { client, sandbox, workers, note } = context;
			sandbox.configure({
				rateLimit: { requestsPerSecond: 10, burst: 10 },
				generationMs: { minMs: 3000, maxMs: 6000 },
			});
			const startedMs = Date.now();
			const flows = await Promise.all(
				Array.from(
					{ length: EXECUTIONS },
					async (_, index) => await saveBatch(context, PRODUCTS, `batch-${index}`),
				),
			);
			const ids = await Promise.all(flows.map(async (flow) => await client.execute(flow, START)));
			const executions = await Promise.all(
				ids.map(async (id) => await client.finished(id, BATCH_LIMIT_MS)),
			);
			for (const execution of executions) {
				assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
				assert.equal(execution.items(AIUTA).length, PRODUCTS);
			}
			const { createsAccepted, duplicates, requests, throttled, routes } = sandbox.stats();
			assert.equal(createsAccepted, EXECUTIONS * PRODUCTS);
			assert.deepEqual(duplicates, []);
			const shares = workers.map((worker) => logged(context, worker));
			assert.ok(
				shares.every((share) => share > 0),
				`both workers took part: ${shares.join(' and ')}`,
			);
			const apiRequests = requests - routes.file.requests;
			note(
				`${shares.join(' and ')} products, ${((Date.now() - startedMs) / 1000).toFixed(0)} s, ` +
					`${(apiRequests / createsAccepted).toFixed(2)} requests and ` +
					`${(throttled / createsAccepted).toFixed(2)} times 429 per product`,
			);
		},
	),
	check('a failed execution is retried from its journal, wherever it ran', async (context) => {
		const { client, sandbox, note, workers } = context;
		sandbox.configure({ generationMs: 1000 });
		sandbox.setOutcome({ textContains: 'Sample', times: 1 }, { generationMs: 9500 });
		const flow = await saveBatch(context, 4, 'journal', { maxWaitMinutes: SHORT_WAIT_MINUTES });
		const failed = await client.run(flow, START, BATCH_LIMIT_MS);
		assert.equal(failed.status, 'error');
		const before = workers.map((worker) => logged(context, worker));
		const retried = await client.retry(flow, failed.id, RETRY_LIMIT_MS);
		assert.equal(retried.status, 'success', retried.error(AIUTA)?.message);
		assert.equal(retried.items(AIUTA).length, 4);
		assert.equal(sandbox.stats().createsAccepted, 4);
		note(`created on workers ${before.join(' and ')}, 0 creates in the retry`);
	}),
	check(
		'ledger: executions with the same products on two workers create each once',
		async (context) => {
			const { client, sandbox, workers, note } = context;
			sandbox.configure({ generationMs: 3000 });
			const ledger = 'Shared by two workers';
			const flow = await saveBatch(context, SHARED, 'shared', { ledger });
			const run = async () => await client.run(flow, START, BATCH_LIMIT_MS);
			const executions = [...(await Promise.all([run(), run(), run(), run()])), await run()];
			for (const execution of executions) {
				assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
				assert.equal(execution.items(AIUTA).length, SHARED);
			}
			const { createsAccepted, duplicates } = sandbox.stats();
			assert.equal(createsAccepted, SHARED);
			assert.deepEqual(duplicates, []);
			const shares = workers.map((worker) => {
				const log = worker.output();
				return executions.filter(({ id }) => log.includes(`started execution ${id} `)).length;
			});
			assert.ok(Math.min(...shares) > 0, `both workers took part: ${shares.join(' and ')}`);
			note(`executions on the workers: ${shares.join(' and ')}`);
		},
	),
	check('a stop reaches the worker that runs the batch', async (context) => {
		const { client, sandbox, workers } = context;
		sandbox.setOutcome({}, { result: 'forever' });
		const flow = await saveBatch(context, 3, 'halt');
		const id = await client.execute(flow, START);
		const isThere = () => (sandbox.stats().createsAccepted === 3 ? true : undefined);
		assert.ok(await poll(isThere, CREATES_LIMIT_MS), 'all are created');
		const isLogged = () => workers.some((worker) => logged(context, worker) === 3) || undefined;
		assert.ok(await poll(isLogged, CREATES_LIMIT_MS), 'one worker has the IDs in its log');
		await client.stop(id);
		assert.equal((await client.finished(id, BATCH_LIMIT_MS)).status, 'canceled');
		// The stop travels through Redis: a request may still go out before it arrives.
		let seen = -1;
		const isQuiet = () => {
			const { requests } = sandbox.stats();
			if (requests === seen) return true;
			seen = requests;
			return undefined;
		};
		assert.ok(await poll(isQuiet, QUIET_LIMIT_MS, QUIET_MS), 'no request after the stop');
	}),
	...[false, true].map((saveExecutionProgress) =>
		check(
			`a worker killed in the middle of a batch (progress ${saveExecutionProgress ? '' : 'not '}saved): its log has the IDs, nothing is created again`,
			async (context) => {
				const { flow, id, created } = await killedMidway(context, { saveExecutionProgress });
				context.sandbox.clearOutcomes();
				const retried = await context.client.retry(flow, id, RETRY_LIMIT_MS).catch(refusal);
				context.note(typeof retried === 'string' ? retried : describe(retried));
				// With several workers n8n may fail the retry by itself, before the node runs.
				if (typeof retried !== 'string' && retried.runs(AIUTA) > 0) {
					assert.match(retried.error(AIUTA)?.message ?? '', NOTES_LOST);
				}
				assert.equal(context.sandbox.stats().createsAccepted, created, 'creates after the retry');
			},
		),
	),
];
