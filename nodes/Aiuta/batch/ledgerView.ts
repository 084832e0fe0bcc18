/** What this run has seen of the ledger so far, and what time it is there. */
import type { Failure } from '../api/failures';
import type { Clock } from '../core/clock';
import { LedgerBudget, type BudgetLimits } from './ledgerBudget';
import {
	attemptsOf,
	byJob,
	isEnd,
	needless,
	type Attempt,
	type LedgerRow,
	type LedgerTable,
} from './ledgerRows';

/** With more jobs than this, reading the whole table is cheaper. */
const MANY_JOBS = 300;
/** Rows of other processes may come into sight after so many younger ones. */
const OVERLAP = 1000;

export class LedgerView {
	readonly budget: LedgerBudget;

	private readonly rows = new Map<string, readonly LedgerRow[]>();

	/** The table's time less ours: never too much, so that a claim is never taken for older than it is. */
	private aheadMs: number | undefined;

	private lastId = 0;

	private nextTail: Promise<Failure | undefined> | undefined;

	private lastTail: Promise<Failure | undefined> = Promise.resolve(undefined);

	constructor(
		private readonly table: LedgerTable,
		private readonly clock: Clock,
		limits: BudgetLimits,
	) {
		this.budget = new LedgerBudget(limits, () => this.nowMs());
	}

	/** Now, by the table's clock as far as it is known. */
	nowMs(): number {
		return this.clock.now() + (this.aheadMs ?? 0);
	}

	/** Read what there is of these jobs, or of all. */
	async open(jobs: readonly string[] | 'all'): Promise<Failure | undefined> {
		const isPart = jobs !== 'all' && jobs.length <= MANY_JOBS && !this.budget.isLimited;
		const answer = isPart ? await this.table.rowsOf(jobs) : await this.table.rowsAfter(0);
		if (!answer.ok) return answer.failure;
		for (const [job, rows] of byJob(answer.value)) this.rows.set(job, rows);
		this.note(answer.value);
		return undefined;
	}

	/** Take all rows of a job as they were just read. */
	see(job: string, rows: readonly LedgerRow[]): void {
		this.rows.set(job, rows);
		this.note(rows);
	}

	/** Learn from a row of our own that was committed just now what time it is in the table. */
	setClock(row: LedgerRow): void {
		const aheadMs = row.createdAtMs - this.clock.now();
		this.aheadMs = Math.max(aheadMs, this.aheadMs ?? aheadMs);
	}

	/** Read what was added since, to know what other executions have spent. */
	async refreshBudget(): Promise<Failure | undefined> {
		this.nextTail ??= this.lastTail.then(async () => {
			this.nextTail = undefined;
			this.lastTail = this.readTail();
			return await this.lastTail;
		});
		return await this.nextTail;
	}

	private async readTail(): Promise<Failure | undefined> {
		const answer = await this.table.rowsAfter(Math.max(0, this.lastId - OVERLAP));
		if (!answer.ok) return answer.failure;
		this.note(answer.value);
		return undefined;
	}

	attempts(job: string): Attempt[] {
		return attemptsOf(this.rows.get(job) ?? [], this.nowMs());
	}

	/** Attempts whose operations have not ended, the oldest first. */
	unfinished(): Attempt[] {
		return [...this.rows.keys()]
			.flatMap((job) => this.attempts(job))
			.filter(({ state, row }) => state === 'operation' && !isEnd(row))
			.sort((a, b) => a.firstId - b.firstId);
	}

	/** Remove the rows of these jobs, and of those found untidy, that say nothing any more. */
	async tidy(touched: ReadonlySet<string>): Promise<Failure | undefined> {
		const untidy = [...this.rows.keys()].filter((job) => needless(this.attempts(job)).length > 0);
		const jobs = new Set([...touched, ...untidy]);
		if (jobs.size === 0) return undefined;
		const answer =
			jobs.size <= MANY_JOBS ? await this.table.rowsOf([...jobs]) : await this.table.rowsAfter(0);
		if (!answer.ok) return answer.failure;
		const ids = [...byJob(answer.value)].flatMap(([job, rows]) =>
			jobs.has(job) ? needless(attemptsOf(rows, this.nowMs())).map(({ id }) => id) : [],
		);
		const removed = await this.table.remove(ids);
		return removed.ok ? undefined : removed.failure;
	}

	private note(rows: readonly LedgerRow[]): void {
		this.budget.note(rows);
		for (const { id } of rows) this.lastId = Math.max(this.lastId, id);
	}
}
