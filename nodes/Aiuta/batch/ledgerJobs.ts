/** What the ledger says of a job, seen with the user's choice of what is to become of a known one. */
import {
	HOW_TO_SETTLE,
	isPassedOver,
	knownOperation,
	MAY_EXIST,
	unknownJob,
	type WhenKnown,
} from './ledgerAnswers';
import { isEnd, jobKey, jobState, type Attempt } from './ledgerRows';
import type { LedgerView } from './ledgerView';
import type { Job, KnownJob } from './records';

export interface JobChoice {
	whenKnown: WhenKnown;
	/** Names the execution and the node's run in it; no space. */
	run: string;
}

export type JobAction = 'create' | 'wait' | 'return' | 'skip' | 'refuse';

export interface PlannedJob {
	action: JobAction;
	/** Empty where there is nothing to say. */
	reason: string;
}

export class LedgerJobs {
	/** Attempts whose operations do not count, because their jobs are to be generated again. */
	private readonly passedOver = new Set<string>();

	constructor(
		private readonly view: LedgerView,
		private readonly settings: JobChoice,
	) {}

	/** The attempts at a job, but for those that are passed over. */
	attempts(key: string): Attempt[] {
		return this.view.attempts(key).filter((attempt) => !this.passedOver.has(attempt.key));
	}

	/** Pass over what the job has led to so far, where the user wants it generated again. */
	passOver(job: Job, key: string): void {
		for (const { key: attempt, state, row } of this.view.attempts(key)) {
			if (state !== 'operation' || this.isOurs(attempt)) continue;
			if (isPassedOver(this.settings.whenKnown, row, job)) this.passedOver.add(attempt);
		}
	}

	/** Whether nothing is to be created for it, as far as is known now. */
	isKnown(job: Job): boolean {
		const key = jobKey(job);
		this.passOver(job, key);
		return jobState(this.attempts(key)).kind !== 'free';
	}

	/** What a run would do about it, as far as is known now. */
	plan(job: Job): PlannedJob {
		const key = jobKey(job);
		this.passOver(job, key);
		const state = jobState(this.attempts(key));
		switch (state.kind) {
			case 'free':
				return { action: 'create', reason: '' };
			case 'open':
				return { action: 'wait', reason: 'Another run is creating it' };
			case 'unknown':
				return { action: 'refuse', reason: `${MAY_EXIST}. ${HOW_TO_SETTLE}` };
			case 'operation': {
				const { row } = state.attempt;
				const id = row.operation_id.trim();
				if (this.settings.whenKnown === 'skip') {
					return { action: 'skip', reason: `Operation ${id} is in the ledger` };
				}
				if (!isEnd(row)) return { action: 'wait', reason: `Operation ${id} is under way` };
				const why = row.reason === '' ? '' : `: ${row.reason}`;
				const ended = row.state === 'failed' ? `failed${why}` : 'has succeeded';
				return { action: 'return', reason: `Operation ${id} ${ended}` };
			}
		}
	}

	/** Whether this run of the node has made it, in this try or an earlier one. */
	private isOurs(attempt: string): boolean {
		return attempt.startsWith(`${this.settings.run} `);
	}

	/** What is known of a job of which no claim is open but, perhaps, the one given. */
	known(job: Job, key: string, except?: string): KnownJob | undefined {
		const state = jobState(this.attempts(key).filter((attempt) => attempt.key !== except));
		if (state.kind === 'free' || state.kind === 'open') return undefined;
		const { attempt } = state;
		if (state.kind === 'operation') {
			const isOurs = this.isOurs(attempt.key);
			if (this.settings.whenKnown === 'skip' && !isOurs) return { kind: 'skipped' };
			return knownOperation(attempt.row, job, !isOurs);
		}
		return unknownJob(attempt.row);
	}
}
