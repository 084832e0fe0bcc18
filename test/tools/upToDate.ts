/** Builds `dist/` only when it is not what a build of the present sources would give. */

import { createHash } from 'crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { ROOT_DIR, walk } from './projectFiles';
import { capture } from './run';

/** What a build reads. */
const SOURCES = ['nodes', 'credentials', 'tsconfig.json', 'gulpfile.js', 'package.json'];
/** Beside what jest and the compiler keep; never in `dist/`, which is published as it is. */
const STAMP = 'node_modules/.cache/build.json';

function hashOf(rootDir: string, places: readonly string[]): string {
	const hash = createHash('sha256');
	for (const place of places) {
		const path = join(rootDir, place);
		const isFile = /\.\w+$/.test(place);
		for (const file of isFile ? [''] : walk(path)) {
			hash.update(`${place}/${file}\n`).update(readFileSync(join(path, file)));
		}
	}
	return hash.digest('hex');
}

/** Identify the sources together with the build that lies beside them. */
function stateOf(rootDir: string): string {
	return JSON.stringify({
		sources: hashOf(rootDir, SOURCES),
		build: existsSync(join(rootDir, 'dist')) ? hashOf(rootDir, ['dist']) : 'none',
	});
}

/** Whether `dist/` still is what was built here from these very sources. */
export function isUpToDate(rootDir: string): boolean {
	const stamp = join(rootDir, STAMP);
	return existsSync(stamp) && readFileSync(stamp, 'utf8') === stateOf(rootDir);
}

/**
 * Build when something has changed, in silence.
 *
 * @param build makes `dist/`
 * @returns whether there was anything to build
 * @throws Error with what the build said when it fails
 */
export function ensureBuilt(
	rootDir: string = ROOT_DIR,
	build: () => void = () => void capture('npm', ['run', '--silent', 'build'], rootDir),
): boolean {
	if (isUpToDate(rootDir)) return false;
	build();
	mkdirSync(dirname(join(rootDir, STAMP)), { recursive: true });
	writeFileSync(join(rootDir, STAMP), stateOf(rootDir));
	return true;
}
