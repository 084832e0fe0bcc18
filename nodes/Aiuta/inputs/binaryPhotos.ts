/** Photos in the binary data of the input item: which fields, and whether they can be photos. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { ImageSource } from '../batch/plan';
import { recognizeFile } from '../core/fileSignature';
import { binarySource, findBinaries, readHead, type NamedBinary } from '../transport/binary';
import type { Parameters } from './parameters';
import { refuse, type NamedField } from './refusals';

/** Which binary data of the input item to upload. */
export const binaryPropertyNames = {
	displayName: 'Input Binary Fields',
	name: 'binaryPropertyNames',
	type: 'string',
	default: 'data',
	required: true,
	placeholder: 'e.g. front, back',
	hint: 'The names of the input fields that hold the photos, separated by commas, or * for all of them',
	description:
		'Names of the binary fields with the photos of the product. With * they are used in their order. An expression may also return the binary object itself.',
} satisfies INodeProperties;

/** A photo of the item, and the field it was found in. */
export interface BinaryPhoto {
	source: ImageSource;
	propertyName: string;
}

/**
 * Find the binary data that a value names and check that it can be photos. Bytes are looked at, not loaded.
 *
 * @param field the field of the panel that holds the value, for messages
 */
export async function readBinaries(
	{ host, itemIndex }: Parameters,
	field: NamedField,
	value: unknown,
): Promise<BinaryPhoto[]> {
	const found = findBinaries(host, itemIndex, value);
	if (found.kind === 'problem') return refuse(field, `: ${found.problem}`);
	for (const binary of found.binaries) await checkBinary(host, field, binary);
	const photos: BinaryPhoto[] = [];
	for (const binary of found.binaries) {
		const source = await binarySource(host, binary);
		photos.push({ source, propertyName: binary.propertyName });
	}
	return photos;
}

/** The photos in the fields that the item names. */
export async function readBinaryPhotos(parameters: Parameters): Promise<BinaryPhoto[]> {
	const value = parameters.raw(binaryPropertyNames) ?? binaryPropertyNames.default;
	return await readBinaries(parameters, binaryPropertyNames, value);
}

/** What Image > Upload uploads: at least one photo. */
export async function readUploads(parameters: Parameters): Promise<BinaryPhoto[]> {
	const photos = await readBinaryPhotos(parameters);
	if (photos.length > 0) return photos;
	return refuse(binaryPropertyNames, 'gives no image: the item has no such field');
}

/** Refuse a file that is recognisably something other than an image. */
async function checkBinary(
	host: IExecuteFunctions,
	field: NamedField,
	{ propertyName, data }: NamedBinary,
): Promise<void> {
	const head = await readHead(host, data);
	const file = `the file in "${propertyName}"${data.fileName === undefined ? '' : ` (${data.fileName})`}`;
	if (head === undefined) return refuse(field, `: ${file} cannot be read from n8n's storage`);
	const signature = recognizeFile(head);
	if (signature.kind !== 'other') return;
	const problem = `: ${file} is no image, it is ${signature.what}`;
	return refuse(field, problem, undefined, 'NOT_AN_IMAGE');
}
