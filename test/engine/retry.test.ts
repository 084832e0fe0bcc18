/** Retry On Fail and Executions > Retry: what exists is taken up, and nothing is created twice. */
import type { INodeParameters } from 'n8n-workflow';

import { onStored, storeBinary, type InputItem } from '../support/n8n/host';
import {
	APIS,
	colorOf,
	errorOf,
	errorText,
	failedItems,
	generate,
	idsReceived,
	ON_ERROR,
	photo,
	products,
	until,
	useBench,
	type Api,
} from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench();

const PRODUCTS = 4;
/** One product after the other, so that the first one fails before the others begin. */
const ONE_BY_ONE: INodeParameters = { batching: { maxProductsInFlight: 1 } };

const BASE_PATHS: Readonly<Record<Api, string>> = {
	flatLays: '/flat-lays/v1',
	studio: '/studio/v1',
	unified: '/v1',
};

type OnError = (typeof ON_ERROR)[number];

/** Run products one by one in a node that n8n runs again after a failure. */
async function runTries(items: InputItem[], onError: OnError, maxTries: number) {
	const parameters = generate(ONE_BY_ONE);
	return await bench().run({ items, parameters, onError, retryOnFail: { maxTries } });
}

const failFirst = async () => await products(PRODUCTS, (index) => (index === 0 ? '[fail]' : ''));

describe.each(ON_ERROR)('Retry On Fail with a failing first item under %s', (onError) => {
	it.each([2, 3, 4, 5])('creates each product once in %i tries', async (maxTries) => {
		const result = await runTries(await failFirst(), onError, maxTries);

		const { createsAccepted, duplicates, routes } = bench().sandbox.stats();
		expect(createsAccepted).toBe(PRODUCTS);
		expect(duplicates).toEqual([]);
		expect(routes.create.requests).toBe(PRODUCTS);
		expect(routes.upload.requests).toBe(PRODUCTS);
		if (onError === 'stopWorkflow') {
			expect(result.error?.message).toMatch(/^1 of 4 products failed/);
		} else {
			expect(failedItems(result).map(errorOf)).toMatchObject([
				{ product_id: 'P0', status: 'FAILED', operation_id: expect.any(String) },
			]);
			const finished = result.success.filter(({ json }) => json['finished'] === true);
			expect(finished.map(({ json }) => json['product_id'])).toEqual(['P1', 'P2', 'P3']);
			expect(finished.every(({ binary }) => binary?.['data'] !== undefined)).toBe(true);
		}
	});

	it('sends a create without an answer once, however often the node runs', async () => {
		const fault = { route: 'create', times: 1, effect: { kind: 'resetAfter' } } as const;
		bench().sandbox.fault(fault);
		const result = await runTries(await products(PRODUCTS), onError, 3);

		const { createsAccepted, duplicates, routes } = bench().sandbox.stats();
		expect(duplicates).toEqual([]);
		expect(createsAccepted).toBe(PRODUCTS);
		expect(routes.create.requests).toBe(PRODUCTS);
		if (onError === 'stopWorkflow') {
			expect(result.error?.message).toContain('may have been accepted');
		} else {
			expect(failedItems(result).map(errorOf)).toMatchObject([
				{ product_id: 'P0', code: 'CREATE_OUTCOME_UNKNOWN', retryable: false },
			]);
		}
	});

	it('creates a product once whose first create was refused', async () => {
		const effect = { kind: 'status', status: 422, body: { detail: 'Not today' } } as const;
		bench().sandbox.fault({ route: 'create', times: 1, effect });
		const result = await runTries(await products(PRODUCTS), onError, 3);
		const { createsAccepted, duplicates, routes } = bench().sandbox.stats();
		expect(result.error).toBeUndefined();
		expect(failedItems(result)).toEqual([]);
		expect(result.success).toHaveLength(PRODUCTS);
		expect(createsAccepted).toBe(PRODUCTS);
		expect(duplicates).toEqual([]);
		// The refused try had uploaded the photo already.
		expect(routes.upload.requests).toBe(PRODUCTS);
	});
});

describe('Executions > Retry', () => {
	it('after a stop starts what was not started and creates nothing that exists', async () => {
		const stopped = await bench().run({
			items: await failFirst(),
			parameters: generate(ONE_BY_ONE),
			onError: 'stopWorkflow',
		});
		expect(stopped.error?.message).toMatch(/^1 of 4 products failed/);
		expect(errorText(stopped)).toContain('3 of 4 products were not started because of this.');
		expect(bench().sandbox.stats().createsAccepted).toBe(1);

		const retried = await stopped.retry();
		const { createsAccepted, duplicates, operations } = bench().sandbox.stats();
		expect(createsAccepted).toBe(PRODUCTS);
		expect(duplicates).toEqual([]);
		expect(retried.error?.message).toMatch(/^1 of 4 products failed/);
		expect(errorText(retried)).not.toContain('Not started');
		expect(errorText(retried)).toContain('4 operations were created and paid for.');
		expect(errorText(retried)).toContain(operations[0]?.id);

		const again = await retried.retry();
		expect(again.error?.message).toMatch(/^1 of 4 products failed/);
		expect(bench().sandbox.stats().createsAccepted).toBe(PRODUCTS);
	});

	it.each(['upload', 'create', 'getOperation', 'file'] as const)(
		'finds nothing in the execution that cannot be written as JSON after a broken connection: %s',
		async (route) => {
			bench().sandbox.fault({ route, effect: { kind: 'resetBefore' } });
			const first = await bench().run({
				items: await products(2),
				parameters: generate({ options: { maxWaitMinutes: 0.1 } }),
			});
			const retried = await first.retry();
			for (const { run, error } of [first, retried]) {
				expect(error).toBeDefined();
				expect(() => JSON.stringify(run.data)).not.toThrow();
				const { contextData } = run.data.executionData ?? {};
				expect(Object.keys(contextData ?? {})).toEqual(['node:Aiuta']);
				expect(JSON.parse(JSON.stringify(contextData))).toEqual(contextData);
			}
		},
	);

	it.each(APIS)('after a timeout waits on and delivers the picture on %s', async (api) => {
		bench().sandbox.setOutcome({}, { result: 'forever' });
		const timedOut = await bench().run({
			items: await products(2),
			// A second and a half of real time: enough for a poll on a busy machine.
			parameters: generate({ api, maxWaitMinutes: 1 }),
		});
		expect(timedOut.error?.message).toContain('was not finished within 1 minute');
		const { operations } = bench().sandbox.stats();
		for (const { id } of operations) {
			expect(errorText(timedOut)).toContain(id);
			bench().sandbox.setOutcome({ operationId: id }, { result: 'success' });
		}

		const { success, error } = await timedOut.retry();
		expect(error).toBeUndefined();
		expect(new Set(success.map(({ json }) => json['operation_id']))).toEqual(
			new Set(operations.map(({ id }) => id)),
		);
		for (const { json, binary } of success) {
			expect(json['uploaded_image_ids']).toHaveLength(1);
			expect(binary?.['data']?.mimeType).toBe('image/png');
		}
		const { createsAccepted, uploads } = bench().sandbox.stats();
		expect(createsAccepted).toBe(2);
		expect(uploads).toHaveLength(2);
	});

	it('does not send a create again whose answer was lost', async () => {
		bench().sandbox.fault({ route: 'create', times: 1, effect: { kind: 'resetAfter' } });
		const stopped = await bench().run({ items: await products(1), parameters: generate() });
		expect(stopped.error?.message).toContain('may have been accepted');
		expect(errorText(stopped)).toContain('1 operation may have been accepted without an ID.');

		const retried = await stopped.retry();
		expect(retried.error?.message).toContain('may have been accepted');
		expect(bench().sandbox.stats().routes.create.requests).toBe(1);
	});

	it.each(APIS)('uploads again what Aiuta has forgotten on %s, once', async (api) => {
		const { sandbox } = bench();
		sandbox.fault({ route: 'create', times: 1, effect: { kind: 'status', status: 402 } });
		const stopped = await bench().run({ items: await products(1), parameters: generate({ api }) });
		expect(stopped.error).toBeDefined();
		const [upload] = sandbox.stats().uploads;
		await fetch(`${sandbox.url}${BASE_PATHS[api]}/uploaded_images/${upload?.id ?? ''}`, {
			method: 'DELETE',
			headers: { 'x-api-key': sandbox.apiKeys[api] },
		});

		const { success, error } = await stopped.retry();
		expect(error).toBeUndefined();
		const { uploads, createsAccepted, routes } = sandbox.stats();
		expect(uploads).toHaveLength(2);
		expect(uploads[1]?.id).not.toBe(upload?.id);
		expect(success[0]?.json['uploaded_image_ids']).toEqual([uploads[1]?.id]);
		expect(createsAccepted).toBe(1);
		expect(routes.create.requests).toBe(3);
	});

	it('reuses the images that an earlier try has uploaded', async () => {
		bench().sandbox.fault({ route: 'create', times: 1, effect: { kind: 'status', status: 402 } });
		const stopped = await bench().run({ items: await products(1), parameters: generate() });
		const { success } = await stopped.retry();
		const { uploads } = bench().sandbox.stats();
		expect(uploads).toHaveLength(1);
		expect(success[0]?.json['uploaded_image_ids']).toEqual([uploads[0]?.id]);
	});

	it('makes one operation for each image type on Unified, whichever failed', async () => {
		const stopped = await bench().run({
			items: await products(2, (index) => (index === 0 ? '[fail:flat_back]' : '')),
			parameters: generate({
				api: 'unified',
				imageTypes: ['flat_front', 'flat_back'],
				...ONE_BY_ONE,
			}),
		});
		expect(stopped.error?.message).toMatch(/^1 of 2 products failed/);
		const retried = await stopped.retry();
		expect(retried.error?.message).toMatch(/^1 of 2 products failed/);
		const { createsAccepted, duplicates } = bench().sandbox.stats();
		expect(createsAccepted).toBe(4);
		expect(duplicates).toEqual([]);
	});

	it('of Create Operation hands out the IDs that exist', async () => {
		const effect = { kind: 'status', status: 422, body: { detail: 'Not today' } } as const;
		bench().sandbox.fault({ route: 'create', after: 1, times: 1, effect });
		const stopped = await bench().run({
			items: await products(3),
			parameters: generate({ operation: 'create', imageSource: 'binary', ...ONE_BY_ONE }),
		});
		expect(stopped.error?.message).toMatch(/^1 of 3 products failed/);
		expect(bench().sandbox.stats().createsAccepted).toBe(1);
		const { success, error } = await stopped.retry();
		expect(error).toBeUndefined();
		const { creates, duplicates } = bench().sandbox.stats();
		expect(success.map(({ json }) => json['operation_id'])).toEqual(
			creates.map(({ operationId }) => operationId),
		);
		expect(creates).toHaveLength(3);
		expect(duplicates).toEqual([]);
	});

	it('tells products with the same photo apart', async () => {
		const bytes = await photo(colorOf(1));
		const item = (sku: string): InputItem => ({ json: { sku }, files: { data: { bytes } } });
		const parameters = { productId: '={{ $json.sku }}', productTitle: '={{ $json.sku }}' };
		const items = [item('A'), item('B'), item('B')];
		const { success } = await bench().run({ items, parameters });
		expect(new Set(success.map(({ json }) => json['operation_id'])).size).toBe(3);
		const { createsAccepted, uploads } = bench().sandbox.stats();
		expect(createsAccepted).toBe(3);
		expect(uploads).toHaveLength(1);
	});
});

/** Give every file that n8n has stored another ID, as the end of a webhook's execution does. */
function renameFiles(value: unknown, id: string): void {
	if (typeof value !== 'object' || value === null) return;
	if ('mimeType' in value && 'id' in value) Object.assign(value, { id });
	for (const part of Object.values(value)) renameFiles(part, id);
}

describe('A retry whose inputs are not what they were', () => {
	const timeout = async (parameters: INodeParameters, retryOnFail?: { maxTries: number }) => {
		bench().sandbox.setOutcome({}, { result: 'forever' });
		const timedOut = await bench().run({
			items: await products(1),
			parameters: generate({ maxWaitMinutes: 0.5, ...parameters }),
			...(retryOnFail === undefined ? {} : { retryOnFail }),
		});
		expect(timedOut.error?.message).toContain('was not finished within');
		return timedOut;
	};
	const finishAll = () => {
		for (const { id } of bench().sandbox.stats().operations) {
			bench().sandbox.setOutcome({ operationId: id }, { result: 'success' });
		}
	};

	it('creates nothing again when n8n has renamed the files', async () => {
		const timedOut = await timeout({});
		finishAll();
		const renamed = await storeBinary(await photo(colorOf(0)), 'p0.png', 'image/png');
		const { success, error } = await timedOut.retry((stored) =>
			renameFiles(stored, renamed.id ?? ''),
		);
		expect(error).toBeUndefined();
		expect(success).toMatchObject([{ json: { finished: true } }]);
		expect(success[0]?.json).not.toHaveProperty('inputs_changed');
		expect(bench().sandbox.stats().createsAccepted).toBe(1);
	});

	it('needs no photo where the operation exists', async () => {
		const timedOut = await timeout({});
		finishAll();
		const { success, error } = await timedOut.retry((stored) =>
			renameFiles(stored, 'filesystem-v2:workflows/gone/executions/1/binary_data/gone'),
		);
		expect(error).toBeUndefined();
		expect(success).toMatchObject([{ json: { finished: true } }]);
		expect(bench().sandbox.stats()).toMatchObject({ createsAccepted: 1 });
	});

	it('creates once in three tries with an expression that differs in each, and says what differs', async () => {
		const title = '={{ $json.title }} {{ Math.random() }}';
		const timedOut = await timeout({ productTitle: title }, { maxTries: 3 });
		expect(bench().sandbox.stats().createsAccepted).toBe(1);
		finishAll();
		const { success } = await timedOut.retry();
		expect(success).toMatchObject([{ json: { finished: true, inputs_changed: true } }]);
		expect(bench().sandbox.stats().createsAccepted).toBe(1);
	});

	it('creates once when the Product ID differs in every try', async () => {
		const productId = '={{ $json.sku }}-{{ Math.random() }}';
		const timedOut = await timeout({ productId }, { maxTries: 3 });
		finishAll();
		const { success } = await timedOut.retry();
		expect(success).toMatchObject([{ json: { finished: true } }]);
		expect(bench().sandbox.stats().createsAccepted).toBe(1);
	});
});

/** Give every item in what n8n has stored a SKU of its own, or all of them the same one. */
function changeSkus(value: unknown, nextSku: () => string): void {
	if (typeof value !== 'object' || value === null) return;
	if ('sku' in value) Object.assign(value, { sku: nextSku() });
	for (const part of Object.values(value)) changeSkus(part, nextSku);
}

describe('A retry in which items are grouped otherwise than in the first try', () => {
	const groups = (result: { success: Array<{ pairedItem?: unknown }> }) =>
		result.success.map(({ pairedItem }) => pairedItem);
	const begun = async (skus: string[]) => {
		bench().sandbox.setOutcome({}, { result: 'forever' });
		const items = await products(skus.length);
		return await bench().run({
			items: items.map((item, index) => ({ ...item, json: { ...item.json, sku: skus[index] } })),
			parameters: generate({
				productId: '={{ $json.sku }}',
				groupByProductId: true,
				options: { maxWaitMinutes: 0.5 },
			}),
		});
	};
	const finishAll = () =>
		bench()
			.sandbox.stats()
			.operations.forEach(({ id }) =>
				bench().sandbox.setOutcome({ operationId: id }, { result: 'success' }),
			);

	it('creates nothing for an item that was part of a product', async () => {
		const timedOut = await begun(['A', 'B', 'A']);
		finishAll();
		let count = 0;
		const retried = await timedOut.retry((stored) => changeSkus(stored, () => `other ${count++}`));
		expect(retried.error).toBeUndefined();
		expect(groups(retried)).toEqual([[{ item: 0 }, { item: 2 }], { item: 1 }]);
		expect(bench().sandbox.stats().createsAccepted).toBe(2);
	});

	it('gives each operation back where the items are one product by now', async () => {
		const timedOut = await begun(['A', 'B']);
		finishAll();
		const retried = await timedOut.retry((stored) => changeSkus(stored, () => 'same'));
		expect(retried.error).toBeUndefined();
		expect(groups(retried)).toEqual([{ item: 0 }, { item: 1 }]);
		expect(bench().sandbox.stats().createsAccepted).toBe(2);
	});
});

describe('stopping', () => {
	it('under Retry On Fail creates nothing in the tries that follow', async () => {
		let cancel: () => void = () => undefined;
		const running = bench().run({
			items: await products(3, () => '[forever]'),
			parameters: generate(ONE_BY_ONE),
			retryOnFail: { maxTries: 3 },
			onStart: (stop) => (cancel = stop),
		});
		await until(() => idsReceived(bench()) === 1);
		cancel();
		const { run, error } = await running;
		expect(run.status).toBe('canceled');
		expect(error?.message).toContain('The execution was canceled');
		expect(bench().sandbox.stats().routes.create.requests).toBe(1);
	});

	it('under Continue gives what is finished, and the rest as failed items with their IDs', async () => {
		const { sandbox } = bench();
		let cancel: () => void = () => undefined;
		let hasStarted = false;
		let pictures = 0;
		const end = onStored(() => (pictures += hasStarted ? 1 : 0));
		const running = bench().run({
			items: await products(3, (index) => (index === 1 ? '' : '[forever]')),
			parameters: generate(),
			onError: 'continueRegularOutput',
			onStart: (stop) => {
				cancel = stop;
				hasStarted = true;
			},
		});
		await until(() => pictures === 1 && idsReceived(bench()) === 3);
		end();
		cancel();
		const { success, run } = await running;
		expect(run.status).toBe('canceled');
		expect(success).toHaveLength(3);
		expect(success[1]?.json).toMatchObject({ product_id: 'P1', finished: true });
		expect(success[1]?.binary).toBeDefined();
		const ids = sandbox.stats().operations.map(({ id }) => id);
		for (const index of [0, 2]) {
			expect(errorOf(success[index])).toMatchObject({
				code: 'CANCELLED',
				product_id: `P${index}`,
				retryable: false,
				resumable: true,
			});
			expect(ids).toContain(errorOf(success[index])['operation_id']);
		}
	});

	it('one of two executions with the same credential leaves the other alone', async () => {
		const { sandbox } = bench();
		let cancel: () => void = () => undefined;
		const stopped = bench().run({
			items: await products(5, () => '[forever]'),
			parameters: generate({ batching: { requestsPerSecond: 2 } }),
			onStart: (stop) => (cancel = stop),
		});
		const other = bench().run({
			items: await products(10, () => 'other'),
			parameters: generate({ operation: 'create', imageSource: 'binary' }),
		});
		await until(() => sandbox.stats().operations.some(({ title }) => title === '[forever]'));
		cancel();
		expect((await stopped).run.status).toBe('canceled');
		const { success, error } = await other;
		expect(error).toBeUndefined();
		expect(success).toHaveLength(10);
		expect(sandbox.stats().operations.filter(({ title }) => title === 'other')).toHaveLength(10);
	});

	it('and then Retry takes up the operations that were running', async () => {
		const { sandbox } = bench();
		let cancel: () => void = () => undefined;
		const running = bench().run({
			items: await products(2, () => '[forever]'),
			parameters: generate(),
			onStart: (stop) => (cancel = stop),
		});
		await until(() => idsReceived(bench()) === 2);
		cancel();
		const stopped = await running;
		for (const { id } of sandbox.stats().operations) {
			sandbox.setOutcome({ operationId: id }, { result: 'success' });
		}
		const { success, error } = await stopped.retry();
		expect(error).toBeUndefined();
		expect(success).toHaveLength(2);
		expect(sandbox.stats().createsAccepted).toBe(2);
	});
});
