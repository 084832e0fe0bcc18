import { flatLays } from './flatLays';
import type { ApiShape } from './shape';
import { studio } from './studio';
import { unified } from './unified';

/** The three generations the sandbox plays. */
export const API_SHAPES: readonly ApiShape[] = [flatLays, studio, unified];
