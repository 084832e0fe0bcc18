/** Re-runs, retries, cancels and timeouts: what exists is resumed, nothing is paid for twice. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import {
	AIUTA,
	FAILED,
	GENERATE,
	START,
	aiutaNode,
	doneNode,
	flowOf,
	itemsNode,
	manualTrigger,
	productItems,
	type NodeSettings,
	type FlowItem,
} from '../../support/n8nFlows';
import { messageOf } from '../../support/n8nCommand';
import type { N8nClient, SavedFlow } from '../../support/n8nClient';
import { poll } from '../../support/n8nServer';
import { textAt } from '../../support/n8nValues';
import {
	EXECUTION_LIMIT_MS,
	errorsOf,
	flowName,
	runItems,
	runRow,
	type Case,
	type CaseContext,
} from './case';

const CREATES_LIMIT_MS = 30_000;
/** So long after a stop no request may be seen. */
const QUIET_MS = 2500;
/** The first poll comes after five seconds; this gives up soon after it. */
const SHORT_WAIT_MINUTES = 0.1;

async function saveFlow(
	{ client, credentialId }: CaseContext,
	items: readonly FlowItem[],
	settings: Omit<NodeSettings, 'credentialId'>,
	more: Record<string, unknown> = {},
): Promise<SavedFlow> {
	const flow = flowOf(flowName(), [
		manualTrigger(),
		itemsNode(items),
		aiutaNode({ ...settings, credentialId }),
	]);
	return await client.createFlow({ ...flow, settings: { ...flow.settings, ...more } });
}

async function untilCreated({ sandbox }: CaseContext, count: number): Promise<void> {
	const isThere = () => (sandbox.stats().createsAccepted >= count ? true : undefined);
	assert.ok(await poll(isThere, CREATES_LIMIT_MS), `${count} creates within 30 s`);
}

function nothingTwice({ sandbox }: CaseContext, creates: number): void {
	const stats = sandbox.stats();
	assert.equal(stats.createsAccepted, creates);
	assert.deepEqual(stats.duplicates, []);
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
	const flow = await saveFlow(context, items, { parameters: GENERATE }, settings);
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
 * Retry what was stopped. n8n may have kept nothing of it, then it refuses (observed on 2.40); but
 * where it goes on, every product must finish without a second create.
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
	return `the retry ended with ${outcome.status}, ${outcome.runs(AIUTA)} runs of the node, ${outcome.items(AIUTA).length} of ${creates.length} items`;
}

export const resumingCases: Case[] = [
	{
		title: 'Retry On Fail with a failed first item runs the node three times and creates once',
		run: async (context) => {
			const items = await productItems(3, 'again', (index) => (index === 0 ? '[fail]' : 'Fine'));
			const execution = await runItems(context, items, {
				parameters: GENERATE,
				onError: 'continueRegularOutput',
				maxTries: 3,
			});
			assert.equal(execution.status, 'success');
			assert.equal(errorsOf(execution, 0).length, 1);
			assert.equal(execution.items(AIUTA).length, 3);
			nothingTwice(context, 3);
			assert.equal(context.sandbox.stats().uploads.length, 3);
		},
	},
	{
		title: 'Retry On Fail under Stop finishes in a later try what timed out in the first',
		run: async (context) => {
			const items = await productItems(2, 'slow', (index) =>
				index === 1 ? '[slow:9000]' : 'Fine',
			);
			const execution = await runItems(context, items, {
				parameters: { ...GENERATE, maxWaitMinutes: SHORT_WAIT_MINUTES },
				maxTries: 3,
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.equal(execution.items(AIUTA).length, 2);
			nothingTwice(context, 2);
		},
	},
	{
		title: 'a lost create is not sent again by Retry On Fail, nor by Executions > Retry',
		run: async (context) => {
			context.sandbox.fault({
				route: 'create',
				after: 1,
				times: 1,
				effect: { kind: 'resetAfter' },
			});
			const flow = await saveFlow(context, await productItems(3, 'lost'), {
				parameters: GENERATE,
				maxTries: 2,
			});
			const execution = await context.client.run(flow, START, EXECUTION_LIMIT_MS);
			assert.equal(execution.status, 'error');
			const text = JSON.stringify(execution.error(AIUTA));
			assert.match(text, /may have been accepted/);
			const before = context.sandbox.stats().routes.create.requests;
			const retried = await context.client.retry(flow, execution.id, EXECUTION_LIMIT_MS);
			assert.equal(retried.status, 'error');
			assert.match(JSON.stringify(retried.error(AIUTA)), /may have been accepted/);
			assert.deepEqual(context.sandbox.stats().duplicates, []);
			context.note(
				`${before} create requests, ${context.sandbox.stats().routes.create.requests} after the retry`,
			);
		},
	},
	{
		title: 'a failed execution that is retried takes up its operations and creates none',
		run: async (context) => {
			const items = await productItems(4, 'retry', (index) =>
				index === 2 ? '[slow:9500]' : 'Fine',
			);
			const flow = await saveFlow(context, items, {
				parameters: { ...GENERATE, maxWaitMinutes: SHORT_WAIT_MINUTES },
			});
			const failed = await context.client.run(flow, START, EXECUTION_LIMIT_MS);
			assert.equal(failed.status, 'error');
			assert.match(failed.error(AIUTA)?.message ?? '', /1 of 4 products failed/);
			nothingTwice(context, 4);
			const retried = await context.client.retry(flow, failed.id, EXECUTION_LIMIT_MS);
			assert.equal(retried.status, 'success', retried.error(AIUTA)?.message);
			assert.equal(retried.mode, 'retry');
			assert.equal(retried.items(AIUTA).length, 4);
			nothingTwice(context, 4);
			assert.equal(context.sandbox.stats().uploads.length, 4);
		},
	},
	{
		title: 'a stopped execution goes quiet at once, and its IDs are in the log',
		run: async (context) => {
			const { client, flow, id } = await stopped(context, {});
			context.note(await retryAfterStop(context, client, flow, id));
		},
	},
	{
		// The one way to pay twice that a node cannot close: Stop writes back what n8n had saved before
		// the node began, so that the journal is gone (observed on both versions). The README warns.
		title: 'with Save Execution Progress on, Retry after Stop starts anew: n8n drops what it knew',
		run: async (context) => {
			const { client, flow, id } = await stopped(context, { saveExecutionProgress: true });
			context.sandbox.clearOutcomes();
			const retried = await client.retry(flow, id, EXECUTION_LIMIT_MS);
			context.note(
				`the retry ended with ${retried.status}, ${retried.runs(AIUTA)} runs of the node, ${retried.items(AIUTA).length} items; creates: 3, then ${context.sandbox.stats().createsAccepted}`,
			);
		},
	},
	{
		title: "after the workflow's own timeout the node is quiet, and its IDs are in the log",
		run: async (context) => {
			const { client, sandbox, server, note } = context;
			const flow = await saveFlow(
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
	},
	{
		title: 'what timed out is collected by Wait for Operation on the error output',
		run: async (context) => {
			const { credentialId } = context;
			const execution = await runRow(context, [
				itemsNode(await productItems(1, 'collect', () => '[slow:9000]')),
				aiutaNode({
					parameters: { ...GENERATE, maxWaitMinutes: SHORT_WAIT_MINUTES },
					credentialId,
					onError: 'continueErrorOutput',
				}),
				[
					doneNode('Done'),
					aiutaNode(
						{
							parameters: {
								resource: 'flatLay',
								operation: 'wait',
								operationId: '={{ $json.error.operation_id }}',
							},
							credentialId,
						},
						FAILED,
					),
				],
			]);
			assert.equal(execution.status, 'success', execution.error(FAILED)?.message);
			const [error] = errorsOf(execution, 1);
			assert.equal(textAt(error, 'code'), 'TIMED_OUT');
			const [collected] = execution.items(FAILED);
			assert.equal(collected?.json['status'], 'SUCCESS');
			assert.equal(collected?.json['operation_id'], textAt(error, 'operation_id'));
			assert.ok(collected?.binary['data']);
			nothingTwice(context, 1);
		},
	},
	{
		title: 'a timeout as an unfinished item says so and does not fail',
		run: async (context) => {
			const execution = await runItems(context, await productItems(1, 'open', () => '[forever]'), {
				parameters: { ...GENERATE, maxWaitMinutes: SHORT_WAIT_MINUTES, onTimeout: 'unfinished' },
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.equal(execution.items(AIUTA)[0]?.json['finished'], false);
		},
	},
];
