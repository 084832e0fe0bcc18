/** The ledger: which data table, and what is to become of a product that stands in it. */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { WhenKnown } from '../batch/ledgerAnswers';
import { choiceField, Parameters } from './parameters';
import { shownOnceFilled } from './shownOnceFilled';

export const ledger: INodeProperties = {
	displayName: 'Ledger',
	name: 'ledger',
	type: 'string',
	default: '',
	placeholder: 'e.g. aiuta-ledger',
	description:
		'Name or ID of a data table in which the node keeps what was created, so that a product is paid for once, whichever run asks for it. It is made if there is none, where n8n can (n8n 2.0: make it yourself and enter its ID). Empty: no ledger. With a ledger every product needs a Product ID.',
};

const whenKnown = choiceField<WhenKnown>({
	displayName: 'When the Product Is in the Ledger',
	name: 'whenKnown',
	type: 'options',
	default: 'return',
	options: [
		{
			name: 'Generate Again',
			value: 'generateAgain',
			description: 'Create and pay for it again',
		},
		{
			name: 'Return What Exists',
			value: 'return',
			description: 'Deliver its pictures, wait for it if it is still under way, pay nothing',
		},
		{
			name: 'Return Unless Photos or Texts Have Changed',
			value: 'returnUnlessChanged',
			description: 'The same, but a product that has changed is generated again',
		},
		{
			name: 'Skip',
			value: 'skip',
			description: 'Leave the product out',
		},
	],
	description: 'What to do with a product that an earlier run has created',
});

/** For the operations that create. */
export const ledgerFields: INodeProperties[] = [
	{
		...ledger,
		hint: 'Name of a data table that remembers what is paid for, so that no run pays twice',
	},
	...shownOnceFilled(whenKnown, ledger),
];

const operationIdSource = choiceField<'parameter' | 'ledger'>({
	displayName: 'Operations to Wait For',
	name: 'operationIdSource',
	type: 'options',
	default: 'parameter',
	options: [
		{
			name: 'By ID',
			value: 'parameter',
			description: 'Wait for the operations whose IDs are entered',
		},
		{
			name: 'All Unfinished in the Ledger',
			value: 'ledger',
			description: 'Wait for every operation of the ledger that has not ended',
		},
	],
	description: 'Which operations to wait for',
});

/** For Wait for Operation. */
export const operationSourceFields: INodeProperties[] = [
	operationIdSource,
	{ ...ledger, displayOptions: { show: { operationIdSource: ['ledger'] } } },
];

export interface LedgerChoice {
	name: string;
	whenKnown: WhenKnown;
}

/** The ledger of the run, by its first item; undefined when there is none. */
export function readLedger(host: IExecuteFunctions): LedgerChoice | undefined {
	const parameters = new Parameters(host, 0);
	const name = parameters.text(ledger);
	return name === undefined ? undefined : { name, whenKnown: parameters.choice(whenKnown) };
}

/** The ledger that Wait for Operation takes its operations from; undefined when their IDs are entered. */
export function readLedgerToWaitFor(host: IExecuteFunctions): LedgerChoice | undefined {
	const parameters = new Parameters(host, 0);
	if (parameters.choice(operationIdSource) === 'parameter') return undefined;
	return { name: parameters.requiredText(ledger), whenKnown: 'return' };
}

/** Whether the run keeps a ledger. */
export function hasLedger(parameters: Parameters): boolean {
	return parameters.text(ledger) !== undefined;
}
