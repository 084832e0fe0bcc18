/** Says whether an operation is still asked for with the inputs it was made from. */
import { createHash } from 'crypto';

import type { Generation } from '../api/generation';
import { sourcesOf, type ProductPlan } from './plan';
import type { InputsHash, Place } from './records';

const HASH_LENGTH = 32;

function hashOf(value: unknown): string {
	return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, HASH_LENGTH);
}

/** Hash the fields as the create request would send them. Photos are not part of it. */
export function hashFields(generation: Generation, plan: ProductPlan, place: Place): string {
	const { images, fields } = plan;
	const isUploaded = images.kind === 'sources' || images.kind === 'notRead';
	return hashOf(
		generation.createBody({
			...fields,
			images: isUploaded ? { kind: 'uploadedImageIds', ids: [] } : images,
			imageTypes: [...place.imageTypes],
		}),
	);
}

/** Hash the photos by their content; undefined when one of them cannot be read. */
export async function hashPhotos(plan: ProductPlan): Promise<string | undefined> {
	const identities: string[] = [];
	// One after the other: each may hold a whole photo while it is read.
	for (const source of sourcesOf(plan)) {
		const identity = await source.identity();
		if (identity === undefined) return undefined;
		identities.push(identity);
	}
	return hashOf([identities, plan.background !== undefined]);
}

/** Tell whether inputs are known to differ. */
export function differ(then: InputsHash | undefined, now: Partial<InputsHash>): boolean {
	if (then === undefined) return false;
	const isOther = (a: string | undefined, b: string | undefined) =>
		a !== undefined && b !== undefined && a !== b;
	return isOther(then.fields, now.fields) || isOther(then.photos, now.photos);
}
