import type { Generation } from '../api/generation';
import { hashFields } from './inputsHash';
import type { Journal } from './journal';
import type { Ledger } from './ledger';
import type { ProductPlan } from './plan';

/**
 * How many operations a product would create: those that an earlier try created do not count, nor, as
 * far as is known when the run begins, those of other executions.
 */
export function countCreates(
	plan: ProductPlan,
	journal: Journal,
	known?: { ledger: Ledger; generation: Generation },
): number {
	const { productId, operations } = plan;
	return operations.filter((place) => {
		if (known === undefined || productId === undefined) return !journal.settles(place);
		const inputs = { fields: hashFields(known.generation, plan, place), photos: undefined };
		return !known.ledger.isKnown({ ...place, productId, inputs });
	}).length;
}

/** How many operations of these products exist or may exist because of an earlier try. */
export function countSettled(plans: readonly ProductPlan[], journal: Journal): number {
	const places = plans.flatMap(({ operations }) => operations);
	return places.filter((place) => journal.settles(place)).length;
}
