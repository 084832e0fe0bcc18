/** How long to wait for an operation, and what to do when the time is up. */
import type { INodeProperties } from 'n8n-workflow';

import { MINUTE_MS } from '../core/clock';
import { choiceField, type Parameters } from './parameters';

const maxWaitMinutes = {
	displayName: 'Max Wait (Minutes)',
	name: 'maxWaitMinutes',
	type: 'number',
	default: 60,
	required: true,
	// Seven days: longer than any review takes, and far from the limit of Node's timers.
	typeOptions: { minValue: 0.01, maxValue: 10_080, numberPrecision: 2 },
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

export const waitingFields: INodeProperties[] = [maxWaitMinutes, onTimeout];

export interface Waiting {
	maxWaitMs: number;
	/** Whether a timeout gives a failed item or an unfinished one. */
	onTimeout: 'error' | 'unfinished';
}

/** Read how long to wait. */
export function readWaiting(parameters: Parameters): Waiting {
	const minutes = parameters.number(maxWaitMinutes, {
		min: 0,
		isMinExcluded: true,
		max: maxWaitMinutes.typeOptions.maxValue,
	});
	return { maxWaitMs: minutes * MINUTE_MS, onTimeout: parameters.choice(onTimeout) };
}
