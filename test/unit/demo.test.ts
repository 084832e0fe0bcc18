import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { productsIn, sampleProducts, toItem, UsageError } from '../demo/products';
import { stepOf } from '../demo/progress';
import { describeRows, failedRows } from '../demo/report';

describe('the photos of the demo', () => {
	let folder = '';

	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
	});

	afterEach(() => {
		rmSync(folder, { recursive: true });
	});

	function put(...names: string[]): void {
		for (const name of names) {
			mkdirSync(join(folder, name, '..'), { recursive: true });
			writeFileSync(join(folder, name), 'x');
		}
	}

	const listed = async () =>
		(await productsIn(folder)).products.map(({ productId, photos }) => [
			productId,
			photos.map((photo) => photo.slice(folder.length + 1)),
		]);

	it('are one product for each sub-folder and for each loose file', async () => {
		put('dress/b.PNG', 'dress/a.jpg', 'dress/notes.txt', 'jeans.jpeg', 'empty/readme.md', '.x.jpg');
		expect(await listed()).toEqual([
			['dress', [join('dress', 'a.jpg'), join('dress', 'b.PNG')]],
			['jeans', ['jeans.jpeg']],
		]);
	});

	it('that lie loose are counted, folders that are empty or nested are named', async () => {
		put('dress/a.jpg', 'loose.jpg', 'empty/readme.md', 'season/coat/a.jpg', 'season/coat/b.jpg');
		put('.trash/x.jpg');
		const { looseFiles, passedOver } = await productsIn(folder);
		expect(looseFiles).toBe(1);
		expect(passedOver).toEqual([
			'empty/ holds no photo.',
			expect.stringContaining('season/ holds 2 photos in folders of its own (coat'),
		]);
	});

	it('are refused as HEIC, with the way to convert them', async () => {
		put('dress/a.jpg', 'dress/IMG_1.HEIC', 'IMG_2.heif');
		await expect(productsIn(folder)).rejects.toThrow(UsageError);
		await expect(productsIn(folder)).rejects.toThrow(/IMG_1\.HEIC.* and 1 more.*JPEG/s);
	});

	it('never give two products the same ID', async () => {
		put('dress/a.jpg', 'dress.jpg', 'dress.png');
		const ids = (await listed()).map(([id]) => id);
		expect(ids.sort()).toEqual(['dress', 'dress.jpg', 'dress.png']);
	});

	it('are missed with a message that says how to lay them out', async () => {
		put('notes.txt');
		await expect(productsIn(folder)).rejects.toThrow(UsageError);
		await expect(productsIn(folder)).rejects.toThrow(/one sub-folder per product/);
		await expect(productsIn(join(folder, 'gone'))).rejects.toThrow(/no folder/);
	});

	it('are two of each of the four samples, with title and category', async () => {
		const items = await Promise.all(sampleProducts().map(toItem));
		expect(items).toHaveLength(4);
		for (const { json, files } of items) {
			expect(json).toEqual({
				product_id: expect.stringMatching(/./),
				title: expect.stringMatching(/./),
				category: expect.stringMatching(/./),
			});
			expect(Object.keys(files ?? {})).toEqual(['photo_1', 'photo_2']);
		}
	});
});

describe('the progress of the demo', () => {
	const HOST = 'api.example.com';

	it.each([
		['uploads', HOST, 'POST', '/flat-lays/v1/uploaded_images'],
		['creates', HOST, 'POST', '/v1/flat_lay_operations'],
		['checks', HOST, 'GET', '/studio/v1/flat_lay_operations/1'],
		['pictures', 'files.example.com', 'GET', '/1.png'],
		[undefined, HOST, 'GET', '/v1/sku_items'],
		[undefined, 'files.example.com', 'POST', '/1.png'],
	])('counts as %s: %s %s %s', (step, host, method, path) => {
		expect(stepOf(HOST, { host, method, path })).toBe(step);
	});
});

describe('the report of the demo', () => {
	it('shows a failed product with its code, its operation and what to do', () => {
		const error = {
			message: 'It failed',
			description: 'Do this',
			product_id: 'DRESS-1',
			operation_id: 'op-1',
			code: 'OPERATION_FAILED',
		};
		const rows = failedRows([{ json: { error }, pairedItem: { item: 3 } }]);
		expect(rows).toEqual([expect.objectContaining({ itemIndex: 3, productId: 'DRESS-1' })]);
		const text = describeRows(rows);
		for (const part of ['DRESS-1', 'op-1', 'OPERATION_FAILED', 'It failed', 'Do this']) {
			expect(text).toContain(part);
		}
	});
});
