/** Calls on single images, and how they are reported when they fail. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import type { FailureCode } from '../api/failureCatalogue';
import { failure, type Failure } from '../api/failures';
import { codeOfFault } from '../api/faultCodes';
import { deleteImageRequest, type ImageCollection } from '../api/requests';
import { refusal, type Fault } from '../batch/call';
import { imageIdField, readImageId } from '../inputs/ids';
import { optionsField } from '../inputs/options';
import { responseOptions } from '../inputs/passing';
import { toolDescription } from '../inputs/toolDescription';
import { readUnits } from '../inputs/units';
import { callOnce } from './callOnce';
import { runUnits } from './runUnits';

/** Value of the operation selector, as saved workflows store it. */
export const DELETE = 'delete';

/** Report a call on one image that failed. */
export function imageFailure(imageId: string, fault: Fault): Failure {
	if (fault.verdict === 'stop') return refusal(fault.fault, fault.detail);
	const code = codeOf(fault);
	const message =
		code === 'IMAGE_NOT_FOUND'
			? `Aiuta knows no image ${imageId}`
			: `${failure(code).message}, for the image ${imageId}`;
	return failure(code, message, { detail: fault.detail });
}

function codeOf({ fault, verdict }: Fault): FailureCode {
	if (verdict === 'missing') return 'IMAGE_NOT_FOUND';
	return codeOfFault(fault, 'REQUEST_REFUSED', 'REQUEST_FAILED');
}

/** The fields of Delete on a resource. */
export function deleteFields(resource: string): INodeProperties[] {
	return updateDisplayOptions({ show: { resource: [resource], operation: [DELETE] } }, [
		toolDescription('Deletes an image from Aiuta for good. Free of charge.'),
		imageIdField,
		optionsField(responseOptions),
	]);
}

/** Delete one image an item; an ID that Aiuta does not know is a failed item. */
export async function deleteImages(
	host: IExecuteFunctions,
	collection: ImageCollection,
): Promise<INodeExecutionData[][]> {
	return await runUnits<string>(host, {
		unitName: 'images',
		prepare: async () => await readUnits(host, (parameters) => [readImageId(parameters)]),
		perform: async (imageId, { itemIndexes }, { run }) =>
			await callOnce(run, itemIndexes, {
				request: deleteImageRequest(run.settings.generation, collection, imageId),
				isHeldByHalt: true,
				failureOf: (fault) => imageFailure(imageId, fault),
				toJson: () => ({ id: imageId, deleted: true }),
			}),
	});
}
