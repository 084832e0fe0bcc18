import type { Journal } from './journal';
import type { ProductPlan } from './plan';

/** How many operations a product would create: those that an earlier try created do not count. */
export function countCreates({ operations }: ProductPlan, journal: Journal): number {
	return operations.filter((place) => !journal.settles(place)).length;
}
