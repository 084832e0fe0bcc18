/** Delete a generated image. */
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { RESOURCE_GENERATED_IMAGE } from '../../inputs/selectors';
import { deleteFields, deleteImages } from '../imageCalls';

export const description = deleteFields(RESOURCE_GENERATED_IMAGE);

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	return await deleteImages(this, 'generated_images');
}
