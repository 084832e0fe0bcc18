/** What breaks off must not cost an operation's ID, nor hide a create that may have been accepted. */
import { failure, isResumable, isRetryable } from '../../nodes/Aiuta/api/failures';
import { Journal } from '../../nodes/Aiuta/batch/journal';
import type { OperationRecord } from '../../nodes/Aiuta/batch/records';
import { knownOperations } from '../../nodes/Aiuta/batch/knownOperations';
import { product } from './batch.support';

/** The failure of a product whose work broke off with this record in the journal. */
function brokenOff(record: OperationRecord | undefined) {
	const journal = new Journal({}, 0);
	const plan = product(0);
	for (const place of plan.operations) {
		if (record !== undefined) journal.at(place).write(record);
	}
	return failure('UNEXPECTED', undefined, knownOperations(plan, journal));
}

const imageIds = ['img-1'];

describe('a product whose work breaks off', () => {
	it('with an operation that is under way keeps its ID and can be resumed', () => {
		const failed = brokenOff({ state: 'created', imageIds, operationId: 'op-1' });
		expect(failed).toMatchObject({
			productId: 'sku-0',
			operationId: 'op-1',
			operations: [{ operation_id: 'op-1', status: null }],
		});
		expect(isResumable(failed)).toBe(true);
		expect(isRetryable(failed)).toBe(false);
	});

	it('with an operation that has failed keeps its reason and cannot be resumed', () => {
		const end = { status: 'FAILED', failureReason: 'blurred' };
		const failed = brokenOff({ state: 'failed', imageIds, operationId: 'op-1', ...end });
		expect(failed.operations).toMatchObject([{ status: 'FAILED', failure_reason: 'blurred' }]);
		expect(isResumable(failed)).toBe(false);
	});

	it.each<OperationRecord>([
		{ state: 'intent', imageIds },
		{ state: 'unknown', imageIds, message: 'lost' },
	])('with the record $state says that an operation may exist', (record) => {
		expect(brokenOff(record).mayExist).toBe(true);
	});

	it('before anything was created knows its product only', () => {
		const { operationId, mayExist, productId } = brokenOff(undefined);
		expect({ operationId, mayExist, productId }).toEqual({ productId: 'sku-0' });
	});
});
