/** The Image resource: the photos a user uploads, and the fields of each operation on them. */
import type { INodeProperties } from 'n8n-workflow';

import { RESOURCE_IMAGE } from '../../inputs/selectors';
import { DELETE } from '../imageCalls';
import { description as deleteFields } from './delete.operation';
import { GET, description as getFields } from './get.operation';
import { UPLOAD, description as uploadFields } from './upload.operation';

export const description: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [RESOURCE_IMAGE] } },
		options: [
			{
				name: 'Delete',
				value: DELETE,
				action: 'Delete an image',
				description: 'Delete an uploaded image from Aiuta',
			},
			{
				name: 'Get',
				value: GET,
				action: 'Get an image',
				description: 'Get the details of an uploaded image, such as its URL',
			},
			{
				name: 'Upload',
				value: UPLOAD,
				action: 'Upload an image',
				description: 'Upload photos and return their IDs and URLs',
			},
		],
		default: UPLOAD,
		description: 'What to do',
	},
	...uploadFields,
	...getFields,
	...deleteFields,
];
