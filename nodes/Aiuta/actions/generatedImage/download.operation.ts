/** Fetch a generated image as binary data. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { failure } from '../../api/failures';
import {
	imageUrlField,
	outputBinaryPropertyName,
	readDownload,
	type DownloadInput,
} from '../../inputs/delivery';
import { RESOURCE_GENERATED_IMAGE } from '../../inputs/selectors';
import { toolDescription } from '../../inputs/toolDescription';
import { readUnits } from '../../inputs/units';
import { binaryFields, jsonItem } from '../../output/items';
import { runUnits, stoppedUnit } from '../runUnits';

/** Value of the operation selector, as saved workflows store it. */
export const DOWNLOAD = 'download';

const properties: INodeProperties[] = [
	toolDescription(
		'Downloads a generated picture. Free of charge. Returns file_name and picture_url, a link that works for a day.',
	),
	imageUrlField,
	{ ...outputBinaryPropertyName, required: true },
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_GENERATED_IMAGE], operation: [DOWNLOAD] } },
	properties,
);

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await runUnits<DownloadInput>(this, {
		unitName: 'images',
		prepare: async () => await readUnits(this, (parameters) => [readDownload(parameters)]),
		perform: async ({ url, hostedName, binaryField }, { itemIndexes }, { run, downloads }) => {
			const baseName = downloads.names.reserve(hostedName);
			const outcome = await downloads.one(url, baseName);
			if (outcome.kind === 'cancelled') return stoppedUnit(run);
			if (outcome.kind !== 'picture') {
				const failed = failure('DOWNLOAD_FAILED', `The image ${url} could not be downloaded`, {
					description:
						'If it has expired, ask for its operation with Get Operation: its URL is new.',
					detail: outcome.detail,
				});
				return { items: [], failures: [failed] };
			}
			const { picture } = outcome;
			const json = { image_url: url, file_name: picture.fileName ?? baseName };
			const item = { ...jsonItem(json, itemIndexes), binary: binaryFields([picture], binaryField) };
			return { items: [item], failures: [] };
		},
	});
}
