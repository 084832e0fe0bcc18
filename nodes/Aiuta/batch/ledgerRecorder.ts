/** Writes what this run has to say into the ledger. */
import type { Failure } from '../api/failures';
import type { Clock } from '../core/clock';
import { newRow } from './ledgerAnswers';
import type { JobRows } from './ledgerReader';
import type { LedgerTable, NewRow, RowState } from './ledgerRows';
import { LedgerWriter } from './ledgerWriter';
import type { Job } from './records';

export interface RecorderPorts {
	table: LedgerTable;
	clock: Clock;
	/** Told of a row that could not be written. */
	onLost: (row: NewRow, problem: Failure) => void;
}

export class LedgerRecorder {
	/** Jobs of which rows were written. */
	readonly touched = new Set<string>();

	private readonly writer: LedgerWriter;

	private readonly writing = new Set<Promise<void>>();

	constructor(private readonly ports: RecorderPorts) {
		this.writer = new LedgerWriter(ports.table, ports.clock);
	}

	/** Commit a claim, and read every row of its job back. */
	async claim(job: Job, attempt: string, withinMs: number): Promise<JobRows> {
		const row = newRow(job, 'claimed', attempt, {});
		return await this.writer.append(row, { withinMs, isClaim: true });
	}

	/** Write a row that must not be lost. */
	write(
		job: Job,
		state: RowState,
		attempt: string,
		withinMs: number,
		particulars: Partial<NewRow>,
	): void {
		const row = newRow(job, state, attempt, particulars);
		this.touched.add(row.job);
		const written = this.writer.append(row, { withinMs, isClaim: false }).then((answer) => {
			if (!answer.ok) this.ports.onLost(row, answer.failure);
			this.writing.delete(written);
		});
		this.writing.add(written);
	}

	/** Commit what is left. */
	async close(): Promise<void> {
		await this.writer.close();
		await Promise.all(this.writing);
	}
}
