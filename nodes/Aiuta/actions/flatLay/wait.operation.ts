/** Poll operations that already exist to the end and hand out the pictures. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { waitForOperation } from '../../batch/deliver';
import type { Ledger } from '../../batch/ledger';
import { operationById, type Operation } from '../../batch/operation';
import { batchingField } from '../../inputs/batching';
import { finishOptions, formerFinishFields, readFinish, type Finish } from '../../inputs/finish';
import { operationIdField, readOperationIds } from '../../inputs/ids';
import { operationSourceFields, readLedgerToWaitFor } from '../../inputs/ledger';
import { optionsField } from '../../inputs/options';
import { Parameters } from '../../inputs/parameters';
import { passingOptions } from '../../inputs/passing';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { RETURNS_PICTURES, toolDescription } from '../../inputs/toolDescription';
import { readItem, readUnits, type Unit } from '../../inputs/units';
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
	toolDescription(
		`Waits for a flat lay picture that was started before. Free of charge. ${RETURNS_PICTURES}`,
	),
	...operationSourceFields,
	{ ...operationIdField, displayOptions: { hide: { operationIdSource: ['ledger'] } } },
	optionsField([...finishOptions, ...passingOptions]),
	batchingField,
	...formerFinishFields,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [option.value] } },
	properties,
);

interface AwaitedOperation {
	operation: Operation;
	finish: Finish;
}

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<AwaitedOperation>(this, {
		unitName: 'operations',
		ledgerChoice: () => readLedgerToWaitFor(this),
		prepare: async (ledger) => {
			if (ledger !== undefined) return await unfinishedUnits(this, ledger);
			return await readUnits(this, (parameters) => {
				const finish = readFinish(parameters);
				const ids = readOperationIds(parameters);
				return ids.map((id) => ({ operation: operationById(id), finish }));
			});
		},
		knownOf: ({ operation: { operationId } }) => ({ operationId }),
		perform: async ({ operation, finish }, { itemIndexes }, { run, downloads }) => {
			const outcome = await waitForOperation(run, downloads, operation, finish);
			return outcomeItems(outcome, itemIndexes, finish, waitedJson);
		},
	});
}

/** All operations of the ledger that have not ended, with the settings of the first item. */
async function unfinishedUnits(
	host: IExecuteFunctions,
	ledger: Ledger,
): Promise<Array<Unit<AwaitedOperation>>> {
	const finish = await readItem(() => readFinish(new Parameters(host, 0)));
	if (!finish.ok) return [{ itemIndexes: [0], input: finish }];
	const problem = await ledger.view.open('all');
	if (problem !== undefined) {
		return [{ itemIndexes: [0], input: { ok: false, failure: problem } }];
	}
	return ledger.unfinished().map(({ productId, operation }) => ({
		itemIndexes: [0],
		productId,
		input: { ok: true, value: { operation, finish: finish.value } },
	}));
}
