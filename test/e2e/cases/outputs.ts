/** What comes out: keys, binary fields and file names, as the node's options ask for them. */
import assert from 'node:assert/strict';

import {
	AIUTA,
	FAILED,
	GENERATE,
	aiutaNode,
	itemsNode,
	productItems,
	smallPhoto,
} from '../../support/n8n/n8nFlows';
import { at, listAt, textAt } from '../../support/n8n/n8nValues';
import {
	assertFailedItem,
	check,
	errorsOf,
	isPng,
	nothingTwice,
	outputText,
	runItems,
	runRow,
	type Case,
} from './case';

const GENERATED_KEYS = [
	'operation_id',
	'product_id',
	'status',
	'finished',
	'image_url',
	'generated_images',
	'duration_seconds',
	'uploaded_image_ids',
	'operations',
];

/** Five of the options stood in fields of their own before: both places work alike. */
const FINISH = {
	maxWaitMinutes: 0.1,
	onTimeout: 'unfinished',
	outputBinaryPropertyName: 'picture',
	outputMode: 'image',
	downloadImages: true,
};
const PLACES = [
	{ name: 'among the options', settings: { options: FINISH } },
	{ name: 'in fields of their own, as they were once saved,', settings: FINISH },
];

export const outputCases: Case[] = [
	...PLACES.map(({ name, settings }) =>
		check(`Max Wait, On Timeout, Output and its field ${name} are followed`, async (context) => {
			const items = await productItems(2, 'place', (index) => (index === 0 ? 'Fine' : '[forever]'));
			const execution = await runItems(context, items, {
				parameters: {
					...GENERATE,
					...settings,
					api: 'studio',
					imageTypes: ['flat_front', 'flat_back'],
				},
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			const outputs = execution.items(AIUTA);
			assert.deepEqual(
				outputs.map(({ json, binary }) => [json['finished'], Object.keys(binary)]),
				[
					[true, ['picture']],
					[true, ['picture']],
					[false, []],
				],
			);
			for (const { json } of outputs.slice(0, 2)) {
				assert.equal(listAt(json, 'generated_images').length, 1);
				assert.equal(textAt(json, 'image_url'), textAt(json, 'generated_images', 0, 'url'));
			}
			assert.deepEqual(Object.keys(outputs[0]?.json ?? {}).sort(), [...GENERATED_KEYS].sort());
		}),
	),
	check(
		'other input fields come along on finished, unfinished, grouped and failed items, the own keys win',
		async (context) => {
			const { credentialId } = context;
			const titles = ['Fine', 'Fine', '[forever]', '[fail]'];
			const items = (
				await productItems(titles.length, 'along', (index) => titles[index] ?? '')
			).map((item, index) => ({
				...item,
				json: {
					...item.json,
					sku: index < 2 ? 'both' : `along-${index}`,
					status: 'mine',
					shelf: index,
				},
			}));
			const options = { includeOtherFields: true, onTimeout: 'unfinished', maxWaitMinutes: 0.1 };
			const execution = await runItems(context, items, {
				parameters: { ...GENERATE, groupByProductId: true, options },
				onError: 'continueErrorOutput',
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.deepEqual(
				execution.items(AIUTA).map(({ json }) => [json['shelf'], json['finished'], json['title']]),
				[
					[0, true, 'Fine'],
					[2, false, '[forever]'],
				],
			);
			assert.equal(execution.items(AIUTA)[0]?.json['status'], 'SUCCESS');
			const [failed, ...more] = execution.items(FAILED);
			assert.deepEqual(more, []);
			assert.equal(failed?.json['shelf'], 3);
			assert.equal(textAt(failed?.json, 'error', 'code'), 'OPERATION_FAILED');
			nothingTwice(context, 3);
			const row = await runRow(context, [
				itemsNode([{ json: { shelf: 7 }, photos: { data: await smallPhoto(1) } }]),
				aiutaNode(
					{
						parameters: {
							...GENERATE,
							operation: 'create',
							productId: 'ALONG',
							productTitle: 'Fine',
							options: { includeOtherFields: true },
						},
						credentialId,
					},
					'Create',
				),
				aiutaNode(
					{
						parameters: {
							resource: 'flatLay',
							operation: 'wait',
							operationId: '={{ $json.operation_id }}',
							options: { includeOtherFields: true },
						},
						credentialId,
					},
					'Wait',
				),
			]);
			assert.equal(row.status, 'success', row.error('Wait')?.message);
			assert.deepEqual(Object.keys(row.items('Create')[0]?.json ?? {}).sort(), [
				'operation_id',
				'product_id',
				'shelf',
				'uploaded_image_ids',
			]);
			assert.equal(row.items('Wait')[0]?.json['shelf'], 7);
			assert.equal(row.items('Wait')[0]?.json['status'], 'SUCCESS');
		},
		{ limitMs: 120_000 },
	),
	check(
		'a picture is judged by its bytes: binary/octet-stream is one, a page as image/png is none',
		async (context) => {
			const { client, sandbox } = context;
			sandbox.fault({
				route: 'file',
				effect: { kind: 'disguise', contentType: 'binary/octet-stream' },
			});
			const good = await runItems(context, await productItems(1, 'bytes'), {
				parameters: GENERATE,
			});
			assert.equal(good.status, 'success', good.error(AIUTA)?.message);
			const stored = good.items(AIUTA)[0]?.binary['data'];
			assert.equal(stored?.fileName, 'bytes-0.png');
			assert.equal(stored.mimeType, 'image/png');
			assert.ok(isPng(await client.binary(stored.id ?? '')));
			sandbox.clearFaults();
			sandbox.fault({
				route: 'file',
				effect: { kind: 'disguise', contentType: 'image/png', body: '<!doctype html><p>Sorry</p>' },
			});
			const page = await runItems(context, await productItems(1, 'page'), {
				parameters: GENERATE,
				onError: 'continueRegularOutput',
			});
			assertFailedItem(page.items(AIUTA)[0], 0);
			const [error] = errorsOf(page, 0);
			assert.equal(textAt(error, 'code'), 'DOWNLOAD_FAILED');
			assert.notEqual(textAt(error, 'generated_images', 0, 'url'), '');
			assert.equal(at(error, 'retryable'), false);
			assert.equal(at(error, 'resumable'), true);
		},
		{ limitMs: 120_000 },
	),
	check(
		'products whose IDs differ only in what a file name cannot hold get files of their own',
		async (context) => {
			const skus = ['RED 1', 'RED/1', 'red:1', 'front.jpg', '裙'.repeat(120)];
			const items = (await productItems(skus.length, 'names')).map((item, index) => ({
				...item,
				json: { ...item.json, sku: skus[index] },
			}));
			const execution = await runItems(context, items, { parameters: GENERATE });
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			const names = execution.items(AIUTA).map(({ binary }) => binary['data']?.fileName ?? '');
			assert.equal(
				new Set(names.map((name) => name.toLowerCase())).size,
				skus.length,
				names.join(),
			);
			assert.equal(names[3], 'front.png');
			for (const name of names) {
				assert.match(name, /^[^\\/:*?"<>|\s]+\.png$/);
				assert.ok(Buffer.byteLength(name) <= 200, name);
			}
			assert.deepEqual(
				execution.items(AIUTA).map(({ json }) => json['product_id']),
				skus,
			);
		},
	),
	check(
		'a Studio product without a picture of one type says which, in the item and in the hint',
		async (context) => {
			const execution = await runItems(
				context,
				await productItems(1, 'typed', () => '[no-image:flat_back]'),
				{
					parameters: { ...GENERATE, api: 'studio', imageTypes: ['flat_front', 'flat_back'] },
				},
			);
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			const [item] = execution.items(AIUTA);
			assert.deepEqual(item?.json['missing_types'], ['flat_back']);
			assert.equal(listAt(item.json, 'generated_images').length, 1);
			assert.match(execution.hints(AIUTA).join(), /without a picture of every type/);
		},
	),
	check('image URLs may contain commas, as an array and as text', async (context) => {
		const { credentialId, sandbox } = context;
		const address = `$('Upload').item.json.url.replace('/uploads/', '/uploads/w_300,h_200,c_fill/')`;
		const generate = (name: string, api: string, imageUrls: string) =>
			aiutaNode(
				{
					parameters: {
						...GENERATE,
						api,
						imageSource: 'imageUrls',
						imageUrls,
						productId: name,
						productTitle: name,
					},
					credentialId: api === 'studio' ? context.credentialIds.studio : credentialId,
				},
				name,
			);
		const execution = await runRow(context, [
			itemsNode([{ json: {}, photos: { data: await smallPhoto(4) } }]),
			aiutaNode({ parameters: { resource: 'image', operation: 'upload' }, credentialId }, 'Upload'),
			generate('Array', 'flatLays', `={{ [${address}, ${address} + '?v=1,2'] }}`),
			generate('Text', 'flatLays', `={{ ${address} + ', ' + ${address} + '?v=1,2' }}`),
			generate('Studio', 'studio', `={{ ${address} + '\\n' + ${address} + '?v=1,2' }}`),
		]);
		assert.equal(execution.status, 'success', execution.error('Studio')?.message);
		for (const name of ['Array', 'Text']) {
			assert.equal(listAt(execution.items(name)[0]?.json, 'uploaded_image_ids').length, 2, name);
		}
		const { creates } = sandbox.stats();
		assert.deepEqual(
			listAt(creates[2]?.body, 'product_info', 'image_urls'),
			['', '?v=1,2'].map(
				(query) =>
					outputText(execution, 'url', 0, 'Upload').replace(
						'/uploads/',
						'/uploads/w_300,h_200,c_fill/',
					) + query,
			),
		);
	}),
	check(
		'equal photos uploaded twice have IDs of their own; an unknown image cannot be deleted',
		async (context) => {
			const { credentialId, sandbox } = context;
			const photo = await smallPhoto(5);
			const node = (name: string, operation: string, parameters: Record<string, unknown>) =>
				aiutaNode(
					{
						parameters: { resource: 'image', operation, ...parameters },
						credentialId,
						onError: 'continueRegularOutput',
					},
					name,
				);
			const execution = await runRow(context, [
				itemsNode([
					{ json: {}, photos: { front: photo, back: photo } },
					{ json: {}, photos: { front: photo } },
				]),
				node('Upload', 'upload', { binaryPropertyNames: '*' }),
				node('Look', 'get', { imageId: '={{ $json.id }}' }),
				node('Delete', 'delete', { imageId: "={{ $itemIndex === 1 ? 'nobody' : $json.id }}" }),
			]);
			const uploaded = execution.items('Upload');
			assert.deepEqual(
				uploaded.map(({ json, pairedItem }) => [
					at(json, 'source', 'binaryPropertyName'),
					pairedItem,
				]),
				[
					['front', { item: 0 }],
					['back', { item: 0 }],
					['front', { item: 1 }],
				],
			);
			const ids = uploaded.map(({ json }) => textAt(json, 'id'));
			assert.equal(new Set(ids).size, 3);
			assert.deepEqual(
				execution.items('Look').map(({ json }) => json['id']),
				ids,
			);
			const [first, unknown, third] = execution.items('Delete');
			assert.deepEqual(first?.json, { id: ids[0], deleted: true });
			assertFailedItem(unknown, 1);
			assert.equal(textAt(unknown?.json, 'error', 'code'), 'IMAGE_NOT_FOUND');
			assert.deepEqual(third?.json, { id: ids[2], deleted: true });
			assert.equal(sandbox.stats().uploads.length, 3);
		},
	),
];
