/** Delete an uploaded image. */
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { RESOURCE_IMAGE } from '../../inputs/selectors';
import { deleteFields, deleteImages } from '../imageCalls';

export const description = deleteFields(RESOURCE_IMAGE);

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await deleteImages(this, 'uploaded_images');
}
