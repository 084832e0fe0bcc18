/** n8n shows these before the first run, so that later nodes can be mapped to what will come. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { choices, nodeDescription } from '../support/n8n/description';
import { listProjectFiles, ROOT_DIR } from '../tools/projectFiles';
import outputKeys from './outputKeys.snapshot.json';

/** The folder n8n looks into for version 1 of the node. */
const FOLDER = 'nodes/Aiuta/__schema__/v1.0.0';

const operations = nodeDescription.properties
	.filter(({ name }) => name === 'operation')
	.flatMap((property) =>
		choices(property).map(({ value }) => {
			const [resource] = property.displayOptions?.show?.['resource'] ?? [];
			return typeof resource === 'string' ? `${resource}/${String(value)}` : 'no resource';
		}),
	);

function preview(operation: string): { type: string; properties: Record<string, unknown> } {
	const text = readFileSync(join(ROOT_DIR, FOLDER, `${operation}.json`), 'utf8');
	return JSON.parse(text) as ReturnType<typeof preview>;
}

it('there is a preview for every operation, and no other', () => {
	const files = listProjectFiles(ROOT_DIR).filter((path) => path.startsWith(`${FOLDER}/`));
	const expected = operations.map((operation) => `${FOLDER}/${operation}.json`);
	expect(files.sort()).toEqual(expected.sort());
});

/** What the engine tests do not show: outputs that need a data table, or are the answer of the API. */
const OTHER_KEYS: Record<string, string[]> = {
	'flatLay.plan': ['action', 'images', 'operations', 'product_id', 'reason'],
	'image.get': ['expires_at', 'id', 'owner_type', 'url'],
};

/** What an operation says of a product only when it has found it in a ledger. */
const LEDGER_KEYS: Record<string, string[]> = { 'flatLay.wait': ['product_id'] };

const expectedKeys = { ...outputKeys, ...OTHER_KEYS };

it('every operation has its keys listed', () => {
	const listed = Object.keys(expectedKeys).map((name) => name.replace('.', '/'));
	expect(listed.sort()).toEqual([...operations].sort());
});

it.each(Object.entries(expectedKeys))(
	'the preview of %s has the keys of the output',
	(name, keys) => {
		const { type, properties } = preview(name.replace('.', '/'));
		expect(type).toBe('object');
		expect(Object.keys(properties).sort()).toEqual([...keys, ...(LEDGER_KEYS[name] ?? [])].sort());
	},
);
