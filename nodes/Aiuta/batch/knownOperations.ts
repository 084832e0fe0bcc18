/** What the journal knows of a product whose work was broken off by something nobody foresaw. */
import type { Failure } from '../api/failures';
import type { Journal } from './journal';
import { summaryOf } from './operation';
import type { ProductPlan } from './plan';

/** The particulars of a failure that must not lose an operation, nor a create that may have been accepted. */
export function knownOperations(plan: ProductPlan, journal: Journal): Partial<Failure> {
	const known = plan.operations.map((place) => ({
		imageTypes: place.imageTypes,
		record: journal.at(place).read(),
	}));
	const operations = known.flatMap(({ imageTypes, record }) => {
		switch (record?.state) {
			case 'created':
				return [summaryOf(record.operationId, undefined, null, imageTypes)];
			case 'succeeded':
				return [summaryOf(record.operationId, 'SUCCESS', null, imageTypes)];
			case 'failed':
				return [summaryOf(record.operationId, record.status, record.failureReason, imageTypes)];
			default:
				return [];
		}
	});
	const [first] = operations;
	const isOpen = known.some(
		({ record }) => record?.state === 'intent' || record?.state === 'unknown',
	);
	return {
		productId: plan.productId,
		...(first === undefined ? {} : { operationId: first.operation_id, operations }),
		...(isOpen ? { mayExist: true } : {}),
	};
}
