/** Upload photos, start the generation, poll it to the end and hand out the pictures. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { generateProduct } from '../../batch/generate';
import type { ProductPlan } from '../../batch/plan';
import { generatedJson } from '../../output/json';
import { arrangeOutcome, readFinish } from '../finishing';
import { countCreates } from '../creating';
import { planProducts } from '../productPlans';
import { runUnits } from '../units';

import { imageTypesField, productFields, productIdField, waitAndOutputFields } from '../fields';
import { imageSourceFields } from '../imageSourceFields';
import { RESOURCE_FLAT_LAY } from '../names';
import { batchingField, generationOptions, humanReviewNotice } from '../optionFields';

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
