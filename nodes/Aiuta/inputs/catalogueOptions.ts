/** Options about the product that only Unified takes, for its catalogue. */
import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import type { CreateOptions } from '../api/types';
import type { Values } from './parameters';

/** They say nothing about a stored SKU: it brings its own. */
const unlessSku: IDisplayOptions = { hide: { '/imageSource': ['sku'] } };

const ageGroup: INodeProperties = {
	displayName: 'Age Group',
	name: 'ageGroup',
	type: 'options',
	default: 'adult',
	displayOptions: unlessSku,
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
	displayOptions: unlessSku,
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
	return {
		displayName,
		name,
		type: 'string',
		default: '',
		placeholder,
		displayOptions: unlessSku,
		description,
	};
}

const brand = text('Brand', 'brand', 'e.g. Nordlys', 'Brand of the product');

const color = text('Color', 'color', 'e.g. Brick red', 'Color of the product in words');

const extra: INodeProperties = {
	displayName: 'Extra',
	name: 'extra',
	type: 'json',
	default: '{}',
	placeholder: 'e.g. {"season": "SS26"}',
	displayOptions: unlessSku,
	description: 'More attributes of the product, as a JSON object, as agreed with Aiuta',
};

const storeUrl = text(
	'Store URL',
	'storeUrl',
	'e.g. https://shop.example.com/red-dress',
	'Address of the product page in your shop',
);

/** Entries of the Options collection. */
export const catalogueOptions: INodeProperties[] = [
	ageGroup,
	brand,
	color,
	extra,
	gender,
	storeUrl,
];

type CatalogueOptions = Pick<
	CreateOptions,
	'brand' | 'color' | 'gender' | 'ageGroup' | 'storeUrl' | 'extra'
>;

/** Read the product's details; what was not added is undefined. */
export function readCatalogueOptions(options: Values): {
	[K in keyof CatalogueOptions]-?: CatalogueOptions[K] | undefined;
} {
	return {
		brand: options.text(brand),
		color: options.text(color),
		gender: options.text(gender),
		ageGroup: options.text(ageGroup),
		storeUrl: options.text(storeUrl),
		extra: options.object(extra),
	};
}
