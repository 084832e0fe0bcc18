/** Products as a database or a shop lists them: a title, and the addresses of their photos. */
import type { ExampleContext } from '../host';
import { hostJpeg } from '../photos';
import type { TripProduct } from './products';

export interface ListedProduct {
	sku: string;
	title: string;
	/** Separated by commas; empty for a product without photos. */
	photoUrls: string;
}

/** How many operations Aiuta accepts for three bad products: for one that it fails to make. */
export const LISTED_BAD_OPERATIONS = 1;

async function photoUrls({ sandbox }: ExampleContext, photos: readonly Buffer[]): Promise<string> {
	const hosted = await Promise.all(photos.map(async (photo) => await hostJpeg(sandbox, photo)));
	return hosted.map(({ url }) => url).join(', ');
}

/**
 * Put the photos of products on the web. Of the bad ones the first cannot be made, the second has no photo, and
 * the address of the third leads to a page.
 */
export async function listed(
	context: ExampleContext,
	products: readonly TripProduct[],
): Promise<ListedProduct[]> {
	const bad = products.filter(({ isBad }) => isBad);
	return await Promise.all(
		products.map(async ({ sku, photos }) => {
			const badNumber = bad.findIndex((product) => product.sku === sku);
			const title = `O'Hara "${sku}"${badNumber === 0 ? ' [fail]' : ''}`;
			if (badNumber === 1) return { sku, title, photoUrls: '' };
			if (badNumber === 2) return { sku, title, photoUrls: `${context.sandbox.url}/no-photo.jpg` };
			return { sku, title, photoUrls: await photoUrls(context, photos) };
		}),
	);
}
