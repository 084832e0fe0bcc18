/** Inputs and calls of the actions on single images: upload, get, delete, download. */
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { FailureCode } from '../api/failureCatalogue';
import { failure } from '../api/failures';
import { codeOfFault } from '../api/faultCodes';
import { pictureNames } from '../api/fileName';
import { callApi, refusal, type Fault } from '../batch/caller';
import type { ImageSource } from '../batch/plan';
import type { Run } from '../batch/run';
import { jsonItem } from '../output/items';
import { binarySource } from '../transport/binary';
import { urlProblem } from '../transport/webFile';
import { readBinaryField } from './finishing';
import { Parameters, readItem, refuse } from './parameters';
import { readBinaries } from './sources';
import { runUnits, stoppedUnit, type Unit, type UnitResult } from './units';

export const IMAGE_TIMEOUT_MS = 30_000;

type ImageCollection = 'uploaded_images' | 'generated_images';

export interface UploadInput {
	source: ImageSource;
	propertyName: string;
}

export interface DownloadInput {
	url: string;
	/** File name without extension. */
	baseName: string;
	binaryField: string;
}

/** Path of one image below the base URL, its ID escaped. */
export function imagePath(run: Run, collection: ImageCollection, imageId: string): string {
	return `${run.settings.generation.basePath}/${collection}/${encodeURIComponent(imageId)}`;
}

/** Read what to upload: one unit of work for each image. */
export async function readUploads(host: IExecuteFunctions): Promise<Array<Unit<UploadInput>>> {
	const units: Array<Unit<UploadInput>> = [];
	const parameter = 'binaryPropertyNames';
	for (const itemIndex of host.getInputData().keys()) {
		const read = await readItem(itemIndex, async () => {
			const value = new Parameters(host, itemIndex).raw(parameter) ?? 'data';
			const binaries = await readBinaries(host, itemIndex, parameter, value);
			if (binaries.length === 0) refuse(parameter, 'gives no image: the item has no such field');
			const inputs: UploadInput[] = [];
			for (const binary of binaries) {
				const source = await binarySource(host, binary);
				inputs.push({ source, propertyName: binary.propertyName });
			}
			return inputs;
		});
		if (!read.ok) {
			units.push({ itemIndexes: [itemIndex], input: read });
			continue;
		}
		for (const value of read.value) {
			units.push({ itemIndexes: [itemIndex], input: { ok: true, value } });
		}
	}
	return units;
}

async function readEach<T>(
	host: IExecuteFunctions,
	read: (parameters: Parameters) => T,
): Promise<Array<Unit<T>>> {
	const units: Array<Unit<T>> = [];
	for (const itemIndex of host.getInputData().keys()) {
		const input = await readItem(itemIndex, () => read(new Parameters(host, itemIndex)));
		units.push({ itemIndexes: [itemIndex], input });
	}
	return units;
}

/** Read one image ID an item. */
export async function readImageIds(host: IExecuteFunctions): Promise<Array<Unit<string>>> {
	return await readEach(host, (parameters) => parameters.requiredId('imageId'));
}

/** Read one image URL an item. */
export async function readDownloads(host: IExecuteFunctions): Promise<Array<Unit<DownloadInput>>> {
	return await readEach(host, (parameters) => {
		const url = parameters.requiredText('imageUrl');
		const problem = urlProblem(url);
		if (problem !== undefined) refuse('imageUrl', problem);
		const name =
			new URL(url).pathname
				.split('/')
				.pop()
				?.replace(/\.[a-z0-9]+$/i, '') ?? '';
		const [baseName = 'image'] = pictureNames(name, [{ id: name, url }]);
		return { url, baseName, binaryField: readBinaryField(parameters) };
	});
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
