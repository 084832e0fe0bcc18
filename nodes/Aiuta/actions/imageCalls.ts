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
import { refusal, type CallSpec, type Fault } from '../batch/call';
import type { Run } from '../batch/run';
import { imageIdField, readImageId } from '../inputs/ids';
import { optionsField } from '../inputs/options';
import { responseOptions } from '../inputs/passing';
import { readUnits } from '../inputs/units';
import { callOnce } from './callOnce';
import { runUnits } from './runUnits';

const IMAGE_TIMEOUT_MS = 30_000;

/** Value of the operation selector, as saved workflows store it. */
export const DELETE = 'delete';

type ImageCollection = 'uploaded_images' | 'generated_images';

/** A call on one image, its ID escaped. It is not sent any more once the run is halted. */
export function imageCall(
	run: Run,
	call: 'get' | 'delete',
	collection: ImageCollection,
	imageId: string,
): Pick<CallSpec, 'call' | 'request'> {
	const { basePath } = run.settings.generation;
	const path = `${basePath}/${collection}/${encodeURIComponent(imageId)}`;
	const method = call === 'get' ? 'GET' : 'DELETE';
	return {
		call,
		request: async () =>
			run.halt === undefined ? { method, path, timeoutMs: IMAGE_TIMEOUT_MS } : undefined,
	};
}

/** Report a call on one image that failed. */
export function imageFailure(imageId: string, fault: Fault): Failure {
	if (fault.verdict === 'stop') return refusal(fault.fault, fault.detail);
	const code = codeOf(fault);
	const message = `${failure(code).message}: image ${imageId}`;
	return failure(code, message, { detail: fault.detail });
}

function codeOf({ fault, verdict }: Fault): FailureCode {
	if (verdict === 'missing') return 'IMAGE_NOT_FOUND';
	return codeOfFault(fault, 'REQUEST_REFUSED', 'REQUEST_FAILED');
}

/** The fields of Delete on a resource. */
export function deleteFields(resource: string): INodeProperties[] {
	return updateDisplayOptions({ show: { resource: [resource], operation: [DELETE] } }, [
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
				call: {
					...imageCall(run, 'delete', collection, imageId),
					queue: 'upload',
					accepts: () => true,
				},
				failureOf: (fault) => imageFailure(imageId, fault),
				read: () => imageId,
				toJson: (id) => ({ id, deleted: true }),
			}),
	});
}
