/** Upload photos, start the generation, poll it to the end and hand out the pictures. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { countCreates } from '../../batch/countCreates';
import { generateProduct } from '../../batch/deliver';
import { batchingField } from '../../inputs/batching';
import { finishFields, readFinish, type Finish } from '../../inputs/finish';
import { imageTypesField } from '../../inputs/imageTypes';
import { generationOptions, humanReviewNotice } from '../../inputs/options';
import { photoFields } from '../../inputs/photos';
import { productFields } from '../../inputs/product';
import { planProducts, type PlannedProduct } from '../../inputs/productPlans';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { generatedJson } from '../../output/itemJson';
import { outcomeItems } from '../../output/items';
import { runUnits } from '../runUnits';

/** Value of the operation selector, as saved workflows store it. */
export const GENERATE_AND_WAIT = 'generateAndWait';

const properties: INodeProperties[] = [
	...photoFields('binary'),
	...productFields,
	imageTypesField,
	...finishFields,
	...generationOptions,
	humanReviewNotice,
	batchingField,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [GENERATE_AND_WAIT] } },
	properties,
);

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<PlannedProduct<Finish>>(this, {
		unitName: 'products',
		prepare: async () => await planProducts(this, 'binary', readFinish),
		createsOf: ({ plan }, journal) => countCreates(plan, journal),
		perform: async ({ plan, settings }, { itemIndexes }, execution) => {
			const outcome = await generateProduct(execution, execution.downloads, plan, settings);
			return outcomeItems(outcome, itemIndexes, settings, generatedJson);
		},
	});
}
