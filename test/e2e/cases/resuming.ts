/** Re-runs, retries and timeouts: what exists is resumed, nothing is paid for twice. */
import assert from 'node:assert/strict';

import {
	AIUTA,
	FAILED,
	GENERATE,
	START,
	aiutaNode,
	doneNode,
	itemsNode,
	productItems,
} from '../../support/n8n/n8nFlows';
import { textAt } from '../../support/n8n/n8nValues';
import {
	EXECUTION_LIMIT_MS,
	check,
	errorsOf,
	nothingTwice,
	runItems,
	runRow,
	saveItems,
	type Case,
} from './case';

/** The first poll comes after five seconds; this gives up soon after it. */
const SHORT_WAIT_MINUTES = 0.1;

export const resumingCases: Case[] = [
	check(
		'Retry On Fail with a failed first item runs the node three times and creates once',
		async (context) => {
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
	),
	check(
		'Retry On Fail under Stop finishes in a later try what timed out in the first',
		async (context) => {
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
	),
	check(
		'a lost create is not sent again by Retry On Fail, nor by Executions > Retry',
		async (context) => {
			context.sandbox.fault({
				route: 'create',
				after: 1,
				times: 1,
				effect: { kind: 'resetAfter' },
			});
			const flow = await saveItems(context, await productItems(3, 'lost'), {
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
	),
	check(
		'a failed execution that is retried takes up its operations and creates none',
		async (context) => {
			const items = await productItems(4, 'retry', (index) =>
				index === 2 ? '[slow:9500]' : 'Fine',
			);
			const flow = await saveItems(context, items, {
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
	),
	check(
		'what timed out is collected by Wait for Operation on the error output',
		async (context) => {
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
	),
	check('a timeout as an unfinished item says so and does not fail', async (context) => {
		const execution = await runItems(context, await productItems(1, 'open', () => '[forever]'), {
			parameters: { ...GENERATE, maxWaitMinutes: SHORT_WAIT_MINUTES, onTimeout: 'unfinished' },
		});
		assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
		assert.equal(execution.items(AIUTA)[0]?.json['finished'], false);
	}),
];
