/** What a failure says of money: whether to feed the item in again, and whether to go on with what exists. */
import * as fc from 'fast-check';

import { FAILURES, type FailureCode } from '../../nodes/Aiuta/api/failureCatalogue';
import {
	failure,
	isResumable,
	isRetryable,
	mayExist,
	type Failure,
} from '../../nodes/Aiuta/api/failures';
import { failedJson } from '../../nodes/Aiuta/output/itemJson';

const CODES = Object.keys(FAILURES) as FailureCode[];
const LOST_FOR_GOOD = ['FAILED', 'CANCELLED', 'ABORTED'];

const status = fc.constantFrom(
	'CREATED',
	'IN_PROGRESS',
	'PAUSED',
	'SUCCESS',
	...LOST_FOR_GOOD,
	'UNDER_REVIEW',
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const operation = fc.record({
	operation_id: fc.constantFrom('op-1', 'op-2', 'op-3'),
	status: fc.option(status, { nil: null }),
	failure_reason: fc.constant(null),
});
const anyFailure: fc.Arbitrary<Failure> = fc
	.record({
		code: fc.constantFrom(...CODES),
		operationId: maybe(fc.constantFrom('op-1', 'op-2')),
		status: maybe(status),
		operations: maybe(fc.array(operation, { maxLength: 3 })),
		mayExist: maybe(fc.boolean()),
	})
	.map(({ code, ...particulars }) => failure(code, undefined, particulars));

const RUNS = { numRuns: 10_000 };

describe('a failure of any kind, with any facts', () => {
	it('is never retryable where an operation exists or may exist', () => {
		fc.assert(
			fc.property(anyFailure, (failed) => {
				const isUnknownToAiuta = failed.code === 'OPERATION_NOT_FOUND';
				const exists = failed.operationId !== undefined || (failed.operations ?? []).length > 0;
				if (exists || mayExist(failed) || isUnknownToAiuta) expect(isRetryable(failed)).toBe(false);
			}),
			RUNS,
		);
	});

	it('is never both retryable and resumable', () => {
		fc.assert(
			fc.property(anyFailure, (failed) => {
				expect(isRetryable(failed) && isResumable(failed)).toBe(false);
			}),
			RUNS,
		);
	});

	it('is resumable exactly where an operation exists that has not failed for good', () => {
		fc.assert(
			fc.property(anyFailure, ({ code, operations = [], ...facts }) => {
				const failed = { ...facts, code, operations };
				const missing = code === 'OPERATION_NOT_FOUND' ? facts.operationId : undefined;
				const open = operations.some(
					(one) => one.operation_id !== missing && !LOST_FOR_GOOD.includes(one.status ?? ''),
				);
				const isListed = operations.some((one) => one.operation_id === facts.operationId);
				const own =
					!isListed &&
					facts.operationId !== undefined &&
					facts.operationId !== missing &&
					!LOST_FOR_GOOD.includes(facts.status ?? '');
				expect(isResumable(failed)).toBe(open || own);
			}),
			RUNS,
		);
	});
});

describe.each(CODES)('%s', (code) => {
	it('with an operation that is under way is resumable and not retryable', () => {
		const failed = failure(code, undefined, { operationId: 'op-1', status: 'IN_PROGRESS' });
		expect(isRetryable(failed)).toBe(false);
		expect(isResumable(failed)).toBe(code !== 'OPERATION_NOT_FOUND');
	});

	it('beside a create that may have been accepted is not retryable', () => {
		expect(isRetryable(failure(code, undefined, { mayExist: true }))).toBe(false);
	});
});

it.each(['KEY_REFUSED', 'UPLOAD_FAILED', 'CREATE_NOT_SENT', 'NOT_STARTED', 'CANCELLED'] as const)(
	'%s of a product of which nothing exists is retryable',
	(code) => {
		expect(isRetryable(failure(code))).toBe(true);
	},
);

it.each(['CREATE_OUTCOME_UNKNOWN', 'NOTES_LOST', 'UNEXPECTED'] as const)(
	'%s leaves open whether something exists',
	(code) => {
		expect(mayExist(failure(code))).toBe(true);
	},
);

it('a failed item says resumable only where it is', () => {
	expect(failedJson(failure('TIMED_OUT', undefined, { operationId: 'op-1' }))).toEqual({
		error: expect.objectContaining({ retryable: false, resumable: true }),
	});
	expect(failedJson(failure('UPLOAD_REFUSED'))['error']).not.toHaveProperty('resumable');
});
