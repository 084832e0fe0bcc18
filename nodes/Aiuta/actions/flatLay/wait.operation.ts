/** Poll operations that already exist to the end and hand out the pictures. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { waitForOperation } from '../../batch/deliver';
import { batchingField } from '../../inputs/batching';
import { finishOptions, formerFinishFields, readFinish, type Finish } from '../../inputs/finish';
import { operationIdField, readOperationIds } from '../../inputs/ids';
import { optionsField } from '../../inputs/options';
import { passingOptions } from '../../inputs/passing';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { readUnits } from '../../inputs/units';
import { waitedJson } from '../../output/itemJson';
import { outcomeItems } from '../../output/items';
import { runUnits } from '../runUnits';

/** Its place in the operation selector; saved workflows store the value. */
export const option = {
	name: 'Wait for Operation',
	value: 'wait',
	action: 'Wait for a flat lay operation',
	description: 'Wait until operations that were started before are finished, and get the pictures',
} satisfies INodePropertyOptions;

const properties: INodeProperties[] = [
	operationIdField,
	optionsField([...finishOptions, ...passingOptions]),
	batchingField,
	...formerFinishFields,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [option.value] } },
	properties,
);

interface AwaitedOperation {
	operationId: string;
	finish: Finish;
}

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<AwaitedOperation>(this, {
		unitName: 'operations',
		prepare: async () =>
			await readUnits(this, (parameters) => {
				const finish = readFinish(parameters);
				return readOperationIds(parameters).map((operationId) => ({ operationId, finish }));
			}),
		knownOf: ({ operationId }) => ({ operationId }),
		perform: async ({ operationId, finish }, { itemIndexes }, { run, downloads }) => {
			const outcome = await waitForOperation(run, downloads, operationId, finish);
			return outcomeItems(outcome, itemIndexes, finish, waitedJson);
		},
	});
}
