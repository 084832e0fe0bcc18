/** Poll operations that already exist to the end and hand out the pictures. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { waitForOperation } from '../../batch/deliver';
import { waitedJson } from '../../output/itemJson';
import { arrangeOutcome, readFinish } from '../../inputs/waiting';
import { readOperationIds } from '../../inputs/ids';
import { runUnits } from '../runUnits';

import { operationIdField, waitAndOutputFields } from '../../inputs/fields';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { batchingField, responseOptions } from '../../inputs/optionFields';

/** Value of the operation selector, as saved workflows store it. */
export const WAIT = 'wait';

const properties: INodeProperties[] = [
	operationIdField,
	...waitAndOutputFields,
	responseOptions,
	batchingField,
];

/** The fields of this action, shown for its resource and operation only. */
export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [WAIT] } },
	properties,
);

/** Run the action for all input items. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<string>(this, {
		unitName: 'operations',
		prepare: async () => await readOperationIds(this, readFinish),
		perform: async (operationId, { itemIndexes }, { run, downloads }) => {
			const finish = readFinish(this, itemIndexes[0]);
			const outcome = await waitForOperation(run, downloads, operationId, finish);
			return arrangeOutcome(outcome, itemIndexes, finish, waitedJson);
		},
	});
}
