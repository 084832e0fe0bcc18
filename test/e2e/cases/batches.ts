/** Thirty products with mixed outcomes, under the three settings of On Error. */
import assert from 'node:assert/strict';

import {
	AIUTA,
	DONE,
	FAILED,
	GENERATE,
	productItems,
	type OnError,
} from '../../support/n8n/n8nFlows';
import type { StoredExecution } from '../../support/n8n/n8nExecution';
import { at, textAt } from '../../support/n8n/n8nValues';
import { assertFailedItem, errorsOf, runItems, check, type Case, type CaseContext } from './case';

const COUNT = 30;

/** Six of the thirty go wrong: three FAILED, two ABORTED, one picture that cannot be downloaded. */
function titleOf(index: number): string {
	if (index % 10 === 3) return 'Sample [fail]';
	if (index % 10 === 6) return index === 26 ? 'Sample [no-such-picture]' : 'Sample [abort]';
	return 'Sample';
}

const BAD = Array.from({ length: COUNT }, (_, index) => index).filter((index) =>
	titleOf(index).includes('['),
);

async function runThirty(context: CaseContext, onError: OnError): Promise<StoredExecution> {
	const items = await productItems(COUNT, 'item', titleOf);
	const startedMs = Date.now();
	const execution = await runItems(context, items, { parameters: GENERATE, onError });
	const { createsAccepted, duplicates, requests } = context.sandbox.stats();
	assert.deepEqual(duplicates, []);
	const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
	context.note(`${createsAccepted} creates, ${requests} requests, ${seconds} s`);
	return execution;
}

function indexesOf(execution: StoredExecution, output: number): number[] {
	return execution.items(AIUTA, output).map(({ pairedItem }) => Number(at(pairedItem, 'item')));
}

export const batchCases: Case[] = [
	check(
		'thirty mixed products under Continue: thirty items, the six bad ones as errors',
		async (context) => {
			const execution = await runThirty(context, 'continueRegularOutput');
			assert.equal(execution.status, 'success');
			assert.deepEqual(
				indexesOf(execution, 0),
				Array.from({ length: COUNT }, (_, index) => index),
			);
			execution.items(AIUTA).forEach(({ json, binary }, index) => {
				const isBad = BAD.includes(index);
				assert.deepEqual(Object.keys(json).includes('error'), isBad, `item ${index}`);
				if (isBad) assertFailedItem(execution.items(AIUTA)[index], index);
				assert.equal(Object.keys(binary).length, isBad ? 0 : 1, `item ${index}`);
				const named = isBad ? at(json, 'error', 'product_id') : json['product_id'];
				assert.equal(named, `item-${index}`);
			});
			assert.equal(context.sandbox.stats().createsAccepted, COUNT);
		},
	),
	check(
		'thirty mixed products under Continue (using error output): 24 go on, 6 branch off',
		async (context) => {
			const execution = await runThirty(context, 'continueErrorOutput');
			assert.equal(execution.status, 'success');
			assert.equal(execution.items(DONE).length, COUNT - BAD.length);
			assert.equal(execution.items(FAILED).length, BAD.length);
			assert.deepEqual(errorsOf(execution, 0), []);
			const errors = errorsOf(execution, 1);
			assert.deepEqual(
				errors.map((error) => textAt(error, 'product_id')),
				BAD.map((index) => `item-${index}`),
			);
			for (const error of errors) assert.notEqual(textAt(error, 'operation_id'), '');
			const unfetched = errors.find((error) => at(error, 'code') === 'DOWNLOAD_FAILED');
			assert.equal(textAt(unfetched, 'product_id'), 'item-26');
			assert.notEqual(textAt(unfetched, 'generated_images', 0, 'url'), '');
			assert.deepEqual(
				execution.items(FAILED).map(({ json }) => json['sku']),
				BAD.map((index) => `item-${index}`),
				'n8n merges the input item in',
			);
			assert.equal(context.sandbox.stats().createsAccepted, COUNT);
		},
	),
	check(
		'thirty mixed products under Stop: one error that counts, lists and names what is paid for',
		async (context) => {
			const execution = await runThirty(context, 'stopWorkflow');
			assert.equal(execution.status, 'error');
			assert.deepEqual(execution.items(AIUTA), []);
			const error = execution.error(AIUTA);
			assert.match(error?.message ?? '', /^\d of 30 products failed/);
			const { createsAccepted, creates } = context.sandbox.stats();
			assert.match(
				error?.description ?? '',
				new RegExp(`${createsAccepted} operations were created and paid for\\.`),
			);
			const log = context.server.output();
			for (const { operationId } of creates) assert.ok(log.includes(operationId), operationId);
		},
	),
	check(
		'one item without a photo in thirty stops the run before anything is sent',
		async (context) => {
			const items = await productItems(COUNT, 'item');
			const execution = await runItems(
				context,
				items.map((item, index) => (index === 17 ? { json: item.json } : item)),
				{ parameters: GENERATE },
			);
			assert.equal(execution.status, 'error');
			assert.match(JSON.stringify(execution.error(AIUTA)), /item 17/i);
			assert.equal(context.sandbox.stats().requests, 0);
		},
	),
];
