/** What comes out of each operation: keys, pairing, binary fields and file names, in all three APIs. */
import { createHash } from 'node:crypto';

import type { IBinaryKeyData, INodeParameters } from 'n8n-workflow';

import outputKeys from '../contract/outputKeys.snapshot.json';
import { readBinary, type InputItem } from '../support/n8n/host';
import {
	APIS,
	colorOf,
	errorOf,
	failedItems,
	generate,
	operationIdOf,
	keysOf,
	photo,
	products,
	untilGenerated,
	useBench,
	type Api,
} from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench();

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

async function createOperations(api: Api, items: InputItem[]): Promise<string[]> {
	const parameters = generate({ api, operation: 'create', imageSource: 'binary' });
	const { success } = await bench().run({ items, parameters });
	return success.map(operationIdOf);
}

function onOperations(operation: 'get' | 'wait', api: Api, more: INodeParameters = {}) {
	return { api, operation, operationId: '={{ $json.id }}', ...more };
}

function ids(values: string[]): InputItem[] {
	return values.map((id) => ({ json: { id } }));
}

describe.each(APIS)('on the API %s', (api) => {
	it('Generate and Wait gives an item for each product with the keys of the contract', async () => {
		const { success, failed, error } = await bench().run({
			items: await products(3),
			parameters: generate({ api }),
		});

		expect(error).toBeUndefined();
		expect(failed).toEqual([]);
		expect(success.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 1 },
			{ item: 2 },
		]);
		for (const [index, item] of success.entries()) {
			expect(keysOf(item.json)).toEqual(outputKeys['flatLay.generateAndWait']);
			expect(item.json).toMatchObject({
				product_id: `P${index}`,
				status: 'SUCCESS',
				finished: true,
			});
			expect(item.json['generated_images']).toHaveLength(1);
			expect(item.json['image_url']).toBe(
				(item.json['generated_images'] as Array<{ url: string }>)[0]?.url,
			);
			expect(item.json['duration_seconds']).toBeGreaterThan(0);
			expect(item.json['uploaded_image_ids']).toHaveLength(1);
			expect(keysOf(item.binary)).toEqual(['data']);
		}
		const { creates, operations } = bench().sandbox.stats();
		expect(creates.map(({ generation }) => generation)).toEqual([api, api, api]);
		expect(new Set(success.map(({ json }) => json['operation_id']))).toEqual(
			new Set(operations.map(({ id }) => id)),
		);
	});

	it('Create Operation gives the ID of each operation at once', async () => {
		const items = await products(2, () => '[forever]');
		const parameters = generate({ api, operation: 'create', imageSource: 'binary' });
		const { success } = await bench().run({ items, parameters });

		const { creates, uploads, routes } = bench().sandbox.stats();
		expect(routes.getOperation.requests).toBe(0);
		expect(success).toEqual(
			[0, 1].map((item) => ({
				json: {
					operation_id: expect.any(String),
					product_id: `P${item}`,
					uploaded_image_ids: [expect.any(String)],
				},
				pairedItem: { item },
			})),
		);
		expect(success.map(({ json }) => json['operation_id']).sort()).toEqual(
			creates.map(({ operationId }) => operationId).sort(),
		);
		expect(success.flatMap(({ json }) => json['uploaded_image_ids']).sort()).toEqual(
			uploads.map(({ id }) => id).sort(),
		);
	});

	it('Get Operation reads the state now, of several IDs in one item', async () => {
		const created = await createOperations(
			api,
			await products(2, (index) => ['[fail]', ''][index] ?? ''),
		);
		const running = await createOperations(api, await products(1, () => '[forever]'));
		await untilGenerated(bench(), created);
		const { success, failed } = await bench().run({
			items: ids([created.join(', '), running.join()]),
			parameters: onOperations('get', api),
		});

		expect(failed).toEqual([]);
		for (const { json } of success) expect(keysOf(json)).toEqual(outputKeys['flatLay.get']);
		expect(success.map(({ json, pairedItem }) => ({ ...json, pairedItem }))).toMatchObject([
			{
				operation_id: created[0],
				status: 'FAILED',
				finished: true,
				failure_reason: expect.stringMatching(/./),
				image_url: null,
				generated_images: [],
				pairedItem: { item: 0 },
			},
			{
				operation_id: created[1],
				status: 'SUCCESS',
				finished: true,
				failure_reason: null,
				image_url: expect.stringContaining('http'),
				pairedItem: { item: 0 },
			},
			{
				operation_id: running[0],
				finished: false,
				failure_reason: null,
				image_url: null,
				pairedItem: { item: 1 },
			},
		]);
	});

	it('Wait for Operation follows operations to their end and attaches the pictures', async () => {
		const [first = '', second = ''] = await createOperations(api, await products(2));
		const { success } = await bench().run({
			items: ids([first, second]),
			parameters: onOperations('wait', api),
		});

		expect(success.map(({ json }) => json['operation_id'])).toEqual([first, second]);
		for (const [item, output] of success.entries()) {
			expect(keysOf(output.json)).toEqual(outputKeys['flatLay.wait']);
			expect(output.pairedItem).toEqual({ item });
			expect(keysOf(output.binary)).toEqual(['data']);
			const { data } = output.binary ?? {};
			expect(data?.fileName).toBe(
				`${output.json['operation_id'] as string}${api === 'flatLays' ? '' : '_flat_front'}.png`,
			);
			expect(data === undefined ? undefined : (await readBinary(data)).subarray(0, 4)).toEqual(PNG);
		}
	});

	it('a FAILED operation is a failed item of Generate and Wait and of Wait for Operation', async () => {
		const generated = await bench().run({
			items: await products(1, () => '[fail]'),
			parameters: generate({ api }),
			onError: 'continueRegularOutput',
		});
		const [operation] = bench().sandbox.stats().operations;
		const waited = await bench().run({
			items: ids([operation?.id ?? '']),
			parameters: onOperations('wait', api),
			onError: 'continueRegularOutput',
		});

		for (const { success } of [generated, waited]) {
			expect(success).toEqual([{ json: { error: expect.anything() }, pairedItem: { item: 0 } }]);
			expect(errorOf(success[0])).toMatchObject({
				operation_id: operation?.id,
				status: 'FAILED',
				code: 'OPERATION_FAILED',
				retryable: false,
				failure_reason: expect.stringMatching(/./),
				// A form's visitor may read the message: what is of no use there stands in the description.
				message: expect.stringMatching(/^Aiuta could not make the picture: /),
				description: expect.stringContaining('The operation ended as FAILED.'),
			});
		}
		expect(keysOf(errorOf(generated.success[0]))).toEqual([
			'code',
			'description',
			'failure_reason',
			'message',
			'operation_id',
			'operations',
			'product_id',
			'retryable',
			'status',
			'uploaded_image_ids',
		]);
	});

	it('uploads photos, reads them and deletes them', async () => {
		const run = async (operation: string, items: InputItem[], more: INodeParameters = {}) =>
			await bench().run({
				items,
				parameters: { api, resource: 'image', operation, imageId: '={{ $json.id }}', ...more },
				onError: 'continueRegularOutput',
			});
		const files = {
			front: { bytes: await photo(colorOf(1)), fileName: 'front.png' },
			back: { bytes: await photo(colorOf(2)), fileName: 'zurück.png' },
		};
		const uploaded = await run('upload', [{ files }], { binaryPropertyNames: 'back, front' });

		expect(uploaded.success.map(({ pairedItem }) => pairedItem)).toEqual([
			{ item: 0 },
			{ item: 0 },
		]);
		for (const { json } of uploaded.success) {
			expect(keysOf(json)).toEqual(outputKeys['image.upload']);
		}
		expect(uploaded.success.map(({ json }) => json['source'])).toEqual([
			{ binaryPropertyName: 'back', fileName: 'zurück.png' },
			{ binaryPropertyName: 'front', fileName: 'front.png' },
		]);
		const { uploads } = bench().sandbox.stats();
		expect(uploads.map(({ fileName, contentType }) => [fileName, contentType]).sort()).toEqual([
			['front.png', 'image/png'],
			['zurück.png', 'image/png'],
		]);

		const [back] = uploaded.success;
		const [{ id } = { id: '' }] = uploads.filter((upload) => upload.fileName === 'zurück.png');
		const read = await run('get', ids([id]));
		expect(read.success).toEqual([
			{
				json: {
					id,
					url: back?.json['url'],
					owner_type: 'user',
					...(api === 'flatLays' ? {} : { expires_at: expect.any(String) }),
				},
				pairedItem: { item: 0 },
			},
		]);

		const deleted = await run('delete', ids([id]));
		expect(deleted.success).toEqual([{ json: { id, deleted: true }, pairedItem: { item: 0 } }]);
		for (const operation of ['get', 'delete']) {
			const { success } = await run(operation, ids([id]));
			expect(errorOf(success[0])).toMatchObject({
				code: 'IMAGE_NOT_FOUND',
				message: expect.stringContaining(id),
			});
		}
	});

	it('downloads generated images and deletes them', async () => {
		const { success } = await bench().run({
			items: await products(1),
			parameters: generate({ api, downloadImages: false }),
		});
		const [image] = success[0]?.json['generated_images'] as Array<{ id: string; url: string }>;
		const run = async (operation: string, more: INodeParameters) =>
			await bench().run({
				parameters: { api, resource: 'generatedImage', operation, ...more },
				onError: 'continueRegularOutput',
			});
		const imageUrl = image?.url ?? '';
		const downloaded = await run('download', { imageUrl, outputBinaryPropertyName: 'picture' });

		expect(downloaded.success).toHaveLength(1);
		const [item] = downloaded.success;
		expect(keysOf(item?.json)).toEqual(outputKeys['generatedImage.download']);
		expect(item?.json).toEqual({ image_url: imageUrl, file_name: `${image?.id ?? ''}.png` });
		expect(item?.pairedItem).toEqual({ item: 0 });
		expect(keysOf(item?.binary)).toEqual(['picture']);
		expect(item?.binary?.['picture']?.mimeType).toBe('image/png');

		const deleted = await run('delete', { imageId: image?.id ?? '' });
		expect(deleted.success).toEqual([
			{ json: { id: image?.id, deleted: true }, pairedItem: { item: 0 } },
		]);
		const again = await run('download', { imageUrl });
		expect(errorOf(again.success[0])).toMatchObject({ code: 'DOWNLOAD_FAILED' });
		expect(bench().sandbox.stats().keySeenOn.files).toBe(0);
	});

	it('a workflow that is switched to it gives the same keys as before', async () => {
		const parameters = generate({ api, imageTypes: ['flat_front', 'detail_back'] });
		const { success } = await bench().run({ items: await products(1), parameters });

		expect(success.map(({ json }) => keysOf(json))).toEqual([
			outputKeys['flatLay.generateAndWait'],
		]);
	});

	it('gives an unfinished item at the timeout, which Wait for Operation takes up', async () => {
		bench().sandbox.setOutcome({}, { result: 'forever' });
		const timed = await bench().run({
			items: await products(1),
			parameters: generate({ api, maxWaitMinutes: 0.5, onTimeout: 'unfinished' }),
		});
		expect(timed.success).toHaveLength(1);
		expect(keysOf(timed.success[0]?.json)).toEqual(outputKeys['flatLay.generateAndWait']);
		expect(timed.success[0]?.json).toMatchObject({
			finished: false,
			image_url: null,
			generated_images: [],
			status: expect.stringMatching(/^(CREATED|IN_PROGRESS)$/),
		});
		const operationId = operationIdOf(timed.success[0]);
		bench().sandbox.setOutcome({ operationId }, { result: 'success' });

		const waited = await bench().run({
			items: ids([operationId]),
			parameters: onOperations('wait', api),
		});
		expect(waited.success[0]?.json).toMatchObject({ operation_id: operationId, finished: true });
		expect(bench().sandbox.stats().createsAccepted).toBe(1);
	});

	it('gives a failed item with the ID at the timeout unless told otherwise', async () => {
		const { success } = await bench().run({
			items: await products(1, () => '[forever]'),
			parameters: generate({ api, maxWaitMinutes: 0.5 }),
			onError: 'continueRegularOutput',
		});
		const [operation] = bench().sandbox.stats().operations;
		expect(errorOf(success[0])).toMatchObject({
			code: 'TIMED_OUT',
			retryable: false,
			resumable: true,
			operation_id: operation?.id,
			product_id: 'P0',
			message: 'The picture was not finished within 0.5 minutes',
			description: expect.stringMatching(/Wait for Operation.* Its status was [A-Z_]+\.$/),
		});
	});

	it('puts the untouched body under response only when asked to', async () => {
		const parameters = generate({ api, options: { includeResponse: true } });
		const { success } = await bench().run({ items: await products(1), parameters });
		const { response, ...others } = success[0]?.json ?? {};
		expect(keysOf(others)).toEqual(outputKeys['flatLay.generateAndWait']);
		expect(response).toMatchObject({ id: others['operation_id'], status: 'SUCCESS', error: null });

		const operationId = operationIdOf(success[0]);
		for (const operation of ['get', 'wait'] as const) {
			const read = await bench().run({
				items: ids([operationId]),
				parameters: onOperations(operation, api, { options: { includeResponse: true } }),
			});
			expect(read.success[0]?.json['response']).toMatchObject({ id: operationId, error: null });
		}
		const created = await bench().run({
			items: await products(1),
			parameters: { ...parameters, operation: 'create', imageSource: 'binary' },
		});
		expect(created.success[0]?.json['response']).toEqual({
			operation_id: created.success[0]?.json['operation_id'],
		});
	});
});

it('an item of Create Operation without a Product ID has no product_id', async () => {
	const items = await products(1);
	for (const operation of ['create', 'generateAndWait']) {
		const parameters = { operation, imageSource: 'binary' };
		const { success } = await bench().run({ items, parameters });
		expect(success[0]?.json).toHaveProperty('operation_id');
		expect(success[0]?.json).not.toHaveProperty('product_id');
	}
});

it('Studio makes all image types and variants of a product in one operation', async () => {
	const { success } = await bench().run({
		items: await products(1),
		parameters: generate({
			api: 'studio',
			imageTypes: ['flat_front', 'ghost_mannequin_back'],
			options: { numberOfGenerations: 2 },
		}),
	});

	expect(bench().sandbox.stats().createsAccepted).toBe(1);
	const [item] = success;
	expect(item?.json['operations']).toEqual([
		{ operation_id: item?.json['operation_id'], status: 'SUCCESS', failure_reason: null },
	]);
	expect(item?.json['generated_images']).toMatchObject([
		{ flat_lay_type: 'flat', viewpoint: 'front' },
		{ flat_lay_type: 'flat', viewpoint: 'front' },
		{ flat_lay_type: 'ghost_mannequin', viewpoint: 'back' },
		{ flat_lay_type: 'ghost_mannequin', viewpoint: 'back' },
	]);
	const names = Object.entries(item?.binary ?? {}).map(([field, { fileName }]) => [
		field,
		fileName,
	]);
	expect(names).toEqual([
		['data', 'P0_flat_front_1.png'],
		['data_1', 'P0_flat_front_2.png'],
		['data_2', 'P0_ghost_mannequin_back_1.png'],
		['data_3', 'P0_ghost_mannequin_back_2.png'],
	]);
});

it('Unified makes one operation for each image type, together one item', async () => {
	const { success } = await bench().run({
		items: await products(2),
		parameters: generate({ api: 'unified', imageTypes: ['flat_front', 'detail_back'] }),
	});

	const { createsAccepted, uploads } = bench().sandbox.stats();
	expect(createsAccepted).toBe(4);
	expect(uploads).toHaveLength(2);
	expect(success).toHaveLength(2);
	for (const [index, item] of success.entries()) {
		expect(item.json['operations']).toEqual([
			{
				operation_id: item.json['operation_id'],
				status: 'SUCCESS',
				flat_lay_type: 'flat',
				viewpoint: 'front',
				failure_reason: null,
			},
			{
				operation_id: expect.any(String),
				status: 'SUCCESS',
				flat_lay_type: 'detail',
				viewpoint: 'back',
				failure_reason: null,
			},
		]);
		expect(item.json['generated_images']).toMatchObject([
			{ flat_lay_type: 'flat', viewpoint: 'front' },
			{ flat_lay_type: 'detail', viewpoint: 'back' },
		]);
		expect(Object.values(item.binary ?? {}).map(({ fileName }) => fileName)).toEqual([
			`P${index}_flat_front.png`,
			`P${index}_detail_back.png`,
		]);
	}
});

it('Unified Create Operation gives one item for each image type', async () => {
	const { success } = await bench().run({
		items: await products(1),
		parameters: generate({
			api: 'unified',
			operation: 'create',
			imageSource: 'binary',
			imageTypes: ['flat_front', 'flat_back', 'detail_front'],
		}),
	});
	expect(success).toHaveLength(3);
	expect(new Set(success.map(({ json }) => json['operation_id'])).size).toBe(3);
	for (const item of success) {
		expect(keysOf(item.json)).toEqual(outputKeys['flatLay.create']);
		expect(item.pairedItem).toEqual({ item: 0 });
	}
});

it('an item fails if one of its operations does, and says what succeeded', async () => {
	const { failed, success } = await bench().run({
		items: await products(2, (index) => (index === 0 ? '[fail:flat_back]' : '')),
		parameters: generate({ api: 'unified', imageTypes: ['flat_front', 'flat_back'] }),
		onError: 'continueErrorOutput',
	});

	expect(success.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
	expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }]);
	expect(errorOf(failed[0])).toMatchObject({
		code: 'OPERATION_FAILED',
		product_id: 'P0',
		operations: [
			{ status: 'SUCCESS', flat_lay_type: 'flat', viewpoint: 'front', failure_reason: null },
			{
				status: 'FAILED',
				flat_lay_type: 'flat',
				viewpoint: 'back',
				failure_reason: expect.any(String),
			},
		],
		generated_images: [{ flat_lay_type: 'flat', viewpoint: 'front', url: expect.any(String) }],
	});
});

it('Unified takes a stored SKU in place of images', async () => {
	const { success, error } = await bench().run({
		parameters: { api: 'unified', imageSource: 'sku', skuId: 'DRESS-0042' },
	});

	expect(error).toBeUndefined();
	const { creates, uploads } = bench().sandbox.stats();
	expect(uploads).toEqual([]);
	expect(creates.map(({ body }) => body)).toMatchObject([{ sku_id: 'DRESS-0042' }]);
	expect(creates[0]?.body).not.toHaveProperty('product_info');
	expect(success[0]?.json).toMatchObject({ finished: true, uploaded_image_ids: [] });
});

it.each(['studio', 'unified'])(
	'output mode image gives an item for each picture on %s',
	async (api) => {
		const { success } = await bench().run({
			items: await products(1),
			parameters: generate({
				api,
				imageTypes: ['flat_front', 'flat_back'],
				outputMode: 'image',
				outputBinaryPropertyName: 'picture',
			}),
		});

		expect(success).toHaveLength(2);
		const urls = success.map(({ json }) => json['image_url']);
		expect(new Set(urls).size).toBe(2);
		for (const [index, item] of success.entries()) {
			expect(keysOf(item.json)).toEqual(outputKeys['flatLay.generateAndWait']);
			expect(item.pairedItem).toEqual({ item: 0 });
			expect(item.json['generated_images']).toMatchObject([
				{ url: urls[index], viewpoint: ['front', 'back'][index] },
			]);
			expect(keysOf(item.binary)).toEqual(['picture']);
			expect(item.binary?.['picture']?.fileName).toBe(`P0_flat_${['front', 'back'][index]}.png`);
		}
	},
);

it('fetches no picture when downloads are off', async () => {
	const { success } = await bench().run({
		items: await products(1),
		parameters: generate({ downloadImages: false }),
	});
	expect(success[0]?.binary).toBeUndefined();
	expect(keysOf(success[0]?.json)).toEqual(outputKeys['flatLay.generateAndWait']);
	expect(bench().sandbox.stats().routes.file.requests).toBe(0);
});

it('replaces what is unsafe in file names', async () => {
	const items: InputItem[] = [
		{ json: { sku: '../a/b: "Größe" 38?' }, files: { data: { bytes: await photo(colorOf(3)) } } },
	];
	const { success } = await bench().run({ items, parameters: { productId: '={{ $json.sku }}' } });
	expect(success[0]?.json['product_id']).toBe('../a/b: "Größe" 38?');
	expect(success[0]?.binary?.['data']?.fileName).toMatch(/^[^\\/:*?"<>|.\s]+Größe_38\.png$/);
});

it('takes every binary field of an item with *, in their order', async () => {
	const colors = [colorOf(5), colorOf(6), colorOf(7)];
	const [one, two, three] = await Promise.all(colors.map(photo));
	if (one === undefined || two === undefined || three === undefined) throw new Error('no photos');
	const files = { c: { bytes: one }, a: { bytes: two }, b: { bytes: three } };
	const { success } = await bench().run({
		items: [{ files }],
		parameters: { binaryPropertyNames: '*' },
	});
	const { uploads, creates } = bench().sandbox.stats();
	const hashes = [one, two, three].map(sha256);
	const sent = success[0]?.json['uploaded_image_ids'] as string[];
	expect(sent.map((id) => uploads.find((upload) => upload.id === id)?.sha256)).toEqual(hashes);
	expect(creates[0]?.body).toMatchObject({ uploaded_product_image_ids: sent });
});

it('takes a binary object that an expression yields', async () => {
	const bytes = await photo(colorOf(8));
	const { success, error } = await bench().run({
		items: [{ files: { any: { bytes, fileName: 'any.png' } } }],
		parameters: { binaryPropertyNames: '={{ $binary.any }}' },
	});
	expect(error).toBeUndefined();
	expect(success).toHaveLength(1);
	expect(bench().sandbox.stats().uploads).toMatchObject([
		{ sha256: sha256(bytes), fileName: 'any.png' },
	]);
});

it.each(['any', '={{ $input.item.binary.any }}', '={{ $binary.any }}', '={{ $binary }}'])(
	'takes inline base64 without an ID, named by %s',
	async (binaryPropertyNames) => {
		const bytes = await photo(colorOf(9));
		const data = { data: bytes.toString('base64'), mimeType: 'image/png' };
		const { success, error } = await bench().run({
			items: [{ binary: { any: data } }],
			parameters: { binaryPropertyNames },
		});
		expect(error).toBeUndefined();
		expect(success).toHaveLength(1);
		expect(bench().sandbox.stats().uploads).toMatchObject([
			{ sha256: sha256(bytes), contentType: 'image/png', fileName: 'image.png' },
		]);
	},
);

it('tells inline binaries apart that an expression gives without their data', async () => {
	const [one, two] = await Promise.all([photo(colorOf(5)), photo(colorOf(6))]);
	const inline = (bytes: Buffer, fileName: string) => ({
		data: bytes.toString('base64'),
		mimeType: 'image/png',
		fileName,
	});
	const sent = async (binary: IBinaryKeyData, expression: string) => {
		const { success, error } = await bench().run({
			items: [{ binary }],
			parameters: { binaryPropertyNames: `={{ ${expression} }}` },
		});
		const ids = (success[0]?.json['uploaded_image_ids'] ?? []) as string[];
		const { uploads } = bench().sandbox.stats();
		const hashes = ids.map((id) => uploads.find((upload) => upload.id === id)?.sha256);
		return { hashes, message: error?.message };
	};
	const named = { a: inline(one, 'a.png'), b: inline(two, 'b.png') };
	const alike = { a: inline(one, 'x.png'), b: inline(two, 'x.png') };
	expect(await sent(named, '[$binary.b, "a"]')).toEqual({ hashes: [sha256(two), sha256(one)] });
	expect(await sent(alike, '$binary')).toEqual({ hashes: [sha256(one), sha256(two)] });
	expect(await sent(alike, '$binary.b')).toEqual({
		hashes: [],
		message: 'Input Binary Fields gives neither a field name nor binary data',
	});
});

it('a renewed URL is used when the first one has expired', async () => {
	const { success } = await bench().run({
		items: await products(1, () => '[expired]'),
		parameters: generate(),
	});
	expect(keysOf(success[0]?.binary)).toEqual(['data']);
	const { statuses } = bench().sandbox.stats().routes.file;
	expect(statuses).toEqual({ 200: 1, 403: 1 });
});

it('pictures that cannot be downloaded leave their URLs in the error and stop no others', async () => {
	const { success, failed } = await bench().run({
		items: await products(3, (index) => (index === 1 ? '[no-such-picture]' : '')),
		parameters: generate(),
		onError: 'continueErrorOutput',
	});
	expect(success).toHaveLength(2);
	expect(errorOf(failed[0])).toMatchObject({
		code: 'DOWNLOAD_FAILED',
		product_id: 'P1',
		status: 'SUCCESS',
		generated_images: [{ url: expect.stringContaining(bench().sandbox.filesUrl) }],
	});
});

it('an unknown status is polled to the deadline and never taken for success', async () => {
	const { success } = await bench().run({
		items: await products(1, () => '[unknown-status]'),
		parameters: generate({ maxWaitMinutes: 0.3 }),
		onError: 'continueRegularOutput',
	});
	expect(errorOf(success[0])).toMatchObject({ code: 'TIMED_OUT', status: 'UNDER_REVIEW' });
	expect(bench().sandbox.stats().operations[0]?.polls).toBeGreaterThan(1);
});

it.each(APIS)('an operation that does not exist is a failed item on %s', async (api) => {
	const operationId = '00000000-0000-4000-8000-00000000dead';
	for (const operation of ['get', 'wait'] as const) {
		const { failed, success } = await bench().run({
			items: ids([operationId]),
			parameters: onOperations(operation, api),
			onError: 'continueErrorOutput',
		});
		expect(success).toEqual([]);
		expect(errorOf(failed[0])).toMatchObject({
			code: 'OPERATION_NOT_FOUND',
			operation_id: operationId,
		});
	}
});

it('a failed item has error as its only key and reaches the error output with all of it', async () => {
	const parameters = generate();
	const items = await products(1, () => '[fail]');
	const regular = await bench().run({ items, parameters, onError: 'continueRegularOutput' });
	const [item] = regular.success;
	expect(keysOf(item)).toEqual(['json', 'pairedItem']);
	expect(keysOf(item?.json)).toEqual(['error']);

	const branched = await bench().run({ items, parameters, onError: 'continueErrorOutput' });
	expect(branched.success).toEqual([]);
	expect(branched.failed).toHaveLength(1);
	// The engine merges the input item's fields in; the error stays as the node made it.
	expect(branched.failed[0]?.json).toMatchObject({ sku: 'P0', title: '[fail]' });
	expect(keysOf(errorOf(branched.failed[0]))).toEqual(keysOf(errorOf(item)));
	expect(errorOf(branched.failed[0])).toMatchObject({ status: 'FAILED', product_id: 'P0' });
});

it('an item that did not fail has no key named error', async () => {
	const created = await createOperations('flatLays', await products(1, () => '[fail]'));
	const { success } = await bench().run({
		items: ids(created),
		parameters: onOperations('get', 'flatLays', { options: { includeResponse: true } }),
	});
	expect(success[0]?.json).not.toHaveProperty('error');
	expect(success).toHaveLength(1);
});

describe('the other fields of the input', () => {
	const options = { includeOtherFields: true };
	const withFields = async () => {
		const items = await products(2);
		const price = 9;
		return items.map((item, index) => ({
			...item,
			json: { ...item.json, price, status: 'draft', error: 'of another node', index },
		}));
	};
	const expected = (index: number) => ({ price: 9, index });

	it('come along with finished products, and those of the node win', async () => {
		const { success } = await bench().run({
			items: await withFields(),
			parameters: generate({ options }),
		});
		expect(success).toHaveLength(2);
		for (const [index, { json }] of success.entries()) {
			expect(json).toMatchObject({ ...expected(index), status: 'SUCCESS', finished: true });
			expect(json).not.toHaveProperty('error');
		}
	});

	it('come along with what is not finished in time, and with operations that were created', async () => {
		bench().sandbox.configure({ generationMs: 60_000 });
		const late = await bench().run({
			items: await withFields(),
			parameters: generate({
				options: { ...options, maxWaitMinutes: 0.01, onTimeout: 'unfinished' },
			}),
		});
		expect(late.success.map(({ json }) => json)).toMatchObject([
			{ ...expected(0), finished: false },
			{ ...expected(1), finished: false },
		]);
		const created = await bench().run({
			items: await withFields(),
			parameters: generate({ operation: 'create', imageSource: 'binary', options }),
		});
		expect(created.success.map(({ json }) => json)).toMatchObject([expected(0), expected(1)]);
	});

	it('are those of the first item of a group', async () => {
		const { success } = await bench().run({
			items: await withFields(),
			parameters: generate({ productId: 'A', groupByProductId: true, options }),
		});
		expect(success.map(({ json }) => json)).toMatchObject([{ ...expected(0), product_id: 'A' }]);
	});

	it('stay out of a failed item, whose only key is the error', async () => {
		const run = await bench().run({
			items: [{ json: { price: 9 } }],
			parameters: generate({ options }),
			onError: 'continueRegularOutput',
		});
		expect(failedItems(run).map(({ json }) => keysOf(json))).toEqual([['error']]);
	});
});
