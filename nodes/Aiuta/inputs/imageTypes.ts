/** Which pictures to make of each product (Studio and Unified). */
import type { INodeProperties } from 'n8n-workflow';

import type { ImageType } from '../api/types';
import type { Parameters } from './parameters';
import { API_STUDIO, API_UNIFIED } from './selectors';

export const imageTypesField = {
	displayName: 'Image Types',
	name: 'imageTypes',
	type: 'multiOptions',
	default: ['flat_front'],
	required: true,
	displayOptions: { show: { api: [API_STUDIO, API_UNIFIED] } },
	options: [
		{
			name: 'Detail Back',
			value: 'detail_back',
			description: 'Close-up of the back: fabric, print or stitching',
		},
		{
			name: 'Detail Front',
			value: 'detail_front',
			description: 'Close-up of the front: fabric, print or stitching',
		},
		{ name: 'Flat Back', value: 'flat_back', description: 'Laid flat, seen from the back' },
		{ name: 'Flat Front', value: 'flat_front', description: 'Laid flat, seen from the front' },
		{
			name: 'Ghost Mannequin Back',
			value: 'ghost_mannequin_back',
			description: 'In worn shape without a visible mannequin, from the back',
		},
		{
			name: 'Ghost Mannequin Front',
			value: 'ghost_mannequin_front',
			description: 'In worn shape without a visible mannequin, from the front',
		},
	],
	hint: 'Every type is generated, and billed, separately',
	description: 'Which pictures to make of each product',
} satisfies INodeProperties;

/** The image types; whether they are known is for the API's rules to say. */
export function readImageTypes(parameters: Parameters): ImageType[] {
	const chosen =
		parameters.raw(imageTypesField) === undefined ? undefined : parameters.list(imageTypesField);
	return (chosen ?? imageTypesField.default) as ImageType[];
}
