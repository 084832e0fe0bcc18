import type { ProductPlan } from '../batch/plan';
import type { Execution } from './execution';

/** How many operations a product would create: those that an earlier try created do not count. */
export function countCreates({ operations }: ProductPlan, { journal }: Execution): number {
	return operations.filter(({ journalKey }) => {
		const state = journal.read(journalKey)?.state;
		return state === undefined || state === 'uploaded' || state === 'refused';
	}).length;
}
