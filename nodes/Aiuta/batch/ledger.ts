/**
 * The memory over all executions: a table of claims and operations. A create leaves only when its claim
 * is committed, was read back, and is the only one of its job that is open.
 */
import { SECOND_MS } from '../core/clock';
import { attemptName, jobOf, ourOperation, refused, NO_ANSWER } from './ledgerAnswers';
import type { BudgetLimits } from './ledgerBudget';
import { AGAIN, LedgerContest, type ContestPorts } from './ledgerContest';
import { LedgerJobs, type JobChoice, type PlannedJob } from './ledgerJobs';
import { LedgerPlaces } from './ledgerPlaces';
import { LedgerRecorder, type RecorderPorts } from './ledgerRecorder';
import { isAbandoned, jobKey, MAX_CLAIM_AGE_MS, type NewRow, type RowState } from './ledgerRows';
import { LedgerView } from './ledgerView';
import { operationById, type Operation } from './operation';
import type { Claimed, Job, JobLedger, KnownJob } from './records';

/**
 * So long a row waits for company: n8n runs a workflow for each call of the table, which takes 60 ms of
 * processor time. A create waits for its claim, and an ID must be committed soon after it was received:
 * a kill meanwhile leaves an operation that nobody knows of. How one ended can be asked for again.
 */
const SOON_MS = 300;
const LATER_MS = 10 * SECOND_MS;

export type LedgerSettings = JobChoice & { limits: BudgetLimits };

export type LedgerPorts = RecorderPorts & ContestPorts;

/** What this run has done about a job. */
interface OwnWork {
	attempt: string;
	/** Undefined as long as there is none. */
	operationId: string | undefined;
	/** Resolves when it is known whether an operation exists. */
	settled: Promise<void>;
	settle: () => void;
}

export class Ledger implements JobLedger {
	readonly view: LedgerView;

	private readonly recorder: LedgerRecorder;

	private readonly contest: LedgerContest;

	private readonly jobs: LedgerJobs;

	private readonly own = new Map<string, OwnWork>();

	private readonly places = new LedgerPlaces();

	/** Attempts of unknown outcome of which the table has been told. */
	private readonly marked = new Set<string>();

	private attemptCount = 0;

	constructor(
		private readonly ports: LedgerPorts,
		private readonly settings: LedgerSettings,
	) {
		this.recorder = new LedgerRecorder(ports);
		this.view = new LedgerView(ports.table, ports.clock, settings.limits);
		this.jobs = new LedgerJobs(this.view, settings);
		this.contest = new LedgerContest(ports, this.view, this.jobs);
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
		const { budget } = this.view;
		for (;;) {
			const twin = await this.twinOf(key);
			if (twin !== undefined) return twin;
			this.jobs.passOver(job, key);
			const problem = await this.contest.waitForClaims(key);
			if (problem !== undefined) return refused(problem);
			this.markUnknown(job, key);
			const known = this.jobs.known(job, key);
			if (known !== undefined) return known;
			const exhausted = budget.exhausted();
			// A claim of this run that is given back leaves its place to the next.
			if (exhausted !== undefined && !this.places.isUndecided) return refused(exhausted);
			if (this.places.take(key, job, budget.left)) return undefined;
			await this.places.change();
		}
	}

	leave(job: Job): void {
		this.places.leave(jobKey(job), job);
	}

	async waitForOthers(job: Job): Promise<KnownJob | undefined> {
		const key = jobKey(job);
		const twin = await this.twinOf(key);
		if (twin !== undefined) return twin;
		const problem = (await this.contest.waitForClaims(key)) ?? (await this.contest.waitForBudget());
		return problem === undefined ? this.jobs.known(job, key) : refused(problem);
	}

	/** What another item of this run has made of the same job, once that is known. */
	private async twinOf(key: string): Promise<KnownJob | undefined> {
		for (let twin = this.own.get(key); twin !== undefined; twin = this.own.get(key)) {
			await twin.settled;
			if (twin.operationId !== undefined) return ourOperation(twin.operationId);
		}
		return undefined;
	}

	async claim(job: Job): Promise<Claimed> {
		const key = jobKey(job);
		if (this.own.has(key)) return AGAIN;
		this.attemptCount += 1;
		const attempt = attemptName(this.settings.run, this.attemptCount, this.ports.clock);
		let settle: () => void = () => undefined;
		const settled = new Promise<void>((resolve) => (settle = resolve));
		this.own.set(key, { attempt, operationId: undefined, settled, settle });
		const claimedAtMs = this.ports.clock.now();
		const committed = await this.recorder.claim(job, attempt, SOON_MS);
		const answer = await this.contest.judge(job, key, attempt, committed);
		const isLate = this.ports.clock.now() - claimedAtMs > MAX_CLAIM_AGE_MS;
		if (answer.kind === 'go' && !isLate) {
			this.places.noteClaimed(key, true);
			return answer;
		}
		this.released(job);
		return answer.kind === 'go' ? AGAIN : answer;
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
		this.recorder.write(job, state, run ?? '', LATER_MS, {
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
		await this.recorder.close();
		await this.view.tidy(this.recorder.touched);
	}

	private conclude(job: Job, state: RowState, particulars: Partial<NewRow>): void {
		const key = jobKey(job);
		const work = this.own.get(key);
		if (work === undefined) return;
		work.operationId = particulars.operation_id;
		if (work.operationId === undefined) this.own.delete(key);
		if (state === 'released') this.places.noteClaimed(key, false);
		else this.places.settle(key);
		this.recorder.write(job, state, work.attempt, SOON_MS, particulars);
		work.settle();
	}

	/** Say of claims that are open no more that nobody knows what became of them. */
	private markUnknown(job: Job, key: string): void {
		for (const { key: attempt, row } of this.view.attempts(key).filter(isAbandoned)) {
			if (this.marked.has(attempt)) continue;
			this.marked.add(attempt);
			this.recorder.write(job, 'unknown', attempt, LATER_MS, {
				reason: NO_ANSWER,
				inputs: row.inputs,
			});
		}
	}
}
