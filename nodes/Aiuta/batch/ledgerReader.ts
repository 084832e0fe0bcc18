/** Reads the rows of jobs that are asked for close together in one go. */
import { byJob, type LedgerRow, type LedgerTable, type TableAnswer } from './ledgerRows';

/** Conditions of one query: more of them cost more than another query (tried on SQLite). */
const MAX_JOBS_AT_ONCE = 100;

export type JobRows = TableAnswer<LedgerRow[]>;

export class LedgerReader {
	private readonly wanted = new Map<string, Array<(answer: JobRows) => void>>();

	private loop: Promise<void> | undefined;

	constructor(private readonly table: LedgerTable) {}

	/** Read the rows of a job as they are at some moment after this call. */
	async rowsOf(job: string): Promise<JobRows> {
		return await new Promise((done) => {
			const waiting = this.wanted.get(job);
			if (waiting === undefined) this.wanted.set(job, [done]);
			else waiting.push(done);
			this.loop ??= this.readAll();
		});
	}

	private async readAll(): Promise<void> {
		// Claims of one commit may watch others: let all of them ask before the query leaves.
		await Promise.resolve();
		while (this.wanted.size > 0) {
			const asked = [...this.wanted].slice(0, MAX_JOBS_AT_ONCE);
			for (const [job] of asked) this.wanted.delete(job);
			const answer = await this.table.rowsOf(asked.map(([job]) => job));
			const rows = byJob(answer.ok ? answer.value : []);
			for (const [job, waiting] of asked) {
				const own: JobRows = answer.ok ? { ok: true, value: rows.get(job) ?? [] } : answer;
				for (const done of waiting) done(own);
			}
		}
		this.loop = undefined;
	}
}
