/** The one place that finds the action for a resource and operation. */
import { NodeOperationError, type IExecuteFunctions, type INodeExecutionData } from 'n8n-workflow';

import * as create from './flatLay/create.operation';
import * as generateAndWait from './flatLay/generateAndWait.operation';
import * as get from './flatLay/get.operation';
import * as plan from './flatLay/plan.operation';
import * as wait from './flatLay/wait.operation';
import * as deleteGenerated from './generatedImage/delete.operation';
import * as download from './generatedImage/download.operation';
import * as deleteImage from './image/delete.operation';
import * as getImage from './image/get.operation';
import * as upload from './image/upload.operation';
import { RESOURCE_FLAT_LAY, RESOURCE_GENERATED_IMAGE, RESOURCE_IMAGE } from '../inputs/selectors';
import { DELETE } from './imageCalls';

type Action = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

const ACTIONS: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
	[RESOURCE_FLAT_LAY]: {
		[generateAndWait.option.value]: generateAndWait.execute,
		[create.option.value]: create.execute,
		[get.option.value]: get.execute,
		[plan.option.value]: plan.execute,
		[wait.option.value]: wait.execute,
	},
	[RESOURCE_IMAGE]: {
		[upload.UPLOAD]: upload.execute,
		[getImage.GET]: getImage.execute,
		[DELETE]: deleteImage.execute,
	},
	[RESOURCE_GENERATED_IMAGE]: {
		[download.DOWNLOAD]: download.execute,
		[DELETE]: deleteGenerated.execute,
	},
};

/**
 * Find what the user chose.
 *
 * @throws NodeOperationError for a choice that this version does not know
 */
export function chosenAction(host: IExecuteFunctions): Action {
	const resource = host.getNodeParameter('resource', 0);
	const operation = host.getNodeParameter('operation', 0);
	const action = ACTIONS[resource]?.[operation];
	if (action !== undefined) return action;
	const message = `The operation "${operation}" is not available for the resource "${resource}"`;
	throw new NodeOperationError(host.getNode(), message, {
		description: 'Choose Resource and Operation again.',
	});
}
