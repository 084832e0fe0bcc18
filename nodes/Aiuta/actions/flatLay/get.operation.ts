/** Read the state of operations once. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { operationRequest } from '../../api/requests';
import { unreadableFailure } from '../../batch/operationFailures';
import { operationIdField, readOperationIds } from '../../inputs/ids';
import { optionsField } from '../../inputs/options';
import { readIncludeResponse, responseOptions } from '../../inputs/passing';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { toolDescription } from '../../inputs/toolDescription';
import { readUnits } from '../../inputs/units';
import { operationJson } from '../../output/itemJson';
import { callOnce } from '../callOnce';
import { runUnits } from '../runUnits';

/** Its place in the operation selector; saved workflows store the value. */
export const option = {
	name: 'Get Operation',
	value: 'get',
	action: 'Get a flat lay operation',
	description: 'Look up how far an operation is, without waiting',
} satisfies INodePropertyOptions;

const properties: INodeProperties[] = [
	toolDescription(
		'Looks up how far an operation is. Free of charge. Returns status, finished, failure_reason, image_url and generated_images, or an error with a message.',
	),
	operationIdField,
	optionsField(responseOptions),
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [option.value] } },
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
				request: operationRequest(run.settings.generation, operationId),
				failureOf: (fault) => unreadableFailure(operationId, fault),
				particulars: { operationId },
				toJson: (operation) => operationJson(operationId, operation, includeResponse),
			}),
	});
}
