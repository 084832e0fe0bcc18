/** The Flat Lay resource: which operations it offers and the fields of each. */
import type { INodeProperties } from 'n8n-workflow';

import { operationField, RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import * as create from './create.operation';
import * as generateAndWait from './generateAndWait.operation';
import * as get from './get.operation';
import * as plan from './plan.operation';
import * as wait from './wait.operation';

export const description: INodeProperties[] = [
	operationField(
		RESOURCE_FLAT_LAY,
		[generateAndWait.option, create.option, wait.option, get.option, plan.option],
		'generateAndWait',
	),
	...generateAndWait.description,
	...create.description,
	...wait.description,
	...get.description,
	...plan.description,
];
