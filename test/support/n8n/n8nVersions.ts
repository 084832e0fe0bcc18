/** The n8n versions the node is tried on, and where what they need is kept between runs. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What installing one n8n version takes. */
export interface N8nRecipe {
	version: string;
	/** Majors of Node.js that this n8n runs on, from its `engines` (read off the packages). */
	nodeMajors: { min: number; max: number };
	/** The major to take from npm where the running Node.js is none of these. */
	packagedNodeMajor: number;
	/** Install dependencies as they were on the day of the release: n8n ships without a lock file. */
	isTimeBased: boolean;
}

/** The versions that can be installed here, the newest first. */
export const N8N_RECIPES: readonly N8nRecipe[] = [
	{
		version: '2.41.1',
		nodeMajors: { min: 24, max: 24 },
		packagedNodeMajor: 24,
		isTimeBased: false,
	},
	{
		version: '2.40.7',
		nodeMajors: { min: 24, max: 24 },
		packagedNodeMajor: 24,
		isTimeBased: false,
	},
	{
		// Without resolving by time, 2.0.3 dies with "Command start not found" (observed).
		version: '2.0.3',
		nodeMajors: { min: 20, max: 22 },
		packagedNodeMajor: 22,
		isTimeBased: true,
	},
];

/** What the real-n8n tests run on unless told otherwise: the contract's two versions. */
export const TESTED_N8N: readonly string[] = ['2.40.7', '2.0.3'];

/** The version for the editor and for everything that needs only one. */
export const NEWEST_N8N = '2.40.7';

/** The oldest version that is tested. */
export const OLDEST_N8N = '2.0.3';

/**
 * Find the recipe of a version.
 *
 * @throws Error that lists the known versions
 */
export function recipeOf(version: string): N8nRecipe {
	const recipe = N8N_RECIPES.find((candidate) => candidate.version === version);
	if (recipe === undefined) {
		const known = N8N_RECIPES.map((candidate) => candidate.version).join(', ');
		throw new Error(`n8n ${version} has no recipe here; known are ${known}`);
	}
	return recipe;
}

/**
 * The folder for everything that is downloaded or made for a real n8n. It lies outside of the
 * project; the environment variable AIUTA_N8N_CACHE moves it.
 */
export function cacheFolder(): string {
	const chosen = process.env['AIUTA_N8N_CACHE'];
	if (chosen !== undefined && chosen !== '') return chosen;
	const base = process.env['XDG_CACHE_HOME'];
	return join(
		base !== undefined && base !== '' ? base : join(homedir(), '.cache'),
		'n8n-nodes-aiuta',
	);
}
