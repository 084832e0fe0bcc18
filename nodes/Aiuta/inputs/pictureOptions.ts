/** Options about the picture: background, size and margins (Studio and Unified). */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { ImageSource } from '../batch/plan';
import type { CreateOptions } from '../api/types';
import { readBinaries } from './binaryPhotos';
import type { Parameters, Values } from './parameters';
import { refuse } from './refusals';

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

const backgroundType: INodeProperties = {
	displayName: 'Background Type',
	name: 'backgroundType',
	type: 'options',
	default: 'arbitrary',
	options: BACKGROUND_TYPES,
	description: 'What is behind the garment',
};

const backgroundImageId: INodeProperties = {
	displayName: 'Background Image ID',
	name: 'backgroundImageId',
	type: 'string',
	default: '',
	placeholder: 'e.g. image-123',
	description:
		'ID of an uploaded picture to imitate. Goes with the background type Reference Image.',
};

const backgroundBinaryPropertyName: INodeProperties = {
	displayName: 'Background Input Binary Field',
	name: 'backgroundBinaryPropertyName',
	type: 'string',
	default: '',
	placeholder: 'e.g. background',
	description:
		'Name of the binary field with the picture to imitate. It is uploaded first. Goes with the background type Reference Image.',
};

function byName(a: INodePropertyOptions, b: INodePropertyOptions): number {
	return a.name.localeCompare(b.name);
}

/** Background settings: Unified also takes a picture as reference. */
export const backgroundOptions: Record<'studio' | 'unified', INodeProperties[]> = {
	studio: [backgroundColor, backgroundType],
	unified: [
		backgroundColor,
		backgroundImageId,
		backgroundBinaryPropertyName,
		{ ...backgroundType, options: [...BACKGROUND_TYPES, REFERENCE_IMAGE_TYPE].sort(byName) },
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

const outputHeight = pixels(
	'Output Height',
	'outputHeight',
	DEFAULT_SIDE_PIXELS,
	'Height of the picture in pixels. Set Output Width as well.',
);
const outputWidth = pixels(
	'Output Width',
	'outputWidth',
	DEFAULT_SIDE_PIXELS,
	'Width of the picture in pixels. Set Output Height as well.',
);
const paddingBottom = pixels(
	'Padding Bottom',
	'paddingBottom',
	0,
	'Space below the garment in pixels',
);
const paddingLeft = pixels(
	'Padding Left',
	'paddingLeft',
	0,
	'Space to the left of the garment in pixels',
);
const paddingRight = pixels(
	'Padding Right',
	'paddingRight',
	0,
	'Space to the right of the garment in pixels',
);
const paddingTop = pixels('Padding Top', 'paddingTop', 0, 'Space above the garment in pixels');

/** Size of the picture and margins around the garment. */
export const outputSizeOptions: INodeProperties[] = [
	outputHeight,
	outputWidth,
	paddingBottom,
	paddingLeft,
	paddingRight,
	paddingTop,
];

type PictureOptions = Pick<
	CreateOptions,
	| 'backgroundType'
	| 'backgroundColor'
	| 'backgroundImageId'
	| 'hasBackgroundBinary'
	| 'outputWidth'
	| 'outputHeight'
	| 'paddingTop'
	| 'paddingBottom'
	| 'paddingLeft'
	| 'paddingRight'
>;

/** Read what the picture is to look like; what was not added is undefined. */
export function readPictureOptions(options: Values): {
	[K in keyof PictureOptions]-?: PictureOptions[K] | undefined;
} {
	return {
		backgroundType: options.text(backgroundType),
		backgroundColor: options.text(backgroundColor),
		backgroundImageId: options.text(backgroundImageId),
		hasBackgroundBinary: options.raw(backgroundBinaryPropertyName) === undefined ? undefined : true,
		outputWidth: options.optionalNumber(outputWidth),
		outputHeight: options.optionalNumber(outputHeight),
		paddingTop: options.optionalNumber(paddingTop),
		paddingBottom: options.optionalNumber(paddingBottom),
		paddingLeft: options.optionalNumber(paddingLeft),
		paddingRight: options.optionalNumber(paddingRight),
	};
}

/** The picture to imitate, when a binary field of the item holds it. */
export async function readBackground(
	parameters: Parameters,
	options: Values,
): Promise<ImageSource | undefined> {
	const value = options.raw(backgroundBinaryPropertyName);
	if (value === undefined) return undefined;
	const photos = await readBinaries(parameters, backgroundBinaryPropertyName, value);
	const [photo, ...more] = photos;
	if (photo !== undefined && more.length === 0) return photo.source;
	return refuse(
		`${backgroundBinaryPropertyName.displayName} must name exactly one binary field`,
		'A background is imitated from one picture.',
	);
}
