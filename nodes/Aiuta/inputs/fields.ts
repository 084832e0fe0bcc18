/**
 * Fields that several actions share, without the resource and operation they appear on: each action
 * adds those. Names, defaults and bounds are the project's public contract.
 */
import type { INodeProperties } from 'n8n-workflow';

import { API_STUDIO, API_UNIFIED } from './selectors';

const MAX_WAIT_MINUTES = 10_080;
const SMALLEST_WAIT_MINUTES = 0.01;

/** Which binary data of the input item to upload. */
export const binaryPropertyNames: INodeProperties = {
	displayName: 'Input Binary Fields',
	name: 'binaryPropertyNames',
	type: 'string',
	default: 'data',
	required: true,
	placeholder: 'e.g. front, back',
	hint: 'The names of the input fields that hold the photos, separated by commas',
	description:
		'Names of the binary fields with the photos of the product, separated by commas. Enter * to use all binary fields of the item, in their order. An expression may also return the binary object itself.',
};

/** The user's own name for the product. It stays useful for a stored SKU, so it is never hidden. */
export const productIdField: INodeProperties = {
	displayName: 'Product ID',
	name: 'productId',
	type: 'string',
	default: '',
	placeholder: 'e.g. DRESS-0042-RED',
	description:
		'Your own identifier of the product, such as its SKU. Optional. It comes back in the output, in errors and in file names, so that you can match pictures to products.',
};

/** How items form products, and the texts about them. A stored SKU brings its own. */
export const productFields: INodeProperties[] = [
	{
		displayName: 'Group Items by Product ID',
		name: 'groupByProductId',
		type: 'boolean',
		default: false,
		displayOptions: { hide: { imageSource: ['sku'] } },
		description:
			'Whether input items with the same Product ID are photos of one product. Their photos are used together in item order; all other settings come from the first of them.',
	},
	{
		displayName: 'Product Category',
		name: 'productCategory',
		type: 'string',
		default: '',
		placeholder: 'e.g. Apparel & Accessories > Clothing > Dresses',
		displayOptions: { hide: { imageSource: ['sku'] } },
		description:
			'Kind of product, from general to specific, for example a Google product category. Optional, helps to recognise the garment.',
	},
	{
		displayName: 'Product Title',
		name: 'productTitle',
		type: 'string',
		default: '',
		placeholder: 'e.g. Red linen midi dress',
		displayOptions: { hide: { imageSource: ['sku'] } },
		description: 'Name of the product as shown in your shop. Optional.',
	},
	{
		displayName: 'Product Description',
		name: 'productDescription',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '',
		placeholder: 'e.g. Sleeveless, with a tie belt and side pockets',
		displayOptions: { hide: { imageSource: ['sku'] } },
		description: 'Details that matter for the look of the product. Optional.',
	},
];

export const imageTypesField: INodeProperties = {
	displayName: 'Image Types',
	name: 'imageTypes',
	type: 'multiOptions',
	default: ['flat_front'],
	required: true,
	displayOptions: { show: { api: [API_STUDIO, API_UNIFIED] } },
	options: [
		{
			name: 'Detail Back',
			value: 'detail_back',
			description: 'Close-up of the back: fabric, print or stitching',
		},
		{
			name: 'Detail Front',
			value: 'detail_front',
			description: 'Close-up of the front: fabric, print or stitching',
		},
		{ name: 'Flat Back', value: 'flat_back', description: 'Laid flat, seen from the back' },
		{ name: 'Flat Front', value: 'flat_front', description: 'Laid flat, seen from the front' },
		{
			name: 'Ghost Mannequin Back',
			value: 'ghost_mannequin_back',
			description: 'In worn shape without a visible mannequin, from the back',
		},
		{
			name: 'Ghost Mannequin Front',
			value: 'ghost_mannequin_front',
			description: 'In worn shape without a visible mannequin, from the front',
		},
	],
	description:
		'Which pictures to make of each product. Every type is generated, and billed, separately.',
};

export const operationIdField: INodeProperties = {
	displayName: 'Operation ID',
	name: 'operationId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. operation-123, operation-124',
	description:
		'ID of the operation, as returned when it was created. Several IDs are possible, separated by commas or as an array from an expression; each one gives one output item.',
};

export const imageIdField: INodeProperties = {
	displayName: 'Image ID',
	name: 'imageId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. image-123',
	description: 'ID of the image, as returned by Aiuta',
};

export const imageUrlField: INodeProperties = {
	displayName: 'Image URL',
	name: 'imageUrl',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://example.com/flat-lay.jpg',
	description: 'Address of the generated image, as returned by Aiuta',
};

/** The binary field a picture is written to. Actions that can leave pictures out add when it shows. */
export const outputBinaryPropertyName: INodeProperties = {
	displayName: 'Put Output Images in Field',
	name: 'outputBinaryPropertyName',
	type: 'string',
	default: 'data',
	required: true,
	placeholder: 'e.g. data',
	hint: 'The name of the output binary field to put the picture in',
	description:
		'Name of the output field for the picture. When an item has several, the next ones get a number: data_1, data_2 and so on.',
};

/** How long to wait and what to give back, for the actions that poll operations to the end. */
export const waitAndOutputFields: INodeProperties[] = [
	{
		displayName: 'Max Wait (Minutes)',
		name: 'maxWaitMinutes',
		type: 'number',
		default: 60,
		required: true,
		typeOptions: {
			minValue: SMALLEST_WAIT_MINUTES,
			maxValue: MAX_WAIT_MINUTES,
			numberPrecision: 2,
		},
		description:
			'How long to wait for each operation, in minutes: more than 0, at most 10,080 (7 days). Stopping to wait does not cancel the operation at Aiuta.',
	},
	{
		displayName: 'On Timeout',
		name: 'onTimeout',
		type: 'options',
		default: 'error',
		options: [
			{
				name: 'Fail the Item',
				value: 'error',
				description: 'Report an error that names the operation ID, so that you can wait again',
			},
			{
				name: 'Return as Unfinished',
				value: 'unfinished',
				description: 'Return a normal item in which "finished" is false',
			},
		],
		description: 'What to do with an operation that is not finished when the time is up',
	},
	{
		displayName: 'Download Images',
		name: 'downloadImages',
		type: 'boolean',
		default: true,
		description:
			'Whether to attach each generated picture as binary data. Otherwise you get the URLs only.',
	},
	{
		...outputBinaryPropertyName,
		displayOptions: { show: { downloadImages: [true] } },
	},
	{
		displayName: 'Output',
		name: 'outputMode',
		type: 'options',
		default: 'product',
		options: [
			{
				name: 'One Item per Product',
				value: 'product',
				description: 'All pictures of a product together in one item',
			},
			{
				name: 'One Item per Generated Image',
				value: 'image',
				description: 'A separate item for each picture',
			},
		],
		description: 'How to arrange the generated pictures in output items',
	},
];
