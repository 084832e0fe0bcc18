/**
 * Finds and reads the vendor's OpenAPI files, which lie beside the project on some machines and are no
 * part of it. Everything that needs them says so when they are not there.
 */
import { existsSync, readFileSync } from 'fs';
import { join } from 'path';

import type { ApiName } from '../../../nodes/Aiuta/api/types';
import { isJsonObject, type JsonObject } from '../../../nodes/Aiuta/core/json';
import { ROOT_DIR } from '../../tools/projectFiles';

/** Where the files are expected, relative to the project. */
export const SPEC_FOLDER = '../shared/aiuta';

const FILES: Readonly<Record<ApiName, string>> = {
	flatLays: 'flat-lays-v1.openapi.json',
	studio: 'studio-v1.openapi.json',
	unified: 'unified-v1.openapi.json',
};

export const SPEC_APIS = Object.keys(FILES) as ApiName[];

export type FoundSpecs =
	| { kind: 'found'; documents: Readonly<Record<ApiName, JsonObject>> }
	/** `notice` is the line that tells a reader of the log what was not checked. */
	| { kind: 'missing'; notice: string };

function readDocument(folder: string, api: ApiName): JsonObject {
	const document: unknown = JSON.parse(readFileSync(join(folder, FILES[api]), 'utf8'));
	if (!isJsonObject(document)) throw new Error(`${FILES[api]} holds no JSON object`);
	return document;
}

/** Read the three files from a folder; a single one that is missing makes them all missing. */
export function findSpecs(folder = join(ROOT_DIR, SPEC_FOLDER)): FoundSpecs {
	const missing = SPEC_APIS.map((api) => FILES[api]).filter(
		(file) => !existsSync(join(folder, file)),
	);
	if (missing.length > 0) {
		const what = 'requests, responses and the sandbox against the OpenAPI files';
		return {
			kind: 'missing',
			notice: `spec check left out: ${what} (${missing.join(', ')} not found in ${SPEC_FOLDER})`,
		};
	}
	return {
		kind: 'found',
		documents: {
			flatLays: readDocument(folder, 'flatLays'),
			studio: readDocument(folder, 'studio'),
			unified: readDocument(folder, 'unified'),
		},
	};
}

/** Read a member of a JSON value by path; throws where the document is not built as expected. */
export function memberOf(value: unknown, ...path: string[]): JsonObject {
	let inner: unknown = value;
	for (const [index, key] of path.entries()) {
		inner = isJsonObject(inner) ? inner[key] : undefined;
		if (!isJsonObject(inner)) throw new Error(`No object at ${path.slice(0, index + 1).join(' ')}`);
	}
	if (!isJsonObject(inner)) throw new Error('No object');
	return inner;
}
