/** Read what Aiuta knows of an uploaded image. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { readImage } from '../../api/generation';
import { callApi } from '../../batch/call';
import { jsonItem } from '../../output/items';
import { readIncludeResponse } from '../../inputs/createOptions';
import { readImageIds } from '../../inputs/imageInputs';
import { IMAGE_TIMEOUT_MS, imageFailure, imagePath } from '../imageCalls';
import { Parameters } from '../../inputs/readParameters';
import { runUnits, stoppedUnit } from '../runUnits';

import { imageIdField } from '../../inputs/fields';
import { RESOURCE_IMAGE } from '../../inputs/selectors';
import { responseOptions } from '../../inputs/optionFields';

/** Value of the operation selector, as saved workflows store it. */
export const GET = 'get';

const properties: INodeProperties[] = [imageIdField, responseOptions];

/** The fields of this action, shown for its resource and operation only. */
export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_IMAGE], operation: [GET] } },
	properties,
);

/** Run the action for all input items. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<string>(this, {
		unitName: 'images',
		prepare: async () => await readImageIds(this),
		perform: async (imageId, { itemIndexes }, { run }) => {
			const result = await callApi(run, {
				call: 'get',
				queue: 'poll',
				request: async () =>
					run.halt === undefined
						? {
								method: 'GET',
								path: imagePath(run, 'uploaded_images', imageId),
								timeoutMs: IMAGE_TIMEOUT_MS,
							}
						: undefined,
				accepts: (body) => readImage(body) !== undefined,
			});
			if (result.kind === 'fault') return imageFailure(run, imageId, result);
			const image = result.kind === 'ok' ? readImage(result.body) : undefined;
			if (image === undefined) return stoppedUnit(run);
			const withResponse = readIncludeResponse(new Parameters(this, itemIndexes[0]));
			const json = withResponse ? { ...image, response: image } : image;
			return { items: [jsonItem(json, itemIndexes)], failures: [] };
		},
	});
}
