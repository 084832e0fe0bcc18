/**
 * A data table in virtual time: it answers late, fails before or after its work, and hands out row IDs
 * before the rows come into sight, as PostgreSQL does.
 */
import { failure } from '../../../../nodes/Aiuta/api/failures';
import type {
	LedgerRow,
	LedgerTable,
	NewRow,
	TableAnswer,
} from '../../../../nodes/Aiuta/batch/ledgerRows';
import type { Random } from '../../../support/random';
import type { FakeClock } from '../../../support/time/fakeClock';

export interface TableFaults {
	/** Of the calls of executions, how many fail. */
	failShare: number;
	/** Of the calls, how many take up to 20 seconds. */
	slowShare: number;
	/** How far the table's clock is ahead of ours. */
	skewMs: number;
}

export type Die = () => boolean;

/** A process that was killed hears nothing any more. */
async function never(): Promise<never> {
	return await new Promise<never>(() => undefined);
}

export class SimulatedTable {
	/** What is committed, by ID. */
	readonly rows = new Map<number, LedgerRow>();

	private nextId = 1;

	/** The longest a call has taken so far. */
	longestCallMs = 0;

	failures = 0;

	/** How many calls have come in. */
	calls = 0;

	/** Every step takes so much longer. */
	stallMs = 0;

	constructor(
		private readonly clock: FakeClock,
		private readonly random: Random,
		readonly faults: TableFaults,
		private readonly onRemove: (ids: readonly number[]) => void,
	) {}

	all(): LedgerRow[] {
		return [...this.rows.values()].sort((a, b) => a.id - b.id);
	}

	/** The table as one process sees it; `isDead` is asked before and after every step. */
	connect(isDead: Die): LedgerTable {
		const call = async <T>(work: () => Promise<T>): Promise<TableAnswer<T>> => {
			if (isDead()) return await never();
			this.calls += 1;
			const startMs = this.clock.now();
			const fails = this.random.chance(this.faults.failShare);
			const isLate = fails && this.random.chance(0.5);
			await this.pause();
			this.longestCallMs = Math.max(this.longestCallMs, this.clock.now() - startMs);
			if (fails && !isLate) {
				this.failures += 1;
				if (isDead()) return await never();
				return { ok: false, failure: failure('LEDGER_FAILED', 'the table failed') };
			}
			// What was sent is done whether or not the sender lives to hear of it.
			const value = await work();
			await this.pause();
			this.longestCallMs = Math.max(this.longestCallMs, this.clock.now() - startMs);
			if (isDead()) return await never();
			if (!isLate) return { ok: true, value };
			this.failures += 1;
			return { ok: false, failure: failure('LEDGER_FAILED', 'the answer was lost') };
		};
		const read = async (isWanted: (row: LedgerRow) => boolean) =>
			await call(async () => this.all().filter(isWanted));
		return {
			rowsOf: async (jobs) => await read(({ job }) => jobs.includes(job)),
			rowsAfter: async (id) => await read((row) => row.id > id),
			append: async (rows, readBack) =>
				await call(async () => {
					await this.insert(rows);
					if (readBack.length === 0) return [];
					await this.pause();
					return this.all().filter(({ job }) => readBack.includes(job));
				}),
			remove: async (ids) =>
				await call(async () => {
					this.onRemove(ids);
					for (const id of ids) this.rows.delete(id);
					return undefined;
				}),
		};
	}

	private async insert(rows: readonly NewRow[]): Promise<void> {
		const createdAtMs = this.clock.now() + this.faults.skewMs;
		const numbered = rows.map((row): LedgerRow => {
			const id = this.nextId;
			this.nextId += 1;
			return { ...row, id, createdAtMs };
		});
		// Others may commit rows with larger IDs in the meantime.
		await this.pause();
		for (const row of numbered) this.rows.set(row.id, row);
	}

	private async pause(): Promise<void> {
		const isSlow = this.random.chance(this.faults.slowShare);
		const delayMs = this.random.between(0, isSlow ? 10_000 : 60);
		await this.clock.wakeAt(this.clock.now() + delayMs + this.stallMs);
	}
}
