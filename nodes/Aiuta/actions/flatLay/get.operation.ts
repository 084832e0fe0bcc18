/** Read the state of operations once. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { readOperation } from '../../api/generation';
import { callApi } from '../../batch/call';
import { unreadableFailure } from '../../batch/operationEnd';
import { getOperationSpec } from '../../batch/follow';
import { jsonItem } from '../../output/items';
import { operationJson } from '../../output/itemJson';
import { readIncludeResponse } from '../../inputs/createOptions';
import { readOperationIds } from '../../inputs/ids';
import { Parameters } from '../../inputs/readParameters';
import { runUnits, stoppedUnit } from '../runUnits';

import { operationIdField } from '../../inputs/fields';
import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { responseOptions } from '../../inputs/optionFields';

/** Value of the operation selector, as saved workflows store it. */
export const GET = 'get';

const properties: INodeProperties[] = [operationIdField, responseOptions];

/** The fields of this action, shown for its resource and operation only. */
export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [GET] } },
	properties,
);

/** Run the action for all input items. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<string>(this, {
		unitName: 'operations',
		prepare: async () => await readOperationIds(this),
		perform: async (operationId, { itemIndexes }, { run }) => {
			const result = await callApi(run, getOperationSpec(run, operationId));
			if (result.kind === 'fault') {
				const failed = unreadableFailure(run, operationId, result);
				run.noteNewFailure(failed);
				return { items: [], failures: [failed] };
			}
			if (result.kind !== 'ok') return stoppedUnit(run, { operationId });
			const operation = readOperation(run.settings.generation, result.body);
			if (operation === undefined) return stoppedUnit(run, { operationId });
			const withResponse = readIncludeResponse(new Parameters(this, itemIndexes[0]));
			const json = operationJson(operationId, operation, withResponse);
			return { items: [jsonItem(json, itemIndexes)], failures: [] };
		},
	});
}
