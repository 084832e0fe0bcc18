/** Keeps what was measured in bench.json, a section each for what is measured together. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { at } from '../../support/n8n/n8nValues';
import { ROOT_DIR } from '../../tools/projectFiles';
import type { BenchResults } from './results';

const FILE_NAME = 'bench.json';
/** Its place decides the style: the file is checked with the rest of the project. */
const PROJECT_FILE = join(ROOT_DIR, 'docs/figures', FILE_NAME);

/**
 * Read what was measured before; nothing when there is no file.
 *
 * @throws Error when the file holds something else
 */
export function readResults(dir: string): BenchResults {
	const file = join(dir, FILE_NAME);
	if (!existsSync(file)) return {};
	const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
	for (const section of ['comparison', 'scale', 'startUp']) {
		if (at(found, section) !== undefined && at(found, section, 'machine', 'date') === undefined) {
			throw new Error(`${file}: ${section} does not say when it was measured`);
		}
	}
	return found as BenchResults;
}

/** Replace the sections that were measured now and keep the others; returns the file's path. */
export async function writeResults(dir: string, measured: BenchResults): Promise<string> {
	const file = join(dir, FILE_NAME);
	const all = { ...readResults(dir), ...measured };
	mkdirSync(dir, { recursive: true });
	const style = await resolveConfig(PROJECT_FILE);
	writeFileSync(file, await format(JSON.stringify(all), { ...style, parser: 'json' }));
	return file;
}
