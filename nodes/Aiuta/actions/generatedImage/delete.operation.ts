/** Delete a generated image. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { deleteImages } from '../imageCalls';

import { imageIdField } from '../../inputs/fields';
import { RESOURCE_GENERATED_IMAGE } from '../../inputs/selectors';
import { responseOptions } from '../../inputs/optionFields';

/** Value of the operation selector, as saved workflows store it. */
export const DELETE = 'delete';

const properties: INodeProperties[] = [imageIdField, responseOptions];

/** The fields of this action, shown for its resource and operation only. */
export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_GENERATED_IMAGE], operation: [DELETE] } },
	properties,
);

/** Run the action for all input items. */
export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await deleteImages(this, 'generated_images');
}
