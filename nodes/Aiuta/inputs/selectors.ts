/**
 * The values a saved workflow stores for the API and the resource. They are part of the public
 * contract: renaming one breaks workflows. Operation values live beside their actions.
 */
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Generation } from '../api/generation';
import { GENERATIONS } from '../api/generations';
import type { ApiName } from '../api/types';

export const API_FLAT_LAYS = 'flatLays' satisfies ApiName;
export const API_STUDIO = 'studio' satisfies ApiName;
export const API_UNIFIED = 'unified' satisfies ApiName;

export const RESOURCE_FLAT_LAY = 'flatLay';
export const RESOURCE_GENERATED_IMAGE = 'generatedImage';
export const RESOURCE_IMAGE = 'image';

/** The API generation that the node is set to. */
export function chosenGeneration(host: IExecuteFunctions): Generation {
	const api = host.getNodeParameter('api', 0, 'flatLays');
	return api === 'studio' || api === 'unified' ? GENERATIONS[api] : GENERATIONS.flatLays;
}
