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
import { createdJson } from '../../output/itemJson';
import { readIncludeResponse } from '../../inputs/createOptions';
import { countCreates } from '../../batch/countCreates';
import { Parameters } from '../../inputs/readParameters';
import { planProducts } from '../../inputs/productPlans';
import { runUnits } from '../runUnits';

import { imageTypesField, productFields, productIdField } from '../../inputs/fields';
import { imageSourceFields } from '../../inputs/imageSourceFields';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { batchingField, generationOptions, humanReviewNotice } from '../../inputs/optionFields';

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
