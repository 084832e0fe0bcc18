/** A product of the Unified catalogue, chosen from a list or by its ID. */
import {
	NodeOperationError,
	type ILoadOptionsFunctions,
	type INodeListSearchResult,
	type INodeProperties,
} from 'n8n-workflow';

import { readSkuPage } from '../transport/skuItems';
import type { Parameters } from './parameters';
import { API_UNIFIED } from './selectors';

export const skuIdField: INodeProperties = {
	displayName: 'SKU ID',
	name: 'skuId',
	type: 'resourceLocator',
	default: { mode: 'list', value: '' },
	required: true,
	displayOptions: { show: { api: [API_UNIFIED], imageSource: ['sku'] } },
	modes: [
		{
			displayName: 'From List',
			name: 'list',
			type: 'list',
			typeOptions: { searchListMethod: 'searchSkus', searchable: true },
		},
		{ displayName: 'By ID', name: 'id', type: 'string', placeholder: 'e.g. DRESS-0042-RED' },
	],
	description:
		'The product in your Aiuta catalogue. Its stored photos and product details are used.',
};

/** The ID: what was chosen, or plain text as an expression or an older workflow gives it. */
export function readSkuId(parameters: Parameters): string {
	return parameters.requiredText(skuIdField);
}

/** The API cannot search: pages are read until one has a match, and this many at most at a time. */
const MAX_PAGES = 10;
const PAGE_SKUS = 100;
/** The most that the API gives at once. */
const SEARCHED_PAGE_SKUS = 500;

/**
 * List the SKUs whose ID or title contains the filter. Where there may be more, n8n asks again with
 * the token when the user scrolls on.
 */
export async function searchSkus(
	this: ILoadOptionsFunctions,
	filter = '',
	paginationToken?: unknown,
): Promise<INodeListSearchResult> {
	const wanted = filter.trim().toLowerCase();
	const limit = wanted === '' ? PAGE_SKUS : SEARCHED_PAGE_SKUS;
	let offset = Number(paginationToken ?? 0);
	for (let pages = 1; ; pages += 1) {
		const answer = await readSkuPage(this, offset, limit);
		if (!answer.ok) throw new NodeOperationError(this.getNode(), answer.problem);
		const { skus, nextOffset } = answer.page;
		const results = skus
			.map(({ id, title }) => ({ name: title === undefined ? id : `${title} (${id})`, value: id }))
			.filter(({ name }) => name.toLowerCase().includes(wanted));
		if (nextOffset === undefined) return { results };
		if (results.length > 0 || pages === MAX_PAGES) {
			return { results, paginationToken: String(nextOffset) };
		}
		offset = nextOffset;
	}
}
