/** Upload photos and hand out their IDs and URLs. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { batchingField } from '../../inputs/batching';
import { binaryPropertyNames, readUploads, type BinaryPhoto } from '../../inputs/binaryPhotos';
import { optionsField } from '../../inputs/options';
import { readIncludeResponse, responseOptions } from '../../inputs/passing';
import { RESOURCE_IMAGE } from '../../inputs/selectors';
import { toolDescription } from '../../inputs/toolDescription';
import { readUnits } from '../../inputs/units';
import { jsonItem } from '../../output/items';
import { runUnits, stoppedUnit } from '../runUnits';

/** Value of the operation selector, as saved workflows store it. */
export const UPLOAD = 'upload';

const properties: INodeProperties[] = [
	toolDescription('Uploads a photo to Aiuta. Free of charge. Returns its id and url.'),
	binaryPropertyNames,
	optionsField(responseOptions),
	batchingField,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_IMAGE], operation: [UPLOAD] } },
	properties,
);

interface PhotoToUpload extends BinaryPhoto {
	includeResponse: boolean;
}

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<PhotoToUpload>(this, {
		unitName: 'images',
		prepare: async () =>
			await readUnits(this, async (parameters) => {
				const includeResponse = readIncludeResponse(parameters);
				const photos = await readUploads(parameters);
				return photos.map((photo) => ({ ...photo, includeResponse }));
			}),
		perform: async (photo, { itemIndexes }, { run, uploads }) => {
			const outcome = await uploads.anew(photo.source);
			if (outcome.kind === 'failed') return { items: [], failures: [outcome.failure] };
			if (outcome.kind !== 'uploaded') return stoppedUnit(run);
			const { image, fileName } = outcome;
			const json = {
				id: image.id,
				url: image.url,
				owner_type: image['owner_type'] ?? null,
				expires_at: image['expires_at'] ?? null,
				source: { binaryPropertyName: photo.propertyName, fileName },
				...(photo.includeResponse ? { response: image } : {}),
			};
			return { items: [jsonItem(json, itemIndexes)], failures: [] };
		},
	});
}
