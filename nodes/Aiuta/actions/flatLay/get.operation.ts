/** Read the state of operations once. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { readOperation } from '../../api/generation';
import { getOperationSpec } from '../../batch/follow';
import { unreadableFailure } from '../../batch/operationEnd';
import { operationIdField, readOperationIds } from '../../inputs/ids';
import { readIncludeResponse, responseOptions } from '../../inputs/options';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { readUnits } from '../../inputs/units';
import { operationJson } from '../../output/itemJson';
import { callOnce } from '../callOnce';
import { runUnits } from '../runUnits';

/** Value of the operation selector, as saved workflows store it. */
export const GET = 'get';

const properties: INodeProperties[] = [operationIdField, responseOptions];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [GET] } },
	properties,
);

interface OperationToRead {
	operationId: string;
	includeResponse: boolean;
}

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<OperationToRead>(this, {
		unitName: 'operations',
		prepare: async () =>
			await readUnits(this, (parameters) => {
				const includeResponse = readIncludeResponse(parameters);
				return readOperationIds(parameters).map((operationId) => ({
					operationId,
					includeResponse,
				}));
			}),
		perform: async ({ operationId, includeResponse }, { itemIndexes }, { run }) =>
			await callOnce(run, itemIndexes, {
				call: getOperationSpec(run, operationId),
				failureOf: (fault) => unreadableFailure(run, operationId, fault),
				particulars: { operationId },
				read: (body) => readOperation(run.settings.generation, body),
				toJson: (operation) => operationJson(operationId, operation, includeResponse),
			}),
	});
}
