/** The Batching collection: how much at once, how fast, and how much at most. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { BudgetLimits } from '../batch/ledgerBudget';
import { Parameters } from './parameters';

export interface Batching {
	maxProductsInFlight: number;
	requestsPerSecond: number;
	/** 0 means no limit. */
	maxOperationsPerRun: number;
	/** Over all executions that use the ledger. */
	budget: BudgetLimits;
}

const maxOperationsPerRun = {
	displayName: 'Max Operations per Run',
	name: 'maxOperationsPerRun',
	type: 'number',
	default: 0,
	typeOptions: { minValue: 0, numberPrecision: 0 },
	description:
		'Guard against costly mistakes: a run that needs more operations than this is refused before anything is sent. 0 means no limit.',
} satisfies INodeProperties;

const maxOperationsPerDay = {
	displayName: 'Max Operations per Day',
	name: 'maxOperationsPerDay',
	type: 'number',
	default: 0,
	typeOptions: { minValue: 0, numberPrecision: 0 },
	description:
		'The most operations that all executions with this ledger create in a day (UTC). What exceeds it is a failed item and nothing is sent. Needs a ledger. 0 means no limit.',
} satisfies INodeProperties;

const maxOperationsPerMonth = {
	...maxOperationsPerDay,
	displayName: 'Max Operations per Month',
	name: 'maxOperationsPerMonth',
	description:
		'The most operations that all executions with this ledger create in a month (UTC). Needs a ledger. 0 means no limit.',
} satisfies INodeProperties;

const maxProductsInFlight = {
	displayName: 'Max Products in Flight',
	name: 'maxProductsInFlight',
	type: 'number',
	default: 1000,
	typeOptions: { minValue: 1, maxValue: 5000, numberPrecision: 0 },
	description: 'How many products are worked on at the same time, 1 to 5,000',
} satisfies INodeProperties;

const requestsPerSecond = {
	displayName: 'Requests per Second',
	name: 'requestsPerSecond',
	type: 'number',
	default: 20,
	typeOptions: { minValue: 0.1, maxValue: 100 },
	description:
		'The most requests to send in a second, 0.1 to 100. The node slows down by itself when Aiuta asks it to.',
} satisfies INodeProperties;

const COLLECTION: INodeProperties = {
	displayName: 'Batching',
	name: 'batching',
	type: 'collection',
	placeholder: 'Add limit',
	default: {},
	description: 'Limits for large batches. The defaults suit most catalogues.',
};

/** How fast a batch may run. */
export const batchingField: INodeProperties = {
	...COLLECTION,
	options: [maxProductsInFlight, requestsPerSecond],
};

/** How fast, and how much, a batch may run that creates operations. */
export const createBatchingField: INodeProperties = {
	...COLLECTION,
	options: [
		// Also without a ledger, which refuses them: n8n drops what is hidden, and nothing would be limited.
		maxOperationsPerDay,
		maxOperationsPerMonth,
		maxOperationsPerRun,
		maxProductsInFlight,
		requestsPerSecond,
	],
};

/** Read the collection; it belongs to the run, so the first item's values count. */
export function readBatching(host: IExecuteFunctions): Batching {
	const collection = new Parameters(host, 0).collection(COLLECTION);
	return {
		maxProductsInFlight: collection.number(maxProductsInFlight),
		requestsPerSecond: collection.number(requestsPerSecond),
		maxOperationsPerRun: collection.number(maxOperationsPerRun),
		budget: {
			perDay: collection.number(maxOperationsPerDay),
			perMonth: collection.number(maxOperationsPerMonth),
		},
	};
}
