/** The ledger's data table in the hands of a person: made, read, changed, deleted. */
import { at, listAt, textAt } from '../../support/n8n/n8nValues';
import { flowName, type CaseContext } from './case';

/** As the docs tell a user of n8n 2.0 to make them. */
export const COLUMNS =
	'product_id state image_url reason operation_id status image_types api inputs run job'.split(' ');
/** n8n 2.0 can neither name nor make a table. */
export const WITHOUT_NAMES = '2.0.3';

export interface Ledger {
	/** What is entered in the node. */
	name: string;
	rows: () => Promise<Array<Record<string, unknown>>>;
	change: (id: unknown, values: Record<string, unknown>) => Promise<void>;
	remove: (id: unknown) => Promise<void>;
	/** Delete the whole table. */
	drop: () => Promise<void>;
}

async function projectId({ client }: CaseContext): Promise<string> {
	return textAt(await client.rest('GET', '/projects/personal'), 'id');
}

/** Make a data table with columns of text, as a person does; gives its ID. */
export async function makeTable(
	context: CaseContext,
	name: string,
	columns: string[],
): Promise<string> {
	const path = `/projects/${await projectId(context)}/data-tables`;
	const made = await context.client.rest('POST', path, {
		name,
		columns: columns.map((column) => ({ name: column, type: 'string' })),
	});
	return textAt(made, 'id');
}

/** A new ledger, made by the node itself where n8n can. */
export async function newLedger(context: CaseContext): Promise<Ledger> {
	const { client, version } = context;
	const name = flowName();
	const project = await projectId(context);
	const made = version === WITHOUT_NAMES ? await makeTable(context, name, COLUMNS) : undefined;
	const path = async () => {
		if (made !== undefined) return `/projects/${project}/data-tables/${made}`;
		const tables = listAt(await client.rest('GET', `/projects/${project}/data-tables`), 'data');
		const found = tables.find((table) => at(table, 'name') === name);
		return `/projects/${project}/data-tables/${textAt(found, 'id')}`;
	};
	const filter = (id: unknown) => ({
		type: 'and',
		filters: [{ columnName: 'id', condition: 'eq', value: id }],
	});
	return {
		name: made ?? name,
		rows: async () => {
			const answer = await client.rest('GET', `${await path()}/rows?take=100`);
			return listAt(answer, 'data') as Array<Record<string, unknown>>;
		},
		change: async (id, data) => {
			await client.rest('PATCH', `${await path()}/rows`, { filter: filter(id), data });
		},
		remove: async (id) => {
			const query = new URLSearchParams({ filter: JSON.stringify(filter(id)) });
			await client.rest('DELETE', `${await path()}/rows?${query.toString()}`);
		},
		drop: async () => {
			await client.rest('DELETE', await path());
		},
	};
}
