/**
 * The parts of the Options collections about the picture (background, size, margins) and about the
 * product in the Unified catalogue. Grouped so that each collection reads alphabetically.
 */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

const BACKGROUND_TYPES: INodePropertyOptions[] = [
	{ name: 'Arbitrary', value: 'arbitrary', description: 'Aiuta chooses the background' },
	{
		name: 'Reference Color',
		value: 'reference_color',
		description: 'Tones around the color in Background Color',
	},
	{ name: 'Transparent', value: 'transparent', description: 'No background' },
];

const REFERENCE_IMAGE_TYPE: INodePropertyOptions = {
	name: 'Reference Image',
	value: 'reference_image',
	description: 'Like the picture in Background Image ID or Background Input Binary Field',
};

const backgroundColor: INodeProperties = {
	displayName: 'Background Color',
	name: 'backgroundColor',
	type: 'color',
	default: '#ffffff',
	placeholder: 'e.g. #f5f0e8',
	description:
		'Color to build the background from, as a hex code such as #f5f0e8. Goes with the background type Reference Color; the result has soft gradients, it is not one flat color.',
};

function backgroundType(options: INodePropertyOptions[]): INodeProperties {
	return {
		displayName: 'Background Type',
		name: 'backgroundType',
		type: 'options',
		default: 'arbitrary',
		options,
		description: 'What is behind the garment',
	};
}

function byName(a: INodePropertyOptions, b: INodePropertyOptions): number {
	return a.name.localeCompare(b.name);
}

/** Background settings: Unified also takes a picture as reference. */
export const backgroundOptions: Record<'studio' | 'unified', INodeProperties[]> = {
	studio: [backgroundColor, backgroundType(BACKGROUND_TYPES)],
	unified: [
		backgroundColor,
		{
			displayName: 'Background Image ID',
			name: 'backgroundImageId',
			type: 'string',
			default: '',
			placeholder: 'e.g. image-123',
			description:
				'ID of an uploaded picture to imitate. Goes with the background type Reference Image.',
		},
		{
			displayName: 'Background Input Binary Field',
			name: 'backgroundBinaryPropertyName',
			type: 'string',
			default: '',
			placeholder: 'e.g. background',
			description:
				'Name of the binary field with the picture to imitate. It is uploaded first. Goes with the background type Reference Image.',
		},
		backgroundType([...BACKGROUND_TYPES, REFERENCE_IMAGE_TYPE].sort(byName)),
	],
};

function pixels(
	displayName: string,
	name: string,
	byDefault: number,
	description: string,
): INodeProperties {
	return {
		displayName,
		name,
		type: 'number',
		default: byDefault,
		typeOptions: { minValue: byDefault === 0 ? 0 : 1, numberPrecision: 0 },
		description,
	};
}

const DEFAULT_SIDE_PIXELS = 1024;

/** Size of the picture and margins around the garment, in pixels. */
export const outputSizeOptions: INodeProperties[] = [
	pixels(
		'Output Height',
		'outputHeight',
		DEFAULT_SIDE_PIXELS,
		'Height of the picture in pixels. Set Output Width as well.',
	),
	pixels(
		'Output Width',
		'outputWidth',
		DEFAULT_SIDE_PIXELS,
		'Width of the picture in pixels. Set Output Height as well.',
	),
	pixels('Padding Bottom', 'paddingBottom', 0, 'Space below the garment in pixels'),
	pixels('Padding Left', 'paddingLeft', 0, 'Space to the left of the garment in pixels'),
	pixels('Padding Right', 'paddingRight', 0, 'Space to the right of the garment in pixels'),
	pixels('Padding Top', 'paddingTop', 0, 'Space above the garment in pixels'),
];

const ageGroup: INodeProperties = {
	displayName: 'Age Group',
	name: 'ageGroup',
	type: 'options',
	default: 'adult',
	options: [
		{ name: 'Adult', value: 'adult' },
		{ name: 'Infant', value: 'infant' },
		{ name: 'Kids', value: 'kids' },
		{ name: 'Newborn', value: 'newborn' },
		{ name: 'Toddler', value: 'toddler' },
	],
	description: 'Who the product is made for, by age',
};

const gender: INodeProperties = {
	displayName: 'Gender',
	name: 'gender',
	type: 'options',
	default: 'unisex',
	options: [
		{ name: 'Female', value: 'female' },
		{ name: 'Male', value: 'male' },
		{ name: 'Unisex', value: 'unisex' },
	],
	description: 'Who the product is made for, by gender',
};

function text(
	displayName: string,
	name: string,
	placeholder: string,
	description: string,
): INodeProperties {
	return { displayName, name, type: 'string', default: '', placeholder, description };
}

const brand = text('Brand', 'brand', 'e.g. Nordlys', 'Brand of the product');

const color = text('Color', 'color', 'e.g. Brick red', 'Color of the product in words');

const extra: INodeProperties = {
	displayName: 'Extra',
	name: 'extra',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"season": "SS26"}',
	description: 'More attributes of the product, as a JSON object, as agreed with Aiuta',
};

const storeUrl = text(
	'Store URL',
	'storeUrl',
	'e.g. https://shop.example.com/red-dress',
	'Address of the product page in your shop',
);

/** Product fields say nothing about a stored SKU: it brings its own. */
function unlessSku(properties: INodeProperties[]): INodeProperties[] {
	return properties.map((property) => ({
		...property,
		displayOptions: { hide: { '/imageSource': ['sku'] } },
	}));
}

/** Product details only Unified takes, by their alphabetical place among the other options. */
export const unifiedProductOptions: Record<
	'beforeBackground' | 'afterBackground' | 'last',
	INodeProperties[]
> = {
	beforeBackground: unlessSku([ageGroup]),
	afterBackground: unlessSku([brand, color, extra, gender]),
	last: unlessSku([storeUrl]),
};
