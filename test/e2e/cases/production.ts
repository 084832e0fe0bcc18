/** Executions nobody starts by hand: a webhook with files, a schedule, Create and collect later. */
import assert from 'node:assert/strict';

import {
	AIUTA,
	GENERATE,
	aiutaNode,
	flowOf,
	itemsNode,
	productItems,
	scheduleTrigger,
	smallPhoto,
	webhookTrigger,
} from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import { listAt, textAt } from '../../support/n8n/n8nValues';
import { EXECUTION_LIMIT_MS, flowName, isPng, check, type Case } from './case';

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
];
