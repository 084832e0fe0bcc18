/**
 * `npm run gate`: n8n's verification gate on the source tree and on the packed tarball, held to
 * 0 errors and 0 warnings, and a limit on the size of what users install.
 */

import { mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';
import { packInto } from './pack';
import type { PackReport } from './pack';
import { exitWith, stream } from './run';
import { scanPackage, TARBALL_PATTERNS } from './scan';
import type { ScanResult } from './scan';

/** A node is a few source files; more than this is something packed by mistake. */
export const MAX_UNPACKED_BYTES = 300_000;

const ROOT_DIR = resolve(__dirname, '../..');
const BUILD_LIMIT_MS = 5 * 60_000;

/** Everything the verdict depends on. */
export interface GateFacts {
	scans: ScanResult[];
	pack: PackReport;
	/** The files that the manifest names under `n8n`, relative to the package's root. */
	entryPoints: string[];
}

/** Name every reason why the package would not pass; none when it does. */
export function judge({ scans, pack, entryPoints }: GateFacts): string[] {
	const reasons: string[] = [];
	for (const { label, passed, files, errors, warnings } of scans) {
		// The scanner calls a folder without files a pass.
		if (files === 0) reasons.push(`${label}: nothing was scanned`);
		if (!passed) reasons.push(`${label}: refused by n8n's scanner`);
		if (errors > 0) reasons.push(`${label}: ${errors} errors`);
		if (warnings > 0) reasons.push(`${label}: ${warnings} warnings`);
	}
	if (pack.unpackedBytes >= MAX_UNPACKED_BYTES) {
		reasons.push(
			`tarball: ${toKb(pack.unpackedBytes)} kB unpacked, the limit is ${toKb(MAX_UNPACKED_BYTES)} kB`,
		);
	}
	const packed = new Set(pack.files.map(({ path }) => path));
	for (const entryPoint of entryPoints) {
		if (!packed.has(entryPoint)) reasons.push(`tarball: ${entryPoint} is missing`);
	}
	return reasons;
}

/** Write the figures and the content of the tarball as lines of text. */
export function report({ scans, pack }: GateFacts): string[] {
	return [
		...scans
			.filter(({ details }) => details.trim() !== '')
			.map(({ label, details }) => `${label}:\n${details}`),
		`Tarball: ${pack.files.length} files`,
		...pack.files.map(({ path, size }) => `  ${String(size).padStart(7)}  ${path}`),
		...scans.map(
			({ label, errors, warnings, files }) =>
				`${label}: ${errors} errors, ${warnings} warnings in ${files} files`,
		),
		`Size: ${toKb(pack.tarballBytes)} kB tarball, ${toKb(pack.unpackedBytes)} kB unpacked`,
	];
}

/** Read the files that n8n is told to load from the text of a package.json. */
export function readEntryPoints(manifestText: string): string[] {
	const { n8n } = JSON.parse(manifestText) as {
		n8n?: { nodes?: string[]; credentials?: string[] };
	};
	return [...(n8n?.nodes ?? []), ...(n8n?.credentials ?? [])];
}

/** Scan the tree at `rootDir` and what it packs into; `workDir` must be empty and is left filled. */
export async function collectFacts(rootDir: string, workDir: string): Promise<GateFacts> {
	const { report: pack, packageDir } = packInto(rootDir, workDir);
	return {
		pack,
		entryPoints: readEntryPoints(readFileSync(join(rootDir, 'package.json'), 'utf8')),
		scans: [
			await scanPackage('Source tree', rootDir),
			await scanPackage('Tarball', packageDir, TARBALL_PATTERNS),
		],
	};
}

function toKb(bytes: number): string {
	return (bytes / 1000).toFixed(1);
}

/**
 * Build the project unless `isBuilt`, scan tree and tarball, and print the figures.
 *
 * @returns every reason why the package would not pass; none when it does
 */
export async function runGate(isBuilt: boolean): Promise<string[]> {
	if (!isBuilt) {
		const options = { cwd: ROOT_DIR, env: process.env, limitMs: BUILD_LIMIT_MS };
		const code = await stream('npm', ['run', '--silent', 'build'], options);
		if (code !== 0) return ['the build failed'];
	}
	const workDir = mkdtempSync(join(tmpdir(), 'gate-'));
	// The scanner makes a temporary directory of its own while it is imported and leaves it behind.
	process.env.TMPDIR = workDir;
	try {
		const facts = await collectFacts(ROOT_DIR, workDir);
		for (const line of report(facts)) console.log(line);
		return judge(facts);
	} finally {
		rmSync(workDir, { recursive: true, force: true });
	}
}

async function main(args: readonly string[]): Promise<number> {
	const reasons = await runGate(args.includes('--built'));
	for (const reason of reasons) console.error(`Gate: ${reason}`);
	console.log(reasons.length === 0 ? 'Gate passed.' : 'Gate failed.');
	return reasons.length === 0 ? 0 : 1;
}

if (require.main === module) exitWith(main(process.argv.slice(2)));
