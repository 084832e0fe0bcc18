/** Poll operations that already exist to the end and hand out the pictures. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { waitForOperation } from '../../batch/deliver';
import { batchingField } from '../../inputs/batching';
import { finishFields, readFinish, type Finish } from '../../inputs/finish';
import { operationIdField, readOperationIds } from '../../inputs/ids';
import { responseOptions } from '../../inputs/options';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { readUnits } from '../../inputs/units';
import { waitedJson } from '../../output/itemJson';
import { outcomeItems } from '../../output/items';
import { runUnits } from '../runUnits';

/** Value of the operation selector, as saved workflows store it. */
export const WAIT = 'wait';

const properties: INodeProperties[] = [
	operationIdField,
	...finishFields,
	responseOptions,
	batchingField,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [WAIT] } },
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
		perform: async ({ operationId, finish }, { itemIndexes }, { run, downloads }) => {
			const outcome = await waitForOperation(run, downloads, operationId, finish);
			return outcomeItems(outcome, itemIndexes, finish, waitedJson);
		},
	});
}
