/** Executions that are stopped, by the user or by the workflow's timeout. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

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
	plainNode,
	productItems,
	webhookTrigger,
} from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import {
	EXECUTION_LIMIT_MS,
	check,
	flowName,
	letThemEnd,
	nothingTwice,
	saveItems,
	type Case,
	type CaseContext,
} from './case';

const CREATES_LIMIT_MS = 30_000;
/** So long after a stop no request may be seen. */
const QUIET_MS = 2500;
/** What the node says when it finds its notes lost. */
const LOST = /started this retry without the notes/;

async function untilCreated({ sandbox }: CaseContext, count: number): Promise<void> {
	const isThere = () => (sandbox.stats().createsAccepted >= count ? true : undefined);
	assert.ok(await poll(isThere, CREATES_LIMIT_MS), `${count} creates within 30 s`);
}

/** The node has every answer to a create, the last one's included. */
async function untilLogged({ sandbox, server }: CaseContext): Promise<void> {
	const isLogged = () => {
		const log = server.output();
		return sandbox.stats().creates.every((one) => log.includes(one.operationId)) || undefined;
	};
	assert.ok(await poll(isLogged, CREATES_LIMIT_MS), 'every operation ID in the log');
}

/** No request goes out any more. */
async function assertQuiet({ sandbox }: CaseContext): Promise<void> {
	const { requests } = sandbox.stats();
	await sleep(QUIET_MS);
	assert.equal(sandbox.stats().requests, requests, 'requests after the stop');
}

function assertLogged({ sandbox }: CaseContext, log: string): void {
	for (const { operationId } of sandbox.stats().creates) {
		assert.ok(log.includes(operationId), `${operationId} in the log`);
	}
}

interface Stopped {
	flow: SavedFlow;
	id: string;
}

type Begin = 'by hand' | 'by a webhook';

/** Start three products that never end and stop the execution once all are created. */
async function stopped(
	context: CaseContext,
	begin: Begin,
	settings: Record<string, unknown>,
): Promise<Stopped> {
	const { server, note } = context;
	context.sandbox.setOutcome({}, { result: 'forever' });
	const { flow, id } = await BEGIN[begin](context, settings);
	await untilCreated(context, 3);
	await untilLogged(context);
	const stoppedMs = Date.now();
	await context.client.stop(id);
	const execution = await context.client.finished(id, EXECUTION_LIMIT_MS);
	note(`${execution.status} after ${Date.now() - stoppedMs} ms`);
	assert.equal(execution.status, 'canceled');
	await assertQuiet(context);
	assertLogged(context, server.output());
	return { flow, id };
}

const BEGIN: Record<
	Begin,
	(context: CaseContext, settings: Record<string, unknown>) => Promise<Stopped>
> = {
	'by hand': async (context, settings) => {
		const items = await productItems(3, 'stop');
		const flow = await saveItems(context, items, { parameters: GENERATE }, settings);
		return { flow, id: await context.client.execute(flow, START) };
	},
	'by a webhook': async ({ client, credentialId }, settings) => {
		const name = flowName();
		const path = name.replaceAll(' ', '-').toLowerCase();
		const flow = flowOf(name, [
			webhookTrigger(path, 'onReceived'),
			itemsNode(await productItems(3, 'stop')),
			aiutaNode({ parameters: GENERATE, credentialId }),
		]);
		const saved = await client.createFlow({ ...flow, settings: { ...flow.settings, ...settings } });
		await client.activate(saved);
		await client.callWebhook(path, () => ({}));
		const id = await poll(async () => (await client.executionsOf(saved))[0], CREATES_LIMIT_MS);
		assert.ok(id, 'the webhook has started an execution');
		await client.deactivate(saved);
		return { flow: saved, id };
	},
};

/**
 * Retry what was stopped, and tell what came of it: n8n refuses where it has kept no plan, and 2.0.3
 * may say success without running the node. Where it starts the node, the node refuses.
 */
async function retryAfterStop(
	context: CaseContext,
	{ flow, id }: Stopped,
): Promise<StoredExecution | undefined> {
	const { client, sandbox, note } = context;
	const { creates } = sandbox.stats();
	letThemEnd(context);
	const outcome = await client.retry(flow, id, EXECUTION_LIMIT_MS).catch(messageOf);
	nothingTwice(context, creates.length);
	if (typeof outcome === 'string') {
		assert.match(outcome, /aborted before starting/);
		note('n8n has nothing to retry');
		return undefined;
	}
	const error = outcome.error(AIUTA)?.message;
	note(
		`retry: ${outcome.status}, ${outcome.runs(AIUTA)} runs of the node (${error ?? 'no error'})`,
	);
	if (error !== undefined) assert.match(error, LOST);
	return outcome;
}

const STOPPED_CASES = (['by hand', 'by a webhook'] as const).flatMap((begin) =>
	[false, true].map((saveExecutionProgress) =>
		check(
			`an execution started ${begin} and stopped (progress ${saveExecutionProgress ? '' : 'not '}saved) goes quiet, its IDs are in the log, and retries create nothing`,
			async (context) => {
				const first = await stopped(context, begin, { saveExecutionProgress });
				const retried = await retryAfterStop(context, first);
				if (retried?.error(AIUTA) === undefined) return;
				const again = { flow: first.flow, id: retried.id };
				assert.ok(await retryAfterStop(context, again), 'a retry of the retry');
			},
		),
	),
);

/** Answers 500 until told that it is well. */
async function withFaultyServer(
	use: (url: string, getWell: () => void) => Promise<void>,
): Promise<void> {
	let status = 500;
	const server = createServer((_request, response) => {
		response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
	});
	const port = await new Promise<number>((resolve) => {
		server.listen(0, '127.0.0.1', () => {
			const address = server.address();
			resolve(typeof address === 'object' && address !== null ? address.port : 0);
		});
	});
	try {
		await use(`http://127.0.0.1:${port}/`, () => (status = 200));
	} finally {
		server.close();
	}
}

const UPSTREAM_CASES = [false, true].map((saveExecutionProgress) =>
	check(
		`after a node before it has failed (progress ${saveExecutionProgress ? '' : 'not '}saved), Retry generates every product`,
		async (context) => {
			const { client, credentialId, sandbox } = context;
			const items = await productItems(2, 'upstream');
			await withFaultyServer(async (url, getWell) => {
				const flow = flowOf(flowName(), [
					manualTrigger(),
					plainNode('Shop', 'n8n-nodes-base.httpRequest', 4.2, { url, options: {} }),
					itemsNode(items),
					aiutaNode({ parameters: GENERATE, credentialId }),
				]);
				const settings = { ...flow.settings, saveExecutionProgress };
				const saved = await client.createFlow({ ...flow, settings });
				const failed = await client.run(saved, START, EXECUTION_LIMIT_MS);
				assert.equal(failed.status, 'error');
				assert.equal(sandbox.stats().createsAccepted, 0);
				getWell();
				const retried = await client.retry(saved, failed.id, EXECUTION_LIMIT_MS);
				assert.equal(retried.status, 'success', retried.error(AIUTA)?.message);
				nothingTwice(context, items.length);
			});
		},
	),
);

export const stoppingCases: Case[] = [
	...STOPPED_CASES,
	...UPSTREAM_CASES,
	check(
		"after the workflow's own timeout the node is quiet, and its IDs are in the log",
		async (context) => {
			const { client, sandbox, server, note } = context;
			const flow = await saveItems(
				context,
				await productItems(2, 'late', () => '[forever]'),
				{ parameters: GENERATE },
				{ executionTimeout: 5 },
			);
			const execution = await client.run(flow, START, EXECUTION_LIMIT_MS);
			note(execution.status);
			assert.notEqual(execution.status, 'success');
			assertLogged(context, server.output());
			assert.equal(sandbox.stats().creates.length, 2);
			await assertQuiet(context);
			await retryAfterStop(context, { flow, id: execution.id });
		},
	),
];
