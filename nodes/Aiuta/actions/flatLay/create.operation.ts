/** Start operations and hand out their IDs at once. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import type { ProductPlan } from '../../batch/plan';
import { Product } from '../../batch/product';
import { jsonItem } from '../../output/items';
import { createdJson } from '../../output/json';
import { readIncludeResponse } from '../createOptions';
import { countCreates } from '../creating';
import { Parameters } from '../parameters';
import { planProducts } from '../productPlans';
import { runUnits } from '../units';

import { imageTypesField, productFields, productIdField } from '../fields';
import { imageSourceFields } from '../imageSourceFields';
import { RESOURCE_FLAT_LAY } from '../names';
import { batchingField, generationOptions, humanReviewNotice } from '../optionFields';

/** Value of the operation selector, as saved workflows store it. */
export const CREATE = 'create';

const properties: INodeProperties[] = [
	...imageSourceFields('uploadedImageIds'),
	productIdField,
	...productFields,
	imageTypesField,
	...generationOptions,
	humanReviewNotice,
	batchingField,
];

/** The fields of this action, shown for its resource and operation only. */
export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [CREATE] } },
	properties,
);

/** Run the action for all input items. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<ProductPlan>(this, {
		unitName: 'products',
		prepare: async () => await planProducts(this, 'uploadedImageIds'),
		createsOf: countCreates,
		perform: async (plan, { itemIndexes, productId }, execution) => {
			const product = new Product(execution, plan);
			const started = await product.start();
			const withResponse = readIncludeResponse(new Parameters(this, itemIndexes[0]));
			return {
				items: started.flatMap((one) => {
					if (one.kind === 'failed') return [];
					const { operationId, body } = one.existing;
					const response = withResponse ? body : undefined;
					const ids = product.uploadedImageIds;
					return [jsonItem(createdJson(operationId, productId, ids, response), itemIndexes)];
				}),
				failures: started.flatMap((one) => (one.kind === 'failed' ? [one.failure] : [])),
			};
		},
	});
}
