/** What Generate and Wait and Wait for Operation share: how long to wait, and how to hand out pictures. */
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import type { AiutaImage } from '../api/types';
import type { FinishedProduct, FinishSettings, ProductOutcome } from '../batch/deliver';
import { MINUTE_MS } from '../core/clock';
import type { JsonObject } from '../core/json';
import { productItems, type ItemIndexes, type UnitResult } from '../output/items';
import { readIncludeResponse } from './createOptions';
import { Parameters } from './readParameters';

/** Seven days: longer than any review takes, and far from the limit of Node's timers. */
const MAX_WAIT_MINUTES = 10_080;
const DEFAULT_WAIT_MINUTES = 60;

export interface Finish extends FinishSettings {
	outputMode: 'product' | 'image';
	binaryField: string;
	includeResponse: boolean;
}

/** Read the settings for one item; refuses what cannot be used. */
export function readFinish(host: IExecuteFunctions, itemIndex: number): Finish {
	const parameters = new Parameters(host, itemIndex);
	const maxWaitMinutes = parameters.number('maxWaitMinutes', DEFAULT_WAIT_MINUTES, {
		min: 0,
		max: MAX_WAIT_MINUTES,
		isMinExcluded: true,
	});
	const downloadImages = parameters.boolean('downloadImages', true);
	return {
		maxWaitMs: maxWaitMinutes * MINUTE_MS,
		onTimeout: parameters.choice('onTimeout', 'error', ['error', 'unfinished']),
		downloadImages,
		outputMode: parameters.choice('outputMode', 'product', ['product', 'image']),
		binaryField: downloadImages ? readBinaryField(parameters) : 'data',
		includeResponse: readIncludeResponse(parameters),
	};
}

/** The name of the field for the first picture. */
export function readBinaryField(parameters: Parameters): string {
	const name = 'outputBinaryPropertyName';
	return parameters.raw(name) === undefined ? 'data' : parameters.requiredText(name);
}

/** Turn the outcome of a product or operation into items. */
export function arrangeOutcome(
	outcome: ProductOutcome<IBinaryData>,
	itemIndexes: ItemIndexes,
	{ outputMode, binaryField, includeResponse }: Finish,
	toJson: (
		product: FinishedProduct<IBinaryData>,
		images: AiutaImage[],
		includeResponse: boolean,
	) => JsonObject,
): UnitResult {
	if (outcome.kind === 'failed') return { items: [], failures: [outcome.failure] };
	const items = productItems(outcome, itemIndexes, {
		outputMode,
		binaryField,
		toJson: (images) => toJson(outcome, images, includeResponse),
	});
	return { items, failures: [] };
}
