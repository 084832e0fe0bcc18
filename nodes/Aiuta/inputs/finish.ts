/** What Generate and Wait and Wait for Operation both read: how long to wait, what to hand out. */
import type { INodeProperties } from 'n8n-workflow';

import { deliveryOptions, readDelivery, type Delivery } from './delivery';
import { readOptions } from './options';
import { Values, type Parameters } from './parameters';
import { readPassing, type Passing } from './passing';
import { RESOURCE_FLAT_LAY } from './selectors';
import { readWaiting, waitingOptions, type Waiting } from './waiting';

/** Entries of the Options collection. */
export const finishOptions: INodeProperties[] = [...waitingOptions, ...deliveryOptions];

/**
 * Before version 0.2 these options were fields of their own. n8n drops what a description does not
 * know, so hidden fields keep what such a workflow has saved; an option of the same name wins.
 */
export const formerFinishFields: INodeProperties[] = finishOptions.map(({ name, displayName }) => ({
	displayName,
	name,
	type: 'hidden',
	default: '',
	displayOptions: {
		show: { resource: [RESOURCE_FLAT_LAY], operation: ['generateAndWait', 'wait'] },
	},
}));

export interface Finish extends Waiting, Delivery, Passing {}

/** Read the settings for one item. */
export function readFinish(parameters: Parameters): Finish {
	const added = readOptions(parameters);
	const options = new Values((name) => {
		const field = { name, displayName: name };
		return added.raw(field) ?? parameters.raw(field);
	});
	return { ...readWaiting(options), ...readDelivery(options), ...readPassing(parameters) };
}
