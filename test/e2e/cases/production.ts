/** Executions nobody starts by hand: a webhook with files, a schedule, Create and collect later. */
import assert from 'node:assert/strict';

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
	scheduleTrigger,
	smallPhoto,
	webhookTrigger,
} from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import { at, listAt, textAt } from '../../support/n8n/n8nValues';
import { EXECUTION_LIMIT_MS, flowName, isPng, check, nothingTwice, type Case } from './case';
import { newLedger } from './ledgerTable';

const EXECUTION_APPEARS_LIMIT_MS = 60_000;

export const productionCases: Case[] = [
	check(
		'a production webhook takes uploaded photos and answers with the flat lay',
		async ({ client, credentialId, sandbox, version }) => {
			const path = `photos-${version.replaceAll('.', '-')}`;
			const parameters = {
				...GENERATE,
				binaryPropertyNames: '*',
				productId: '={{ $json.body.sku }}',
				productTitle: 'From a form',
			};
			const flow = await client.createFlow(
				flowOf(flowName(), [webhookTrigger(path), aiutaNode({ parameters, credentialId })]),
			);
			await client.activate(flow);
			try {
				const photos = [await smallPhoto(1), await smallPhoto(2)];
				const answer = await client.callWebhook(path, () => {
					const body = new FormData();
					body.append('sku', 'WEB-1');
					photos.forEach((photo, index) => {
						const blob = new Blob([new Uint8Array(photo)], { type: 'image/jpeg' });
						body.append('photo', blob, `photo-${index}.jpg`);
					});
					return { body };
				});
				assert.equal(answer.status, 200, answer.text.slice(0, 300));
				const [item, ...more] = listAt(JSON.parse(answer.text));
				assert.deepEqual(more, []);
				assert.equal(textAt(item, 'product_id'), 'WEB-1');
				assert.equal(listAt(item, 'uploaded_image_ids').length, 2);
				const [id = ''] = await client.executionsOf(flow);
				const execution = await client.finished(id, EXECUTION_LIMIT_MS);
				assert.equal(execution.mode, 'webhook');
				const stored = execution.items(AIUTA)[0]?.binary['data'];
				assert.equal(stored?.fileName, 'WEB-1.png');
				assert.ok(isPng(await client.binary(stored?.id ?? '')));
				assert.equal(sandbox.stats().createsAccepted, 1);
			} finally {
				await client.deactivate(flow);
			}
		},
		{ limitMs: 120_000 },
	),
	check(
		'a scheduled run works unattended',
		async ({ client, credentialId, sandbox }) => {
			const flow = await client.createFlow(
				flowOf(flowName(), [
					scheduleTrigger(3),
					itemsNode(await productItems(1, 'nightly')),
					aiutaNode({ parameters: GENERATE, credentialId }),
				]),
			);
			await client.activate(flow);
			let id: string | undefined;
			try {
				id = await poll(
					async () => (await client.executionsOf(flow)).at(-1),
					EXECUTION_APPEARS_LIMIT_MS,
				);
			} finally {
				await client.deactivate(flow);
			}
			assert.ok(id, 'the schedule started an execution');
			const execution = await client.finished(id, EXECUTION_LIMIT_MS);
			assert.equal(execution.mode, 'trigger');
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.equal(execution.items(AIUTA)[0]?.json['status'], 'SUCCESS');
			for (const other of await client.executionsOf(flow)) {
				await client.finished(other, EXECUTION_LIMIT_MS);
			}
			assert.equal(sandbox.stats().createsAccepted, (await client.executionsOf(flow)).length);
		},
		{ limitMs: 120_000 },
	),
	check(
		'ledger: a production webhook that is called twice for a product creates it once',
		async (context) => {
			const { client, credentialId, version } = context;
			const path = `ledger-${version.replaceAll('.', '-')}`;
			const { name: ledger } = await newLedger(context);
			const parameters = {
				...GENERATE,
				ledger,
				binaryPropertyNames: '*',
				productId: '={{ $json.body.sku }}',
				productTitle: 'From a form',
			};
			const flow = await client.createFlow(
				flowOf(flowName(), [webhookTrigger(path), aiutaNode({ parameters, credentialId })]),
			);
			const photo = new Blob([new Uint8Array(await smallPhoto(1))], { type: 'image/jpeg' });
			const call = async () => {
				const answer = await client.callWebhook(path, () => {
					const body = new FormData();
					body.append('sku', 'WEB-1');
					body.append('photo', photo, 'photo.jpg');
					return { body };
				});
				assert.equal(answer.status, 200, answer.text.slice(0, 300));
				const [item, ...more] = listAt(JSON.parse(answer.text));
				assert.deepEqual(more, []);
				return item;
			};
			await client.activate(flow);
			try {
				const first = await call();
				const second = await call();
				assert.equal(at(first, 'from_ledger'), undefined);
				assert.equal(at(second, 'from_ledger'), true);
				assert.equal(textAt(second, 'operation_id'), textAt(first, 'operation_id'));
				nothingTwice(context, 1);
			} finally {
				await client.deactivate(flow);
			}
		},
		{ limitMs: 120_000 },
	),
	check(
		'ledger: a sub-workflow that is called twice for its products creates them once',
		async (context) => {
			const { client, credentialId } = context;
			const { name: ledger } = await newLedger(context);
			const child = await client.createFlow(
				flowOf(flowName(), [
					plainNode(START, 'n8n-nodes-base.executeWorkflowTrigger', 1.1, {
						inputSource: 'passthrough',
					}),
					aiutaNode({ parameters: { ...GENERATE, ledger }, credentialId }),
				]),
			);
			await client.activate(child);
			const parent = await client.createFlow(
				flowOf(flowName(), [
					manualTrigger(),
					itemsNode(await productItems(2, 'called')),
					plainNode('Call', 'n8n-nodes-base.executeWorkflow', 1.2, {
						workflowId: { __rl: true, mode: 'id', value: child.id },
						options: { waitForSubWorkflow: true },
					}),
				]),
			);
			for (const fromLedger of [undefined, true]) {
				const execution = await client.run(parent, START, EXECUTION_LIMIT_MS);
				assert.equal(execution.status, 'success', execution.error('Call')?.message);
				const flags = execution.items('Call').map(({ json }) => json['from_ledger']);
				assert.deepEqual(flags, [fromLedger, fromLedger]);
			}
			nothingTwice(context, 2);
		},
	),
];
