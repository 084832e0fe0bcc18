/** What the example cases share: a running n8n, its data tables, the sandbox, and a folder for files. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Sandbox } from '../sandbox';
import type { AiutaCredential } from '../support/n8nClient';
import { command } from '../support/n8nCommand';
import type { StoredExecution } from '../support/n8nExecution';
import type { Flow } from '../support/n8nFlows';
import { smallPhoto } from '../support/n8nFlows';
import { CREDENTIAL_NAME, type Host } from '../support/n8nHost';
import { at, listAt, textAt } from '../support/n8nValues';
import { cacheFolder } from '../support/n8nVersions';
import { importable } from '../support/n8nWorkflowFile';
import { ROOT_DIR } from '../tools/projectFiles';

const EXECUTION_LIMIT_MS = 90_000;
const REQUEST_LIMIT_MS = 30_000;
const INSTALL_LIMIT_MS = 120_000;
const TOOL_TYPE = 'n8n-nodes-aiuta.aiutaTool';

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
	const flow = importable(readFileSync(join(ROOT_DIR, 'examples', file), 'utf8'), file, credential);
	for (const node of flow.nodes) {
		if (node.type === TOOL_TYPE) node['credentials'] = { aiutaApi: credential };
	}
	return flow;
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

/**
 * Provide `date-fns` to an n8n that was installed without peer dependencies: its node Extract from File
 * does not load without it. Node.js looks for it in the folder above the installed n8n, too.
 */
export async function provideDateFns(): Promise<void> {
	const cwd = cacheFolder();
	if (existsSync(join(cwd, 'node_modules/date-fns/package.json'))) return;
	mkdirSync(cwd, { recursive: true });
	writeFileSync(join(cwd, 'package.json'), '{ "name": "peers-of-n8n", "private": true }\n');
	const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
	await command('npm', ['install', ...quiet, 'date-fns@2'], { cwd, limitMs: INSTALL_LIMIT_MS });
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

/** The parts of n8n's REST API that only the examples need: data tables and foreign credentials. */
export class OwnerSession {
	private constructor(
		private readonly url: string,
		private readonly cookie: string,
	) {}

	static async open({ server, owner }: Host): Promise<OwnerSession> {
		const response = await fetch(`${server.url}/rest/login`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ emailOrLdapLoginId: owner.email, password: owner.password }),
		});
		assert.equal(response.status, 200, 'the owner can log in');
		const cookies = response.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
		return new OwnerSession(server.url, cookies.join('; '));
	}

	async rest(method: string, path: string, body?: unknown): Promise<unknown> {
		const response = await fetch(`${this.url}/rest${path}`, {
			method,
			headers: { cookie: this.cookie, 'content-type': 'application/json' },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
		});
		const text = await response.text();
		assert.ok(response.ok, `${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
		return at(JSON.parse(text), 'data');
	}
}

/** A data table with text columns, as the notes of the examples describe it. */
export class Table {
	private constructor(
		readonly id: string,
		private readonly session: OwnerSession,
		private readonly path: string,
	) {}

	static async make(context: ExampleContext, name: string, rows: readonly Row[]): Promise<Table> {
		const session = await OwnerSession.open(context);
		const projectId = textAt(await session.rest('GET', '/projects/personal'), 'id');
		const tables = `/projects/${projectId}/data-tables`;
		const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
		const made = await session.rest('POST', tables, {
			name: `${name} ${Date.now()}`,
			columns: columns.map((column) => ({ name: column, type: 'string' })),
		});
		const table = new Table(textAt(made, 'id'), session, `${tables}/${textAt(made, 'id')}`);
		await session.rest('POST', `${table.path}/insert`, { data: rows, returnType: 'count' });
		return table;
	}

	/** Read all rows, by SKU; an empty cell is an empty text. */
	async bySku(): Promise<Map<string, Row>> {
		const answer = await this.session.rest('GET', `${this.path}/rows?take=200`);
		return rowsBySku(listAt(answer, 'data'));
	}

	/** Overwrite cells of the row with a SKU. */
	async update(sku: string, cells: Row): Promise<void> {
		const filters = [{ columnName: 'sku', condition: 'eq', value: sku }];
		await this.session.rest('PATCH', `${this.path}/rows`, {
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
