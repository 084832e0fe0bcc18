/** The Flat Lay resource: which operations it offers and the fields of each. */
import type { INodeProperties } from 'n8n-workflow';

import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { CREATE, description as createFields } from './create.operation';
import {
	GENERATE_AND_WAIT,
	description as generateAndWaitFields,
} from './generateAndWait.operation';
import { GET, description as getFields } from './get.operation';
import { WAIT, description as waitFields } from './wait.operation';

export const description: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [RESOURCE_FLAT_LAY] } },
		options: [
			{
				name: 'Create Operation',
				value: CREATE,
				action: 'Create a flat lay operation',
				description: 'Start the generation and return the operation ID at once, without waiting',
			},
			{
				name: 'Generate and Wait',
				value: GENERATE_AND_WAIT,
				action: 'Generate a flat lay and wait for it',
				description: 'Turn photos of a garment into finished pictures, in one step',
			},
			{
				name: 'Get Operation',
				value: GET,
				action: 'Get a flat lay operation',
				description: 'Look up how far an operation is, without waiting',
			},
			{
				name: 'Wait for Operation',
				value: WAIT,
				action: 'Wait for a flat lay operation',
				description:
					'Wait until operations that were started before are finished, and get the pictures',
			},
		],
		default: GENERATE_AND_WAIT,
		description: 'What to do',
	},
	...generateAndWaitFields,
	...createFields,
	...getFields,
	...waitFields,
];
