/** Packs this tree the way `npm publish` would, and unpacks the result for inspection. */

import { mkdirSync } from 'fs';
import { join } from 'path';
import { capture } from './run';

/** One file of the tarball, its path relative to the package's root. */
export interface PackedFile {
	path: string;
	size: number;
}

/** What `npm pack --json` tells about a tarball. */
export interface PackReport {
	filename: string;
	tarballBytes: number;
	unpackedBytes: number;
	files: PackedFile[];
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}

function isPackedFile(value: unknown): value is PackedFile {
	return isRecord(value) && typeof value.path === 'string' && typeof value.size === 'number';
}

/**
 * Read the output of `npm pack --json`: an array with one entry for one package.
 *
 * @throws Error when the output has another shape.
 */
export function parsePackReport(output: string): PackReport {
	const parsed: unknown = JSON.parse(output);
	const entry: unknown = Array.isArray(parsed) ? parsed[0] : undefined;
	if (
		!isRecord(entry) ||
		typeof entry.filename !== 'string' ||
		typeof entry.size !== 'number' ||
		typeof entry.unpackedSize !== 'number' ||
		!Array.isArray(entry.files) ||
		!entry.files.every(isPackedFile)
	) {
		throw new Error('npm pack --json answered in an unexpected form');
	}
	return {
		filename: entry.filename,
		tarballBytes: entry.size,
		unpackedBytes: entry.unpackedSize,
		files: entry.files.map(({ path, size }) => ({ path, size })),
	};
}

/** List what a tarball of `rootDir` would hold, without writing one. */
export function listPackage(rootDir: string): PackReport {
	return parsePackReport(
		capture('npm', ['pack', '--dry-run', '--ignore-scripts', '--json'], rootDir),
	);
}

/** Pack `rootDir` into `workDir` and unpack it there; `packageDir` is the unpacked package. */
export function packInto(
	rootDir: string,
	workDir: string,
): { report: PackReport; packageDir: string } {
	const packageDir = join(workDir, 'package');
	mkdirSync(packageDir, { recursive: true });
	const report = parsePackReport(
		capture('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', workDir], rootDir),
	);
	capture('tar', ['-xzf', report.filename, '-C', packageDir, '--strip-components=1'], workDir);
	return { report, packageDir };
}
