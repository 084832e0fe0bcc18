/** The Flat Lay resource: which operations it offers and the fields of each. */
import type { INodeProperties } from 'n8n-workflow';

import { RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import * as create from './create.operation';
import * as generateAndWait from './generateAndWait.operation';
import * as get from './get.operation';
import * as wait from './wait.operation';

export const description: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [RESOURCE_FLAT_LAY] } },
		// The node panel lists the actions in this order.
		options: [generateAndWait.option, create.option, wait.option, get.option],
		default: 'generateAndWait',
		description: 'What to do',
	},
	...generateAndWait.description,
	...create.description,
	...wait.description,
	...get.description,
];
