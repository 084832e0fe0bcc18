/** Upload photos, start the generation, poll it to the end and hand out the pictures. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { generateProduct } from '../../batch/deliver';
import { knownOperations } from '../../batch/knownOperations';
import { createBatchingField } from '../../inputs/batching';
import { finishOptions, formerFinishFields, readFinish, type Finish } from '../../inputs/finish';
import { imageTypesField } from '../../inputs/imageTypes';
import { createOptionsFields, humanReviewNotice } from '../../inputs/options';
import { passingOptions } from '../../inputs/passing';
import { ledgerFields, readLedger } from '../../inputs/ledger';
import { photoFields } from '../../inputs/photos';
import { productFields } from '../../inputs/product';
import { planProducts, type PlannedProduct } from '../../inputs/productPlans';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { COSTS, RETURNS_PICTURES, toolDescription } from '../../inputs/toolDescription';
import { generatedJson } from '../../output/itemJson';
import { outcomeItems } from '../../output/items';
import { runUnits } from '../runUnits';

/** Its place in the operation selector; saved workflows store the value. */
export const option = {
	name: 'Generate and Wait',
	value: 'generateAndWait',
	action: 'Generate a flat lay and wait for it',
	description: 'Turn photos of a garment into finished pictures, in one step',
} satisfies INodePropertyOptions;

const properties: INodeProperties[] = [
	toolDescription(
		`Makes a flat lay picture of a garment from photos of it, which takes minutes. ${COSTS} ${RETURNS_PICTURES}`,
	),
	...photoFields('binary'),
	...productFields,
	imageTypesField,
	...createOptionsFields([...finishOptions, ...passingOptions]),
	humanReviewNotice(
		' and Max Wait (Minutes) to as long as it may take. Or start with "Create Operation" and collect the pictures later with "Wait for Operation".',
	),
	...ledgerFields,
	createBatchingField,
	...formerFinishFields,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [option.value] } },
	properties,
);

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<PlannedProduct<Finish>>(this, {
		unitName: 'products',
		prepare: async () => await planProducts(this, 'binary', readFinish),
		ledgerChoice: () => readLedger(this),
		planOf: ({ plan }) => plan,
		knownOf: ({ plan }, { journal }) => knownOperations(plan, journal),
		perform: async ({ plan, settings }, { itemIndexes }, execution) => {
			const outcome = await generateProduct(execution, execution.downloads, plan, settings);
			return outcomeItems(outcome, itemIndexes, settings, generatedJson);
		},
	});
}
