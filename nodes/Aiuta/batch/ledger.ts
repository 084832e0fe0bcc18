/**
 * The memory over all executions: a table of claims and operations. A create leaves only when its claim
 * is committed, was read back, and is the only one of its job that is open.
 *
 * Row IDs do not say in which order rows came into sight (PostgreSQL hands them out before the commit),
 * so the oldest claim wins only when the younger ones that it sees have been given back: a younger one
 * may have been read back before the older came into sight.
 */
import { failure, type Failure } from '../api/failures';
import { SECOND_MS } from '../core/clock';
import { attemptName, jobOf, ourOperation, refused, CLAIM_GONE, NO_ANSWER } from './ledgerAnswers';
import type { BudgetLimits } from './ledgerBudget';
import { LedgerJobs, type JobChoice, type PlannedJob } from './ledgerJobs';
import { LedgerNotes, type NotesPorts } from './ledgerNotes';
import { LedgerReader } from './ledgerReader';
import { attemptKey, jobKey, jobState, type NewRow, type RowState } from './ledgerRows';
import { LedgerView } from './ledgerView';
import { operationById, type Operation } from './operation';
import { MAX_CLAIM_AGE_MS, type Claimed, type Job, type JobLedger, type KnownJob } from './records';

/** Claims and IDs wait so long for company; what only a person looks at may take longer. */
const SOON_MS = 200;
const LATER_MS = SECOND_MS;
/** An open claim of another run is looked at so often. */
const WATCH_EVERY_MS = SECOND_MS;

export type LedgerSettings = JobChoice & { limits: BudgetLimits };

export interface LedgerPorts extends NotesPorts {
	isStopped: () => boolean;
}

/** What this run has done about a job. */
interface OwnWork {
	attempt: string;
	operationId: string | undefined;
	/** Resolves when it is known whether an operation exists. */
	settled: Promise<void>;
	settle: () => void;
}

export class Ledger implements JobLedger {
	readonly view: LedgerView;

	private readonly notes: LedgerNotes;

	private readonly reader: LedgerReader;

	private readonly jobs: LedgerJobs;

	private readonly own = new Map<string, OwnWork>();

	/** Attempts of unknown outcome of which the table has been told. */
	private readonly marked = new Set<string>();

	private attemptCount = 0;

	constructor(
		private readonly ports: LedgerPorts,
		private readonly settings: LedgerSettings,
	) {
		this.notes = new LedgerNotes(ports);
		this.reader = new LedgerReader(ports.table);
		this.view = new LedgerView(ports.table, ports.clock, settings.limits);
		this.jobs = new LedgerJobs(this.view, settings);
	}

	/** Operations that have not ended, the oldest first. */
	unfinished(): Array<{ productId: string; operation: Operation }> {
		return this.view.unfinished().map(({ row }) => {
			const job = jobOf(row);
			const operation = operationById(row.operation_id.trim());
			const claim = { ledger: this, job };
			return { productId: job.productId, operation: { ...operation, claim, fromLedger: true } };
		});
	}

	get comparesPhotos(): boolean {
		return this.settings.whenKnown === 'returnUnlessChanged';
	}

	plan(job: Job): PlannedJob {
		return this.jobs.plan(job);
	}

	isKnown(job: Job): boolean {
		return this.jobs.isKnown(job);
	}

	async lookUp(job: Job): Promise<KnownJob | undefined> {
		const key = jobKey(job);
		this.jobs.passOver(job, key);
		const problem = await this.waitForOthers(key);
		if (problem !== undefined) return refused(problem);
		this.markUnknown(job, key);
		const known = this.jobs.known(job, key);
		if (known !== undefined) return known;
		const exhausted = this.view.budget.exhausted();
		return exhausted === undefined ? undefined : refused(exhausted);
	}

	async claim(job: Job): Promise<Claimed> {
		const key = jobKey(job);
		for (let other = this.own.get(key); other !== undefined; other = this.own.get(key)) {
			await other.settled;
			if (other.operationId !== undefined) return ourOperation(other.operationId);
			if (this.own.get(key) === other) this.own.delete(key);
		}
		let settle: () => void = () => undefined;
		const settled = new Promise<void>((resolve) => (settle = resolve));
		const work: OwnWork = { attempt: '', operationId: undefined, settled, settle };
		this.own.set(key, work);
		const answer = await this.contend(job, key, work);
		if (answer.kind !== 'go') settle();
		return answer;
	}

	created(job: Job, operationId: string): void {
		this.conclude(job, 'created', { operation_id: operationId });
	}

	released(job: Job): void {
		this.conclude(job, 'released', {});
	}

	unknown(job: Job, message: string): void {
		this.conclude(job, 'unknown', { reason: message });
	}

	ended(
		job: Job,
		operationId: string,
		end: { status: string; failureReason: string | null; imageUrl: string | undefined },
	): void {
		const state = end.status === 'SUCCESS' ? 'succeeded' : 'failed';
		const own = this.own.get(jobKey(job));
		const attempts = this.view.attempts(jobKey(job));
		const known = attempts.find(({ row }) => row.operation_id.trim() === operationId);
		if (known?.row.state === state) return;
		const run = own?.operationId === operationId ? own.attempt : known?.row.run;
		this.notes.write(job, state, run ?? '', LATER_MS, {
			operation_id: operationId,
			status: end.status,
			reason: end.failureReason ?? '',
			image_url: end.imageUrl ?? '',
			// What it was made from, which need not be what the item has now.
			...(run === own?.attempt ? {} : { inputs: known?.row.inputs ?? '' }),
		});
	}

	/** Commit what is left, and leave one row an operation behind. */
	async close(): Promise<void> {
		await this.notes.close();
		await this.view.tidy(this.notes.touched);
	}

	private conclude(job: Job, state: RowState, particulars: Partial<NewRow>): void {
		const work = this.own.get(jobKey(job));
		if (work === undefined) return;
		work.operationId = particulars.operation_id;
		this.notes.write(job, state, work.attempt, SOON_MS, particulars);
		work.settle();
	}

	/** Claim until it is won, or until somebody else's attempt has decided about the job. */
	private async contend(job: Job, key: string, work: OwnWork): Promise<Claimed> {
		for (;;) {
			this.attemptCount += 1;
			work.attempt = attemptName(this.settings.run, this.attemptCount, this.ports.clock);
			const claimedAtMs = this.ports.clock.now();
			const problem = await this.notes.claim(job, work.attempt, SOON_MS);
			const answer =
				problem === undefined
					? await this.judge(job, key, work.attempt, claimedAtMs)
					: refused(problem);
			if (answer?.kind === 'go') return answer;
			this.notes.write(job, 'released', work.attempt, SOON_MS, {});
			if (answer !== undefined) return answer;
			const waited = await this.waitForOthers(key);
			if (waited !== undefined) return refused(waited);
			const known = this.jobs.known(job, key);
			if (known !== undefined) return known;
		}
	}

	/** Decide about a committed claim; undefined when it is to be given back and made anew. */
	private async judge(
		job: Job,
		key: string,
		attempt: string,
		claimedAtMs: number,
	): Promise<Claimed | undefined> {
		for (;;) {
			const read = await this.reader.rowsOf(key);
			if (!read.ok) return refused(read.failure);
			this.view.see(key, read.value);
			const mine = read.value.find((row) => attemptKey(row) === attempt);
			if (mine === undefined) return refused(failure('LEDGER_FAILED', CLAIM_GONE));
			this.view.setClock(mine);
			const others = this.jobs
				.attempts(key)
				.filter(({ key: other, state }) => other !== attempt && state !== 'released');
			if (others.some(({ state }) => state !== 'open')) return this.jobs.known(job, key, attempt);
			if (others.some(({ firstId }) => firstId < mine.id)) return undefined;
			if (this.ports.clock.now() - claimedAtMs > MAX_CLAIM_AGE_MS) return undefined;
			if (others.length === 0) {
				const verdict = await this.askBudget(attempt);
				if (verdict !== 'wait') return verdict === 'go' ? { kind: 'go' } : refused(verdict);
			}
			await this.ports.clock.sleep(WATCH_EVERY_MS);
			if (this.ports.isStopped()) return refused(failure('CANCELLED'));
		}
	}

	private async askBudget(attempt: string): Promise<'go' | 'wait' | Failure> {
		const { budget } = this.view;
		if (!budget.isLimited) return 'go';
		return (await this.view.refreshBudget()) ?? budget.verdict(attempt);
	}

	/** Wait until no claim of this job is open. */
	private async waitForOthers(key: string): Promise<Failure | undefined> {
		while (jobState(this.jobs.attempts(key)).kind === 'open') {
			if (this.ports.isStopped()) return failure('CANCELLED');
			await this.ports.clock.sleep(WATCH_EVERY_MS);
			const read = await this.reader.rowsOf(key);
			if (!read.ok) return read.failure;
			this.view.see(key, read.value);
		}
		return undefined;
	}

	/** Say of claims that are open no more that nobody knows what became of them. */
	private markUnknown(job: Job, key: string): void {
		for (const { key: attempt, state, row } of this.view.attempts(key)) {
			if (state !== 'unknown' || row.state !== 'claimed' || this.marked.has(attempt)) continue;
			this.marked.add(attempt);
			this.notes.write(job, 'unknown', attempt, LATER_MS, {
				reason: NO_ANSWER,
				inputs: row.inputs,
			});
		}
	}
}
