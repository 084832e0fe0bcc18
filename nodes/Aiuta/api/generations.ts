import { flatLays } from './flatLays';
import type { Generation } from './generation';
import { studio } from './studio';
import type { ApiName } from './types';
import { unified } from './unified';

/** Every API generation by the value of the `api` parameter. */
export const GENERATIONS: Readonly<Record<ApiName, Generation>> = { flatLays, studio, unified };
