/** Failed items: their one shape, what may be done with them, and what is never done twice. */
import assert from 'node:assert/strict';

import {
	AIUTA,
	DONE,
	GENERATE,
	aiutaNode,
	doneNode,
	flowOf,
	itemsNode,
	manualTrigger,
	plainNode,
	productItems,
	START,
} from '../../support/n8n/n8nFlows';
import { at, listAt, textAt } from '../../support/n8n/n8nValues';
import {
	EXECUTION_LIMIT_MS,
	assertFailedItem,
	check,
	errorsOf,
	flowName,
	nothingTwice,
	runItems,
	runRow,
	type Case,
} from './case';

const codeOf = (error: unknown): string => textAt(error, 'code');

export const failedItemCases: Case[] = [
	check(
		'error output, Wait, the same node again: what is retryable is created once, what exists never',
		async (context) => {
			const { client, credentialId, sandbox } = context;
			const titles = ['Fine', '[fail]', '[forever]', 'Fine', 'Fine'];
			sandbox.fault({
				route: 'create',
				after: 1,
				times: 1,
				when: 'after',
				effect: { kind: 'status', status: 502 },
			});
			sandbox.fault({
				route: 'create',
				after: 3,
				times: 1,
				effect: { kind: 'status', status: 402 },
			});
			const parameters = {
				...GENERATE,
				binaryPropertyNames: "={{ $('Items').item.binary.data }}",
				productId: "={{ $('Items').item.json.sku }}",
				productTitle: "={{ $('Items').item.json.title }}",
				options: { maxWaitMinutes: 0.1 },
			};
			const flow = flowOf(flowName(), [
				manualTrigger(),
				itemsNode(await productItems(titles.length, 'round', (index) => titles[index] ?? '')),
				aiutaNode({ parameters, credentialId, onError: 'continueErrorOutput' }),
				[
					doneNode(DONE),
					plainNode('Retryable', 'n8n-nodes-base.filter', 2.2, {
						conditions: {
							options: { version: 2 },
							combinator: 'and',
							conditions: [
								{
									id: 'retryable',
									leftValue: '={{ $json.error.retryable }}',
									rightValue: '',
									operator: { type: 'boolean', operation: 'true', singleValue: true },
								},
							],
						},
					}),
				],
			]);
			const wait = plainNode('Wait', 'n8n-nodes-base.wait', 1.1, { amount: 1, unit: 'seconds' });
			flow.nodes.push({ ...wait, position: [900, 200] });
			flow.connections['Retryable'] = { main: [[{ node: 'Wait', type: 'main', index: 0 }]] };
			flow.connections['Wait'] = { main: [[{ node: AIUTA, type: 'main', index: 0 }]] };
			const execution = await client.run(await client.createFlow(flow), START, EXECUTION_LIMIT_MS);
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.equal(execution.runs(AIUTA), 2);
			const first = execution.items(AIUTA, 1, 0).map(({ json }) => at(json, 'error'));
			for (const error of first) {
				const mayExist = ['OPERATION_FAILED', 'TIMED_OUT', 'CREATE_OUTCOME_UNKNOWN'];
				const isPaid = mayExist.includes(codeOf(error));
				assert.equal(at(error, 'retryable'), !isPaid, codeOf(error));
				const goesOn = codeOf(error) === 'TIMED_OUT';
				if (goesOn) assert.equal(at(error, 'resumable'), true);
				if (!isPaid) assert.equal(at(error, 'resumable'), undefined);
			}
			assert.ok(first.some((error) => codeOf(error) === 'PAYMENT_REQUIRED'));
			assert.ok(first.some((error) => codeOf(error) === 'CREATE_OUTCOME_UNKNOWN'));
			context.note(first.map(codeOf).join(', '));
			nothingTwice(context, titles.length);
		},
		{ limitMs: 120_000 },
	),
	check(
		'a backend that accepts, answers 502 and serves all else costs at most three unknown creates',
		async (context) => {
			const { sandbox } = context;
			sandbox.fault({
				route: 'create',
				after: 1,
				when: 'after',
				effect: { kind: 'status', status: 502 },
			});
			const execution = await runItems(context, await productItems(12, 'swallowed'), {
				parameters: GENERATE,
				onError: 'continueErrorOutput',
			});
			const codes = errorsOf(execution, 1).map(codeOf);
			const unknown = codes.filter((code) => code === 'CREATE_OUTCOME_UNKNOWN').length;
			assert.equal(unknown, 3);
			assert.equal(execution.items(AIUTA).length, 1);
			assert.equal(codes.length, 11);
			assert.equal(sandbox.stats().createsAccepted, 1 + unknown);
			for (const error of errorsOf(execution, 1)) {
				assert.equal(at(error, 'retryable'), codeOf(error) !== 'CREATE_OUTCOME_UNKNOWN');
			}
		},
	),
	check(
		'if one of two operations of a product fails, the item fails and keeps what succeeded',
		async (context) => {
			const execution = await runItems(
				context,
				await productItems(1, 'half', () => '[fail:flat_back]'),
				{
					parameters: { ...GENERATE, api: 'unified', imageTypes: ['flat_front', 'flat_back'] },
					onError: 'continueRegularOutput',
				},
			);
			const [item] = execution.items(AIUTA);
			assertFailedItem(item, 0);
			const error = at(item?.json, 'error');
			assert.equal(codeOf(error), 'OPERATION_FAILED');
			assert.deepEqual(
				listAt(error, 'operations')
					.map((operation) => textAt(operation, 'status'))
					.sort(),
				['FAILED', 'SUCCESS'],
			);
			assert.equal(listAt(error, 'generated_images').length, 1);
			assert.notEqual(textAt(error, 'failure_reason'), '');
		},
	),
	check(
		'Get and Wait for Operation take several IDs, as text and as an array; a failed one fails only Wait',
		async (context) => {
			const { sandbox, credentialId } = context;
			const byId = { api: 'flatLays', resource: 'flatLay' };
			const ask = (name: string, operation: string, operationId: string) => ({
				...aiutaNode(
					{
						parameters: { ...byId, operation, operationId },
						credentialId,
						onError: 'continueRegularOutput',
					},
					name,
				),
				executeOnce: true,
			});
			const execution = await runRow(context, [
				itemsNode(await productItems(2, 'several', (index) => (index === 0 ? '[fail]' : 'Fine'))),
				aiutaNode({ parameters: { ...GENERATE, operation: 'create' }, credentialId }, 'Create'),
				ask('Wait', 'wait', "={{ $('Create').all().map((item) => item.json.operation_id) }}"),
				ask(
					'Get',
					'get',
					"={{ $('Create').all().map((item) => item.json.operation_id).join(', ') }}",
				),
				ask('Nobody', 'get', 'no-such-operation'),
			]);
			assert.equal(execution.status, 'success', execution.error('Get')?.message);
			const ids = sandbox.stats().creates.map(({ operationId }) => operationId);
			const [failed, waited, ...more] = execution.items('Wait');
			assert.deepEqual(more, []);
			assertFailedItem(failed, 0);
			assert.equal(textAt(failed?.json, 'error', 'operation_id'), ids[0]);
			assert.deepEqual(Object.keys(waited?.json ?? {}), [
				'operation_id',
				'status',
				'finished',
				'image_url',
				'generated_images',
				'duration_seconds',
			]);
			assert.deepEqual(
				execution
					.items('Get')
					.map(({ json }) => [json['operation_id'], json['status'], json['finished']]),
				[
					[ids[0], 'FAILED', true],
					[ids[1], 'SUCCESS', true],
				],
			);
			assert.deepEqual(Object.keys(execution.items('Get')[0]?.json ?? {}), [
				'operation_id',
				'status',
				'finished',
				'failure_reason',
				'image_url',
				'generated_images',
			]);
			const [nobody] = execution.items('Nobody');
			assertFailedItem(nobody, 0);
			assert.equal(textAt(nobody?.json, 'error', 'code'), 'OPERATION_NOT_FOUND');
		},
	),
	check('the parameters of every item are checked before anything is sent', async (context) => {
		const { sandbox } = context;
		const items = await productItems(3, 'checked');
		const parameters = {
			...GENERATE,
			options: { maxWaitMinutes: "={{ $json.sku === 'checked-1' ? 0 : 5 }}" },
		};
		const stopped = await runItems(context, items, { parameters });
		assert.equal(stopped.status, 'error');
		assert.match(stopped.error(AIUTA)?.message ?? '', /Max Wait/);
		assert.equal(sandbox.stats().requests, 0);
		const continued = await runItems(context, items, {
			parameters,
			onError: 'continueRegularOutput',
		});
		assert.deepEqual(
			continued.items(AIUTA).map(({ json }) => 'error' in json),
			[false, true, false],
		);
		assertFailedItem(continued.items(AIUTA)[1], 1);
		nothingTwice(context, 2);
	}),
];
