/** Read what Aiuta knows of an uploaded image. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { imageRequest } from '../../api/requests';
import { imageIdField, readImageId } from '../../inputs/ids';
import { optionsField } from '../../inputs/options';
import { readIncludeResponse, responseOptions } from '../../inputs/passing';
import { RESOURCE_IMAGE } from '../../inputs/selectors';
import { toolDescription } from '../../inputs/toolDescription';
import { readUnits } from '../../inputs/units';
import { callOnce } from '../callOnce';
import { imageFailure } from '../imageCalls';
import { runUnits } from '../runUnits';

/** Value of the operation selector, as saved workflows store it. */
export const GET = 'get';

const properties: INodeProperties[] = [
	toolDescription(
		'Looks up an uploaded photo. Free of charge. Returns its id, url and expires_at.',
	),
	imageIdField,
	optionsField(responseOptions),
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_IMAGE], operation: [GET] } },
	properties,
);

interface ImageToRead {
	imageId: string;
	includeResponse: boolean;
}

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<ImageToRead>(this, {
		unitName: 'images',
		prepare: async () =>
			await readUnits(this, (parameters) => [
				{
					imageId: readImageId(parameters),
					includeResponse: readIncludeResponse(parameters),
				},
			]),
		perform: async ({ imageId, includeResponse }, { itemIndexes }, { run }) =>
			await callOnce(run, itemIndexes, {
				request: imageRequest(run.settings.generation, imageId),
				isHeldByHalt: true,
				failureOf: (fault) => imageFailure(imageId, fault),
				toJson: (image) => (includeResponse ? { ...image, response: image } : image),
			}),
	});
}
