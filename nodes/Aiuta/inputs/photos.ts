/**
 * Where the photos of a product come from. The selector differs by API (only Unified knows SKUs) and
 * by action (its default), so each action builds its own; the fields behind it are the same.
 */
import type { INodeProperties } from 'n8n-workflow';

import type { Generation } from '../api/generation';
import { urlSource } from '../transport/pictures';
import { urlProblem, webPorts } from '../transport/webFile';
import { binaryPropertyNames, NO_FILE_ADVICE, readBinaryPhotos } from './binaryPhotos';
import type { ItemImages } from './itemImages';
import { choiceField, type ChoiceField, type Parameters } from './parameters';
import { refuse, type NamedField } from './refusals';
import { API_FLAT_LAYS, API_STUDIO, API_UNIFIED } from './selectors';
import { readSkuId, skuIdField } from './skus';
import { readItem } from './units';

export type SourceKind = 'binary' | 'imageUrls' | 'uploadedImageIds' | 'sku';

/** What an action takes when Image Source was left alone. */
export type DefaultSource = 'binary' | 'uploadedImageIds';

const BINARY = {
	name: 'Binary Data',
	value: 'binary',
	description: 'Photos in the binary data of the input item; they are uploaded first',
} as const;

const IMAGE_URLS = {
	name: 'Image URLs',
	value: 'imageUrls',
	description: 'Photos that are reachable on the web by https',
} as const;

const UPLOADED_IMAGE_IDS = {
	name: 'Uploaded Image IDs',
	value: 'uploadedImageIds',
	description: 'Photos that were uploaded to Aiuta before, with Image > Upload',
} as const;

const SKU = {
	name: 'SKU',
	value: 'sku',
	description: 'A product that is already stored in your Aiuta catalogue, with its photos',
} as const;

/** The selector with every source, as Unified has it. */
function imageSourceField(defaultSource: DefaultSource): ChoiceField<SourceKind> {
	return choiceField({
		displayName: 'Image Source',
		name: 'imageSource',
		type: 'options',
		default: defaultSource,
		displayOptions: { show: { api: [API_UNIFIED] } },
		options: [BINARY, IMAGE_URLS, UPLOADED_IMAGE_IDS, SKU],
		description: 'Where the photos of the product come from. A product can have 1 to 20 photos.',
	});
}

const uploadedImageIdsField: INodeProperties = {
	displayName: 'Uploaded Image IDs',
	name: 'uploadedImageIds',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. image-123, image-124',
	displayOptions: { show: { imageSource: ['uploadedImageIds'] } },
	description:
		'IDs of 1 to 20 uploaded photos of the same product, separated by commas, or an array from an expression',
};

const imageUrlsField: INodeProperties = {
	displayName: 'Image URLs',
	name: 'imageUrls',
	type: 'string',
	typeOptions: { rows: 2 },
	default: '',
	required: true,
	placeholder: 'e.g. https://example.com/dress-front.jpg',
	displayOptions: { show: { imageSource: ['imageUrls'] } },
	description:
		'Addresses of 1 to 20 photos of the same product, separated by commas or line breaks, or an array from an expression. They must start with https://.',
};

/** Build the Image Source selectors (one for each choice of options) and the fields they reveal. */
export function photoFields(defaultSource: DefaultSource): INodeProperties[] {
	const withSku = imageSourceField(defaultSource);
	return [
		{
			...withSku,
			displayOptions: { show: { api: [API_FLAT_LAYS, API_STUDIO] } },
			options: withSku.options.filter(({ value }) => value !== 'sku'),
		},
		withSku,
		{ ...binaryPropertyNames, displayOptions: { show: { imageSource: ['binary'] } } },
		uploadedImageIdsField,
		imageUrlsField,
		skuIdField,
	];
}

/** The kind of source; SKUs exist in the Unified API only. */
export function readSourceKind(
	parameters: Parameters,
	generation: Generation,
	defaultSource: DefaultSource,
): SourceKind {
	const field = imageSourceField(defaultSource);
	const kind = parameters.choice(field);
	if (kind === 'sku' && generation.name !== API_UNIFIED) {
		return refuse(
			`${field.displayName} cannot be SKU with the API ${generation.label}: only Unified knows SKUs`,
			'Choose another Image Source, or set API to Unified if your key is for it.',
		);
	}
	return kind;
}

/** The field that lists the images of a source. */
export function fieldOfSource(kind: SourceKind): NamedField {
	switch (kind) {
		case 'binary':
			return binaryPropertyNames;
		case 'imageUrls':
			return imageUrlsField;
		case 'uploadedImageIds':
			return uploadedImageIdsField;
		case 'sku':
			return skuIdField;
	}
}

/** What to do when a source gives no photo. */
export function adviceOnMissing(kind: SourceKind): string {
	return kind === 'binary'
		? NO_FILE_ADVICE
		: `Fill in ${fieldOfSource(kind).displayName}, or the data that its expression reads.`;
}

function readUrls(parameters: Parameters, generation: Generation): ItemImages {
	const urls = parameters.urls(imageUrlsField);
	for (const url of urls) {
		const problem = urlProblem(url);
		if (problem === undefined) continue;
		refuse(
			`${imageUrlsField.displayName} contains "${url}", which ${problem}`,
			'Enter complete addresses that begin with https://, each on a line of its own.',
		);
	}
	if (generation.takesImageUrls) {
		// The specs ask for URIs; a URL pasted with spaces or umlauts is one after escaping.
		return { kind: 'imageUrls', urls: urls.map((url) => new URL(url).href) };
	}
	const ports = webPorts(parameters.host);
	return { kind: 'sources', sources: urls.map((url) => urlSource(ports, url)) };
}

/** Read the images of one item. Binary data is looked at, not loaded; URLs are not fetched. */
export async function readItemImages(
	parameters: Parameters,
	generation: Generation,
	kind: SourceKind,
): Promise<ItemImages> {
	switch (kind) {
		case 'binary': {
			const photos = await readBinaryPhotos(parameters);
			return { kind: 'sources', sources: photos.map(({ source }) => source) };
		}
		case 'uploadedImageIds':
			return { kind, ids: parameters.list(uploadedImageIdsField) };
		case 'imageUrls':
			return readUrls(parameters, generation);
		case 'sku':
			return { kind, skuId: readSkuId(parameters) };
	}
}

/**
 * Read the images of an item whose operations are all in the journal: only what is sent as it is,
 * because a photo that nobody needs any more may be gone.
 */
export async function readSettledImages(
	parameters: Parameters,
	generation: Generation,
	kind: SourceKind,
): Promise<ItemImages> {
	if (kind === 'binary' || (kind === 'imageUrls' && !generation.takesImageUrls)) {
		return { kind: 'notRead' };
	}
	const read = await readItem(async () => await readItemImages(parameters, generation, kind));
	return read.ok ? read.value : { kind: 'notRead' };
}
