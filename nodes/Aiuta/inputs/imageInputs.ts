/** Reads the inputs of the actions on single images: upload, get, delete, download. */
import type { IExecuteFunctions } from 'n8n-workflow';

import { pictureNames } from '../api/fileName';
import type { ImageSource } from '../batch/plan';
import { binarySource } from '../transport/binary';
import { urlProblem } from '../transport/webFile';
import { readBinaryField } from './waiting';
import { Parameters, readItem, refuse } from './readParameters';
import { readBinaries } from './photos';
import type { Unit } from './unit';

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
