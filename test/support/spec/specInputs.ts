/**
 * What a user can ask a create for, taken from the node's own description: every option alone, every
 * choice of it, all of them together, with every source, image type and kind of text.
 */
import type { INodeProperties } from 'n8n-workflow';

import { imageTypesField } from '../../../nodes/Aiuta/inputs/imageTypes';
import { createOptions } from '../../../nodes/Aiuta/inputs/options';
import { GENERATIONS } from '../../../nodes/Aiuta/api/generations';
import type {
	ApiName,
	CreateInput,
	CreateOptions,
	ImageReference,
	ImageType,
	ProductFields,
} from '../../../nodes/Aiuta/api/types';
import { choices } from '../n8n/description';

export const UNICODE_TEXT = 'Кофта "é" \\ 👗 <b>\t\u2028 משי';

const MAX_IMAGES = 20;

/** IDs that the inputs name; a test that sends them uploads images in their place. */
export const IMAGE_ID = 'image-1';
export const BACKGROUND_IMAGE_ID = 'image-background';

const repeated = (value: string) => Array.from({ length: MAX_IMAGES }, () => value);

/** The sources that reach a create; Flat Lays' URLs are uploaded before. */
export function sourcesOf(api: ApiName): ImageReference[] {
	const ids: ImageReference[] = [
		{ kind: 'uploadedImageIds', ids: [IMAGE_ID] },
		{ kind: 'uploadedImageIds', ids: repeated(IMAGE_ID) },
	];
	const url = 'https://shop.example/photos/1.jpg?size=large&v=%20';
	const urls: ImageReference[] = [
		{ kind: 'imageUrls', urls: [url] },
		{ kind: 'imageUrls', urls: repeated(url) },
	];
	return [
		...ids,
		...(GENERATIONS[api].takesImageUrls ? urls : []),
		...(api === 'unified' ? [{ kind: 'sku', skuId: 'DRESS-0042' } as const] : []),
	];
}

export const PRODUCTS: readonly ProductFields[] = [
	{},
	{ productId: 'D-1', category: 'Dresses', title: 'Dress', description: 'Red' },
	{
		productId: UNICODE_TEXT,
		category: UNICODE_TEXT,
		title: UNICODE_TEXT,
		description: UNICODE_TEXT.repeat(50),
	},
];

export const IMAGE_TYPES = choices(imageTypesField).map(({ value }) => String(value) as ImageType);

/** The image types of one operation: each alone, and all where an operation may have several. */
export function imageTypesOf(api: ApiName): ImageType[][] {
	const all = GENERATIONS[api].operationsFor([...IMAGE_TYPES]);
	const alone = IMAGE_TYPES.flatMap((type) => GENERATIONS[api].operationsFor([type]));
	return [...new Map([...alone, ...all].map((types) => [types.join(), types])).values()];
}

/** The options that the node offers for an API. */
export function optionFieldsOf(api: ApiName): INodeProperties[] {
	return createOptions[api];
}

/** What has to be set together with a choice. */
const COMPANIONS: Readonly<Record<string, CreateOptions>> = {
	'backgroundType=reference_color': { backgroundColor: '#80Ff00' },
	'backgroundType=reference_image': { backgroundImageId: BACKGROUND_IMAGE_ID },
	'qaMode=human': { operationPriority: 'offline' },
};

const SIZE: CreateOptions = { outputWidth: 1, outputHeight: 4096 };

/** Values of the options without choices, with what has to be set beside them. */
const SAMPLES: Readonly<Record<string, CreateOptions[]>> = {
	backgroundBinaryPropertyName: [
		{ backgroundType: 'reference_image', backgroundImageId: BACKGROUND_IMAGE_ID },
	],
	backgroundColor: [{ backgroundType: 'reference_color', backgroundColor: '#ffffff' }],
	backgroundImageId: [
		{ backgroundType: 'reference_image', backgroundImageId: BACKGROUND_IMAGE_ID },
	],
	brand: [{ brand: UNICODE_TEXT }],
	color: [{ color: UNICODE_TEXT }],
	extra: [{ extra: {} }, { extra: { season: 'SS26', nested: [1, null, { a: UNICODE_TEXT }] } }],
	// What concerns the node's output is not sent.
	includeResponse: [{}],
	numberOfGenerations: [1, 2, 3, 4].map((numberOfGenerations) => ({ numberOfGenerations })),
	outputHeight: [SIZE],
	outputWidth: [SIZE],
	paddingBottom: [{ paddingBottom: 0 }, { paddingBottom: 10 }],
	paddingLeft: [{ paddingLeft: 11 }],
	paddingRight: [{ paddingRight: 12 }],
	paddingTop: [{ paddingTop: 13 }],
	storeUrl: [{ storeUrl: 'https://shop.example/dress?color=red' }],
};

/** Give the values of one option; throws for an option that this table does not know. */
function valuesOf(field: INodeProperties): CreateOptions[] {
	const offered = choices(field).map(({ value }) => String(value));
	if (offered.length > 0) {
		return offered.map((value) => ({
			[field.name]: value,
			...COMPANIONS[`${field.name}=${value}`],
		}));
	}
	const samples = SAMPLES[field.name];
	if (samples === undefined) throw new Error(`No sample for the option ${field.name}`);
	return samples;
}

/** Every way to fill in the options: none, each alone, and all of them with each background. */
export function optionSetsOf(api: ApiName): CreateOptions[] {
	const fields = optionFieldsOf(api);
	const isBackground = ({ name }: INodeProperties) => name.startsWith('background');
	const others = fields.filter((field) => !isBackground(field)).map(valuesOf);
	const everything: CreateOptions = others.reduce<CreateOptions>(
		(all, values) => ({ ...all, ...values.at(-1) }),
		{},
	);
	const backgrounds = fields.filter(isBackground).flatMap(valuesOf);
	return [
		{},
		...fields.flatMap(valuesOf),
		everything,
		...backgrounds.map((background) => ({ ...everything, ...background })),
	];
}

/** Every combination of source, product texts, image types and options. */
export function createInputs(api: ApiName): CreateInput[] {
	const optionSets = optionSetsOf(api);
	return sourcesOf(api).flatMap((images) =>
		PRODUCTS.flatMap((product) =>
			imageTypesOf(api).flatMap((imageTypes) =>
				optionSets.map((options) => ({ images, product, imageTypes, options })),
			),
		),
	);
}
