import type { IExecuteFunctions } from 'n8n-workflow';

import { readFinish } from '../../nodes/Aiuta/inputs/finish';
import { readOperationIds } from '../../nodes/Aiuta/inputs/ids';
import { readCreateOptions, readOptions } from '../../nodes/Aiuta/inputs/options';
import { Parameters } from '../../nodes/Aiuta/inputs/parameters';
import { readPassing } from '../../nodes/Aiuta/inputs/passing';
import { readSkuId } from '../../nodes/Aiuta/inputs/skus';

/** The parameters of a node as n8n has resolved them, and the item they are read for. */
function parametersOf(values: Record<string, unknown>, json: object = {}): Parameters {
	const host = {
		getNodeParameter: (name: string) => values[name] ?? null,
		getInputData: () => [{ json }],
	};
	return new Parameters(host as unknown as IExecuteFunctions, 0);
}

const FIELD = { name: 'field', displayName: 'Field' };

describe('a list of addresses', () => {
	const urls = (field: unknown) => parametersOf({ field }).urls(FIELD);

	it.each([
		['https://a.example/w_300,h_200,c_fill/1.jpg', ['https://a.example/w_300,h_200,c_fill/1.jpg']],
		['https://a.example/1,2.jpg, https://a.example/3.jpg', 2],
		['https://a.example/1.jpg,https://a.example/2.jpg', 2],
		['https://a.example/1.jpg,\nhttps://a.example/2,3.jpg\r\n', 2],
		['https://a.example/1.jpg,', ['https://a.example/1.jpg']],
		['a.jpg, b.jpg', ['a.jpg, b.jpg']],
		['', []],
	])('of %j keeps the commas within an address', (text, expected) => {
		const read = urls(text);
		if (typeof expected === 'number') expect(read).toHaveLength(expected);
		else expect(read).toEqual(expected);
		expect(read.filter((url) => /^\s|[\s]$/.test(url))).toEqual([]);
	});

	it('takes each entry of an array as it is', () => {
		expect(urls(['https://a.example/1, https://b.example/2', ' https://c.example/3 '])).toEqual([
			'https://a.example/1, https://b.example/2',
			'https://c.example/3',
		]);
	});
});

describe('a list of IDs', () => {
	it('splits text, but not the entries of an array', () => {
		const ids = (operationId: unknown) => readOperationIds(parametersOf({ operationId }));
		expect(ids('a, b\nc,,')).toEqual(['a', 'b', 'c']);
		expect(ids(['a,b', ' c '])).toEqual(['a,b', 'c']);
	});

	it.each(['.', '..', '../a', 'a/b', 'a\\b', '\ud83d'])('does not take %j for one', (id) => {
		expect(() => readOperationIds(parametersOf({ operationId: ['ok', id] }))).toThrow(
			/^Operation ID is .*, which is no ID of Aiuta$/,
		);
	});
});

describe('an option', () => {
	it.each([null, '', '  ', undefined])('of %j counts as left out', (empty) => {
		const options = { extra: empty, brand: empty, outputWidth: empty, qaMode: empty };
		expect(readCreateOptions(readOptions(parametersOf({ options })))).toEqual({});
		const finish = { maxWaitMinutes: empty, downloadImages: empty, outputMode: empty };
		expect(readFinish(parametersOf({ options: finish }))).toMatchObject({
			maxWaitMs: 3_600_000,
			downloadImages: true,
			outputMode: 'product',
		});
	});

	it('is honoured where it stood before it moved into Options', () => {
		const former = {
			maxWaitMinutes: 5,
			onTimeout: 'unfinished',
			downloadImages: false,
			outputBinaryPropertyName: 'picture',
			outputMode: 'image',
		};
		const expected = {
			maxWaitMs: 300_000,
			onTimeout: 'unfinished',
			downloadImages: false,
			binaryField: 'picture',
			outputMode: 'image',
		};
		expect(readFinish(parametersOf(former))).toMatchObject(expected);
		expect(readFinish(parametersOf({ options: former }))).toMatchObject(expected);
	});

	it('wins over what was saved at its former place', () => {
		const saved = { maxWaitMinutes: 5, options: { maxWaitMinutes: 7 } };
		expect(readFinish(parametersOf(saved)).maxWaitMs).toBe(420_000);
	});
});

describe('the other fields of an item', () => {
	const json = { sku: 'A', error: 'of another node', nested: { b: 1 } };

	it('come along when asked for, but for an error', () => {
		const options = { includeOtherFields: true };
		expect(readPassing(parametersOf({ options }, json)).otherFields).toEqual({
			sku: 'A',
			nested: { b: 1 },
		});
	});

	it('stay behind otherwise', () => {
		expect(readPassing(parametersOf({}, json)).otherFields).toEqual({});
	});
});

describe('a SKU', () => {
	it.each([
		['chosen from the list', { __rl: true, mode: 'list', value: 'DRESS-1' }],
		['given by its ID', { __rl: true, mode: 'id', value: ' DRESS-1 ' }],
		['given as plain text', 'DRESS-1'],
	])('%s is read', (_, skuId) => {
		expect(readSkuId(parametersOf({ skuId }))).toBe('DRESS-1');
	});

	it('that was not chosen is asked for', () => {
		const skuId = { __rl: true, mode: 'list', value: '' };
		expect(() => readSkuId(parametersOf({ skuId }))).toThrow('SKU ID is empty');
	});
});
