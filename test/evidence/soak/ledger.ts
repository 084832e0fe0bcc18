/** Reads the ledger of a soak run as the node itself would. */
import {
	attemptsOf,
	byJob,
	jobState,
	LEDGER_COLUMNS,
	type LedgerRow,
	type NewRow,
} from '../../../nodes/Aiuta/batch/ledgerRows';
import type { DataTables, TableRow } from '../../support/n8n/dataTables';
import { textAt } from '../../support/n8n/n8nValues';
import type { LedgerReport } from './messages';

function toRow(row: TableRow): LedgerRow {
	const columns = Object.fromEntries(LEDGER_COLUMNS.map((name) => [name, textAt(row, name)]));
	const createdAtMs = Date.parse(textAt(row, 'createdAt'));
	return { ...(columns as NewRow), id: row.id, createdAtMs };
}

/** Tell what a ledger holds, and what it says of the products. */
export function readLedger(tables: DataTables, name: string): LedgerReport {
	const rows = tables.rows(name).map(toRow);
	const operationIds = new Set<string>();
	const found: Pick<LedgerReport, 'twice' | 'unknown' | 'open'> = {
		twice: [],
		unknown: [],
		open: [],
	};
	for (const ofJob of byJob(rows).values()) {
		const [first] = ofJob;
		if (first === undefined) continue;
		const ids = new Set(ofJob.map((row) => row.operation_id).filter((id) => id !== ''));
		for (const id of ids) operationIds.add(id);
		if (ids.size > 1) found.twice.push(first.product_id);
		const { kind } = jobState(attemptsOf(ofJob, Date.now()));
		if (kind === 'unknown' || kind === 'open') found[kind].push(first.product_id);
	}
	return { rows: rows.length, calls: tables.calls, operationIds: [...operationIds], ...found };
}
