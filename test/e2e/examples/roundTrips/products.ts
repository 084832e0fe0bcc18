/** The catalogue that makes the round trips, and the proof that each product got its own picture. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

import type { Sandbox } from '../../../sandbox';
import { smallPhoto } from '../../../support/n8n/n8nFlows';
import { listAt, textAt } from '../../../support/n8n/n8nValues';

/** A product as it stands in somebody's shop. */
export interface TripProduct {
	sku: string;
	/** Front and back. */
	photos: Buffer[];
	/** Whether Aiuta can make no picture of it. */
	isBad: boolean;
}

const PHOTOS_PER_PRODUCT = 2;

/** Make products with photos that no other product has. */
export async function tripProducts(
	count: number,
	isBad: (index: number) => boolean = () => false,
): Promise<TripProduct[]> {
	const photosOf = async (index: number) =>
		await Promise.all(
			Array.from({ length: PHOTOS_PER_PRODUCT }, async (_, view) => {
				return await smallPhoto(index * PHOTOS_PER_PRODUCT + view);
			}),
		);
	return await Promise.all(
		Array.from({ length: count }, async (_, index) => ({
			sku: `p${String(index).padStart(2, '0')}`,
			photos: await photosOf(index),
			isBad: isBad(index),
		})),
	);
}

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

/** Ask the sandbox for the picture of an operation, past n8n. */
async function pictureOf(sandbox: Sandbox, operationId: string): Promise<Buffer> {
	const headers = { 'x-api-key': sandbox.apiKeys.flatLays };
	const answer = await fetch(`${sandbox.url}/flat-lays/v1/flat_lay_operations/${operationId}`, {
		headers,
	});
	const url = textAt(listAt(await answer.json(), 'generated_images')[0], 'url');
	return Buffer.from(await (await fetch(url)).arrayBuffer());
}

/**
 * What Aiuta made of each product, found by the bytes of its photos: of which uploads they are, of which create
 * these, and of which operation that.
 *
 * @throws Error when photos of two products are in one operation, or a product has two
 */
async function madeOf(
	sandbox: Sandbox,
	products: readonly TripProduct[],
): Promise<Map<string, Buffer>> {
	const { uploads, creates } = sandbox.stats();
	const skuOfPhoto = new Map(
		products.flatMap(({ sku, photos }) => photos.map((photo) => [sha256(photo), sku])),
	);
	const skuOfUpload = new Map(uploads.map(({ id, sha256: hash }) => [id, skuOfPhoto.get(hash)]));
	const made = new Map<string, Buffer>();
	const bad = new Set(products.filter(({ isBad }) => isBad).map(({ sku }) => sku));
	for (const { operationId, body } of creates) {
		const skus = listAt(body, 'uploaded_product_image_ids').map((id) =>
			skuOfUpload.get(String(id)),
		);
		const [sku] = skus;
		assert.ok(sku !== undefined && new Set(skus).size === 1, `photos of ${skus.join(', ')}`);
		if (bad.has(sku)) continue;
		assert.equal(skus.length, PHOTOS_PER_PRODUCT, `photos of ${sku}`);
		assert.equal(made.has(sku), false, `${sku} was created twice`);
		made.set(sku, await pictureOf(sandbox, operationId));
	}
	return made;
}

/** Check that each good product, and no other, has the picture that Aiuta made of its own photos. */
export async function assertOwnPictures(
	sandbox: Sandbox,
	products: readonly TripProduct[],
	delivered: ReadonlyMap<string, Buffer>,
): Promise<void> {
	const good = products.filter(({ isBad }) => !isBad).map(({ sku }) => sku);
	assert.deepEqual([...delivered.keys()].sort(), good);
	const made = await madeOf(sandbox, products);
	for (const [sku, picture] of delivered) {
		assert.ok(made.get(sku)?.equals(picture), `${sku} has its own picture`);
	}
	assert.equal(new Set([...delivered.values()].map(sha256)).size, good.length, 'all differ');
	assert.deepEqual(sandbox.stats().duplicates, []);
}
