/** Finds the project's own files, in a git checkout and in a plain copy of one. */

import { spawnSync } from 'child_process';
import { existsSync, readdirSync } from 'fs';
import { join, resolve } from 'path';

/** The project's root folder. */
export const ROOT_DIR = resolve(__dirname, '../..');

/** Folders that are made, not written; the same as in .gitignore. */
const GENERATED = new Set([
	'.git',
	'.stryker-tmp',
	'coverage',
	'demo-output',
	'dist',
	'node_modules',
	'reports',
]);

/**
 * List files below `dir`, sorted, relative to it and with forward slashes. Generated folders are
 * left out, wherever they are.
 */
export function walk(dir: string, prefix = ''): string[] {
	return readdirSync(join(dir, prefix), { withFileTypes: true })
		.flatMap((entry) => {
			const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
			if (GENERATED.has(entry.name)) return [];
			return entry.isDirectory() ? walk(dir, path) : [path];
		})
		.sort();
}

/**
 * List the files that belong to the project: what git tracks or would take with the next
 * `git add`; without git, everything that is not generated.
 */
export function listProjectFiles(rootDir: string): string[] {
	const git = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
		cwd: rootDir,
		encoding: 'utf8',
	});
	if (git.status !== 0) return walk(rootDir).filter((path) => !/\.(tgz|log)$/.test(path));
	return git.stdout
		.split('\0')
		.filter((path) => path !== '' && existsSync(join(rootDir, path)))
		.sort();
}
