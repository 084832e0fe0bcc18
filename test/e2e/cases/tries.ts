/** Further tries of an execution in which something has changed: what exists is found by its place. */
import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { SavedFlow } from '../../support/n8n/n8nClient';
import {
	AIUTA,
	GENERATE,
	START,
	aiutaNode,
	flowOf,
	formTrigger,
	itemsNode,
	loopNode,
	manualTrigger,
	productItems,
	smallPhoto,
	webhookTrigger,
	type FlowNode,
} from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import {
	EXECUTION_LIMIT_MS,
	check,
	flowName,
	nothingTwice,
	type Case,
	type CaseContext,
} from './case';

const APPEARS_LIMIT_MS = 30_000;
/** The first poll comes after a few seconds; this gives up before a slow product is done. */
const SHORT_WAIT = { options: { maxWaitMinutes: 0.05 } };
const SLOW = '[slow:9000]';

/** Send photos the way a browser does, by a trigger of either kind, and find the execution. */
async function submit(
	{ client }: CaseContext,
	flow: SavedFlow,
	place: string,
	field: string,
): Promise<string> {
	const photo = await smallPhoto(3);
	await client.activate(flow);
	await client.post(place, () => {
		const body = new FormData();
		body.append(field, new Blob([new Uint8Array(photo)], { type: 'image/jpeg' }), 'photo.jpg');
		return { body };
	});
	const id = await poll(async () => (await client.executionsOf(flow))[0], APPEARS_LIMIT_MS);
	await client.deactivate(flow);
	assert.ok(id, 'an execution has started');
	return id;
}

/** Run to a timeout, then retry until the operation is delivered: one create in all. */
async function deliveredByRetry(
	context: CaseContext,
	flow: SavedFlow,
	id: string,
	beforeRetry: () => void = () => undefined,
): Promise<void> {
	const { client, sandbox } = context;
	const failed = await client.finished(id, EXECUTION_LIMIT_MS);
	assert.equal(failed.status, 'error');
	nothingTwice(context, 1);
	const { operationId } = sandbox.stats().creates[0] ?? {};
	assert.ok(operationId);
	sandbox.setOutcome({ operationId }, { result: 'success', generationMs: 0 });
	beforeRetry();
	const retried = await client.retry(flow, id, EXECUTION_LIMIT_MS);
	assert.equal(retried.status, 'success', retried.error(AIUTA)?.message);
	const [item, ...more] = retried.items(AIUTA);
	assert.deepEqual(more, []);
	assert.equal(item?.json['operation_id'], operationId);
	assert.ok(item.binary['data']?.id);
	nothingTwice(context, 1);
}

const TRIGGERS: ReadonlyArray<{
	name: string;
	node: (path: string) => FlowNode;
	place: string;
	field: string;
}> = [
	{
		name: 'a webhook',
		node: (path) => webhookTrigger(path, 'onReceived'),
		place: 'webhook',
		field: 'photo',
	},
	{ name: 'a form', node: formTrigger, place: 'form', field: 'field-0' },
];

const TRIGGER_CASES = TRIGGERS.map(({ name, node, place, field }) =>
	check(
		`Executions > Retry of a product whose photo came through ${name} creates nothing again`,
		async (context) => {
			const path = flowName().replaceAll(' ', '-').toLowerCase();
			const parameters = {
				...GENERATE,
				...SHORT_WAIT,
				binaryPropertyNames: '*',
				productId: 'WEB-1',
				productTitle: SLOW,
			};
			const { client, credentialId } = context;
			const flow = await client.createFlow(
				flowOf(flowName(), [node(path), aiutaNode({ parameters, credentialId })]),
			);
			const id = await submit(context, flow, `${place}/${path}`, field);
			await deliveredByRetry(context, flow, id);
		},
		{ limitMs: 120_000 },
	),
);

/** Remove a file of n8n's own store. */
function removeStored(userFolder: string, id: string): void {
	const name = basename(id);
	const found = readdirSync(userFolder, { recursive: true, encoding: 'utf8' }).filter(
		(path) => basename(path) === name,
	);
	assert.equal(found.length, 1, `the file ${id} is there`);
	for (const path of found) rmSync(join(userFolder, path));
}

export const triesCases: Case[] = [
	...TRIGGER_CASES,
	check(
		'a Product ID of $now and $execution.id: three tries and Executions > Retry create once',
		async (context) => {
			const { client, credentialId } = context;
			const parameters = {
				...GENERATE,
				...SHORT_WAIT,
				productId: '={{ $json.sku }}-{{ $now.toMillis() }}-{{ $execution.id }}',
			};
			const flow = await client.createFlow(
				flowOf(flowName(), [
					manualTrigger(),
					itemsNode(await productItems(1, 'changing', () => '[forever]')),
					aiutaNode({ parameters, credentialId, maxTries: 3 }),
				]),
			);
			await deliveredByRetry(context, flow, await client.execute(flow, START));
		},
		{ limitMs: 120_000 },
	),
	check(
		'a retry delivers an operation whose photo is gone from the disk',
		async (context) => {
			const { client, credentialId, userFolder } = context;
			const parameters = { ...GENERATE, ...SHORT_WAIT, productId: 'GONE', productTitle: SLOW };
			const flow = await client.createFlow(
				flowOf(flowName(), [
					manualTrigger(),
					itemsNode(await productItems(1, 'gone')),
					// n8n cannot answer a retry whose stored data holds what the HTTP Request node keeps of a file.
					aiutaNode(
						{ parameters: { resource: 'image', operation: 'upload' }, credentialId },
						'Upload',
					),
					aiutaNode(
						{
							parameters: {
								resource: 'generatedImage',
								operation: 'download',
								imageUrl: '={{ $json.url }}',
							},
							credentialId,
						},
						'Fetch',
					),
					aiutaNode({ parameters, credentialId }),
				]),
			);
			const id = await client.execute(flow, START);
			const { binary } = (await client.finished(id, EXECUTION_LIMIT_MS)).items('Fetch')[0] ?? {};
			const file = binary?.['data']?.id ?? '';
			await deliveredByRetry(context, flow, id, () => removeStored(userFolder, file));
		},
		{ limitMs: 120_000 },
	),
	check(
		'Max Operations per Run holds over a loop, and over its retry',
		async (context) => {
			const { client, credentialId } = context;
			const parameters = { ...GENERATE, batching: { maxOperationsPerRun: 2 } };
			const flow = flowOf(flowName(), [
				manualTrigger(),
				itemsNode(await productItems(4, 'loop')),
				loopNode('Loop'),
				aiutaNode({ parameters, credentialId }),
			]);
			flow.connections['Loop'] = {
				main: [[], [{ node: AIUTA, type: 'main', index: 0 }]],
			};
			flow.connections[AIUTA] = { main: [[{ node: 'Loop', type: 'main', index: 0 }]] };
			const saved = await client.createFlow(flow);
			const failed = await client.run(saved, START, EXECUTION_LIMIT_MS);
			assert.equal(failed.status, 'error');
			assert.match(failed.error(AIUTA)?.message ?? '', /after 2 .*Max Operations per Run allows 2/);
			nothingTwice(context, 2);
			const retried = await client.retry(saved, failed.id, EXECUTION_LIMIT_MS);
			assert.equal(retried.status, 'error');
			nothingTwice(context, 2);
		},
		{ limitMs: 120_000 },
	),
];
