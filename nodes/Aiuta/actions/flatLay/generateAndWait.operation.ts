/** Upload photos, start the generation, poll it to the end and hand out the pictures. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { generateProduct } from '../../batch/deliver';
import type { ProductPlan } from '../../batch/plan';
import { generatedJson } from '../../output/itemJson';
import { arrangeOutcome, readFinish } from '../../inputs/waiting';
import { countCreates } from '../../batch/countCreates';
import { planProducts } from '../../inputs/productPlans';
import { runUnits } from '../runUnits';

import {
	imageTypesField,
	productFields,
	productIdField,
	waitAndOutputFields,
} from '../../inputs/fields';
import { imageSourceFields } from '../../inputs/imageSourceFields';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { batchingField, generationOptions, humanReviewNotice } from '../../inputs/optionFields';

/** Value of the operation selector, as saved workflows store it. */
export const GENERATE_AND_WAIT = 'generateAndWait';

const properties: INodeProperties[] = [
	...imageSourceFields('binary'),
	productIdField,
	...productFields,
	imageTypesField,
	...waitAndOutputFields,
	...generationOptions,
	humanReviewNotice,
	batchingField,
];

/** The fields of this action, shown for its resource and operation only. */
export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [GENERATE_AND_WAIT] } },
	properties,
);

/** Run the action for all input items. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<ProductPlan>(this, {
		unitName: 'products',
		prepare: async () => await planProducts(this, 'binary', readFinish),
		createsOf: countCreates,
		perform: async (plan, { itemIndexes }, execution) => {
			const finish = readFinish(this, itemIndexes[0]);
			const outcome = await generateProduct(execution, execution.downloads, plan, finish);
			return arrangeOutcome(outcome, itemIndexes, finish, generatedJson);
		},
	});
}
