/** A ledger of its own for each case: the cases share the n8n, but not the sandbox' memory. */
import { basename } from 'node:path';

import { LEDGER_COLUMNS } from '../../../nodes/Aiuta/batch/ledgerRows';
import type { Flow } from '../../support/n8n/n8nFlows';
import { change, readExample } from './files';
import type { ExampleContext } from './host';
import { Table, type Row } from './rows';

/** Versions of n8n whose nodes can neither make a data table nor name one. */
const CANNOT_MAKE_TABLES: readonly string[] = ['2.0.3'];

/** Name the ledger of a case; where n8n cannot make it, it is made now and goes by its ID. */
export async function ledgerOf(context: ExampleContext): Promise<string> {
	const name = tableName(context);
	if (!CANNOT_MAKE_TABLES.includes(context.n8n)) return name;
	const known = await Table.find(context, name);
	return (known ?? (await Table.makeEmpty(context, name, LEDGER_COLUMNS))).id;
}

/** The rows of a case's ledger; none when there is no table yet. */
export async function ledgerRows(context: ExampleContext): Promise<Row[]> {
	return (await (await Table.find(context, tableName(context)))?.all()) ?? [];
}

/** Read an example, with the case's own ledger in one of its nodes. */
export async function readWithLedger(
	file: string,
	context: ExampleContext,
	node: string,
): Promise<Flow> {
	const flow = readExample(file, context);
	change(flow, node, { ledger: await ledgerOf(context) });
	return flow;
}

function tableName({ folder }: ExampleContext): string {
	return `ledger-${basename(folder)}`;
}
