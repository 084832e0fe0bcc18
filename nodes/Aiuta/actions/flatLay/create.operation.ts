/** Start operations and hand out their IDs at once. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { countCreates } from '../../batch/countCreates';
import { Product } from '../../batch/product';
import { batchingField } from '../../inputs/batching';
import { imageTypesField } from '../../inputs/imageTypes';
import { generationOptions, humanReviewNotice, readIncludeResponse } from '../../inputs/options';
import { photoFields } from '../../inputs/photos';
import { productFields } from '../../inputs/product';
import { planProducts, type PlannedProduct } from '../../inputs/productPlans';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { createdJson } from '../../output/itemJson';
import { jsonItem } from '../../output/items';
import { runUnits } from '../runUnits';

/** Value of the operation selector, as saved workflows store it. */
export const CREATE = 'create';

const properties: INodeProperties[] = [
	...photoFields('uploadedImageIds'),
	...productFields,
	imageTypesField,
	...generationOptions,
	humanReviewNotice,
	batchingField,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [CREATE] } },
	properties,
);

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<PlannedProduct<{ includeResponse: boolean }>>(this, {
		unitName: 'products',
		prepare: async () =>
			await planProducts(this, 'uploadedImageIds', (parameters) => ({
				includeResponse: readIncludeResponse(parameters),
			})),
		createsOf: ({ plan }, journal) => countCreates(plan, journal),
		perform: async ({ plan, settings }, { itemIndexes, productId }, execution) => {
			const product = new Product(execution, plan);
			const started = await product.start();
			return {
				items: started.flatMap((one) => {
					if (one.kind === 'failed') return [];
					const { operationId, body } = one.existing;
					const response = settings.includeResponse ? body : undefined;
					const ids = product.uploadedImageIds;
					return [jsonItem(createdJson(operationId, productId, ids, response), itemIndexes)];
				}),
				failures: started.flatMap((one) => (one.kind === 'failed' ? [one.failure] : [])),
			};
		},
	});
}
