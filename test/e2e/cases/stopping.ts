/** Executions that are stopped, by the user or by the workflow's timeout. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { messageOf } from '../../support/n8nCommand';
import type { N8nClient, SavedFlow } from '../../support/n8nClient';
import { AIUTA, GENERATE, START, productItems } from '../../support/n8nFlows';
import { poll } from '../../support/n8nServer';
import {
	EXECUTION_LIMIT_MS,
	check,
	nothingTwice,
	saveItems,
	type Case,
	type CaseContext,
} from './case';

const CREATES_LIMIT_MS = 30_000;
/** So long after a stop no request may be seen. */
const QUIET_MS = 2500;

async function untilCreated({ sandbox }: CaseContext, count: number): Promise<void> {
	const isThere = () => (sandbox.stats().createsAccepted >= count ? true : undefined);
	assert.ok(await poll(isThere, CREATES_LIMIT_MS), `${count} creates within 30 s`);
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

/** Start three products that never end and stop the execution once all are created. */
async function stopped(
	context: CaseContext,
	settings: Record<string, unknown>,
): Promise<{ client: N8nClient; flow: SavedFlow; id: string }> {
	const { client, server, note } = context;
	const items = await productItems(3, 'stop');
	context.sandbox.setOutcome({}, { result: 'forever' });
	const flow = await saveItems(context, items, { parameters: GENERATE }, settings);
	const id = await client.execute(flow, START);
	await untilCreated(context, 3);
	// The answer to the last create is on its way.
	await sleep(500);
	const stoppedMs = Date.now();
	await client.stop(id);
	const execution = await client.finished(id, EXECUTION_LIMIT_MS);
	note(`${execution.status} after ${Date.now() - stoppedMs} ms`);
	assert.equal(execution.status, 'canceled');
	await assertQuiet(context);
	assertLogged(context, server.output());
	return { client, flow, id };
}

/**
 * Retry what was stopped, and tell what came of it: 2.40 refuses, because it has kept nothing; 2.0.3
 * says success without running the node. Whatever it does, nothing may be created again.
 */
async function retryAfterStop(
	context: CaseContext,
	client: N8nClient,
	flow: SavedFlow,
	id: string,
): Promise<string> {
	const { creates } = context.sandbox.stats();
	for (const { operationId } of creates) {
		context.sandbox.setOutcome({ operationId }, { result: 'success', generationMs: 0 });
	}
	const outcome = await client.retry(flow, id, EXECUTION_LIMIT_MS).catch(messageOf);
	nothingTwice(context, creates.length);
	if (typeof outcome === 'string') {
		assert.match(outcome, /aborted before starting/);
		return 'n8n has nothing to retry';
	}
	const items = outcome.items(AIUTA).length;
	return `retry: ${outcome.status}, ${outcome.runs(AIUTA)} runs of the node, ${items} items`;
}

export const stoppingCases: Case[] = [
	check('a stopped execution goes quiet at once, and its IDs are in the log', async (context) => {
		const { client, flow, id } = await stopped(context, {});
		context.note(await retryAfterStop(context, client, flow, id));
	}),
	// No node can help it: Stop writes back what n8n had saved before the node began, and the journal
	// is gone. 2.40 then starts the node anew; 2.0.3 says success and runs nothing. The README warns.
	check(
		'with Save Execution Progress on, Retry after Stop continues nothing: n8n drops what it knew',
		async (context) => {
			const { client, flow, id } = await stopped(context, { saveExecutionProgress: true });
			context.sandbox.clearOutcomes();
			const retried = await client.retry(flow, id, EXECUTION_LIMIT_MS);
			const { createsAccepted } = context.sandbox.stats();
			context.note(`${retried.runs(AIUTA)} runs in the retry, creates: 3, then ${createsAccepted}`);
			assert.equal(retried.status, 'success', retried.error(AIUTA)?.message);
			assert.equal(createsAccepted, context.version === '2.0.3' ? 3 : 6);
		},
	),
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
			note(await retryAfterStop(context, client, flow, execution.id));
		},
	),
];
