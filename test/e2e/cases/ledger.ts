/** A product is paid for once, whichever run asks: the ledger in a data table of a real n8n. */
import assert from 'node:assert/strict';

import type { SavedFlow } from '../../support/n8n/n8nClient';
import type { StoredExecution } from '../../support/n8n/n8nExecution';
import {
	AIUTA,
	GENERATE,
	START,
	aiutaNode,
	doneNode,
	flowOf,
	itemsNode,
	manualTrigger,
	plainNode,
	productItems,
	type FlowItem,
} from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import { at, textAt } from '../../support/n8n/n8nValues';
import {
	EXECUTION_LIMIT_MS,
	check,
	errorsOf,
	flowName,
	letThemEnd,
	nothingTwice,
	runItems,
	saveItems,
	type Case,
	type CaseContext,
} from './case';
import { COLUMNS, WITHOUT_NAMES, makeTable, newLedger, type Ledger } from './ledgerTable';

/** Without it n8n keeps nothing of a stopped execution that could be retried. */
const SAVED = { saveExecutionProgress: true };

type Parameters = Record<string, unknown>;

async function runWith(
	context: CaseContext,
	items: readonly FlowItem[],
	ledger: Ledger,
	parameters: Parameters = {},
): Promise<StoredExecution> {
	const settings = {
		parameters: { ...GENERATE, ledger: ledger.name, ...parameters },
		onError: 'continueErrorOutput' as const,
	};
	const execution = await runItems(context, items, settings);
	assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
	return execution;
}

function finished(execution: StoredExecution, count: number, fromLedger: boolean): void {
	const items = execution.items(AIUTA);
	const failed = JSON.stringify(errorsOf(execution, 1)).slice(0, 1000);
	assert.equal(items.length, count, failed);
	for (const { json, binary } of items) {
		assert.equal(json['status'], 'SUCCESS');
		assert.equal(json['from_ledger'], fromLedger ? true : undefined);
		assert.ok(binary['data']);
	}
}

/** Stop an execution; n8n 2.0.3 does not always find it at once. */
async function stopped({ client }: CaseContext, id: string): Promise<void> {
	const stop = async () => {
		const isDone = await client.stop(id).then(
			() => true,
			() => false,
		);
		return isDone ? true : undefined;
	};
	assert.ok(await poll(stop, 10_000), `execution ${id} can be stopped`);
}

/** Longer than it takes to stop an execution. */
const ANSWERED_LATE_MS = 8000;

/** Four products, the first two under way until the sandbox is told otherwise, two at once. */
async function slowBatch(context: CaseContext, prefix: string): Promise<SlowBatch> {
	context.sandbox.setOutcome({ textContains: 'Slow' }, { result: 'forever' });
	const items = await productItems(4, prefix, (index) => (index < 2 ? 'Slow' : 'Sample'));
	const ledger = await newLedger(context);
	const batching = { maxProductsInFlight: 2 };
	return { ledger, items, parameters: { ...GENERATE, ledger: ledger.name, batching } };
}

interface SlowBatch {
	ledger: Ledger;
	items: FlowItem[];
	parameters: Parameters;
}

/** Both operations that can be under way are in the table: no create is on its way. */
async function untilWritten({ ledger }: SlowBatch): Promise<void> {
	const isWritten = async () => {
		const rows = await ledger.rows().catch(() => []);
		return rows.filter((row) => row['operation_id']).length === 2 || undefined;
	};
	assert.ok(await poll(isWritten, 30_000), 'two operation IDs in the table');
}

/** Retry an execution whose operations never end, and stop the retry once it asks for them; gives its ID. */
async function stoppedRetry(context: CaseContext, flow: SavedFlow, id: string): Promise<string> {
	const { client, sandbox } = context;
	const polls = sandbox.stats().routes.getOperation.requests;
	const retrying = client.retry(flow, id, EXECUTION_LIMIT_MS).catch(() => undefined);
	const retryId = await poll(async () => {
		const [newest] = await client.executionsOf(flow);
		return newest === id ? undefined : newest;
	}, 20_000);
	assert.ok(retryId);
	const isAsking = () => sandbox.stats().routes.getOperation.requests > polls || undefined;
	assert.ok(await poll(isAsking, 30_000), 'the retry asks for the operations that exist');
	await stopped(context, retryId);
	await retrying;
	await client.finished(retryId, EXECUTION_LIMIT_MS);
	return retryId;
}

function states(rows: ReadonlyArray<Record<string, unknown>>): unknown[] {
	return rows.map((row) => row['state']).sort();
}

export const ledgerCases: Case[] = [
	check(
		'ledger: Execute pressed twice: the second run creates nothing and delivers',
		async (context) => {
			const ledger = await newLedger(context);
			const items = await productItems(3, 'twice');
			finished(await runWith(context, items, ledger), 3, false);
			finished(await runWith(context, items, ledger), 3, true);
			nothingTwice(context, 3);
			const rows = await ledger.rows();
			assert.deepEqual(states(rows), ['succeeded', 'succeeded', 'succeeded']);
			assert.ok(rows.every((row) => textAt(row, 'image_url').startsWith('http')));
			assert.ok(rows.every((row) => textAt(row, 'operation_id') !== ''));
		},
	),
	check(
		'ledger: two runs at the same products at the same time create each once',
		async (context) => {
			const ledger = await newLedger(context);
			const items = await productItems(6, 'race');
			const runs = await Promise.all(
				[0, 1, 2].map(async () => await runWith(context, items, ledger)),
			);
			for (const run of runs) assert.equal(run.items(AIUTA).length, 6);
			nothingTwice(context, 6);
			const rows = await ledger.rows();
			context.note(states(rows).join(' '));
		},
	),
	check(
		'ledger: the same product twice in one run is one create and two items',
		async (context) => {
			const ledger = await newLedger(context);
			const [item] = await productItems(1, 'same');
			assert.ok(item);
			const execution = await runWith(context, [item, item], ledger);
			finished(execution, 2, false);
			nothingTwice(context, 1);
		},
	),
	check(
		'ledger: a product without a Product ID is refused and nothing is sent for it',
		async (context) => {
			const ledger = await newLedger(context);
			const execution = await runWith(context, await productItems(1, 'none'), ledger, {
				productId: '',
			});
			const [error] = errorsOf(execution, 1);
			assert.match(textAt(error, 'message'), /Product ID is empty, but a ledger/);
			nothingTwice(context, 0);
		},
	),
	check(
		'ledger: a run that was stopped goes on in the next, under another node name',
		async (context) => {
			const { client, credentialId } = context;
			const batch = await slowBatch(context, 'stopped');
			const { items, parameters } = batch;
			const flow = await saveItems(context, items, { parameters });
			const id = await client.execute(flow, START);
			await untilWritten(batch);
			await stopped(context, id);
			await client.finished(id, EXECUTION_LIMIT_MS);
			letThemEnd(context);
			const renamed = flowOf(flowName(), [
				manualTrigger(),
				itemsNode(items),
				aiutaNode({ parameters, credentialId }, 'Another name'),
			]);
			const next = await client.run(await client.createFlow(renamed), START, EXECUTION_LIMIT_MS);
			assert.equal(next.status, 'success', next.error('Another name')?.message);
			assert.equal(next.items('Another name').length, 4);
			nothingTwice(context, 4);
		},
	),
	check(
		'ledger: the ID of a create that was on its way at a stop is in the table',
		async (context) => {
			const { client, sandbox } = context;
			const ledger = await newLedger(context);
			const items = await productItems(1, 'on-its-way');
			sandbox.fault({
				route: 'create',
				when: 'after',
				effect: { kind: 'delay', delayMs: ANSWERED_LATE_MS },
			});
			const parameters = { ...GENERATE, ledger: ledger.name };
			const flow = await saveItems(context, items, { parameters });
			const id = await client.execute(flow, START);
			const isCreated = () => sandbox.stats().createsAccepted === 1 || undefined;
			assert.ok(await poll(isCreated, 60_000), 'the create has arrived');
			await stopped(context, id);
			await client.finished(id, EXECUTION_LIMIT_MS);
			const isWritten = async () => {
				const rows = await ledger.rows();
				return rows.some((row) => row['operation_id']) || undefined;
			};
			assert.ok(await poll(isWritten, 30_000), 'its operation ID is in the table');
			finished(await runWith(context, items, ledger), 1, true);
			nothingTwice(context, 1);
		},
	),
	check(
		'ledger: the retry of a stopped retry of a stopped run creates nothing twice',
		async (context) => {
			const { client, version } = context;
			const batch = await slowBatch(context, 'retried');
			const { items, parameters } = batch;
			const flow = await saveItems(context, items, { parameters }, SAVED);
			const id = await client.execute(flow, START);
			await untilWritten(batch);
			await stopped(context, id);
			await client.finished(id, EXECUTION_LIMIT_MS);
			// n8n 2.0.3 retries nothing of a stopped run: there a new run goes on.
			const retriedId =
				version === WITHOUT_NAMES ? undefined : await stoppedRetry(context, flow, id);
			letThemEnd(context);
			const retried =
				retriedId === undefined
					? undefined
					: await client.retry(flow, retriedId, EXECUTION_LIMIT_MS).catch(() => undefined);
			const hasRun = retried !== undefined && retried.runs(AIUTA) > 0;
			const last = hasRun ? retried : await client.run(flow, START, EXECUTION_LIMIT_MS);
			assert.equal(last.status, 'success', last.error(AIUTA)?.message);
			assert.equal(last.items(AIUTA).length, 4);
			nothingTwice(context, 4);
		},
	),
	check('ledger: a loop over the same products creates each once', async (context) => {
		const { client, credentialId } = context;
		const ledger = await newLedger(context);
		const items = await productItems(2, 'loop');
		const doubled = [...items, ...items];
		const flow = flowOf(flowName(), [
			manualTrigger(),
			itemsNode(doubled),
			plainNode('Loop', 'n8n-nodes-base.splitInBatches', 3, { batchSize: 1, options: {} }),
			[
				doneNode('Done'),
				aiutaNode({ parameters: { ...GENERATE, ledger: ledger.name }, credentialId }),
			],
		]);
		flow.connections[AIUTA] = { main: [[{ node: 'Loop', type: 'main', index: 0 }]] };
		const execution = await client.run(await client.createFlow(flow), START, EXECUTION_LIMIT_MS);
		assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
		assert.equal(execution.items('Done').length, 4);
		nothingTwice(context, 2);
	}),
	check('ledger: each choice for a known product does what it says', async (context) => {
		const ledger = await newLedger(context);
		const items = await productItems(1, 'known', () => 'First');
		finished(await runWith(context, items, ledger), 1, false);
		const skipped = await runWith(context, items, ledger, { whenKnown: 'skip' });
		assert.equal(skipped.items(AIUTA).length, 0);
		assert.equal(errorsOf(skipped, 1).length, 0);
		const same = { whenKnown: 'returnUnlessChanged' };
		finished(await runWith(context, items, ledger, same), 1, true);
		nothingTwice(context, 1);
		const changed = { productTitle: 'Second' };
		const returned = await runWith(context, items, ledger, changed);
		finished(returned, 1, true);
		assert.equal(returned.items(AIUTA)[0]?.json['inputs_changed'], true);
		assert.equal(context.sandbox.stats().createsAccepted, 1);
		finished(await runWith(context, items, ledger, { ...same, ...changed }), 1, false);
		assert.equal(context.sandbox.stats().createsAccepted, 2);
		finished(await runWith(context, items, ledger, { whenKnown: 'generateAgain' }), 1, false);
		assert.equal(context.sandbox.stats().createsAccepted, 3);
	}),
	check('ledger: a person settles what is unknown in the table', async (context) => {
		const { sandbox } = context;
		const ledger = await newLedger(context);
		const items = await productItems(1, 'settle', () => 'Sample');
		sandbox.fault({ route: 'create', times: 1, effect: { kind: 'resetAfter' } });
		const first = await runWith(context, items, ledger);
		assert.equal(textAt(errorsOf(first, 1)[0], 'code'), 'CREATE_OUTCOME_UNKNOWN');
		const again = await runWith(context, items, ledger);
		assert.match(textAt(errorsOf(again, 1)[0], 'description'), /delete the row/);
		const [row] = await ledger.rows();
		assert.equal(row?.['state'], 'unknown');
		const [created] = sandbox.stats().creates;
		await ledger.change(row['id'], { operation_id: created?.operationId });
		finished(await runWith(context, items, ledger), 1, true);
		nothingTwice(context, 1);
	}),
	check('ledger: a row that a person deletes makes its product new', async (context) => {
		const ledger = await newLedger(context);
		const items = await productItems(1, 'deleted');
		finished(await runWith(context, items, ledger), 1, false);
		const [row] = await ledger.rows();
		await ledger.remove(row?.['id']);
		finished(await runWith(context, items, ledger), 1, false);
		assert.equal(context.sandbox.stats().createsAccepted, 2);
	}),
	check(
		'ledger: a budget is kept over all runs, and what exceeds it is a failed item',
		async (context) => {
			const ledger = await newLedger(context);
			const batching = { batching: { maxOperationsPerDay: 3 } };
			const runs = await Promise.all(
				['one', 'two'].map(async (prefix) => {
					const items = await productItems(3, prefix, () => `Sample ${prefix}`);
					return await runWith(context, items, ledger, batching);
				}),
			);
			nothingTwice(context, 3);
			const errors = runs.flatMap((run) => errorsOf(run, 1));
			assert.deepEqual(
				errors.map((error) => [textAt(error, 'code'), at(error, 'retryable')]),
				[0, 1, 2].map(() => ['BUDGET_REACHED', true]),
			);
			const uploads = context.sandbox.stats().uploads.length;
			const items = await productItems(4, 'three', () => 'Sample three');
			const last = await runWith(context, items, ledger, { batching: { maxOperationsPerDay: 5 } });
			assert.equal(errorsOf(last, 1).length, 2);
			nothingTwice(context, 5);
			assert.equal(context.sandbox.stats().uploads.length, uploads + 2, 'a photo was sent in vain');
		},
	),
	check(
		'ledger: a table deleted in mid-run: what exists is delivered, and nothing more is created',
		async (context) => {
			const { client } = context;
			const batch = await slowBatch(context, 'dropped');
			const { items, ledger, parameters } = batch;
			const flow = await saveItems(context, items, {
				parameters,
				onError: 'continueRegularOutput',
			});
			const id = await client.execute(flow, START);
			await untilWritten(batch);
			const operationIds = context.sandbox.stats().creates.map(({ operationId }) => operationId);
			await ledger.drop();
			letThemEnd(context);
			const ended = await client.finished(id, EXECUTION_LIMIT_MS);
			assert.equal(ended.status, 'success', ended.error(AIUTA)?.message);
			const outcomes = ended.items(AIUTA).map(({ json }) => json);
			assert.deepEqual(
				outcomes.slice(0, 2).map((json) => json['operation_id']),
				operationIds,
			);
			for (const { error } of outcomes.slice(2)) {
				assert.equal(textAt(error, 'code'), 'LEDGER_FAILED');
				assert.match(textAt(error, 'message'), /cannot be used: .*data table/i);
			}
			nothingTwice(context, 2);
			finished(await runWith(context, items.slice(2), await newLedger(context)), 2, false);
			nothingTwice(context, 4);
		},
	),
	check('ledger: Wait for Operation takes what is unfinished from the ledger', async (context) => {
		const ledger = await newLedger(context);
		const items = await productItems(2, 'later', () => '[slow:3000]');
		const short = { options: { maxWaitMinutes: 0.02, onTimeout: 'unfinished' } };
		await runWith(context, items, ledger, {
			...short,
			maxWaitMinutes: 0.02,
			onTimeout: 'unfinished',
		});
		const waited = await runItems(context, [{ json: {} }], {
			parameters: {
				...{ api: 'flatLays', resource: 'flatLay', operation: 'wait' },
				...{ operationIdSource: 'ledger', ledger: ledger.name },
			},
		});
		assert.equal(waited.status, 'success', waited.error(AIUTA)?.message);
		assert.equal(waited.items(AIUTA).length, 2);
		assert.deepEqual(states(await ledger.rows()), ['succeeded', 'succeeded']);
		nothingTwice(context, 2);
	}),
	check('ledger: a table without a column is refused before anything is sent', async (context) => {
		const name = flowName();
		const id = await makeTable(context, name, COLUMNS.slice(1));
		const execution = await runItems(context, await productItems(1, 'shape'), {
			parameters: { ...GENERATE, ledger: context.version === WITHOUT_NAMES ? id : name },
		});
		assert.equal(execution.status, 'error');
		const error = execution.error(AIUTA);
		assert.match(error?.message ?? '', /its data table has no column product_id/);
		assert.match(error?.description ?? '', /needs these columns, .*product_id/);
		nothingTwice(context, 0);
	}),
	check('ledger: a plan says what would be done, and sends nothing', async (context) => {
		const ledger = await newLedger(context);
		const [known, ...others] = await productItems(3, 'plan');
		assert.ok(known);
		await runWith(context, [known], ledger);
		const { requests } = context.sandbox.stats();
		const plan = { operation: 'plan', batching: { maxOperationsPerDay: 2 } };
		const planned = await runWith(context, [known, ...others], ledger, plan);
		assert.deepEqual(
			planned.items(AIUTA).map(({ json }) => [json['action'], json['operations'], json['images']]),
			[
				['return', 0, 1],
				['create', 1, 1],
				['refuse', 0, 1],
			],
		);
		assert.match(planned.hints(AIUTA).join(), /would create 1 operation for 1 of 3 products/);
		assert.equal(context.sandbox.stats().requests, requests);
	}),
];
