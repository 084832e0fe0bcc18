/**
 * After a create: what is paid for must not be lost with something that nobody foresaw, and nothing is read
 * any more that could break.
 */
import type { IExecuteFunctions } from 'n8n-workflow';

import { Aiuta } from '../../nodes/Aiuta/Aiuta.node';
import { Downloads } from '../../nodes/Aiuta/batch/downloads';
import { Product } from '../../nodes/Aiuta/batch/product';
import { PollPlanner } from '../../nodes/Aiuta/schedule/pollPlan';
import {
	APIS,
	errorOf,
	failedItems,
	generate,
	NODE,
	operationIdOf,
	products,
	useBench,
} from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench();

afterEach(() => void jest.restoreAllMocks());

const BROKEN = new Error('a bug');

/** Let the first product's operation be created, and break right after. */
function breakAfterCreate(): void {
	const start = Object.getOwnPropertyDescriptor(Product.prototype, 'start')
		?.value as Product['start'];
	jest.spyOn(Product.prototype, 'start').mockImplementationOnce(async function (
		this: Product,
		place,
	) {
		await start.call(this, place);
		throw BROKEN;
	});
}

function breakWhileWaiting(): void {
	jest.spyOn(PollPlanner.prototype, 'noteAnswer').mockImplementationOnce(() => {
		throw BROKEN;
	});
}

function breakAtTheDownload(): void {
	jest.spyOn(Downloads.prototype, 'ofOperation').mockRejectedValueOnce(BROKEN);
}

const GENERATE = generate();
const CREATE = generate({ operation: 'create', imageSource: 'binary' });

const CASES = [
	['Generate and Wait', 'after the create', GENERATE, breakAfterCreate],
	['Generate and Wait', 'while it waits', GENERATE, breakWhileWaiting],
	['Generate and Wait', 'at the download', GENERATE, breakAtTheDownload],
	['Create Operation', 'after the create', CREATE, breakAfterCreate],
] as const;

describe.each(CASES)('when %s breaks %s', (_operation, _when, parameters, breakIt) => {
	it('the failed item has the operation and the product, and the others are delivered', async () => {
		breakIt();
		const result = await bench().run({
			items: await products(3),
			parameters,
			onError: 'continueErrorOutput',
		});
		const { operations, createsAccepted } = bench().sandbox.stats();
		expect(createsAccepted).toBe(3);
		const delivered = result.success.map(operationIdOf);
		expect(delivered).toHaveLength(2);
		const lost = operations.find(({ id }) => !delivered.includes(id));
		expect(failedItems(result).map(errorOf)).toEqual([
			expect.objectContaining({
				code: 'UNEXPECTED',
				description: expect.stringContaining(BROKEN.message) as unknown,
				operation_id: lost?.id,
				operations: [expect.objectContaining({ operation_id: lost?.id })],
				product_id: expect.stringMatching(/^P[0-2]$/) as unknown,
				retryable: false,
				resumable: true,
			}),
		]);
	});

	it('a retry of the stopped execution takes up what exists', async () => {
		breakIt();
		const stopped = await bench().run({ items: await products(3), parameters });
		const ids = bench()
			.sandbox.stats()
			.operations.map(({ id }) => id);
		expect(stopped.error?.message).toMatch(/1 of 3 products failed/);
		const { success, error } = await stopped.retry();
		expect(error).toBeUndefined();
		expect(success.map(operationIdOf)).toEqual(expect.arrayContaining(ids));
		const { createsAccepted, duplicates } = bench().sandbox.stats();
		expect(createsAccepted).toBe(3);
		expect(duplicates).toEqual([]);
	});
});

it('Wait for Operation keeps the ID that it was given', async () => {
	const created = await bench().run({ items: await products(1), parameters: CREATE });
	const operationId = operationIdOf(created.success[0]);
	breakAtTheDownload();
	const waited = await bench().run({
		parameters: { operation: 'wait', operationId },
		onError: 'continueErrorOutput',
	});
	expect(failedItems(waited).map(errorOf)).toMatchObject([
		{ code: 'UNEXPECTED', operation_id: operationId, retryable: false, resumable: true },
	]);
});

it.each(APIS)('no parameter is read any more once a create of %s was accepted', async (api) => {
	const early: string[] = [];
	const late: string[] = [];
	jest.spyOn(NODE.nodeType, 'execute').mockImplementation(async function (this: IExecuteFunctions) {
		const read = this.getNodeParameter.bind(this) as (...given: unknown[]) => unknown;
		const getNodeParameter = (name: string, ...more: unknown[]) => {
			(bench().sandbox.stats().createsAccepted > 0 ? late : early).push(name);
			return read(name, ...more);
		};
		const host = Object.create(this, { getNodeParameter: { value: getNodeParameter } }) as unknown;
		return await Aiuta.prototype.execute.call(host as IExecuteFunctions);
	});
	const { error, success } = await bench().run({
		items: await products(3),
		parameters: generate({ api, options: { includeResponse: true } }),
	});
	expect(error).toBeUndefined();
	expect(success).toHaveLength(3);
	expect(early).toContain('productId');
	expect(late).toEqual([]);
});
