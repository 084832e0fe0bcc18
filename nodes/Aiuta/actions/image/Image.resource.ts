/** The Image resource: the photos a user uploads, and the fields of each operation on them. */
import type { INodeProperties } from 'n8n-workflow';

import { operationField, RESOURCE_IMAGE } from '../../inputs/selectors';
import { DELETE } from '../imageCalls';
import { description as deleteFields } from './delete.operation';
import { GET, description as getFields } from './get.operation';
import { UPLOAD, description as uploadFields } from './upload.operation';

export const description: INodeProperties[] = [
	operationField(
		RESOURCE_IMAGE,
		[
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
		UPLOAD,
	),
	...uploadFields,
	...getFields,
	...deleteFields,
];
