import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeParameters, INodeProperties } from 'n8n-workflow';

import { AiutaApi } from '../../credentials/AiutaApi.credentials';
import {
	addableOptions,
	allProperties,
	choices,
	collectionFields,
	nodeDescription,
	shownNotices,
	shownProperties,
	withDefaults,
} from '../support/n8n/description';

const NODE_FOLDER = join(__dirname, '../../nodes/Aiuta');
const APIS = ['flatLays', 'studio', 'unified'] as const;
const OPERATIONS = [
	['flatLay', 'generateAndWait'],
	['flatLay', 'create'],
	['flatLay', 'get'],
	['flatLay', 'plan'],
	['flatLay', 'wait'],
	['image', 'upload'],
	['image', 'get'],
	['image', 'delete'],
	['generatedImage', 'download'],
	['generatedImage', 'delete'],
] as const;
const COMBINATIONS = APIS.flatMap((api) =>
	OPERATIONS.map(([resource, operation]) => [api, resource, operation] as const),
);

const IMAGE_TYPES = [
	'detail_back',
	'detail_front',
	'flat_back',
	'flat_front',
	'ghost_mannequin_back',
	'ghost_mannequin_front',
];
const LAYOUT = [
	'backgroundType',
	'backgroundColor',
	'outputWidth',
	'outputHeight',
	'paddingTop',
	'paddingBottom',
	'paddingLeft',
	'paddingRight',
];
const PASSING = ['includeResponse', 'includeOtherFields'];
const WAITING = [
	'maxWaitMinutes',
	'onTimeout',
	'downloadImages',
	'outputBinaryPropertyName',
	'outputMode',
];
const OPTION_NAMES: Record<(typeof APIS)[number], string[]> = {
	flatLays: ['operationPriority', 'outputResolution'],
	studio: ['operationPriority', 'numberOfGenerations', ...LAYOUT],
	unified: [
		'operationPriority',
		'qaMode',
		'brand',
		'color',
		'gender',
		'ageGroup',
		'storeUrl',
		'extra',
		...LAYOUT,
		'backgroundImageId',
		'backgroundBinaryPropertyName',
	],
};
const UNIFIED_PRODUCT_OPTIONS = ['brand', 'color', 'gender', 'ageGroup', 'storeUrl', 'extra'];
/** No limit on operations where none is created. */
const PACE = ['maxProductsInFlight', 'requestsPerSecond'];
const LIMITS = ['maxOperationsPerDay', 'maxOperationsPerMonth', 'maxOperationsPerRun'];
const BATCHING: Record<string, string[]> = {
	generateAndWait: [...PACE, ...LIMITS],
	create: [...PACE, ...LIMITS],
	wait: PACE,
	upload: PACE,
};
const MAX_FIELDS = 12;

const SELECTORS = ['api', 'resource', 'operation'];
const PRODUCT = ['productId', 'productCategory', 'productTitle', 'productDescription'];

/** What shows besides the three selectors, everything else at its default. */
function expectedFields(api: string, resource: string, operation: string): string[] {
	const imageTypes = api === 'flatLays' ? [] : ['imageTypes'];
	const product = [...PRODUCT, ...imageTypes, 'ledger', 'options', 'batching'];
	const table: Record<string, string[]> = {
		'flatLay.generateAndWait': ['imageSource', 'binaryPropertyNames', ...product],
		'flatLay.create': ['imageSource', 'uploadedImageIds', ...product],
		'flatLay.plan': ['imageSource', 'binaryPropertyNames', ...product],
		'flatLay.get': ['operationId', 'options'],
		'flatLay.wait': ['operationIdSource', 'operationId', 'options', 'batching'],
		'image.upload': ['binaryPropertyNames', 'options', 'batching'],
		'image.get': ['imageId', 'options'],
		'image.delete': ['imageId', 'options'],
		'generatedImage.download': ['imageUrl', 'outputBinaryPropertyName'],
		'generatedImage.delete': ['imageId', 'options'],
	};
	return table[`${resource}.${operation}`] ?? [];
}

const CREATING = APIS.flatMap((api) =>
	['generateAndWait', 'create', 'plan'].map((operation) => [api, operation] as const),
);

/** Every combination of what makes other fields of such an operation appear or go. */
function statesOf(api: string, operation: string): INodeParameters[] {
	const sources = [
		'binary',
		'uploadedImageIds',
		'imageUrls',
		...(api === 'unified' ? ['sku'] : []),
	];
	const texts = ['', 'A', '={{ $json.a }}'];
	const collections = [{}, { options: { qaMode: 'human' }, batching: { maxOperationsPerDay: 1 } }];
	return sources.flatMap((imageSource) =>
		texts.flatMap((productId) =>
			texts.flatMap((ledger) =>
				[false, true].flatMap((groupByProductId) =>
					['return', 'generateAgain'].flatMap((whenKnown) =>
						collections.map((added) => ({
							...{ api, operation, imageSource, productId, groupByProductId, ledger, whenKnown },
							...{ productCategory: productId, productTitle: productId, ...added },
						})),
					),
				),
			),
		),
	);
}

function names(properties: INodeProperties[]): string[] {
	return properties.map(({ name }) => name);
}

function valuesOf(property: INodeProperties | undefined): unknown[] {
	return property === undefined ? [] : choices(property).map(({ value }) => value);
}

function shown(parameters: INodeParameters, name: string): INodeProperties | undefined {
	return shownProperties(parameters).find((property) => property.name === name);
}

function inCollection(parameters: INodeParameters, collection: string, name: string) {
	const property = shown(parameters, collection);
	if (property === undefined) return undefined;
	return allProperties([property]).find(({ path }) => path === `${collection}.${name}`)?.property;
}

describe('the node', () => {
	it('is one version, a tool, and asks for the credential', () => {
		expect(nodeDescription).toMatchObject({
			displayName: 'Aiuta',
			name: 'aiuta',
			version: [1],
			usableAsTool: true,
			inputs: ['main'],
			outputs: ['main'],
			credentials: [{ name: 'aiutaApi', required: true }],
		});
	});

	it.each(['aiuta.svg', 'aiuta.dark.svg'])('has the square icon %s', (file) => {
		const svg = readFileSync(join(NODE_FOLDER, file), 'utf8');
		expect(svg).toContain('viewBox="0 0 60 60"');
		expect(svg.length).toBeLessThan(2_000);
	});

	it('is found by what users search for', () => {
		const codex = JSON.parse(readFileSync(join(NODE_FOLDER, 'Aiuta.node.json'), 'utf8')) as {
			node: string;
			alias: string[];
		};
		expect(codex.node).toBe('n8n-nodes-aiuta.aiuta');
		expect(codex.alias).toEqual(
			expect.arrayContaining([
				'flat lay',
				'product photo',
				'ghost mannequin',
				'packshot',
				'fashion',
				'clothes',
				'catalogue',
				'apparel',
				'e-commerce',
			]),
		);
	});

	it('starts with the image generation on Flat Lays', () => {
		expect(withDefaults({})).toMatchObject({
			api: 'flatLays',
			resource: 'flatLay',
			operation: 'generateAndWait',
			imageSource: 'binary',
		});
	});

	it('asks for API, resource and operation first, and never by expression', () => {
		const first = shownProperties({}).slice(0, 3);
		expect(names(first)).toEqual(SELECTORS);
		expect(first.every(({ noDataExpression }) => noDataExpression === true)).toBe(true);
	});

	it('offers exactly the APIs, resources and operations of the contract', () => {
		const [api, resource] = nodeDescription.properties;
		expect(valuesOf(api)).toEqual([...APIS]);
		expect(valuesOf(resource).sort()).toEqual(['flatLay', 'generatedImage', 'image']);
		for (const value of ['flatLay', 'image', 'generatedImage']) {
			const expected = OPERATIONS.filter(([name]) => name === value).map(([, verb]) => verb);
			expect(valuesOf(shown({ resource: value }, 'operation')).sort()).toEqual(expected.sort());
		}
	});
});

describe('the fields that show', () => {
	it.each(COMBINATIONS)('on %s, %s: %s are those it needs', (api, resource, operation) => {
		const fields = names(shownProperties({ api, resource, operation }));
		expect([...fields].sort()).toEqual(
			[...SELECTORS, ...expectedFields(api, resource, operation)].sort(),
		);
		expect(new Set(fields).size).toBe(fields.length);
	});

	it.each(
		['generateAndWait', 'create'].flatMap((operation) =>
			[
				['binary', 'binaryPropertyNames'],
				['uploadedImageIds', 'uploadedImageIds'],
				['imageUrls', 'imageUrls'],
				['sku', 'skuId'],
			].map(([source, field]) => [operation, source, field] as const),
		),
	)('on %s ask for the image source %s in %s alone', (operation, imageSource, field) => {
		const fields = names(shownProperties({ api: 'unified', operation, imageSource }));
		const sourceFields = ['binaryPropertyNames', 'uploadedImageIds', 'imageUrls', 'skuId'];
		expect(fields.filter((name) => sourceFields.includes(name))).toEqual([field]);
	});

	it.each(['generateAndWait', 'create'])(
		'on %s leave out what a stored SKU brings itself, and keep the Product ID',
		(operation) => {
			const parameters = { api: 'unified', operation, imageSource: 'sku' };
			const fields = names(shownProperties(parameters));
			expect(fields.filter((name) => PRODUCT.includes(name))).toEqual(['productId']);
			const options = addableOptions(parameters, 'options');
			expect(options.filter((name) => UNIFIED_PRODUCT_OPTIONS.includes(name))).toEqual([]);
			expect(options).toContain('qaMode');
		},
	);

	it.each(['generateAndWait', 'create'])(
		'on %s offer to group items once a Product ID is filled in',
		(operation) => {
			const fields = (productId: string) => names(shownProperties({ operation, productId }));
			expect(fields('')).not.toContain('groupByProductId');
			expect(fields('A').filter((name) => name === 'groupByProductId')).toHaveLength(1);
			expect(fields('={{ $json.sku }}')).toContain('groupByProductId');
		},
	);

	it.each([
		['shows what depends on an expression that gives nothing yet', true],
		['hides what depends on a field left empty', false],
	])('%s, as the editor resolves them', (_, isFilled) => {
		// The editor puts what expressions give in their place before it applies the rules.
		const saved = withDefaults({ productId: isFilled ? '={{ $json.sku }}' : '' });
		const resolved = { ...saved, productId: '', productIdIsFilled: isFilled };
		expect(names(shownProperties(resolved)).includes('groupByProductId')).toBe(isFilled);
		expect(saved['productIdIsFilled']).toBe('={{ $rawParameter.productId !== "" }}');
	});

	// n8n drops what is hidden: a limit that stayed in the workflow when its ledger went would limit nothing.
	it.each(['generateAndWait', 'create', 'plan'])(
		'on %s offer limits per day and month with a ledger and without',
		(operation) => {
			for (const ledger of ['', 'Aiuta ledger', '={{ $json.table }}']) {
				expect(addableOptions({ operation, ledger }, 'batching')).toEqual(
					expect.arrayContaining(['maxOperationsPerDay', 'maxOperationsPerMonth']),
				);
			}
		},
	);

	it.each(CREATING)(
		'on %s, %s are few before the collections, in every state',
		(api, operation) => {
			const reached = statesOf(api, operation).map((parameters) => {
				const fields = shownProperties(parameters);
				return fields.findIndex(({ type }) => type === 'collection');
			});
			expect(Math.max(...reached)).toBeLessThanOrEqual(MAX_FIELDS);
			// All that is filled in does show: otherwise the states above would be those of an empty panel.
			expect(Math.min(...reached)).toBeLessThan(Math.max(...reached));
		},
	);

	it.each(CREATING)('on %s, %s end with what belongs to the whole run', (api, operation) => {
		const full = { api, operation, productId: 'A', ledger: 'Aiuta ledger' };
		expect(names(shownProperties(full)).slice(-4)).toEqual([
			'options',
			'ledger',
			'whenKnown',
			'batching',
		]);
	});

	it.each([
		['generateAndWait', ['Operation Priority', 'Max Wait (Minutes)']],
		['create', ['Operation Priority', 'Wait for Operation']],
	])('on %s warn about human review as soon as it is chosen', (operation, named) => {
		const notice = (qaMode: string) =>
			shownNotices({ api: 'unified', operation, options: { qaMode } });
		expect(notice('auto')).toEqual([]);
		const [{ name, displayName } = { name: '', displayName: '' }] = notice('human');
		expect(name).toBe('humanReviewNotice');
		for (const label of named) expect(displayName).toContain(label);
	});
});

describe('a workflow saved before fields moved into Options', () => {
	it.each(['generateAndWait', 'wait'])('on %s keeps what it has saved', (operation) => {
		const saved = {
			operation,
			maxWaitMinutes: 5,
			onTimeout: 'unfinished',
			downloadImages: false,
			outputBinaryPropertyName: 'picture',
			outputMode: 'image',
		};
		expect(withDefaults(saved)).toMatchObject(saved);
		expect(names(shownProperties(saved)).filter((name) => WAITING.includes(name))).toEqual([]);
	});
});

describe('the fields of the contract', () => {
	const unified = { api: 'unified' };
	it.each<[string, INodeParameters, unknown]>([
		['imageSource', { operation: 'generateAndWait' }, 'binary'],
		['imageSource', { operation: 'create' }, 'uploadedImageIds'],
		['imageSource', { ...unified, operation: 'generateAndWait' }, 'binary'],
		['imageSource', { ...unified, operation: 'create' }, 'uploadedImageIds'],
		['binaryPropertyNames', {}, 'data'],
		['binaryPropertyNames', { resource: 'image', operation: 'upload' }, 'data'],
		['uploadedImageIds', { operation: 'create' }, ''],
		['imageUrls', { imageSource: 'imageUrls' }, ''],
		['skuId', { ...unified, imageSource: 'sku' }, { mode: 'list', value: '' }],
		['productId', {}, ''],
		['groupByProductId', { productId: 'A' }, false],
		['productCategory', {}, ''],
		['productTitle', {}, ''],
		['productDescription', {}, ''],
		['imageTypes', unified, ['flat_front']],
		['operationId', { operation: 'get' }, ''],
		['imageId', { resource: 'image', operation: 'get' }, ''],
		['imageUrl', { resource: 'generatedImage', operation: 'download' }, ''],
		['outputBinaryPropertyName', { resource: 'generatedImage', operation: 'download' }, 'data'],
		['options', {}, {}],
		['batching', {}, {}],
	])('%s with %j defaults to %j', (name, parameters, byDefault) => {
		expect(shown(parameters, name)?.default).toEqual(byDefault);
	});

	it.each<[string, INodeParameters, string[]]>([
		['imageSource', { api: 'flatLays' }, ['binary', 'imageUrls', 'uploadedImageIds']],
		['imageSource', { api: 'studio' }, ['binary', 'imageUrls', 'uploadedImageIds']],
		['imageSource', unified, ['binary', 'imageUrls', 'sku', 'uploadedImageIds']],
		['imageTypes', { api: 'studio' }, IMAGE_TYPES],
		['imageTypes', unified, IMAGE_TYPES],
	])('%s with %j offers %j', (name, parameters, values) => {
		expect(valuesOf(shown(parameters, name)).sort()).toEqual(values);
	});

	it.each([
		['uploadedImageIds', { operation: 'create' }],
		['imageUrls', { imageSource: 'imageUrls' }],
		['skuId', { ...unified, imageSource: 'sku' }],
		['operationId', { operation: 'get' }],
		['operationId', { operation: 'wait' }],
		['imageId', { resource: 'image', operation: 'get' }],
		['imageId', { resource: 'image', operation: 'delete' }],
		['imageId', { resource: 'generatedImage', operation: 'delete' }],
		['imageUrl', { resource: 'generatedImage', operation: 'download' }],
	])('%s with %j is required', (name, parameters) => {
		expect(shown(parameters, name)?.required).toBe(true);
	});

	it('lets a SKU be chosen from a list or by its ID', () => {
		const modes = shown({ ...unified, imageSource: 'sku' }, 'skuId')?.modes ?? [];
		expect(modes.map(({ name, type }) => [name, type])).toEqual([
			['list', 'list'],
			['id', 'string'],
		]);
	});
});

describe('the options', () => {
	const creating = APIS.flatMap((api) => [
		[api, 'generateAndWait'] as const,
		[api, 'create'] as const,
	]);

	it.each(creating)('of %s on %s are those of the contract', (api, operation) => {
		const waiting = operation === 'generateAndWait' ? WAITING : [];
		expect(addableOptions({ api, operation }, 'options').sort()).toEqual(
			[...OPTION_NAMES[api], ...PASSING, ...waiting].sort(),
		);
	});

	it('of Wait for Operation are about waiting and what is handed out', () => {
		expect(addableOptions({ operation: 'wait' }, 'options').sort()).toEqual(
			[...PASSING, ...WAITING].sort(),
		);
	});

	it.each(creating)('of %s on %s stand in the order of their labels', (api, operation) => {
		const collection = shown({ api, operation }, 'options');
		const labels = collection === undefined ? [] : collectionFields(collection);
		const read = labels.map(({ displayName }) => displayName);
		expect(read).toEqual([...read].sort((a, b) => a.localeCompare(b)));
	});

	it('say so where Aiuta does not heed them yet', () => {
		for (const name of ['operationPriority', 'outputResolution']) {
			expect(inCollection({}, 'options', name)?.displayName).toMatch(/\(No Effect Yet\)$/);
		}
	});

	it.each([
		['maxWaitMinutes', 60],
		['onTimeout', 'error'],
		['downloadImages', true],
		['outputBinaryPropertyName', 'data'],
		['outputMode', 'product'],
		['includeOtherFields', false],
	])('begin with %s at %j', (name, byDefault) => {
		expect(inCollection({}, 'options', name)?.default).toBe(byDefault);
	});

	it('bound the waiting time to a week', () => {
		const maxWait = inCollection({}, 'options', 'maxWaitMinutes');
		// With a precision the editor would show 60.00.
		expect(maxWait?.typeOptions).toEqual({ minValue: 0.01, maxValue: 10_080 });
	});

	it.each(
		COMBINATIONS.filter(
			([, , operation]) =>
				!['generateAndWait', 'create', 'plan', 'wait', 'download'].includes(operation),
		),
	)('of %s on %s: %s only add the response', (api, resource, operation) => {
		expect(addableOptions({ api, resource, operation }, 'options')).toEqual(['includeResponse']);
	});

	it('send nothing as long as they are left untouched', () => {
		for (const api of APIS) {
			expect(withDefaults({ api })).toMatchObject({ options: {}, batching: {} });
			expect(withDefaults({ api, options: { includeResponse: true } })['options']).toEqual({
				includeResponse: true,
			});
		}
	});

	it.each<[string, string, unknown[]]>([
		['flatLays', 'operationPriority', ['offline', 'online']],
		['flatLays', 'outputResolution', ['high', 'standard']],
		['studio', 'operationPriority', ['offline', 'online']],
		['studio', 'backgroundType', ['arbitrary', 'reference_color', 'transparent']],
		['unified', 'operationPriority', ['offline', 'online']],
		[
			'unified',
			'backgroundType',
			['arbitrary', 'reference_color', 'reference_image', 'transparent'],
		],
		['flatLays', 'outputMode', ['image', 'product']],
		['flatLays', 'onTimeout', ['error', 'unfinished']],
		['unified', 'qaMode', ['auto', 'human', 'none']],
		['unified', 'gender', ['female', 'male', 'unisex']],
		['unified', 'ageGroup', ['adult', 'infant', 'kids', 'newborn', 'toddler']],
	])('of %s offer for %s the values of the API', (api, name, values) => {
		expect(valuesOf(inCollection({ api }, 'options', name)).sort()).toEqual(values);
	});

	it.each<[string, string, object]>([
		[
			'studio',
			'numberOfGenerations',
			{ type: 'number', typeOptions: { minValue: 1, maxValue: 4 } },
		],
		['studio', 'backgroundColor', { type: 'color' }],
		['unified', 'outputWidth', { type: 'number' }],
		['unified', 'paddingTop', { type: 'number', typeOptions: { minValue: 0 } }],
		['unified', 'extra', { type: 'json' }],
		['unified', 'color', { type: 'string' }],
	])('of %s take %s as %j', (api, name, expected) => {
		expect(inCollection({ api }, 'options', name)).toMatchObject(expected);
	});

	it.each([
		['flatLay', 'generateAndWait'],
		['flatLay', 'create'],
		['flatLay', 'wait'],
		['image', 'upload'],
	])('for batching are there on %s: %s', (resource, operation) => {
		const parameters = { resource, operation };
		const limits = BATCHING[operation] ?? [];
		expect(addableOptions(parameters, 'batching').sort()).toEqual([...limits].sort());
		expect(inCollection(parameters, 'batching', 'maxProductsInFlight')).toMatchObject({
			default: 1000,
			typeOptions: { minValue: 1, maxValue: 5000 },
		});
		expect(inCollection(parameters, 'batching', 'requestsPerSecond')).toMatchObject({
			default: 20,
			typeOptions: { minValue: 0.1, maxValue: 100 },
		});
		if (!limits.includes('maxOperationsPerRun')) return;
		expect(inCollection(parameters, 'batching', 'maxOperationsPerRun')).toMatchObject({
			default: 0,
			typeOptions: { minValue: 0 },
		});
	});
});

describe('the words', () => {
	const properties = allProperties();

	it.each(properties.filter(({ property }) => !['notice', 'hidden'].includes(property.type)))(
		'explain $path',
		({ property }) => {
			expect(property.description ?? '').not.toBe('');
			if (property.type === 'boolean') expect(property.description).toMatch(/^Whether /);
			if (property.placeholder !== undefined && property.type !== 'collection') {
				expect(property.placeholder).toMatch(/^e\.g\. /);
			}
		},
	);

	it('give every operation an action label and a description', () => {
		const operations = properties
			.filter(({ path }) => path === 'operation')
			.flatMap(({ property }) => choices(property));
		expect(operations).toHaveLength(OPERATIONS.length);
		for (const { action, description } of operations) {
			expect(action).toMatch(/^[A-Z][a-z]+ .*[a-z]$/);
			expect(description).toMatch(/^[A-Z].{10,}/);
		}
		expect(new Set(operations.map(({ action }) => action)).size).toBe(operations.length);
	});

	it('explain the choices that are not plain words', () => {
		const plain = ['options.gender', 'options.ageGroup'];
		const silent = properties
			.filter(({ path }) => !plain.includes(path))
			.flatMap(({ path, property }) =>
				choices(property)
					.filter(({ description }) => !description)
					.map(({ value }) => `${path}=${String(value)}`),
			);
		expect(silent).toEqual([]);
	});
});

describe('the credential', () => {
	const credential = new AiutaApi();

	it('has the fields of the contract', () => {
		expect(credential).toMatchObject({ name: 'aiutaApi', displayName: 'Aiuta API' });
		expect(
			Object.fromEntries(
				credential.properties.map(({ name, type, default: byDefault, required }) => [
					name,
					{ type, default: byDefault, required: required === true },
				]),
			),
		).toEqual({
			apiKey: { type: 'string', default: '', required: true },
			baseUrl: { type: 'string', default: 'https://api.aiuta.com', required: false },
			api: { type: 'options', default: 'flatLays', required: false },
		});
	});

	it('hides the key and offers the same APIs as the node', () => {
		const byName = (wanted: string) => credential.properties.find(({ name }) => name === wanted);
		expect(byName('apiKey')?.typeOptions).toEqual({ password: true });
		expect(valuesOf(byName('api'))).toEqual([...APIS]);
	});

	it('explains every field', () => {
		expect(credential.properties.filter(({ description }) => !description)).toEqual([]);
	});

	it.each(Object.entries(credential.icon))('has its %s icon', (_theme, icon) => {
		const file = join(__dirname, '../../credentials', icon.replace('file:', ''));
		expect(existsSync(file)).toBe(true);
	});
});
