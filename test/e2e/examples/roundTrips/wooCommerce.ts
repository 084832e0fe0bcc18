/** A WooCommerce shop: products without a picture get one. */
import { useCredential } from '../files';
import { listed, LISTED_BAD_OPERATIONS } from './listed';
import type { RoundTrip } from './trip';
import { openWooCommerceShop } from './wooCommerceShop';

const FAILURE_FIELD = 'aiuta_failure';
/** More than n8n asks for in one page. */
const PICTURED = 105;

export const wooCommerceTrip: RoundTrip = {
	file: '9-woocommerce.json',
	trigger: 'Every hour',
	badOperations: LISTED_BAD_OPERATIONS,
	open: async (context, flow, products) => {
		const shop = await openWooCommerceShop();
		shop.addPictured(PICTURED);
		for (const { sku, title, photoUrls } of await listed(context, products)) {
			shop.add({ sku, name: title, fields: { photos: photoUrls } });
		}
		await useCredential(context, flow, 'n8n-nodes-base.wooCommerce', {
			type: 'wooCommerceApi',
			data: { ...shop.credential, includeCredentialsInQuery: false },
		});
		return {
			pictures: async () =>
				new Map(
					shop.products().flatMap(({ sku, images }) =>
						images.flatMap(({ id }): Array<[string, Buffer]> => {
							const picture = shop.media(id);
							return picture === undefined ? [] : [[sku, picture]];
						}),
					),
				),
			failures: async () =>
				new Map(
					shop
						.products()
						.flatMap(({ sku, meta_data: fields }) =>
							fields
								.filter(({ key, value }) => key === FAILURE_FIELD && value !== '')
								.map(({ value }): [string, string] => [sku, value]),
						),
				),
			lose: async ({ sku }) => shop.removeImages(sku),
			close: shop.close,
		};
	},
};
