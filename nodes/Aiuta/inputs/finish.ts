/** What Generate and Wait and Wait for Operation both read: how long to wait, what to hand out. */
import type { INodeProperties } from 'n8n-workflow';

import { deliveryFields, readDelivery, type Delivery } from './delivery';
import { readIncludeResponse } from './options';
import type { Parameters } from './parameters';
import { readWaiting, waitingFields, type Waiting } from './waiting';

export const finishFields: INodeProperties[] = [...waitingFields, ...deliveryFields];

export interface Finish extends Waiting, Delivery {
	includeResponse: boolean;
}

/** Read the settings for one item. */
export function readFinish(parameters: Parameters): Finish {
	return {
		...readWaiting(parameters),
		...readDelivery(parameters),
		includeResponse: readIncludeResponse(parameters),
	};
}
