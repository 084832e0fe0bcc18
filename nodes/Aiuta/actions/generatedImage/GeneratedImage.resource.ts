/** The Generated Image resource: the pictures Aiuta made, and the fields of each operation on them. */
import type { INodeProperties } from 'n8n-workflow';

import { operationField, RESOURCE_GENERATED_IMAGE } from '../../inputs/selectors';
import { DELETE } from '../imageCalls';
import { description as deleteFields } from './delete.operation';
import { DOWNLOAD, description as downloadFields } from './download.operation';

export const description: INodeProperties[] = [
	operationField(
		RESOURCE_GENERATED_IMAGE,
		[
			{
				name: 'Delete',
				value: DELETE,
				action: 'Delete a generated image',
				description: 'Delete a generated picture from Aiuta',
			},
			{
				name: 'Download',
				value: DOWNLOAD,
				action: 'Download a generated image',
				description: 'Download a generated picture as binary data',
			},
		],
		DOWNLOAD,
	),
	...downloadFields,
	...deleteFields,
];
