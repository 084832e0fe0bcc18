/** A product of the Unified catalogue, chosen from a list or by its ID. */
import type { INodeProperties } from 'n8n-workflow';

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
