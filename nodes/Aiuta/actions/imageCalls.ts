/** Calls on single images, and how they are reported when they fail. */
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { FailureCode } from '../api/failureCatalogue';
import { failure } from '../api/failures';
import { codeOfFault } from '../api/faultCodes';
import { callApi, refusal, type Fault } from '../batch/call';
import type { Run } from '../batch/run';
import { readImageIds } from '../inputs/imageInputs';
import { jsonItem, type UnitResult } from '../output/items';
import { runUnits, stoppedUnit } from './runUnits';

export const IMAGE_TIMEOUT_MS = 30_000;

type ImageCollection = 'uploaded_images' | 'generated_images';

/** Path of one image below the base URL, its ID escaped. */
export function imagePath(run: Run, collection: ImageCollection, imageId: string): string {
	return `${run.settings.generation.basePath}/${collection}/${encodeURIComponent(imageId)}`;
}

/** Report a call on one image that failed. */
export function imageFailure(run: Run, imageId: string, fault: Fault): UnitResult {
	const said = fault.detail === undefined ? '' : ` (${fault.detail})`;
	const failed =
		fault.verdict === 'stop'
			? refusal(run, fault.fault, fault.detail)
			: failure(codeOf(fault), `${failure(codeOf(fault)).message}: image ${imageId}${said}`);
	run.noteNewFailure(failed);
	return { items: [], failures: [failed] };
}

function codeOf({ fault, verdict }: Fault): FailureCode {
	if (verdict === 'missing') return 'IMAGE_NOT_FOUND';
	return codeOfFault(fault, 'REQUEST_REFUSED', 'REQUEST_FAILED');
}

/** Delete one image an item; an ID that Aiuta does not know is a failed item. */
export async function deleteImages(
	host: IExecuteFunctions,
	collection: ImageCollection,
): Promise<INodeExecutionData[][]> {
	return await runUnits<string>(host, {
		unitName: 'images',
		prepare: async () => await readImageIds(host),
		perform: async (imageId, { itemIndexes }, { run }) => {
			const result = await callApi(run, {
				call: 'delete',
				queue: 'upload',
				request: async () =>
					run.halt === undefined
						? {
								method: 'DELETE',
								path: imagePath(run, collection, imageId),
								timeoutMs: IMAGE_TIMEOUT_MS,
							}
						: undefined,
				accepts: () => true,
			});
			if (result.kind === 'fault') return imageFailure(run, imageId, result);
			if (result.kind !== 'ok') return stoppedUnit(run);
			return { items: [jsonItem({ id: imageId, deleted: true }, itemIndexes)], failures: [] };
		},
	});
}
