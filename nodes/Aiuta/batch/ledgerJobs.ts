/** What the ledger says of a job, seen with the user's choice of what is to become of a known one. */
import { isPassedOver, knownOperation, unknownMessage, type WhenKnown } from './ledgerAnswers';
import { jobState, type Attempt } from './ledgerRows';
import type { LedgerView } from './ledgerView';
import type { Job, KnownJob } from './records';

export interface JobChoice {
	whenKnown: WhenKnown;
	/** Names the execution and the node's run in it; no space. */
	run: string;
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
		return { kind: 'unknown', message: unknownMessage(attempt.row) };
	}
}
