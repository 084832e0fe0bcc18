/**
 * The values a saved workflow stores for the API and the resource. They are part of the public
 * contract: renaming one breaks workflows. Operation values live beside their actions.
 */
import type { ApiName } from '../api/types';

export const API_FLAT_LAYS = 'flatLays' satisfies ApiName;
export const API_STUDIO = 'studio' satisfies ApiName;
export const API_UNIFIED = 'unified' satisfies ApiName;

export const RESOURCE_FLAT_LAY = 'flatLay';
export const RESOURCE_GENERATED_IMAGE = 'generatedImage';
export const RESOURCE_IMAGE = 'image';
