/**
 * Decides who of those that want the same job, or the last of a budget, may create. Row IDs do not say in
 * which order rows came into sight (PostgreSQL hands them out before the commit), so the oldest claim
 * wins only when the younger ones that it sees have been given back: a younger one may have been read
 * back before the older came into sight.
 */
import { failure, type Failure } from '../api/failures';
import { SECOND_MS, type Clock } from '../core/clock';
import { refused, CLAIM_GONE } from './ledgerAnswers';
import type { LedgerJobs } from './ledgerJobs';
import { LedgerReader, type JobRows } from './ledgerReader';
import { attemptKey, isAbandoned, jobState, type LedgerTable } from './ledgerRows';
import type { LedgerView } from './ledgerView';
import type { Claimed, Job } from './records';

/** Open claims of others are looked at so often. */
const WATCH_EVERY_MS = SECOND_MS;
/** And so many times by a create whose turn has come: a younger claim is given back at once. */
const MAX_WATCHES = 3;

export const AGAIN = { kind: 'again' } as const;

export interface ContestPorts {
	table: LedgerTable;
	clock: Clock;
	isStopped: () => boolean;
}

export class LedgerContest {
	private readonly reader: LedgerReader;

	constructor(
		private readonly ports: ContestPorts,
		private readonly view: LedgerView,
		private readonly jobs: LedgerJobs,
	) {
		this.reader = new LedgerReader(ports.table);
	}

	/**
	 * Decide about a committed claim. A create whose turn has come waits for it, so nobody is waited for
	 * but younger claims, whose runs give them back as soon as they see an older one.
	 *
	 * @param committed the rows of its job, read after the commit
	 */
	async judge(job: Job, key: string, attempt: string, committed: JobRows): Promise<Claimed> {
		let read = committed;
		for (let watches = 0; ; watches += 1) {
			if (!read.ok) return refused(read.failure);
			this.view.see(key, read.value);
			const mine = read.value.find((row) => attemptKey(row) === attempt);
			if (mine === undefined) return refused(failure('LEDGER_FAILED', CLAIM_GONE));
			this.view.setClock(mine);
			const others = this.jobs
				.attempts(key)
				.filter(({ key: other, state }) => other !== attempt && state !== 'released');
			if (others.some(({ state }) => state !== 'open')) {
				return this.jobs.known(job, key, attempt) ?? AGAIN;
			}
			if (others.some(({ firstId }) => firstId < mine.id)) return AGAIN;
			if (others.length === 0) {
				const verdict = await this.askBudget(attempt);
				if (verdict !== 'wait') return verdict === 'go' ? { kind: 'go' } : refused(verdict);
			}
			if (watches >= MAX_WATCHES) return AGAIN;
			await this.ports.clock.sleep(WATCH_EVERY_MS);
			if (this.ports.isStopped()) return refused(failure('CANCELLED'));
			read = await this.reader.rowsOf(key);
		}
	}

	private async askBudget(attempt: string): Promise<'go' | 'wait' | Failure> {
		const { budget } = this.view;
		if (!budget.isLimited) return 'go';
		return (await this.view.refreshBudget()) ?? budget.verdict(attempt);
	}

	/**
	 * Wait until no claim of this job is open. One that was read long ago and is too old by now has perhaps
	 * been settled meanwhile: it is read again before anybody says that its outcome is unknown.
	 */
	async waitForClaims(key: string): Promise<Failure | undefined> {
		for (let isReadAgain = false; ; isReadAgain = true) {
			const attempts = this.jobs.attempts(key);
			const isOpen = jobState(attempts).kind === 'open';
			if (!isOpen && (isReadAgain || !attempts.some(isAbandoned))) return undefined;
			if (this.ports.isStopped()) return failure('CANCELLED');
			if (isOpen) await this.ports.clock.sleep(WATCH_EVERY_MS);
			const read = await this.reader.rowsOf(key);
			if (!read.ok) return read.failure;
			this.view.see(key, read.value);
		}
	}

	/** Wait until no open claim decides about what is left of the budget. */
	async waitForBudget(): Promise<Failure | undefined> {
		for (;;) {
			const outlook = this.view.budget.outlook();
			if (outlook !== 'wait') return outlook === 'go' ? undefined : outlook;
			if (this.ports.isStopped()) return failure('CANCELLED');
			await this.ports.clock.sleep(WATCH_EVERY_MS);
			const problem = await this.view.refreshBudget();
			if (problem !== undefined) return problem;
		}
	}
}
