/** Start operations and hand out their IDs at once. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { knownOperations } from '../../batch/knownOperations';
import { Product } from '../../batch/product';
import { createBatchingField } from '../../inputs/batching';
import { imageTypesField } from '../../inputs/imageTypes';
import { createOptionsFields, humanReviewNotice } from '../../inputs/options';
import { passingOptions, readPassing, type Passing } from '../../inputs/passing';
import { ledgerFields, readLedger } from '../../inputs/ledger';
import { photoFields } from '../../inputs/photos';
import { productFields } from '../../inputs/product';
import { planProducts, type PlannedProduct } from '../../inputs/productPlans';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { COSTS, toolDescription } from '../../inputs/toolDescription';
import { createdJson } from '../../output/itemJson';
import { jsonItem } from '../../output/items';
import { runUnits } from '../runUnits';

/** Its place in the operation selector; saved workflows store the value. */
export const option = {
	name: 'Create Operation',
	value: 'create',
	action: 'Create a flat lay operation',
	description: 'Start the generation and return the operation ID at once, without waiting',
} satisfies INodePropertyOptions;

const properties: INodeProperties[] = [
	toolDescription(
		`Starts to make a flat lay picture of a garment from photos of it. ${COSTS} Returns operation_id at once, or an error with a message.`,
	),
	...photoFields('uploadedImageIds'),
	...productFields,
	imageTypesField,
	...createOptionsFields(passingOptions),
	humanReviewNotice(', and collect the pictures later with "Wait for Operation".'),
	...ledgerFields,
	createBatchingField,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [option.value] } },
	properties,
);

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<PlannedProduct<Passing>>(this, {
		unitName: 'products',
		prepare: async () => await planProducts(this, 'uploadedImageIds', readPassing),
		ledgerChoice: () => readLedger(this),
		planOf: ({ plan }) => plan,
		knownOf: ({ plan }, { journal }) => knownOperations(plan, journal),
		perform: async ({ plan, settings }, { itemIndexes, productId }, execution) => {
			const product = new Product(execution, plan);
			const started = await Promise.all(
				plan.operations.map(async (place) => await product.start(place)),
			);
			return {
				items: started.flatMap((one) => {
					if (one.kind !== 'exists') return [];
					const ids = product.uploadedImageIds;
					const created = createdJson(one.operation, productId, ids, settings.includeResponse);
					return [jsonItem({ ...settings.otherFields, ...created }, itemIndexes)];
				}),
				failures: started.flatMap((one) => (one.kind === 'failed' ? [one.failure] : [])),
			};
		},
	});
}
