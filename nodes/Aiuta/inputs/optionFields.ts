/**
 * The Options collections: what each API lets a user tune. An option that is not added is not sent,
 * so that the API's own default applies; the defaults here only prefill an option when it is added.
 */
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { backgroundOptions, outputSizeOptions, unifiedProductOptions } from './pictureOptions';
import { API_FLAT_LAYS, API_STUDIO, API_UNIFIED } from './selectors';

type OperationPriority = 'offline' | 'online';

const COLLECTION = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	description: 'Settings you can leave out. What you do not add is left to Aiuta.',
} as const satisfies INodeProperties;

const includeResponse: INodeProperties = {
	displayName: 'Include Response',
	name: 'includeResponse',
	type: 'boolean',
	default: false,
	description:
		'Whether to add the unchanged answer of the API to the output, in the field "response"',
};

const PRIORITY_VALUES: INodePropertyOptions[] = [
	{ name: 'Offline', value: 'offline', description: 'In the background, made for batches' },
	{ name: 'Online', value: 'online', description: 'As soon as possible, when someone is waiting' },
];

function operationPriority(byDefault: OperationPriority, description: string): INodeProperties {
	return {
		displayName: 'Operation Priority',
		name: 'operationPriority',
		type: 'options',
		default: byDefault,
		options: PRIORITY_VALUES,
		description,
	};
}

const flatLaysOptions: INodeProperties[] = [
	includeResponse,
	operationPriority(
		'offline',
		'How urgent the picture is. Flat Lays processes everything offline for now.',
	),
	{
		displayName: 'Output Resolution',
		name: 'outputResolution',
		type: 'options',
		default: 'standard',
		options: [
			{ name: 'High', value: 'high', description: 'Larger pictures, which may cost more' },
			{ name: 'Standard', value: 'standard', description: '960 pixels on the longest side' },
		],
		description: 'Size of the pictures. Flat Lays makes standard resolution only for now.',
	},
];

const studioOptions: INodeProperties[] = [
	...backgroundOptions.studio,
	includeResponse,
	{
		displayName: 'Number of Generations',
		name: 'numberOfGenerations',
		type: 'number',
		default: 1,
		typeOptions: { minValue: 1, maxValue: 4, numberPrecision: 0 },
		description: 'How many variants to make of each image type, 1 to 4',
	},
	operationPriority('offline', 'How urgent the pictures are'),
	...outputSizeOptions,
];

const unifiedOptions: INodeProperties[] = [
	...unifiedProductOptions.beforeBackground,
	...backgroundOptions.unified,
	...unifiedProductOptions.afterBackground,
	includeResponse,
	operationPriority('online', 'How urgent the pictures are. Human review needs Offline.'),
	...outputSizeOptions,
	{
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
	},
	...unifiedProductOptions.last,
];

/** The Options collections of the actions that create operations, one for each API. */
export const generationOptions: INodeProperties[] = [
	{
		...COLLECTION,
		displayOptions: { show: { api: [API_FLAT_LAYS] } },
		options: flatLaysOptions,
	},
	{
		...COLLECTION,
		displayOptions: { show: { api: [API_STUDIO] } },
		options: studioOptions,
	},
	{
		...COLLECTION,
		displayOptions: { show: { api: [API_UNIFIED] } },
		options: unifiedOptions,
	},
];

/** The Options collection of the actions that create nothing. */
export const responseOptions: INodeProperties = { ...COLLECTION, options: [includeResponse] };

/** How fast and how much a batch may run. */
export const batchingField: INodeProperties = {
	displayName: 'Batching',
	name: 'batching',
	type: 'collection',
	placeholder: 'Add limit',
	default: {},
	options: [
		{
			displayName: 'Max Operations per Run',
			name: 'maxOperationsPerRun',
			type: 'number',
			default: 0,
			typeOptions: { minValue: 0, numberPrecision: 0 },
			description:
				'Guard against costly mistakes: a run that needs more operations than this is refused before anything is sent. 0 means no limit.',
		},
		{
			displayName: 'Max Products in Flight',
			name: 'maxProductsInFlight',
			type: 'number',
			default: 1000,
			typeOptions: { minValue: 1, maxValue: 5000, numberPrecision: 0 },
			description: 'How many products are worked on at the same time, 1 to 5,000',
		},
		{
			displayName: 'Requests per Second',
			name: 'requestsPerSecond',
			type: 'number',
			default: 20,
			typeOptions: { minValue: 0.1, maxValue: 100, numberPrecision: 1 },
			description:
				'The most requests to send in a second, 0.1 to 100. The node slows down by itself when Aiuta asks it to.',
		},
	],
	description: 'Limits for large batches. The defaults suit most catalogues.',
};

/** Shown as soon as Human is chosen: such operations outlast what a run should wait for. */
export const humanReviewNotice: INodeProperties = {
	displayName:
		'Human review takes hours. Set Operation Priority to Offline, start with "Create Operation", and collect the pictures later with "Wait for Operation".',
	name: 'humanReviewNotice',
	type: 'notice',
	default: '',
	displayOptions: { show: { api: [API_UNIFIED], '/options.qaMode': ['human'] } },
};
