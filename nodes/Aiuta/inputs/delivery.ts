/** How finished pictures are handed out: as items, and as binary data. */
import type { INodeProperties } from 'n8n-workflow';

import { urlProblem } from '../transport/webFile';
import { choiceField, type Parameters, type Values } from './parameters';
import { refuse } from './refusals';

/** The binary field a picture is written to: an option, and on Download a field of its own. */
export const outputBinaryPropertyName = {
	displayName: 'Put Output Images in Field',
	name: 'outputBinaryPropertyName',
	type: 'string',
	default: 'data',
	placeholder: 'e.g. data',
	hint: 'The name of the output binary field to put the picture in',
	description:
		'Name of the output field for the picture. When an item has several, the next ones get a number: data_1, data_2 and so on.',
} satisfies INodeProperties;

const downloadImages = {
	displayName: 'Download Images',
	name: 'downloadImages',
	type: 'boolean',
	default: true,
	description:
		'Whether to attach each generated picture as binary data. Otherwise you get the URLs only.',
} satisfies INodeProperties;

const outputMode = choiceField({
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
});

/** Entries of the Options collection. */
export const deliveryOptions: INodeProperties[] = [
	downloadImages,
	outputBinaryPropertyName,
	outputMode,
];

export interface Delivery {
	downloadImages: boolean;
	/** One item for the product, or one for each of its images. */
	outputMode: 'product' | 'image';
	/** Name of the binary field of the first picture. */
	binaryField: string;
}

/** Read how pictures are handed out. */
export function readDelivery(options: Values): Delivery {
	return {
		downloadImages: options.boolean(downloadImages),
		outputMode: options.choice(outputMode),
		binaryField: readBinaryField(options),
	};
}

function readBinaryField(values: Values): string {
	return values.text(outputBinaryPropertyName) ?? outputBinaryPropertyName.default;
}

export const imageUrlField: INodeProperties = {
	displayName: 'Image URL',
	name: 'imageUrl',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. https://example.com/flat-lay.jpg',
	description: 'Address of the generated image, as returned by Aiuta',
};

export interface DownloadInput {
	url: string;
	/** The file's name at its host, without an extension. */
	hostedName: string;
	binaryField: string;
}

/** Read which generated image to download, and where to. */
export function readDownload(parameters: Parameters): DownloadInput {
	const url = parameters.requiredText(imageUrlField);
	const problem = urlProblem(url);
	if (problem !== undefined) {
		refuse(
			`${imageUrlField.displayName} is "${url}", which ${problem}`,
			'Enter the complete address of the picture, as Aiuta returned it.',
		);
	}
	const file = new URL(url).pathname.split('/').at(-1) ?? url;
	const hostedName = file.replace(/\.[a-z0-9]+$/i, '');
	return { url, hostedName, binaryField: readBinaryField(parameters) };
}
