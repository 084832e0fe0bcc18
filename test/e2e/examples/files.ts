/** The example workflows as files: read like the editor's import does, filled in like a user does. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Flow } from '../../support/n8n/n8nFlows';
import { apiIn, credentialOf, type Host } from '../../support/n8n/n8nHost';
import { at, listAt, textAt } from '../../support/n8n/n8nValues';
import { importable } from '../../support/n8n/n8nWorkflowFile';
import { ROOT_DIR } from '../../tools/projectFiles';

const EXAMPLES_DIR = join(ROOT_DIR, 'examples');

/** Order names by the numbers in them: 10 comes after 9. */
export const { compare: byNumber } = new Intl.Collator('en', { numeric: true });

/** Examples from this number on need somebody's shop, bucket or database. */
export const FIRST_ROUND_TRIP = 7;

/** Read the number of an example; the halves of a pair have the same. */
export function numberOf(file: string): number {
	return Number.parseInt(file, 10);
}

/** List the file names of all examples, in the order of their numbers. */
export function exampleFiles(): string[] {
	return readdirSync(EXAMPLES_DIR)
		.filter((name) => name.endsWith('.json'))
		.sort(byNumber);
}

/** Read an example, with the credential of its API in every Aiuta node; an example uses one API. */
export function readExample(file: string, host: Pick<Host, 'credentialIds'>): Flow {
	const text = readFileSync(join(EXAMPLES_DIR, file), 'utf8');
	const [, api] = /"api": "(\w+)"/.exec(text) ?? [];
	return importable(text, file, credentialOf(host, apiIn({ api })));
}

/** Change parameters of a node of an example, as a user would before running it. */
export function change(flow: Flow, name: string, parameters: Record<string, unknown>): void {
	const node = flow.nodes.find((candidate) => candidate.name === name);
	assert.ok(node, `the example has a node "${name}"`);
	Object.assign(node.parameters, parameters);
}

/** Choose a data table in every node of an example that works on one. */
function chooseTable(flow: Flow, id: string): void {
	const nodes = flow.nodes.filter(({ type }) => type === 'n8n-nodes-base.dataTable');
	assert.ok(nodes.length > 0, 'the example works on a data table');
	for (const { parameters } of nodes) {
		parameters['dataTableId'] = { __rl: true, mode: 'id', value: id };
	}
}

/**
 * Enter values in the node Settings of an example; each must be there. `data_table_id` is none of them: it is
 * chosen in the nodes.
 */
export function enter(
	flow: Flow,
	{ data_table_id: tableId, ...values }: Readonly<Record<string, string>>,
): void {
	if (tableId !== undefined) chooseTable(flow, tableId);
	const settings = flow.nodes.find(({ name }) => name === 'Settings');
	const assignments = listAt(settings?.parameters, 'assignments', 'assignments');
	for (const [name, value] of Object.entries(values)) {
		const found = assignments.find((assignment) => at(assignment, 'name') === name);
		assert.ok(typeof found === 'object' && found !== null, `Settings has "${name}"`);
		Object.assign(found, { value });
	}
}

/** Make a credential and choose it in every node of a type, which must be there. */
export async function useCredential(
	{ client }: Pick<Host, 'client'>,
	flow: Flow,
	nodeType: string,
	{ type, data }: { type: string; data: Record<string, unknown> },
): Promise<void> {
	const name = `${flow.name}: ${type}`;
	const id = textAt(await client.rest('POST', '/credentials', { name, type, data }), 'id');
	const nodes = flow.nodes.filter((node) => node.type === nodeType);
	assert.ok(nodes.length > 0, `the example has a node of the type ${nodeType}`);
	for (const node of nodes) node['credentials'] = { [type]: { id, name } };
}
