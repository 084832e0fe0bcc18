/**
 * The Options collections: what each API lets a user tune. An option that is not added is not sent,
 * so that the API's own default applies; the defaults here only prefill an option when it is added.
 */
import type { INodeProperties } from 'n8n-workflow';

import type { ApiName, CreateOptions } from '../api/types';
import { catalogueOptions, readCatalogueOptions } from './catalogueOptions';
import type { Parameters, Values } from './parameters';
import { backgroundOptions, outputSizeOptions, readPictureOptions } from './pictureOptions';
import { API_UNIFIED } from './selectors';

const COLLECTION = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	description: 'Settings you can leave out. What you do not add is left to Aiuta.',
} as const satisfies INodeProperties;

const operationPriority: INodeProperties = {
	displayName: 'Operation Priority',
	name: 'operationPriority',
	type: 'options',
	default: 'offline',
	options: [
		{ name: 'Offline', value: 'offline', description: 'In the background, made for batches' },
		{
			name: 'Online',
			value: 'online',
			description: 'As soon as possible, when someone is waiting',
		},
	],
	description: 'How urgent the pictures are',
};

const outputResolution: INodeProperties = {
	displayName: 'Output Resolution',
	name: 'outputResolution',
	type: 'options',
	default: 'standard',
	options: [
		{ name: 'High', value: 'high', description: 'Larger pictures, which may cost more' },
		{ name: 'Standard', value: 'standard', description: '960 pixels on the longest side' },
	],
	description: 'Size of the pictures. Flat Lays makes standard resolution only for now.',
};

const numberOfGenerations: INodeProperties = {
	displayName: 'Number of Generations',
	name: 'numberOfGenerations',
	type: 'number',
	default: 1,
	typeOptions: { minValue: 1, maxValue: 4, numberPrecision: 0 },
	description: 'How many variants to make of each image type, 1 to 4',
};

const qaMode: INodeProperties = {
	displayName: 'QA Mode',
	name: 'qaMode',
	type: 'options',
	default: 'auto',
	options: [
		{
			name: 'Automatic',
			value: 'auto',
			description: 'Several candidates are made and the best one is chosen automatically',
		},
		{
			name: 'Human',
			value: 'human',
			description: 'A person chooses the best candidate, which takes hours',
		},
		{ name: 'None', value: 'none', description: 'One picture is made and returned as it is' },
	],
	description:
		'How the best picture is chosen. Human review takes hours and needs Operation Priority set to Offline.',
};

const flatLaysOptions: INodeProperties[] = [
	{
		...operationPriority,
		displayName: 'Priority (No Effect Yet)',
		description: 'How urgent the picture is. Flat Lays processes everything offline for now.',
	},
	{
		...outputResolution,
		displayName: 'Resolution (No Effect Yet)',
	},
];

const studioOptions: INodeProperties[] = [
	...backgroundOptions.studio,
	numberOfGenerations,
	operationPriority,
	...outputSizeOptions,
];

const unifiedOptions: INodeProperties[] = [
	...catalogueOptions,
	...backgroundOptions.unified,
	{
		...operationPriority,
		default: 'online',
		description: 'How urgent the pictures are. Human review needs Offline.',
	},
	...outputSizeOptions,
	qaMode,
];

/** What a create request can say, by API. */
export const createOptions: Record<ApiName, INodeProperties[]> = {
	flatLays: flatLaysOptions,
	studio: studioOptions,
	unified: unifiedOptions,
};

/** Build the Options collection of an action, in the order of the labels. */
export function optionsField(options: INodeProperties[]): INodeProperties {
	const sorted = [...options].sort((a, b) => a.displayName.localeCompare(b.displayName));
	return { ...COLLECTION, options: sorted };
}

/** Build the Options collections of an action that creates operations, one for each API. */
export function createOptionsFields(more: INodeProperties[]): INodeProperties[] {
	return Object.entries(createOptions).map(([api, options]) => ({
		...optionsField([...options, ...more]),
		displayOptions: { show: { api: [api] } },
	}));
}

/** Shown as soon as Human is chosen: such operations outlast what a run should wait for. */
export function humanReviewNotice(advice: string): INodeProperties {
	return {
		displayName: `Human review takes hours. Set the option Operation Priority to Offline${advice}`,
		name: 'humanReviewNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { api: [API_UNIFIED], '/options.qaMode': ['human'] } },
	};
}

/** The entries of the Options collection. */
export function readOptions(parameters: Parameters): Values {
	return parameters.collection(COLLECTION);
}

/** What the create request says besides the product; an option left untouched is absent. */
export function readCreateOptions(options: Values): CreateOptions {
	const read = {
		operationPriority: options.text(operationPriority),
		outputResolution: options.text(outputResolution),
		numberOfGenerations: options.optionalNumber(numberOfGenerations),
		qaMode: options.text(qaMode),
		...readCatalogueOptions(options),
		...readPictureOptions(options),
	};
	return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}
