/** The one error of On Error = Stop: complete where it can be, bounded in any case. */
import { failure } from '../../nodes/Aiuta/api/failures';
import { runError, type FailedUnit, type RunTotals } from '../../nodes/Aiuta/output/runReport';

const TOTALS: RunTotals = {
	units: 6000,
	unitName: 'products',
	paidOperations: 5900,
	isPaidWork: true,
	unknownOperations: 3,
	isCancelled: false,
	isNothingSent: false,
};

function failures(count: number, reason = 'blurred photo'): FailedUnit[] {
	return Array.from({ length: count }, (_, index) => ({
		itemIndexes: [index],
		failure: failure('OPERATION_FAILED', `Operation op-${index} ended as FAILED: ${reason}`, {
			productId: `sku-${index}`,
			operationId: `op-${index}`,
		}),
	}));
}

describe('the error of a stopped run with 5,000 failures', () => {
	const { message, description, itemIndex } = runError(failures(5000, 'x'.repeat(5000)), TOTALS);
	const lines = description.split('\n');

	it('lists the first twenty by item, Product ID, operation ID and reason, and counts the rest', () => {
		const listed = lines.filter((line) => line.startsWith('- Item '));
		expect(listed).toHaveLength(20);
		for (const [index, line] of listed.entries()) {
			expect(line).toContain(`- Item ${index} (product sku-${index}, operation op-${index}): `);
			expect(line).toContain('ended as FAILED');
		}
		expect(lines).toContain('... and 4980 more; all of them are in the log.');
	});

	it('says how many of how many failed, and points to the first', () => {
		expect(message).toMatch(/^5000 of 6000 products failed\. First: Item 0 \(product sku-0,/);
		expect(itemIndex).toBe(0);
	});

	it('says what is paid for, what may be, and how to go on', () => {
		expect(description).toContain(
			'Operations created and paid for: 5900, and 3 may have been accepted without an ID.',
		);
		expect(description).toContain('Executions > Retry continues with these operations');
	});

	it('stays small, however long the reasons are', () => {
		expect(message.length).toBeLessThan(500);
		expect(description.length).toBeLessThan(10_000);
	});
});

describe('the error of a run', () => {
	it('counts products that were not started apart from those that failed', () => {
		const notStarted: FailedUnit = { itemIndexes: [9], failure: failure('NOT_STARTED') };
		const { message, description } = runError([...failures(2), notStarted], TOTALS);
		expect(message).toMatch(/^2 of 6000 products failed/);
		expect(description).toContain('Not started because of this: 1 products.');
		expect(description).not.toContain('- Item 9');
	});

	it('warns of Retry after a stop instead of recommending it', () => {
		const { message, description } = runError(failures(2), { ...TOTALS, isCancelled: true });
		expect(message).toMatch(/^The execution was canceled/);
		expect(description).toContain('Do not use Executions > Retry after a stop');
		expect(description).not.toContain('Retry continues with these operations');
	});
});
