/** The Batching collection: how much at once, how fast, and how much at most. */
import type { IExecuteFunctions } from 'n8n-workflow';

import {
	boundedNumber,
	Parameters,
	readItem,
	type NumberBounds,
	type ReadItem,
} from './readParameters';

export interface Batching {
	maxProductsInFlight: number;
	requestsPerSecond: number;
	/** 0 means no limit. */
	maxOperationsPerRun: number;
}

const DEFAULTS: Batching = {
	maxProductsInFlight: 1000,
	requestsPerSecond: 20,
	maxOperationsPerRun: 0,
};

/** Read the collection; it belongs to the run, so the first item's values count. */
export async function readBatching(host: IExecuteFunctions): Promise<ReadItem<Batching>> {
	return await readItem(0, (): Batching => {
		const collection = new Parameters(host, 0).collection('batching');
		const read = (name: keyof Batching, bounds: NumberBounds) =>
			boundedNumber(name, collection.raw(name) ?? DEFAULTS[name], bounds);
		return {
			maxProductsInFlight: read('maxProductsInFlight', { min: 1, max: 5000, isInteger: true }),
			requestsPerSecond: read('requestsPerSecond', { min: 0.1, max: 100 }),
			maxOperationsPerRun: read('maxOperationsPerRun', {
				min: 0,
				max: Number.MAX_SAFE_INTEGER,
				isInteger: true,
			}),
		};
	});
}
