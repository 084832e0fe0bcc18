/**
 * What the rows of the ledger mean. The table only grows while a run is on, so what holds of a job is
 * read off all its rows, in whatever order several runs have written them.
 */
import { createHash } from 'crypto';

import type { Failure } from '../api/failures';
import { MINUTE_MS } from '../core/clock';
import type { Job } from './records';

/** The columns, all of them text, in the order a person reads them. */
export const LEDGER_COLUMNS = [
	'product_id',
	'state',
	'image_url',
	'reason',
	'operation_id',
	'status',
	'image_types',
	'api',
	'inputs',
	'run',
	'job',
] as const;

export type LedgerColumn = (typeof LEDGER_COLUMNS)[number];

export type RowState = 'claimed' | 'created' | 'succeeded' | 'failed' | 'released' | 'unknown';

export type NewRow = Record<LedgerColumn, string>;

/** A row as it was read: a person may have changed any of it. */
export interface LedgerRow extends NewRow {
	id: number;
	/** By the table's own clock. */
	createdAtMs: number;
}

export type TableAnswer<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** The table as the protocol sees it. Nothing here rejects. */
export interface LedgerTable {
	/** Every row of these jobs, as committed at some moment after the call. */
	rowsOf: (jobs: readonly string[]) => Promise<TableAnswer<LedgerRow[]>>;
	/** Every row with a larger ID. A row of another process may come into sight after younger ones. */
	rowsAfter: (id: number) => Promise<TableAnswer<LedgerRow[]>>;
	/**
	 * Add rows, all or none; once they are committed, read every row of the jobs in `readBack`, those that
	 * others have committed too. Of what has failed the rows may be in the table all the same.
	 */
	append: (
		rows: readonly NewRow[],
		readBack: readonly string[],
	) => Promise<TableAnswer<LedgerRow[]>>;
	remove: (ids: readonly number[]) => Promise<TableAnswer<undefined>>;
}

/** A create leaves so long after its claim was begun, at most; a slow table may take longer. */
export const MAX_CLAIM_AGE_MS = MINUTE_MS;

/**
 * A claim without a successor is open for so long: as long as its create may take to leave, the create's
 * own timeout (60 s), and a minute in which its outcome is committed.
 */
export const CLAIM_OPEN_MS = 3 * MINUTE_MS;

export type JobName = Pick<Job, 'api' | 'productId' | 'imageTypes'>;

/** Name a job: what one create asks for, whatever it is made from. */
export function jobKey({ api, productId, imageTypes }: JobName): string {
	return createHash('sha256')
		.update(JSON.stringify([api, productId, [...imageTypes].sort()]))
		.digest('hex')
		.slice(0, 32);
}

/** What the rows of one attempt have in common; rows that a person has added have no `run`. */
export function attemptKey(row: LedgerRow): string {
	if (row.run.trim() !== '') return row.run;
	return isOperation(row) ? `operation ${row.operation_id.trim()}` : `row ${row.id}`;
}

/** Whether an operation belongs to the row, whoever has entered its ID. */
export function isOperation({ operation_id: id }: LedgerRow): boolean {
	return id.trim() !== '';
}

/** Whether the row says how its operation has ended. */
export function isEnd({ state }: LedgerRow): boolean {
	return state === 'succeeded' || state === 'failed';
}

/** One attempt to create a job's operation: the rows that one claim has led to. */
export interface Attempt {
	key: string;
	firstId: number;
	state: 'open' | 'released' | 'unknown' | 'operation';
	/** The row that says so. */
	row: LedgerRow;
	/** Rows that say nothing any more. */
	superseded: LedgerRow[];
}

/** Read one attempt. An operation ID, whoever entered it, counts more than any state. */
function readAttempt(key: string, rows: [LedgerRow, ...LedgerRow[]], nowMs: number): Attempt {
	const [first] = rows;
	const found = (state: Attempt['state'], row: LedgerRow): Attempt => ({
		key,
		firstId: first.id,
		state,
		row,
		superseded: rows.filter((other) => other !== row),
	});
	const operations = rows.filter(isOperation);
	const operation = operations.filter(isEnd).at(-1) ?? operations.at(-1);
	if (operation !== undefined) return found('operation', operation);
	const released = rows.filter(({ state }) => state === 'released').at(-1);
	if (released !== undefined) return found('released', released);
	const other = rows.filter(({ state }) => state !== 'claimed').at(-1);
	if (other !== undefined) return found('unknown', other);
	return found(nowMs - first.createdAtMs < CLAIM_OPEN_MS ? 'open' : 'unknown', first);
}

/**
 * Read the attempts at one job, the oldest first.
 *
 * @param nowMs by the table's clock
 */
export function attemptsOf(rows: readonly LedgerRow[], nowMs: number): Attempt[] {
	const byKey = new Map<string, [LedgerRow, ...LedgerRow[]]>();
	for (const row of [...rows].sort((a, b) => a.id - b.id)) {
		const key = attemptKey(row);
		const earlier = byKey.get(key);
		if (earlier === undefined) byKey.set(key, [row]);
		else earlier.push(row);
	}
	return [...byKey].map(([key, own]) => readAttempt(key, own, nowMs));
}

/** Whether it is a claim that has no successor and is open no more. */
export function isAbandoned({ state, row }: Attempt): boolean {
	return state === 'unknown' && row.state === 'claimed';
}

export type JobState =
	{ kind: 'free' } | { kind: 'open' } | { kind: 'unknown' | 'operation'; attempt: Attempt };

/** What holds of a job that was attempted so often: the newest operation, or else what may have been one. */
export function jobState(attempts: readonly Attempt[]): JobState {
	if (attempts.some(({ state }) => state === 'open')) return { kind: 'open' };
	for (const kind of ['operation', 'unknown'] as const) {
		const attempt = attempts.filter(({ state }) => state === kind).at(-1);
		if (attempt !== undefined) return { kind, attempt };
	}
	return { kind: 'free' };
}

/**
 * Rows of which none is needed to read the job: superseded ones, and everything of a claim that was
 * given back. A row of an open claim is never among them, nor the last row of an operation.
 */
export function needless(attempts: readonly Attempt[]): LedgerRow[] {
	return attempts.flatMap(({ state, superseded, row }) => {
		if (state === 'open') return [];
		return state === 'released' ? [...superseded, row] : superseded;
	});
}

/** Sort rows by job. */
export function byJob(rows: readonly LedgerRow[]): Map<string, LedgerRow[]> {
	const sorted = new Map<string, LedgerRow[]>();
	for (const row of rows) {
		const same = sorted.get(row.job);
		if (same === undefined) sorted.set(row.job, [row]);
		else same.push(row);
	}
	return sorted;
}
