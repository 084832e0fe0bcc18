/**
 * Group commit: rows that come close together share one call of the table, because a call costs as much
 * for one row as for a hundred. It reads the jobs of the claims back, so that a claim is one call, too.
 */
import { failure, type Failure } from '../api/failures';
import { SECOND_MS, type Clock } from '../core/clock';
import { waitMs } from '../core/wait';
import { byJob, type LedgerTable, type NewRow } from './ledgerRows';
import type { JobRows } from './ledgerReader';

/** Looked at so often whether rows are due. */
const LOOK_EVERY_MS = 100;
const MAX_ROWS_AT_ONCE = 1000;
/** A row that must not be lost is tried again after so long, and so often once the run has ended. */
const RETRY_AFTER_MS = SECOND_MS;
const LAST_TRIES = 5;

interface Pending {
	row: NewRow;
	addedAtMs: number;
	dueAtMs: number;
	isClaim: boolean;
	done: (committed: Committed) => void;
}

interface Committed {
	answer: JobRows;
	/** How much later than the first of its commit a claim was added. */
	afterFirstMs: number;
}

export interface AppendOptions {
	/** How long it may wait for others. */
	withinMs: number;
	/** A claim is read back, and not tried again: its create waits for it. Any other row must not be lost. */
	isClaim: boolean;
}

export class LedgerWriter {
	private readonly pending: Pending[] = [];

	private loop: Promise<void> | undefined;

	private triesLeft: number | undefined;

	constructor(
		private readonly table: LedgerTable,
		private readonly clock: Clock,
	) {}

	/**
	 * Add a row. Resolves when it is committed, or with the reason why it never will be.
	 *
	 * @returns of a claim, every row of its job as they were read after the commit
	 */
	async append(row: NewRow, { withinMs, isClaim }: AppendOptions): Promise<JobRows> {
		const { answer, afterFirstMs } = await new Promise<Committed>((done) => {
			const addedAtMs = this.clock.now();
			this.pending.push({ row, addedAtMs, dueAtMs: addedAtMs + withinMs, isClaim, done });
			this.loop ??= this.run();
		});
		// The turns of creates come at the pace that the server accepts. One commit has held several up:
		// they leave as far apart as they came, not in a burst.
		await waitMs(this.clock, afterFirstMs, () => false);
		return answer;
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
			const untilDueMs = dueAtMs - this.clock.now();
			if (untilDueMs > 0) {
				await this.clock.sleep(Math.min(untilDueMs, LOOK_EVERY_MS));
				continue;
			}
			await this.commit(this.pending.splice(0, MAX_ROWS_AT_ONCE));
		}
		this.loop = undefined;
	}

	private async commit(entries: readonly Pending[]): Promise<void> {
		const rows = entries.map(({ row }) => row);
		const readBack = entries.filter(({ isClaim }) => isClaim).map(({ row }) => row.job);
		const answer = await this.table.append(rows, readBack);
		if (answer.ok) {
			const read = byJob(answer.value);
			const firstClaim = entries.find(({ isClaim }) => isClaim);
			for (const entry of entries) {
				const answerToIt: JobRows = { ok: true, value: read.get(entry.row.job) ?? [] };
				entry.done({ answer: answerToIt, afterFirstMs: laterBy(entry, firstClaim) });
			}
			return;
		}
		if (this.triesLeft !== undefined) this.triesLeft -= 1;
		const isLast = this.triesLeft !== undefined && this.triesLeft <= 0;
		const again = entries.filter(({ isClaim }) => !isClaim && !isLast);
		const problem: Failure = { ...failure('LEDGER_FAILED'), ...answer.failure };
		for (const entry of entries) {
			const answerToIt: JobRows = { ok: false, failure: problem };
			if (!again.includes(entry)) entry.done({ answer: answerToIt, afterFirstMs: 0 });
		}
		const dueAtMs = this.clock.now() + RETRY_AFTER_MS;
		this.pending.unshift(...again.map((entry) => ({ ...entry, dueAtMs })));
	}
}

function laterBy(entry: Pending, firstClaim: Pending | undefined): number {
	return entry.isClaim && firstClaim !== undefined ? entry.addedAtMs - firstClaim.addedAtMs : 0;
}
