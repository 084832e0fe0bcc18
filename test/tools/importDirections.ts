/**
 * The dependency picture of nodes/ and credentials/, and a check of import lines against it:
 * `Aiuta.node -> actions -> inputs -> { transport, output } -> batch -> { schedule, api } -> core`.
 */

import { posix } from 'path';
import { preProcessFile } from 'typescript';

/** A source file; `path` is relative to the project's root, with forward slashes. */
export interface SourceFile {
	path: string;
	text: string;
}

const NODE_ROOT = 'nodes/Aiuta';
const ENTRY = 'Aiuta.node';
const HOST = 'n8n-workflow';
/** The one built-in module that n8n's gate lets a node import; `core` does without it. */
const CRYPTO = 'crypto';

/** What the files of a layer may import: names of layers, or of packages. */
const ALLOWED = new Map<string, ReadonlySet<string>>([
	['core', new Set(['core'])],
	['api', new Set(['api', 'core', CRYPTO])],
	['schedule', new Set(['schedule', 'core'])],
	['batch', new Set(['batch', 'schedule', 'api', 'core', CRYPTO])],
	['transport', new Set(['transport', 'batch', 'api', 'core', CRYPTO, HOST])],
	['output', new Set(['output', 'batch', 'api', 'core', CRYPTO, HOST])],
	['inputs', new Set(['inputs', 'transport', 'output', 'batch', 'api', 'core', CRYPTO, HOST])],
	[
		'actions',
		new Set([
			...['actions', 'inputs', 'transport', 'output', 'batch', 'schedule', 'api', 'core'],
			...[CRYPTO, HOST],
		]),
	],
	[ENTRY, new Set(['actions', 'inputs', HOST])],
	['credentials', new Set(['credentials', 'api', 'core', HOST])],
]);

/** Name the layer of a path without extension, or the path itself when it belongs to none. */
function layerOf(path: string): string {
	if (path.startsWith('credentials/')) return 'credentials';
	if (!path.startsWith(`${NODE_ROOT}/`)) return path;
	const [first, ...rest] = path.slice(NODE_ROOT.length + 1).split('/');
	return rest.length === 0 || first === undefined ? path.slice(NODE_ROOT.length + 1) : first;
}

/** List what a source imports: import, import type, export from, require and import(). */
export function importsOf(text: string): string[] {
	return preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** Name every import that goes against the dependency picture, one line each. */
export function findViolations(files: readonly SourceFile[]): string[] {
	const violations: string[] = [];
	for (const { path, text } of files) {
		const layer = layerOf(path.replace(/\.ts$/, ''));
		const allowed = ALLOWED.get(layer);
		if (allowed === undefined) {
			violations.push(`${path} belongs to no layer of the dependency picture`);
			continue;
		}
		for (const specifier of importsOf(text)) {
			const target = specifier.startsWith('.')
				? layerOf(posix.join(posix.dirname(path), specifier))
				: specifier;
			if (!allowed.has(target)) violations.push(`${path} (${layer}) imports ${specifier}`);
		}
	}
	return violations;
}
