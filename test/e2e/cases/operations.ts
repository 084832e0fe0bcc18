/** Every operation of the node, on every API, through n8n's own engine, storage and REST API. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import {
	AIUTA,
	GENERATE,
	aiutaNode,
	itemsNode,
	productItems,
	smallPhoto,
} from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import { at, listAt, textAt } from '../../support/n8n/n8nValues';
import { isPng, outputText, runItems, runRow, storedPhotoNodes, check, type Case } from './case';

const CUSTOM_DATA_LIMIT_MS = 10_000;

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

export const operationCases: Case[] = [
	check('the package loads as a community package, as a node and as a tool', async ({ client }) => {
		const types = await client.nodeTypes('n8n-nodes-aiuta');
		assert.deepEqual(types.sort(), ['n8n-nodes-aiuta.aiuta', 'n8n-nodes-aiuta.aiutaTool']);
	}),
	check(
		'Generate and Wait turns photos into pictures that n8n stores and serves as files',
		async (context) => {
			const { client, sandbox, server } = context;
			const items = await productItems(3, 'dress');
			const execution = await runItems(context, items, { parameters: GENERATE });
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			const outputs = execution.items(AIUTA);
			assert.equal(outputs.length, 3);
			for (const [index, { json, binary, pairedItem }] of outputs.entries()) {
				assert.equal(json['product_id'], `dress-${index}`);
				assert.equal(json['status'], 'SUCCESS');
				assert.deepEqual(pairedItem, { item: index });
				assert.deepEqual(Object.keys(binary), ['data']);
				assert.equal(binary['data']?.fileName, `dress-${index}.png`);
				assert.match(binary['data']?.id ?? '', /^filesystem-v2:/);
				assert.ok(isPng(await client.binary(binary['data']?.id ?? '')));
				assert.ok(server.output().includes(textAt(json, 'operation_id')), 'ID in the log');
			}
			const { createsAccepted, duplicates, uploads } = sandbox.stats();
			assert.equal(createsAccepted, 3);
			assert.deepEqual(duplicates, []);
			const photos = items.map(({ photos: own }) => sha256(own?.['data'] ?? Buffer.alloc(0)));
			assert.deepEqual(uploads.map((upload) => upload.sha256).sort(), photos.sort());
			assert.match(execution.hints(AIUTA)[0] ?? '', /3 of 3 finished/);
			// n8n stores an execution as finished a moment before its custom data.
			const told = await poll(async () => {
				const { customData } = await client.execution(execution.id);
				return at(customData, 'aiuta');
			}, CUSTOM_DATA_LIMIT_MS);
			assert.match(String(told), /3 of 3 finished/);
		},
	),
	check(
		'Studio makes one operation with several picture types, one item per image on demand',
		async (context) => {
			const execution = await runItems(context, await productItems(1, 'coat'), {
				parameters: {
					...GENERATE,
					api: 'studio',
					imageTypes: ['flat_front', 'flat_back'],
					outputMode: 'image',
					options: {
						numberOfGenerations: 2,
						backgroundType: 'reference_color',
						backgroundColor: '#ffffff',
					},
				},
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			const outputs = execution.items(AIUTA);
			assert.equal(outputs.length, 4);
			assert.equal(new Set(outputs.map(({ binary }) => binary['data']?.fileName)).size, 4);
			assert.equal(context.sandbox.stats().createsAccepted, 1);
		},
	),
	check(
		'Unified makes one operation per picture type and joins them to one item',
		async (context) => {
			const execution = await runItems(context, await productItems(1, 'skirt'), {
				parameters: { ...GENERATE, api: 'unified', imageTypes: ['flat_front', 'flat_back'] },
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			const [item, ...more] = execution.items(AIUTA);
			assert.deepEqual(more, []);
			assert.deepEqual(Object.keys(item?.binary ?? {}), ['data', 'data_1']);
			assert.equal(listAt(item?.json, 'operations').length, 2);
			assert.equal(context.sandbox.stats().createsAccepted, 2);
		},
	),
	check('Unified makes pictures of a stored SKU without any photo', async (context) => {
		const execution = await runItems(context, [{ json: { sku: 'SKU-1' } }], {
			parameters: {
				api: 'unified',
				resource: 'flatLay',
				operation: 'generateAndWait',
				imageSource: 'sku',
				skuId: '={{ $json.sku }}',
			},
		});
		assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
		assert.equal(context.sandbox.stats().uploads.length, 0);
		assert.equal(context.sandbox.stats().createsAccepted, 1);
	}),
	check(
		'Create, Get and Wait for Operation hand an operation from node to node',
		async (context) => {
			const { credentialId, sandbox } = context;
			const byId = {
				api: 'flatLays',
				resource: 'flatLay',
				operationId: '={{ $json.operation_id }}',
			};
			const execution = await runRow(context, [
				itemsNode(await productItems(2, 'shirt')),
				aiutaNode({ parameters: { ...GENERATE, operation: 'create' }, credentialId }, 'Create'),
				aiutaNode({ parameters: { ...byId, operation: 'get' }, credentialId }, 'Get'),
				aiutaNode({ parameters: { ...byId, operation: 'wait' }, credentialId }, 'Wait'),
			]);
			assert.equal(execution.status, 'success', execution.error('Wait')?.message);
			const ids = ['Create', 'Get', 'Wait'].map((node) =>
				[0, 1].map((index) => outputText(execution, 'operation_id', index, node)),
			);
			assert.deepEqual(ids[1], ids[0]);
			assert.deepEqual(ids[2], ids[0]);
			assert.equal(execution.items('Get')[0]?.json['finished'], false);
			assert.equal(execution.items('Wait')[0]?.json['status'], 'SUCCESS');
			assert.ok(execution.items('Wait')[1]?.binary['data']?.id);
			assert.equal(sandbox.stats().createsAccepted, 2);
		},
	),
	check(
		'images are uploaded, looked up, used by ID and by URL, and deleted once',
		async (context) => {
			const { credentialId, sandbox } = context;
			const node = (name: string, parameters: Record<string, unknown>) =>
				aiutaNode(
					{
						parameters: { api: 'flatLays', ...parameters },
						credentialId,
						onError: 'continueRegularOutput',
					},
					name,
				);
			const generate = {
				resource: 'flatLay',
				operation: 'generateAndWait',
				downloadImages: false,
			};
			const uploadedId = "={{ $('Upload').item.json.id }}";
			const execution = await runRow(context, [
				itemsNode(await productItems(1, 'hat')),
				node('Upload', { resource: 'image', operation: 'upload', binaryPropertyNames: '*' }),
				node('Look', { resource: 'image', operation: 'get', imageId: '={{ $json.id }}' }),
				node('By ID', {
					...generate,
					imageSource: 'uploadedImageIds',
					uploadedImageIds: '={{ $json.id }}',
				}),
				node('By URL', {
					...generate,
					imageSource: 'imageUrls',
					imageUrls: "={{ $('Upload').item.json.url }}",
				}),
				node('Delete', { resource: 'image', operation: 'delete', imageId: uploadedId }),
				node('Again', { resource: 'image', operation: 'delete', imageId: uploadedId }),
			]);
			assert.equal(execution.status, 'success');
			assert.equal(
				outputText(execution, 'id', 0, 'Look'),
				outputText(execution, 'id', 0, 'Upload'),
			);
			assert.equal(outputText(execution, 'status', 0, 'By ID'), 'SUCCESS');
			assert.equal(outputText(execution, 'status', 0, 'By URL'), 'SUCCESS');
			assert.equal(execution.items('Delete')[0]?.json['deleted'], true);
			assert.equal(at(execution.items('Again')[0]?.json, 'error', 'code'), 'IMAGE_NOT_FOUND');
			const { uploads, keySeenOn } = sandbox.stats();
			assert.equal(uploads.length, 2, 'Flat Lays takes no URLs: the node fetches and uploads');
			assert.equal(uploads[0]?.sha256, uploads[1]?.sha256);
			assert.equal(keySeenOn.files, 0);
		},
	),
	check('generated images are downloaded and deleted, found by item linking', async (context) => {
		const { client, credentialId } = context;
		const execution = await runRow(context, [
			itemsNode(await productItems(2, 'scarf')),
			aiutaNode({ parameters: { ...GENERATE, downloadImages: false }, credentialId }),
			aiutaNode(
				{
					parameters: {
						resource: 'generatedImage',
						operation: 'download',
						imageUrl: '={{ $json.image_url }}',
						outputBinaryPropertyName: 'picture',
					},
					credentialId,
				},
				'Download',
			),
			aiutaNode(
				{
					parameters: {
						resource: 'generatedImage',
						operation: 'delete',
						imageId: `={{ $('${AIUTA}').item.json.generated_images[0].id }}`,
					},
					credentialId,
				},
				'Delete',
			),
		]);
		assert.equal(execution.status, 'success', execution.error('Delete')?.message);
		assert.deepEqual(execution.items(AIUTA)[0]?.binary, {});
		const downloaded = execution.items('Download')[1]?.binary['picture'];
		assert.ok(isPng(await client.binary(downloaded?.id ?? '')));
		assert.deepEqual(
			execution.items('Delete').map(({ json }) => json['deleted']),
			[true, true],
		);
	}),
	check(
		'photos of several items with one Product ID become one product, linked to all of them',
		async (context) => {
			const items = await Promise.all(
				['a', 'b', 'a', 'b', 'b'].map(async (sku, index) => ({
					json: { sku, title: 'Grouped' },
					photos: { data: await smallPhoto(index) },
				})),
			);
			const execution = await runItems(context, items, {
				parameters: { ...GENERATE, groupByProductId: true },
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.deepEqual(
				execution.items(AIUTA).map(({ pairedItem }) => pairedItem),
				[
					[{ item: 0 }, { item: 2 }],
					[{ item: 1 }, { item: 3 }, { item: 4 }],
				],
			);
			assert.equal(context.sandbox.stats().createsAccepted, 2);
			assert.equal(context.sandbox.stats().uploads.length, 5);
		},
	),
	check('a photo that another node stored on disk is uploaded unchanged', async (context) => {
		const { credentialId, sandbox } = context;
		const photo = await smallPhoto(7);
		const execution = await runRow(context, [
			itemsNode([{ json: {}, photos: { data: photo } }]),
			...storedPhotoNodes(credentialId),
			aiutaNode({
				parameters: { ...GENERATE, productId: '', productTitle: 'From disk' },
				credentialId,
			}),
		]);
		assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
		assert.match(execution.items('Fetch')[0]?.binary['data']?.id ?? '', /^filesystem-v2:/);
		assert.deepEqual(
			sandbox.stats().uploads.map((upload) => upload.sha256),
			[sha256(photo), sha256(photo)],
		);
	}),
];
