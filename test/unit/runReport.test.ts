/** What a user sees of a run: the one error of On Error = Stop, the hint, the entry in the list of executions. */
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { failure } from '../../nodes/Aiuta/api/failures';
import type { UnitResult } from '../../nodes/Aiuta/output/items';
import { runError, type FailedUnit, type RunFacts } from '../../nodes/Aiuta/output/runReport';
import { reportRun, runSummary } from '../../nodes/Aiuta/output/runSummary';

const FACTS: RunFacts = {
	paidOperations: 5900,
	unknownOperations: 3,
	isCancelled: false,
	seconds: 38,
	wasThrottled: false,
	isReviewed: false,
	nextRun: 'paysAgain',
};
const UNPAID: RunFacts = { ...FACTS, paidOperations: 0, unknownOperations: 0 };

type Failures = [FailedUnit, ...FailedUnit[]];

function failures(count: number, reason = 'blurred photo'): Failures {
	const one = (index: number): FailedUnit => ({
		itemIndexes: [index],
		failure: failure('OPERATION_FAILED', `Aiuta could not make picture ${index}: ${reason}`, {
			productId: `sku-${index}`,
			operationId: `op-${index}`,
		}),
	});
	return [one(0), ...Array.from({ length: count - 1 }, (_, index) => one(index + 1))];
}

describe('the error of a stopped run with 5,000 failures', () => {
	const { message, description, itemIndex } = runError(
		failures(5000, 'x'.repeat(5000)),
		6000,
		'products',
		FACTS,
	);
	// The editor renders a description as HTML.
	const lines = description.split('<br>');

	it('lists the first twenty by item, Product ID, operation ID and reason, and counts the rest', () => {
		const listed = lines.filter((line) => line.startsWith('- item '));
		expect(listed).toHaveLength(20);
		for (const [index, line] of listed.entries()) {
			const who = `item ${index} (product sku-${index}, operation op-${index})`;
			expect(line).toContain(`- ${who}: Aiuta could not make picture ${index}: x`);
		}
		expect(lines).toContain('... and 4980 more; all of them are in the log.');
	});

	it('says how many of how many failed, and points to the first', () => {
		expect(message).toMatch(
			/^5000 of 6000 products failed\. The first is item 0 \(product sku-0, operation op-0\): /,
		);
		expect(itemIndex).toBe(0);
	});

	it('says what is paid for, what may be, and how to go on', () => {
		expect(description).toContain('5900 operations were created and paid for.');
		expect(description).toContain('3 operations may have been accepted without an ID.');
		expect(description).toContain('Executions > Retry goes on with what exists');
	});

	it('stays small, however long the reasons are', () => {
		expect(message.length).toBeLessThanOrEqual(600);
		expect(description.length).toBeLessThan(10_000);
	});
});

describe('the error of a run', () => {
	it('counts products that were not started apart from those that failed', () => {
		const notStarted: FailedUnit = { itemIndexes: [9], failure: failure('NOT_STARTED') };
		const [first, ...others] = failures(2);
		const failed: Failures = [first, ...others, notStarted];
		const { message, description } = runError(failed, 6000, 'products', FACTS);
		expect(message).toMatch(/^2 of 6000 products failed/);
		expect(description).toContain('1 of 6000 products were not started because of this.');
		expect(description).not.toContain('item 9');
	});

	it('says nothing of money where nothing was created', () => {
		const refused: FailedUnit = { itemIndexes: [0], failure: failure('KEY_REFUSED') };
		const { description } = runError([refused], 5, 'products', UNPAID);
		expect(description).toBe(failure('KEY_REFUSED').description);
	});

	it('of a single product is its message alone, and the detail stands below it', () => {
		const cause = failure('UPLOAD_REFUSED', undefined, {
			detail: 'HTTP 422: image_data: too small',
		});
		const { message, description } = runError(
			[{ itemIndexes: [0], failure: cause }],
			1,
			'products',
			UNPAID,
		);
		expect(message).toBe('Aiuta refused a photo');
		expect(description).toContain('HTTP 422: image_data: too small');
	});

	it('says an item once: in the words by which the editor knows that it is there', () => {
		const [first] = failures(1);
		const { message } = runError([first], 4, 'products', FACTS);
		expect(message).toMatch(
			/^1 of 4 products failed\. It is item 0 \(product sku-0, operation op-0\): /,
		);
		expect(message.match(/item 0/g)).toHaveLength(1);
	});

	it('names the items of a grouped product where it lists them, with what the server said', () => {
		const [first] = failures(1);
		const cause = failure('UPLOAD_REFUSED', undefined, { productId: 'A', detail: 'HTTP 422' });
		const grouped: FailedUnit = { itemIndexes: [1, 2, 3], failure: cause };
		const { description } = runError([first, grouped], 4, 'products', FACTS);
		expect(description).toContain('- items 1, 2, 3 (product A): Aiuta refused a photo (HTTP 422)');
	});

	it('that is about the settings of the node is said once, and blames no single item', () => {
		const cause = failure('API_MISMATCH', undefined, { isOfRun: true });
		const one: FailedUnit = { itemIndexes: [0], failure: cause };
		const other: FailedUnit = { itemIndexes: [1], failure: cause };
		expect(runError([one, other], 2, 'products', undefined)).toEqual({
			message: cause.message,
			description: `${cause.description} Nothing was sent to Aiuta.`,
			itemIndex: undefined,
		});
	});

	it('that all items meet in the same words names them all the same', () => {
		const one = (index: number): FailedUnit => ({
			itemIndexes: [index],
			failure: failure('NOT_AN_IMAGE', undefined, { productId: `sku-${index}` }),
		});
		const { message, description } = runError([one(0), one(1)], 2, 'products', undefined);
		expect(message).toBe('2 of 2 products failed: A file is not a photo');
		expect(description).toContain('<br>- item 0 (product sku-0)<br>- item 1 (product sku-1)');
	});

	it('that several have in common is said once, and the list names them', () => {
		const one = (index: number): FailedUnit => ({
			itemIndexes: [index],
			failure: failure('BUDGET_REACHED', 'The limit is reached', { productId: `sku-${index}` }),
		});
		const { message, description } = runError([one(3), one(4)], 5, 'products', UNPAID);
		expect(message).toBe('2 of 5 products failed: The limit is reached');
		expect(description).toContain('<br>- item 3 (product sku-3)<br>- item 4 (product sku-4)');
	});

	it('that several have in common blames no single item, and names the operation of each', () => {
		const one = (index: number): FailedUnit => ({
			itemIndexes: [index],
			failure: failure('TIMED_OUT', undefined, { operationId: `op-${index}` }),
		});
		for (const units of [2, 5]) {
			const { message, description, itemIndex } = runError(
				[one(0), one(1)],
				units,
				'products',
				FACTS,
			);
			expect(message).toBe(`2 of ${units} products failed: ${failure('TIMED_OUT').message}`);
			expect(description).toContain('<br>- item 0 (operation op-0)<br>- item 1 (operation op-1)');
			expect(itemIndex).toBeUndefined();
		}
	});

	it('of a single product names its operation below the message', () => {
		const [first] = failures(1);
		const { message, description } = runError([first], 1, 'products', FACTS);
		expect(message).toBe(first.failure.message);
		expect(description).toContain('The ID of the operation is op-0.');
	});

	it.each([
		['paysAgain', false, 'a new execution creates and pays for it again'],
		['goesOn', false, 'free of charge, and so does the next run.'],
		['leavesOut', false, 'a new execution leaves it out'],
		['paysAgain', true, 'Take the operation IDs from here or from the log'],
		['goesOn', true, 'the next run goes on with what exists, free of charge'],
	] as const)('says what the next run does: %s, stopped: %s', (nextRun, isCancelled, said) => {
		const facts = { ...FACTS, nextRun, isCancelled };
		expect(runError(failures(2), 4, 'products', facts).description).toContain(said);
	});

	it('that a refused key has ended before anything succeeded is about the key, not about an item', () => {
		const refused: FailedUnit = { itemIndexes: [0], failure: failure('KEY_REFUSED') };
		const notStarted: FailedUnit = { itemIndexes: [1], failure: failure('NOT_STARTED') };
		const { message, itemIndex } = runError([refused, notStarted], 2, 'products', UNPAID);
		expect(message).toBe('Aiuta refused the API key');
		expect(itemIndex).toBeUndefined();
	});

	it('names the operation where its reason does not', () => {
		const [first] = failures(1);
		const cause = failure('STATE_UNKNOWN', undefined, { operationId: 'op-7' });
		const unread: FailedUnit = { itemIndexes: [1], failure: cause };
		const { description } = runError([first, unread], 4, 'products', FACTS);
		expect(description).toContain('- item 1 (operation op-7): ');
	});

	it('that sent nothing says so', () => {
		const { description } = runError(failures(2), 4, 'products', undefined);
		expect(description).toContain('Nothing was sent to Aiuta.');
		expect(description).not.toContain('paid');
	});

	it('warns of Retry after a stop instead of recommending it', () => {
		const { message, description } = runError(failures(2), 6000, 'products', {
			...FACTS,
			isCancelled: true,
		});
		expect(message).toMatch(/^The execution was canceled/);
		expect(description).toContain('Do not use Executions > Retry after a stop');
		expect(description).not.toContain('Retry goes on with what exists');
	});
});

const item = (json: INodeExecutionData['json']): UnitResult => ({
	items: [{ json }],
	failures: [],
});
const failed: UnitResult = {
	items: [],
	failures: [failure('TIMED_OUT', undefined, { operationId: 'op-9' })],
};

const SKIPPED: UnitResult = { items: [], failures: [] };

describe('the summary of a run', () => {
	it.each<[string, UnitResult[], Partial<RunFacts>, string]>([
		['one product', [item({ finished: true })], {}, '1 of 1 finished, 38 s'],
		[
			'finished, failed and running ones',
			[item({ finished: true }), failed, item({ finished: false })],
			{},
			'1 of 3 finished, 1 failed, 1 still running, 38 s',
		],
		['created operations', [item({ operation_id: 'op-1' })], {}, '1 of 1 done, 38 s'],
		[
			'a product without one of its pictures',
			[item({ finished: true, missing_types: ['flat_back'] })],
			{},
			'1 of 1 finished, 1 without a picture of every type asked for, 38 s',
		],
		[
			'an unknown outcome on a throttled key',
			[failed],
			{ unknownOperations: 1, wasThrottled: true },
			'0 of 1 finished, 1 failed, 1 may have been accepted without an ID, 38 s, slowed down by the rate limit',
		],
		[
			'a night in which the ledger knew one product',
			[item({ finished: true, from_ledger: true }), item({ finished: true }), failed],
			{},
			'2 of 3 finished, 1 of them known to the ledger and not paid for again, 1 failed, 38 s',
		],
		[
			'a night that leaves out what the ledger knows',
			[item({ finished: true }), SKIPPED, SKIPPED],
			{},
			'1 of 3 finished, 2 left out, as the ledger knows them, 38 s',
		],
	])('of %s', (_case, results, facts, summary) => {
		expect(runSummary(results, { ...UNPAID, ...facts })).toBe(summary);
	});
});

describe('what n8n is told of a run', () => {
	function told(results: UnitResult[], facts: Partial<RunFacts> = {}) {
		const hints: unknown[] = [];
		const customData = new Map<string, string>();
		const host = {
			addExecutionHints: (hint: unknown) => hints.push(hint),
			getWorkflowDataProxy: () => ({ $execution: { customData } }),
		} as unknown as IExecuteFunctions;
		reportRun(host, results, { ...UNPAID, ...facts });
		return { hints, customData };
	}

	it('is a hint and one entry in the list of executions, for a single product, too', () => {
		const { hints, customData } = told([item({ finished: true, operation_id: 'op-1' })]);
		expect(hints).toEqual([{ message: 'Aiuta: 1 of 1 finished, 38 s', location: 'outputPane' }]);
		expect([...customData]).toEqual([['aiuta', '1 of 1 finished, 38 s; op-1']]);
	});

	it.each([
		['created', item({ operation_id: 'op-1' }), true],
		['still running', item({ operation_id: 'op-1', finished: false }), true],
		['finished', item({ operation_id: 'op-1', finished: true }), false],
	])('says of %s operations that people review when to come back', (_state, result, isSaid) => {
		const [hint] = told([result], { isReviewed: true }).hints;
		const message = JSON.stringify(hint);
		expect(message.includes('takes hours: get them then with Wait for Operation')).toBe(isSaid);
	});

	it('is a warning when something failed', () => {
		expect(told([failed]).hints).toMatchObject([{ type: 'warning' }]);
	});

	it('is at most 512 characters, with whole IDs', () => {
		const results = Array.from({ length: 100 }, (_, index) =>
			item({ finished: true, operation_id: `operation-number-${index}` }),
		);
		const { customData } = told(results);
		const value = customData.get('aiuta') ?? '';
		expect(value.length).toBeLessThanOrEqual(512);
		expect(value).toMatch(/ operation-number-\d+$/);
	});

	it('is said where the ledger knows every product and all are left out', () => {
		const { hints } = told([SKIPPED, SKIPPED]);
		expect(JSON.stringify(hints)).toContain(
			'0 of 2 finished, 2 left out, as the ledger knows them',
		);
	});

	it('is nothing for images that went well', () => {
		expect(told([item({ id: 'image' })])).toEqual({ hints: [], customData: new Map() });
	});
});
