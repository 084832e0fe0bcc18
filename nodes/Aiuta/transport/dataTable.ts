/**
 * The ledger's table as an n8n Data Table: its rows, its pages, and what is said when it is missing or of
 * another shape. How n8n is reached is the business of `tableNode.ts`.
 */
import type { IDataObject, IExecuteFunctions, INodeParameters } from 'n8n-workflow';

import { failure, type Failure } from '../api/failures';
import {
	LEDGER_COLUMNS,
	type LedgerRow,
	type LedgerTable,
	type NewRow,
	type TableAnswer,
} from '../batch/ledgerRows';
import { Deadlines } from './deadlines';
import { hostClock } from './hostClock';
import { TableNode } from './tableNode';

/** Conditions of one query, and rows of one page: the node stops paging when rows come in between. */
const MAX_CONDITIONS = 100;
const PAGE_ROWS = 1000;

type Condition = { keyName: string; condition: 'eq' | 'gt'; keyValue: string | number };

const ALL_ROWS = { returnAll: true };

function conditionsFor(jobs: readonly string[]): Condition[] {
	return jobs.map((job) => ({ keyName: 'job', condition: 'eq', keyValue: job }));
}

/** Columns that a table needs, for messages. */
const COLUMNS_TO_MAKE = LEDGER_COLUMNS.join(', ');

function text(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** Dates come as text or as Date, by the version of n8n. */
function timeMs(value: unknown): number {
	const ms = value instanceof Date ? value.getTime() : Date.parse(text(value));
	return Number.isNaN(ms) ? 0 : ms;
}

function toRow(json: IDataObject): LedgerRow {
	const columns = Object.fromEntries(LEDGER_COLUMNS.map((name) => [name, text(json[name])]));
	return { ...(columns as NewRow), id: Number(json['id']), createdAtMs: timeMs(json['createdAt']) };
}

function chunks<T>(values: readonly T[], size: number): T[][] {
	return Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
		values.slice(index * size, (index + 1) * size),
	);
}

/** How n8n 2.40.7 and 2.0.3 name a column that is not there. */
const MISSING_COLUMN = /(?:column\(s\)|unknown column name) ["']([^"']+)["']/i;

/** All data tables of an n8n together are limited; it is checked before each insert. */
const FULL = /size limit exceeded/i;

const HOW_TO_MAKE_ROOM =
	'Nothing was sent for this item. Delete rows or data tables that are not needed any more, or have the limit raised (N8N_DATA_TABLES_MAX_SIZE_BYTES), and run it again.';

class DataTable implements LedgerTable {
	constructor(
		private readonly node: TableNode,
		private readonly name: string,
		private readonly id: string,
		private readonly isStopped: () => boolean,
	) {}

	async rowsOf(jobs: readonly string[]): Promise<TableAnswer<LedgerRow[]>> {
		const rows: LedgerRow[] = [];
		for (const some of chunks(jobs, MAX_CONDITIONS)) {
			const page = await this.get(conditionsFor(some), ALL_ROWS);
			if (!page.ok) return page;
			rows.push(...page.value);
		}
		return { ok: true, value: rows };
	}

	async rowsAfter(id: number): Promise<TableAnswer<LedgerRow[]>> {
		const rows: LedgerRow[] = [];
		for (let lastId = id; ;) {
			const page = await this.get([{ keyName: 'id', condition: 'gt', keyValue: lastId }], {
				returnAll: false,
				limit: PAGE_ROWS,
			});
			if (!page.ok) return page;
			rows.push(...page.value);
			if (page.value.length < PAGE_ROWS) return { ok: true, value: rows };
			lastId = Math.max(...page.value.map((row) => row.id));
		}
	}

	async append(
		rows: readonly NewRow[],
		readBack: readonly string[],
	): Promise<TableAnswer<LedgerRow[]>> {
		const insert = {
			...this.row('insert'),
			columns: { mappingMode: 'autoMapInputData', value: null },
			options: { optimizeBulk: true },
		};
		const items = rows.map((row) => ({ json: { ...row } }));
		// In one call: it costs n8n 50 ms of processor time, and hardly more where two nodes follow.
		const isOneCall = readBack.length > 0 && readBack.length <= MAX_CONDITIONS;
		const steps = isOneCall ? [insert, this.query(conditionsFor(readBack), ALL_ROWS)] : [insert];
		const answer = await this.node.run(steps, items);
		if (answer.ok) {
			if (!isOneCall) return await this.rowsOf(readBack);
			return { ok: true, value: answer.value.map(toRow) };
		}
		// The workflow's own time limit ends what it waits for. IDs are written all the same, unseen.
		if (this.isStopped() && readBack.length === 0) await this.node.run([insert], items, true);
		return this.failed(answer.failure);
	}

	async remove(ids: readonly number[]): Promise<TableAnswer<undefined>> {
		for (const some of chunks(ids, MAX_CONDITIONS)) {
			const conditions = some.map((id) => ({ keyName: 'id', condition: 'eq', keyValue: id }));
			const answer = await this.node.run([
				{
					...this.row('deleteRows'),
					matchType: 'anyCondition',
					filters: { conditions },
					options: {},
				},
			]);
			if (!answer.ok) return this.failed(answer.failure);
		}
		return { ok: true, value: undefined };
	}

	/** Whether it has every column, as text: a query on a column of another type is refused. */
	async check(): Promise<Failure | undefined> {
		const conditions = LEDGER_COLUMNS.map((keyName): Condition => ({
			keyName,
			condition: 'eq',
			keyValue: '-',
		}));
		const answer = await this.get(conditions, { returnAll: false, limit: 1 });
		if (answer.ok) return undefined;
		const said = answer.failure.message;
		const description = `The data table needs these columns, all of type String: ${COLUMNS_TO_MAKE}.`;
		const missing = MISSING_COLUMN.exec(said)?.[1];
		if (missing === undefined) return failure('LEDGER_FAILED', said, { description });
		const message = `The ledger "${this.name}" cannot be used: its data table has no column ${missing}`;
		return failure('LEDGER_FAILED', message, { description, detail: said });
	}

	private async get(
		conditions: Condition[],
		more: INodeParameters,
	): Promise<TableAnswer<LedgerRow[]>> {
		const answer = await this.node.run([this.query(conditions, more)]);
		return answer.ok ? { ok: true, value: answer.value.map(toRow) } : this.failed(answer.failure);
	}

	private query(conditions: Condition[], more: INodeParameters): INodeParameters {
		return { ...this.row('get'), matchType: 'anyCondition', filters: { conditions }, ...more };
	}

	private row(operation: string): INodeParameters {
		const dataTableId = { __rl: true, mode: 'id', value: this.id };
		return { resource: 'row', operation, dataTableId };
	}

	private failed({ message }: Failure): { ok: false; failure: Failure } {
		const said = `The ledger "${this.name}" cannot be used: ${message}`;
		const particulars = FULL.test(message) ? { description: HOW_TO_MAKE_ROOM } : {};
		return { ok: false, failure: failure('LEDGER_FAILED', said, particulars) };
	}
}

/** Find a table by its exact name or its ID: the node itself would take one whose name merely contains it. */
function findTable(tables: readonly IDataObject[], name: string): string | undefined {
	const found = tables.find((table) => table['name'] === name || table['id'] === name);
	return found === undefined ? undefined : text(found['id']);
}

/**
 * Open a data table of the workflow's project, make it where there is none, and check its shape.
 *
 * @param name its name, or its ID; n8n 2.0.3 knows IDs only, and cannot make it
 */
export async function openDataTable(
	host: IExecuteFunctions,
	name: string,
	isStopped: () => boolean,
): Promise<TableAnswer<LedgerTable>> {
	const node = new TableNode(host, new Deadlines(hostClock, undefined));
	const list = async () =>
		await node.run([{ resource: 'table', operation: 'list', returnAll: true, options: {} }]);
	const open = async (id: string): Promise<TableAnswer<LedgerTable>> => {
		const table = new DataTable(node, name, id, isStopped);
		const problem = await table.check();
		return problem === undefined ? { ok: true, value: table } : { ok: false, failure: problem };
	};
	const tables = await list();
	// Without operations on tables (n8n 2.0.3) what was entered must be an ID.
	if (!tables.ok) return await open(name);
	const id = findTable(tables.value, name);
	if (id !== undefined) return await open(id);
	const column = LEDGER_COLUMNS.map((columnName) => ({ name: columnName, type: 'string' }));
	const made = await node.run([
		{
			resource: 'table',
			operation: 'create',
			tableName: name,
			columns: { column },
			options: { createIfNotExists: false },
		},
	]);
	// Another execution may have made it just now.
	const now = await list();
	const madeId = now.ok ? findTable(now.value, name) : undefined;
	if (madeId !== undefined) return await open(madeId);
	const why = made.ok ? 'it was made and has disappeared' : made.failure.message;
	const message = `The data table "${name}" does not exist and could not be made`;
	const description = `Make it with these columns, all of type String: ${COLUMNS_TO_MAKE}.`;
	const particulars = { description, detail: why };
	return { ok: false, failure: failure('LEDGER_FAILED', message, particulars) };
}
