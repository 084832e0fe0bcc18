/** Upload photos and hand out their IDs and URLs. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { jsonItem } from '../../output/items';
import { readIncludeResponse } from '../../inputs/createOptions';
import { readUploads, type UploadInput } from '../../inputs/imageInputs';
import { Parameters } from '../../inputs/readParameters';
import { runUnits, stoppedUnit } from '../runUnits';

import { binaryPropertyNames } from '../../inputs/fields';
import { RESOURCE_IMAGE } from '../../inputs/selectors';
import { batchingField, responseOptions } from '../../inputs/optionFields';

/** Value of the operation selector, as saved workflows store it. */
export const UPLOAD = 'upload';

const properties: INodeProperties[] = [binaryPropertyNames, responseOptions, batchingField];

/** The fields of this action, shown for its resource and operation only. */
export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_IMAGE], operation: [UPLOAD] } },
	properties,
);

/** Run the action for all input items. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<UploadInput>(this, {
		unitName: 'images',
		prepare: async () => await readUploads(this),
		perform: async ({ source, propertyName }, { itemIndexes }, { run, uploads }) => {
			const outcome = await uploads.upload(source);
			if (outcome.kind === 'failed') {
				run.noteNewFailure(outcome.failure);
				return { items: [], failures: [outcome.failure] };
			}
			if (outcome.kind !== 'uploaded') return stoppedUnit(run);
			const { image, fileName } = outcome;
			const withResponse = readIncludeResponse(new Parameters(this, itemIndexes[0]));
			const json = {
				id: image.id,
				url: image.url,
				owner_type: image['owner_type'] ?? null,
				expires_at: image['expires_at'] ?? null,
				source: { binaryPropertyName: propertyName, fileName },
				...(withResponse ? { response: image } : {}),
			};
			return { items: [jsonItem(json, itemIndexes)], failures: [] };
		},
	});
}
