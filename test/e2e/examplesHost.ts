/** What the example cases share: a running n8n, its data tables, the sandbox, and a folder for files. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Sandbox } from '../sandbox';
import type { AiutaCredential, N8nClient } from '../support/n8nClient';
import type { StoredExecution } from '../support/n8nExecution';
import type { Flow } from '../support/n8nFlows';
import { smallPhoto } from '../support/n8nFlows';
import { CREDENTIAL_NAME, type Host } from '../support/n8nHost';
import { at, listAt, textAt } from '../support/n8nValues';
import { importable } from '../support/n8nWorkflowFile';
import { ROOT_DIR } from '../tools/projectFiles';

const EXECUTION_LIMIT_MS = 90_000;

export interface ExampleContext extends Host {
	sandbox: Sandbox;
	credential: AiutaCredential;
	/** An empty folder that n8n may read and write. */
	folder: string;
}

/** A row of a data table; every column is text. */
export type Row = Record<string, string>;

/** Read an example as the editor's import does, with the credential of this n8n in every Aiuta node. */
export function readExample(file: string, { credentialId }: ExampleContext): Flow {
	const credential = { id: credentialId, name: CREDENTIAL_NAME };
	return importable(readFileSync(join(ROOT_DIR, 'examples', file), 'utf8'), file, credential);
}

/** Change parameters of a node of an example, as a user would before running it. */
export function change(flow: Flow, name: string, parameters: Record<string, unknown>): void {
	const node = flow.nodes.find((candidate) => candidate.name === name);
	assert.ok(node, `the example has a node "${name}"`);
	Object.assign(node.parameters, parameters);
}

/** Enter values in the node Settings of an example; each must be there. */
export function enter(flow: Flow, values: Readonly<Record<string, string>>): void {
	const settings = flow.nodes.find(({ name }) => name === 'Settings');
	const assignments = listAt(settings?.parameters, 'assignments', 'assignments');
	for (const [name, value] of Object.entries(values)) {
		const found = assignments.find((assignment) => at(assignment, 'name') === name);
		assert.ok(typeof found === 'object' && found !== null, `Settings has "${name}"`);
		Object.assign(found, { value });
	}
}

/** Store a flow, start it at a trigger and wait for the end; a failed execution is an error. */
export async function runExample(
	{ client }: ExampleContext,
	flow: Flow,
	trigger: string,
): Promise<StoredExecution> {
	const execution = await client.run(await client.createFlow(flow), trigger, EXECUTION_LIMIT_MS);
	assert.equal(execution.status, 'success', execution.error(trigger)?.message);
	return execution;
}

/** Make a sub-folder of the case's folder and return its path. */
export function subFolder({ folder }: ExampleContext, name: string): string {
	const path = join(folder, name);
	mkdirSync(path, { recursive: true });
	return path;
}

async function post(sandbox: Sandbox, path: string, init: RequestInit): Promise<unknown> {
	const response = await fetch(`${sandbox.url}${path}`, {
		...init,
		method: 'POST',
		headers: { ...init.headers, 'x-api-key': sandbox.apiKey },
	});
	const text = await response.text();
	assert.ok(response.ok, text);
	return JSON.parse(text);
}

/** Put a photo on the sandbox's file host; returns its ID and its address. */
export async function hostPhoto(
	sandbox: Sandbox,
	number: number,
): Promise<{ id: string; url: string }> {
	const body = new FormData();
	const blob = new Blob([new Uint8Array(await smallPhoto(number))], { type: 'image/jpeg' });
	body.append('image_data', blob, `photo-${number}.jpg`);
	const image = await post(sandbox, '/flat-lays/v1/uploaded_images', { body });
	return { id: textAt(image, 'id'), url: textAt(image, 'url') };
}

/** Create an operation past n8n, as an earlier run would have; returns its ID. */
export async function earlierOperation(sandbox: Sandbox, number: number): Promise<string> {
	const { id } = await hostPhoto(sandbox, number);
	const created = await post(sandbox, '/flat-lays/v1/flat_lay_operations', {
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ uploaded_product_image_ids: [id], product_title: `Earlier ${number}` }),
	});
	return textAt(created, 'operation_id');
}

/** A data table with text columns, as the notes of the examples describe it. */
export class Table {
	private constructor(
		readonly id: string,
		private readonly client: N8nClient,
		private readonly path: string,
	) {}

	static async make(
		{ client }: ExampleContext,
		name: string,
		rows: readonly Row[],
	): Promise<Table> {
		const projectId = textAt(await client.rest('GET', '/projects/personal'), 'id');
		const tables = `/projects/${projectId}/data-tables`;
		const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
		const made = await client.rest('POST', tables, {
			name: `${name} ${Date.now()}`,
			columns: columns.map((column) => ({ name: column, type: 'string' })),
		});
		const table = new Table(textAt(made, 'id'), client, `${tables}/${textAt(made, 'id')}`);
		await client.rest('POST', `${table.path}/insert`, { data: rows, returnType: 'count' });
		return table;
	}

	/** Read all rows, by SKU; an empty cell is an empty text. */
	async bySku(): Promise<Map<string, Row>> {
		const answer = await this.client.rest('GET', `${this.path}/rows?take=200`);
		return rowsBySku(listAt(answer, 'data'));
	}

	/** Overwrite cells of the row with a SKU. */
	async update(sku: string, cells: Row): Promise<void> {
		const filters = [{ columnName: 'sku', condition: 'eq', value: sku }];
		await this.client.rest('PATCH', `${this.path}/rows`, {
			filter: { type: 'and', filters },
			data: cells,
		});
	}
}

/** Index rows by SKU, every cell as text. */
export function rowsBySku(rows: readonly unknown[]): Map<string, Row> {
	return new Map(
		rows.map((row) => {
			const cells = Object.entries(typeof row === 'object' && row !== null ? row : {}).map(
				([column, value]): [string, string] => [column, value === null ? '' : String(value)],
			);
			return [textAt(row, 'sku'), Object.fromEntries(cells)];
		}),
	);
}
