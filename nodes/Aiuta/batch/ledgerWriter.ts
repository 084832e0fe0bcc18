/**
 * Group commit: rows that come close together share one insert, because an insert costs as much for
 * one row as for a hundred.
 */
import { failure, type Failure } from '../api/failures';
import { SECOND_MS, type Clock } from '../core/clock';
import type { LedgerTable, NewRow } from './ledgerRows';

/** Looked at so often whether rows are due. */
const LOOK_EVERY_MS = 100;
const MAX_ROWS_AT_ONCE = 1000;
/** A row that must not be lost is tried again after so long, and so often once the run has ended. */
const RETRY_AFTER_MS = SECOND_MS;
const LAST_TRIES = 5;

interface Pending {
	row: NewRow;
	dueAtMs: number;
	isKept: boolean;
	done: (problem: Failure | undefined) => void;
}

export interface AppendOptions {
	/** How long it may wait for others. */
	withinMs: number;
	/** Whether it is tried again when the table fails. */
	isKept: boolean;
}

export class LedgerWriter {
	private readonly pending: Pending[] = [];

	private loop: Promise<void> | undefined;

	private triesLeft: number | undefined;

	constructor(
		private readonly table: LedgerTable,
		private readonly clock: Clock,
	) {}

	/** Add a row. Resolves when it is committed, or with the reason why it never will be. */
	async append(row: NewRow, { withinMs, isKept }: AppendOptions): Promise<Failure | undefined> {
		return await new Promise((done) => {
			const dueAtMs = this.clock.now() + withinMs;
			this.pending.push({ row, dueAtMs, isKept, done });
			this.loop ??= this.run();
		});
	}

	/** Commit what is pending; a table that keeps failing is given up after some seconds. */
	async close(): Promise<void> {
		this.triesLeft = LAST_TRIES;
		for (const entry of this.pending) entry.dueAtMs = 0;
		await this.loop;
	}

	private async run(): Promise<void> {
		while (this.pending.length > 0) {
			const dueAtMs = Math.min(...this.pending.map((entry) => entry.dueAtMs));
			const waitMs = dueAtMs - this.clock.now();
			if (waitMs > 0) {
				await this.clock.sleep(Math.min(waitMs, LOOK_EVERY_MS));
				continue;
			}
			await this.commit(this.pending.splice(0, MAX_ROWS_AT_ONCE));
		}
		this.loop = undefined;
	}

	private async commit(entries: readonly Pending[]): Promise<void> {
		const answer = await this.table.append(entries.map(({ row }) => row));
		if (answer.ok) {
			for (const { done } of entries) done(undefined);
			return;
		}
		if (this.triesLeft !== undefined) this.triesLeft -= 1;
		const isLast = this.triesLeft !== undefined && this.triesLeft <= 0;
		const again = entries.filter(({ isKept }) => isKept && !isLast);
		for (const entry of entries) {
			if (!again.includes(entry)) entry.done({ ...failure('LEDGER_FAILED'), ...answer.failure });
		}
		const dueAtMs = this.clock.now() + RETRY_AFTER_MS;
		this.pending.unshift(...again.map((entry) => ({ ...entry, dueAtMs })));
	}
}
