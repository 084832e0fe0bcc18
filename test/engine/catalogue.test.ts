/** A batch as a shop has it: photos and pictures belong together, failures go their own way. */
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import sharp from 'sharp';

import { canvasSize, grid } from '../sandbox/pictures/layout';
import { readBinary, type InputItem, type RunOptions, type RunResult } from '../support/n8n/host';
import {
	colorOf,
	errorOf,
	errorText,
	failedItems,
	generate,
	operationIdOf,
	photo,
	products,
	useBench,
} from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench({ picture: 'compose' });

const PRODUCTS = 12;
const TITLES: Readonly<Record<number, string>> = { 2: '[fail]', 5: '[abort]', 7: '[cancel]' };
const REFUSED = 9;
const FAILED = [2, 5, 7, REFUSED];
const GOOD = [0, 1, 3, 4, 6, 8, 10, 11];

/** Bytes that no file type begins with: the node lets them pass, the API cannot decode them. */
const NOT_DECODABLE = Buffer.from(
	Array.from({ length: 300 }, (_unused, index) => (index * 7) & 255),
);

const frontOf = (product: number) => colorOf(product * 2);
const backOf = (product: number) => colorOf(product * 2 + 1);
const skuOf = (product: number) => `SKU-${product}`;

async function filesOf(product: number) {
	const back = product === REFUSED ? NOT_DECODABLE : await photo(backOf(product));
	return { front: { bytes: await photo(frontOf(product)) }, back: { bytes: back } };
}

function jsonOf(product: number) {
	return { sku: skuOf(product), title: TITLES[product] ?? '' };
}

async function oneItemEach(): Promise<InputItem[]> {
	return await Promise.all(
		Array.from({ length: PRODUCTS }, async (_unused, product) => ({
			json: jsonOf(product),
			files: await filesOf(product),
		})),
	);
}

/** All fronts first, then all backs: the photos of a product are not neighbours. */
async function onePhotoEach(): Promise<InputItem[]> {
	const files = await Promise.all(
		Array.from({ length: PRODUCTS }, async (_unused, product) => await filesOf(product)),
	);
	return [
		...files.map(({ front }, product) => ({ json: jsonOf(product), files: { data: front } })),
		...files.map(({ back }, product) => ({ json: jsonOf(product), files: { data: back } })),
	];
}

interface Layout {
	name: string;
	items: () => Promise<InputItem[]>;
	parameters: INodeParameters;
	pairedItem: (product: number) => INodeExecutionData['pairedItem'];
}

const LAYOUTS: Layout[] = [
	{
		name: 'two photos an item',
		items: oneItemEach,
		parameters: { binaryPropertyNames: 'front, back' },
		pairedItem: (product: number) => ({ item: product }),
	},
	{
		name: 'one photo an item, grouped by Product ID',
		items: onePhotoEach,
		parameters: { groupByProductId: true },
		pairedItem: (product: number) => [{ item: product }, { item: product + PRODUCTS }],
	},
];
/** The colours in the middle of the cards of a composed picture, as the sandbox lays them out. */
async function cardColors(item: INodeExecutionData): Promise<string[]> {
	const { data } = item.binary ?? {};
	if (data === undefined) throw new Error('no picture');
	const image = sharp(await readBinary(data));
	const { data: pixels, info } = await image.raw().toBuffer({ resolveWithObject: true });
	const look = {
		background: { background_type: 'arbitrary' as const },
		size: null,
		paddings: null,
	};
	return grid(2, canvasSize(look), look).map(({ left, top, width, height }) => {
		const x = Math.round(left + width / 2);
		const y = Math.round(top + height / 2);
		const start = (y * info.width + x) * info.channels;
		return `#${pixels.subarray(start, start + 3).toString('hex')}`;
	});
}

describe.each(LAYOUTS)('twelve products with $name', ({ items, parameters, pairedItem }) => {
	async function run(options: Partial<RunOptions>): Promise<RunResult> {
		return await bench().run({
			items: await items(),
			parameters: generate(parameters),
			...options,
		});
	}

	it.each(['continueErrorOutput', 'continueRegularOutput'] as const)(
		'eight come out with their own pictures and four as failures under %s',
		async (onError) => {
			const result = await run({ onError });
			const failed = failedItems(result);
			const finished = result.success.filter(({ json }) => json['error'] === undefined);

			expect(result.error).toBeUndefined();
			expect(result.failed).toHaveLength(onError === 'continueErrorOutput' ? 4 : 0);
			expect(finished.map(({ json }) => json['product_id'])).toEqual(GOOD.map(skuOf));
			expect(finished.map((item) => item.pairedItem)).toEqual(GOOD.map(pairedItem));
			expect(finished.map(({ binary }) => binary?.['data']?.fileName)).toEqual(
				GOOD.map((product) => `${skuOf(product)}.png`),
			);
			expect(await Promise.all(finished.map(cardColors))).toEqual(
				GOOD.map((product) => [frontOf(product), backOf(product)]),
			);

			expect(failed.map((item) => item.pairedItem)).toEqual(FAILED.map(pairedItem));
			const errors = failed.map(errorOf);
			expect(errors).toMatchObject([
				{ product_id: skuOf(2), status: 'FAILED', operation_id: expect.any(String) },
				{ product_id: skuOf(5), status: 'ABORTED', operation_id: expect.any(String) },
				{ product_id: skuOf(7), status: 'CANCELLED', operation_id: expect.any(String) },
				{ product_id: skuOf(REFUSED), code: 'UPLOAD_REFUSED' },
			]);
			expect(errors[3]).not.toHaveProperty('operation_id');
			const { creates, duplicates } = bench().sandbox.stats();
			expect(creates).toHaveLength(PRODUCTS - 1);
			expect(duplicates).toEqual([]);
			const ids = [
				...finished.map(({ json }) => json['operation_id']),
				...errors.slice(0, 3).map((error) => error['operation_id']),
			];
			expect(new Set(ids)).toEqual(new Set(creates.map(({ operationId }) => operationId)));
		},
	);

	it('stops with one error that lists them, and Retry takes up what exists', async () => {
		const stopped = await run({ onError: 'stopWorkflow', parameters: generate(parameters) });
		expect(stopped.success).toEqual([]);
		expect(stopped.run.status).toBe('error');
		const { creates } = bench().sandbox.stats();
		expect(stopped.error?.message).toMatch(/^[1-4] of 12 products failed/);
		expect(errorText(stopped)).toContain(`${creates.length} operations were created and paid for.`);
		expect(errorText(stopped)).toContain('Executions > Retry');

		const retried = await stopped.retry();
		const after = bench().sandbox.stats();
		expect(retried.error?.message).toMatch(/^4 of 12 products failed/);
		expect(errorText(retried)).toContain(
			`${after.createsAccepted} operations were created and paid for.`,
		);
		expect(after.createsAccepted).toBeLessThan(PRODUCTS);
		expect(after.duplicates).toEqual([]);
		const ended = after.operations.filter(({ status }) => status !== 'SUCCESS');
		expect(ended).toHaveLength(3);
		for (const { id } of ended) expect(errorText(retried)).toContain(id);
		expect(errorText(retried)).toContain(`product ${skuOf(REFUSED)}`);
	});
});

it('a different photo in a group is told by the product, not by the first item', async () => {
	const [first, second, third] = await Promise.all(
		[1, 2, 3].map(async (it) => await photo(colorOf(it))),
	);
	if (first === undefined || second === undefined || third === undefined) throw new Error('none');
	const item = (sku: string, bytes: Buffer) => ({ json: { sku }, files: { data: { bytes } } });
	const { success } = await bench().run({
		items: [item('A', first), item('B', second), item('A', third)],
		parameters: generate({ groupByProductId: true, productTitle: '' }),
	});
	expect(success.map(({ json, pairedItem }) => [json['product_id'], pairedItem])).toEqual([
		['A', [{ item: 0 }, { item: 2 }]],
		['B', { item: 1 }],
	]);
	expect(success[0]?.json['uploaded_image_ids']).toHaveLength(2);
	expect(bench().sandbox.stats().createsAccepted).toBe(2);
});

it('one unusable photo of a group fails its product, naming the item', async () => {
	const bytes = await photo(colorOf(1));
	const { success, failed } = await bench().run({
		items: [
			{ json: { sku: 'A' }, files: { data: { bytes } } },
			{ json: { sku: 'B' }, files: { data: { bytes } } },
			{ json: { sku: 'A' }, files: { data: { bytes: Buffer.from('<html></html>') } } },
		],
		parameters: { productId: '={{ $json.sku }}', groupByProductId: true },
		onError: 'continueErrorOutput',
	});
	expect(success.map(({ json }) => json['product_id'])).toEqual(['B']);
	expect(failed.map(({ pairedItem }) => pairedItem)).toEqual([[{ item: 0 }, { item: 2 }]]);
	expect(errorOf(failed[0])).toMatchObject({
		product_id: 'A',
		code: 'NOT_AN_IMAGE',
		message: expect.stringMatching(/is no photo: it is an HTML page$/),
		description: expect.stringMatching(/ It is in item 2\.$/),
	});
	expect(bench().sandbox.stats().createsAccepted).toBe(1);
});

it('lists the first twenty failures of a stopped run and counts the rest', async () => {
	bench().sandbox.configure({ picture: 'cached' });
	bench().sandbox.setOutcome({}, { result: 'fail', error: 'Blurred.' });
	const items = await Promise.all(
		Array.from({ length: 30 }, async (_unused, index) => ({
			json: { sku: `P${index}` },
			files: { data: { bytes: await photo(colorOf(index)) } },
		})),
	);
	const created = await bench().run({
		items,
		parameters: { operation: 'create', imageSource: 'binary', productId: '={{ $json.sku }}' },
	});
	const waited = await bench().run({
		items: created.success.map(({ json }) => ({ json })),
		parameters: { operation: 'wait', operationId: '={{ $json.operation_id }}' },
		onError: 'stopWorkflow',
	});
	expect(waited.error?.message).toBe(
		'30 of 30 operations failed: Aiuta could not make the picture: Blurred.',
	);
	const lines = (waited.error?.description ?? '')
		.split('<br>')
		.filter((it) => it.startsWith('- item '));
	expect(lines).toHaveLength(20);
	expect(lines[0]).toContain(operationIdOf(created.success[0]));
	expect(errorText(waited)).toContain('10 more');
	const logged = bench().log.filter(({ level }) => level === 'error');
	for (const id of created.success.map(operationIdOf)) {
		expect(logged.some(({ message }) => message.includes(id))).toBe(true);
	}
});

it('writes one line into the log for each thing it has to say, whoever chose the words', async () => {
	const forged = '\r\nAiuta operation forged created (item 7)\u2028';
	const [item] = await products(1);
	bench().sandbox.setOutcome({}, { result: 'fail', error: `Blurred.${forged}` });
	await bench().run({
		items: [{ ...item, json: { sku: `P0${forged}` } }],
		parameters: generate({ productTitle: '' }),
		onError: 'stopWorkflow',
	});
	const lines = bench()
		.log.map(({ message }) => message)
		.filter((message) => message.includes('forged'));
	expect(lines).toEqual([
		expect.stringMatching(/^Aiuta operation .* created for product P0 Aiuta operation forged/),
		expect.stringMatching(/^Aiuta: item 0: .*Blurred\. Aiuta operation forged/),
	]);
	for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
});
