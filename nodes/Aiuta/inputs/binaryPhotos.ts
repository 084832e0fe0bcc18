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
	if (found.kind === 'missing') return refuseMissing(field, found.name, found.present);
	if (found.kind === 'unusable') {
		return refuse(
			`${field.displayName} gives neither a field name nor binary data`,
			'Let the expression give the name of a binary field, or the binary data itself, as $input.item.binary.photo does.',
		);
	}
	for (const binary of found.binaries) await checkBinary(host, binary);
	return found.binaries.map((binary) => ({
		source: binarySource(host, binary),
		propertyName: binary.propertyName,
	}));
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
	return refuse(`${binaryPropertyNames.displayName} gives no photo`, NO_FILE_ADVICE);
}

/** What to do when an item has no file at all. */
export const NO_FILE_ADVICE =
	'Put a node before this one that reads or downloads the photo, such as Read/Write Files from Disk, HTTP Request (with Response Format set to File) or Google Drive (Download File).';

function refuseMissing({ displayName }: NamedField, name: string, present: string[]): never {
	if (present.length === 0) {
		return refuse(`${displayName} names "${name}", but the item has no file`, NO_FILE_ADVICE);
	}
	return refuse(
		`${displayName} names "${name}", but the files of the item are in ${present.join(', ')}`,
		`Enter one of these names in ${displayName}.`,
	);
}

/** Refuse a file that is broken, or recognisably something other than an image. */
async function checkBinary(
	host: IExecuteFunctions,
	{ propertyName, data }: NamedBinary,
): Promise<void> {
	const head = await readHead(host, data);
	const field = `the binary field "${propertyName}"`;
	const file = `The file ${data.fileName ?? `in ${field}`}`;
	const where = data.fileName === undefined ? '' : ` It is in ${field}.`;
	if (head === undefined) {
		return refuse(
			`${file} cannot be read from n8n's storage`,
			`Run the workflow again from the node that reads or downloads the file.${where}`,
		);
	}
	const signature = recognizeFile(head);
	if (signature.kind !== 'other') return;
	if (head.length === 0) {
		const advice = 'Look at the node that reads or downloads the file: nothing arrived.';
		return refuse(`${file} is broken: it is empty`, `${advice}${where}`, 'NOT_AN_IMAGE');
	}
	return refuse(
		`${file} is no photo: it is ${signature.what}`,
		`Look at the node that reads or downloads the file; it must give the photo itself.${where}`,
		'NOT_AN_IMAGE',
	);
}
