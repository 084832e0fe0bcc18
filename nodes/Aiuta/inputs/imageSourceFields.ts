/**
 * Where the photos of a product come from. The selector differs by API (only Unified knows SKUs) and
 * by action (its default), so each action builds its own; the fields behind it are the same.
 */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { binaryPropertyNames } from './fields';
import { API_FLAT_LAYS, API_STUDIO, API_UNIFIED } from './selectors';

type ImageSourceDefault = 'binary' | 'uploadedImageIds';

const COMMON_SOURCES: INodePropertyOptions[] = [
	{
		name: 'Binary Data',
		value: 'binary',
		description: 'Photos in the binary data of the input item; they are uploaded first',
	},
	{
		name: 'Image URLs',
		value: 'imageUrls',
		description: 'Photos that are reachable on the web by https',
	},
	{
		name: 'Uploaded Image IDs',
		value: 'uploadedImageIds',
		description: 'Photos that were uploaded to Aiuta before, with Image > Upload',
	},
];

const SKU_SOURCE: INodePropertyOptions = {
	name: 'SKU',
	value: 'sku',
	description: 'A product that is already stored in your Aiuta catalogue, with its photos',
};

const IMAGE_SOURCE_DESCRIPTION =
	'Where the photos of the product come from. A product can have 1 to 20 photos.';

/** Build the Image Source selectors (one for each choice of options) and the fields they reveal. */
export function imageSourceFields(defaultSource: ImageSourceDefault): INodeProperties[] {
	return [
		{
			displayName: 'Image Source',
			name: 'imageSource',
			type: 'options',
			default: defaultSource,
			displayOptions: { show: { api: [API_FLAT_LAYS, API_STUDIO] } },
			options: COMMON_SOURCES,
			description: IMAGE_SOURCE_DESCRIPTION,
		},
		{
			displayName: 'Image Source',
			name: 'imageSource',
			type: 'options',
			default: defaultSource,
			displayOptions: { show: { api: [API_UNIFIED] } },
			options: [...COMMON_SOURCES, SKU_SOURCE],
			description: IMAGE_SOURCE_DESCRIPTION,
		},
		{ ...binaryPropertyNames, displayOptions: { show: { imageSource: ['binary'] } } },
		{
			displayName: 'Uploaded Image IDs',
			name: 'uploadedImageIds',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. image-123, image-124',
			displayOptions: { show: { imageSource: ['uploadedImageIds'] } },
			description:
				'IDs of 1 to 20 uploaded photos of the same product, separated by commas, or an array from an expression',
		},
		{
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
		},
		{
			displayName: 'SKU ID',
			name: 'skuId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. DRESS-0042-RED',
			displayOptions: { show: { api: [API_UNIFIED], imageSource: ['sku'] } },
			description:
				'ID of the product in your Aiuta catalogue. Its stored photos and product details are used.',
		},
	];
}
