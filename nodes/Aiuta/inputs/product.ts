/** What the user says about the product: its ID, which items belong together, and texts. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { ProductFields } from '../api/types';
import { Parameters } from './parameters';
import { shownOnceFilled } from './shownOnceFilled';
import { readItem, type Unit } from './units';

/** The user's own name for the product. It stays useful for a stored SKU, so it is never hidden. */
export const productIdField: INodeProperties = {
	displayName: 'Product ID',
	name: 'productId',
	type: 'string',
	default: '',
	placeholder: 'e.g. DRESS-0042-RED',
	description:
		'Your own identifier of the product, such as its SKU. Optional. It comes back in the output, in errors and in file names, so that you can match pictures to products.',
};

const groupByProductId = {
	displayName: 'Group Items by Product ID',
	name: 'groupByProductId',
	type: 'boolean',
	default: false,
	displayOptions: { hide: { imageSource: ['sku'] } },
	description:
		'Whether input items with the same Product ID are photos of one product. Their photos are used together in item order; all other settings come from the first of them.',
} satisfies INodeProperties;

const productCategory: INodeProperties = {
	displayName: 'Product Category',
	name: 'productCategory',
	type: 'string',
	default: '',
	placeholder: 'e.g. Apparel & Accessories > Clothing > Dresses',
	displayOptions: { hide: { imageSource: ['sku'] } },
	description:
		'Kind of product, from general to specific, for example a Google product category. Optional, helps to recognise the garment.',
};

const productTitle: INodeProperties = {
	displayName: 'Product Title',
	name: 'productTitle',
	type: 'string',
	default: '',
	placeholder: 'e.g. Red linen midi dress',
	displayOptions: { hide: { imageSource: ['sku'] } },
	description: 'Name of the product as shown in your shop. Optional.',
};

const productDescription: INodeProperties = {
	displayName: 'Product Description',
	name: 'productDescription',
	type: 'string',
	typeOptions: { rows: 3 },
	default: '',
	placeholder: 'e.g. Sleeveless, with a tie belt and side pockets',
	displayOptions: { hide: { imageSource: ['sku'] } },
	description: 'Details that matter for the look of the product. Optional.',
};

/** The Product ID, how items form products, and texts. A stored SKU brings its own texts. */
export const productFields: INodeProperties[] = [
	productIdField,
	...shownOnceFilled(groupByProductId, productIdField),
	productCategory,
	productTitle,
	productDescription,
];

/** The Product ID; undefined when the item has none. */
export function readProductId(parameters: Parameters): string | undefined {
	return parameters.text(productIdField);
}

/** One unit an item, with the Product ID as far as it can be read: for a run whose items are not read further. */
export async function readProductIds(host: IExecuteFunctions): Promise<Array<Unit<undefined>>> {
	const items = host.getInputData().map(async (_, index): Promise<Unit<undefined>> => {
		const read = await readItem(() => readProductId(new Parameters(host, index)));
		const productId = read.ok ? read.value : undefined;
		return { itemIndexes: [index], productId, input: { ok: true, value: undefined } };
	});
	return await Promise.all(items);
}

/** Whether items with the same Product ID are one product. */
export function readIsGrouped(parameters: Parameters): boolean {
	return parameters.boolean(groupByProductId);
}

/** Texts that tell Aiuta about the product; what is empty is left out of the request. */
export function readProductFields(parameters: Parameters): ProductFields {
	const productId = readProductId(parameters);
	const category = parameters.text(productCategory);
	const title = parameters.text(productTitle);
	const description = parameters.text(productDescription);
	return {
		...(productId === undefined ? {} : { productId }),
		...(category === undefined ? {} : { category }),
		...(title === undefined ? {} : { title }),
		...(description === undefined ? {} : { description }),
	};
}
