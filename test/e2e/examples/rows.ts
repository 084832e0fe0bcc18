/** Rows of the catalogue examples, in a CSV file or in one of n8n's data tables. */
import { readFileSync } from 'node:fs';

import type { N8nClient } from '../../support/n8n/n8nClient';
import { at, listAt, textAt } from '../../support/n8n/n8nValues';

/** A row of a catalogue; every column is text. */
export type Row = Record<string, string>;

/** A row nothing has been done with; its columns are those that the notes of the examples name. */
export const NEW_ROW: Row = {
	sku: '',
	title: '',
	category: '',
	description: '',
	image_urls: '',
	picture: '',
	failure: '',
};

/** Index rows by SKU, every cell as text; an empty cell is an empty text. */
export function rowsBySku(rows: readonly unknown[]): Map<string, Row> {
	return new Map(rows.map((row) => [textAt(row, 'sku'), rowOf(row)]));
}

function rowOf(row: unknown): Row {
	const cells = Object.entries(typeof row === 'object' && row !== null ? row : {}).map(
		([column, value]): [string, string] => [column, value === null ? '' : String(value)],
	);
	return Object.fromEntries(cells);
}

/** Name every column that a row has. */
function columnsOf(rows: readonly Row[]): string[] {
	return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** Write rows as CSV, every cell in quotes. */
export function csvOf(rows: readonly Row[]): string {
	const cell = (value: string) => `"${value.replaceAll('"', '""')}"`;
	const columns = columnsOf(rows);
	return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
		.map((cells) => cells.map(cell).join(','))
		.join('\n');
}

/** Read a CSV that n8n wrote, by SKU; cells with a comma, quote or line break are in quotes. */
export function readCsv(file: string): Map<string, Row> {
	const lines: string[][] = [[]];
	for (const [, quoted, plain, end] of readFileSync(file, 'utf8')
		.replace(/^\uFEFF/, '')
		.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
		lines.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
		if (end !== ',') lines.push([]);
	}
	const [columns = [], ...rows] = lines.filter(({ length }) => length > 1);
	return rowsBySku(
		rows.map((cells) => Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']))),
	);
}

/** What a table needs of n8n. */
export type TableClient = Pick<N8nClient, 'rest'>;

/** n8n's filter for the row of an SKU. */
function filterOf(sku: string): object {
	return { type: 'and', filters: [{ columnName: 'sku', condition: 'eq', value: sku }] };
}

/** A data table with text columns, as the notes of the examples describe it. */
export class Table {
	private constructor(
		readonly id: string,
		private readonly client: TableClient,
		private readonly path: string,
	) {}

	/** Make a table without rows. */
	static async makeEmpty(
		{ client }: { client: TableClient },
		name: string,
		columnNames: readonly string[],
	): Promise<Table> {
		const tables = await Table.tablesPath(client);
		const columns = columnNames.map((column) => ({ name: column, type: 'string' }));
		const id = textAt(await client.rest('POST', tables, { name, columns }), 'id');
		return new Table(id, client, `${tables}/${id}`);
	}

	/** Make a table with these rows. */
	static async make(
		context: { client: TableClient },
		name: string,
		rows: readonly Row[],
	): Promise<Table> {
		const table = await Table.makeEmpty(context, name, columnsOf(rows));
		await context.client.rest('POST', `${table.path}/insert`, { data: rows, returnType: 'count' });
		return table;
	}

	/** Find a table by its name; undefined when there is none. */
	static async find({ client }: { client: TableClient }, name: string): Promise<Table | undefined> {
		const tables = await Table.tablesPath(client);
		const all = listAt(await client.rest('GET', `${tables}?take=250`), 'data');
		const found = all.find((table) => at(table, 'name') === name);
		if (found === undefined) return undefined;
		const id = textAt(found, 'id');
		return new Table(id, client, `${tables}/${id}`);
	}

	private static async tablesPath(client: TableClient): Promise<string> {
		const projectId = textAt(await client.rest('GET', '/projects/personal'), 'id');
		return `/projects/${projectId}/data-tables`;
	}

	/** Read all rows, by SKU. */
	async bySku(): Promise<Map<string, Row>> {
		return rowsBySku(await this.all());
	}

	/** Read all rows, every cell as text. */
	async all(): Promise<Row[]> {
		const answer = await this.client.rest('GET', `${this.path}/rows?take=200`);
		return listAt(answer, 'data').map(rowOf);
	}

	/** Count the rows in which a column has this value. */
	async count(columnName: string, value: string): Promise<number> {
		const filters = [{ columnName, condition: 'eq', value }];
		const filter = encodeURIComponent(JSON.stringify({ type: 'and', filters }));
		const answer = await this.client.rest('GET', `${this.path}/rows?take=1&filter=${filter}`);
		return Number(textAt(answer, 'count'));
	}

	/** Overwrite cells of the row with a SKU. */
	async update(sku: string, cells: Row): Promise<void> {
		await this.client.rest('PATCH', `${this.path}/rows`, { filter: filterOf(sku), data: cells });
	}

	/** Delete the rows in which a column has this value. */
	async remove(columnName: string, value: string): Promise<void> {
		const filters = [{ columnName, condition: 'eq', value }];
		const filter = encodeURIComponent(JSON.stringify({ type: 'and', filters }));
		await this.client.rest('DELETE', `${this.path}/rows?filter=${filter}`);
	}

	/** Put rows in; one that has its SKU already is overwritten. */
	async put(rows: readonly Row[]): Promise<void> {
		for (const row of rows) {
			const body = { filter: filterOf(row['sku'] ?? ''), data: row };
			await this.client.rest('POST', `${this.path}/upsert`, body);
		}
	}
}
