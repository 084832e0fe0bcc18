/** How long to wait for an operation, and what to do when the time is up. */
import type { INodeProperties } from 'n8n-workflow';

import { MINUTE_MS } from '../core/clock';
import { choiceField, type Values } from './parameters';

const maxWaitMinutes = {
	displayName: 'Max Wait (Minutes)',
	name: 'maxWaitMinutes',
	type: 'number',
	default: 60,
	// Seven days: longer than any review takes, and far from the limit of Node's timers.
	typeOptions: { minValue: 0.01, maxValue: 10_080 },
	description:
		'How long to wait for each operation, in minutes: more than 0, at most 10,080 (7 days). Stopping to wait does not cancel the operation at Aiuta.',
} satisfies INodeProperties;

const onTimeout = choiceField({
	displayName: 'On Timeout',
	name: 'onTimeout',
	type: 'options',
	default: 'error',
	options: [
		{
			name: 'Fail the Item',
			value: 'error',
			description: 'Report an error that names the operation ID, so that you can wait again',
		},
		{
			name: 'Return as Unfinished',
			value: 'unfinished',
			description: 'Return a normal item in which "finished" is false',
		},
	],
	description: 'What to do with an operation that is not finished when the time is up',
});

/** Entries of the Options collection. */
export const waitingOptions: INodeProperties[] = [maxWaitMinutes, onTimeout];

export interface Waiting {
	maxWaitMs: number;
	/** Whether a timeout gives a failed item or an unfinished one. */
	onTimeout: 'error' | 'unfinished';
}

/** Read how long to wait. */
export function readWaiting(options: Values): Waiting {
	const minutes = options.number(maxWaitMinutes, {
		min: 0,
		isMinExcluded: true,
		max: maxWaitMinutes.typeOptions.maxValue,
	});
	return { maxWaitMs: minutes * MINUTE_MS, onTimeout: options.choice(onTimeout) };
}
