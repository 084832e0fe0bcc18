/**
 * What is known of an operation before and after its create: where it belongs, what it was made from,
 * and how far it came. The journal keeps this for one execution; a ledger keeps it for all of them.
 */
import type { Failure } from '../api/failures';
import type { ApiName, ImageType } from '../api/types';

/**
 * Which operation of which input item this is, whatever its inputs are: in a retry the host may have
 * renamed files, and an expression may yield another text, but the place is the same.
 */
export interface Place {
	/** Of a product that several items make, its first. */
	itemIndex: number;
	/** Its other items. They do not tell places apart, but in a retry they still belong to this one. */
	otherItems?: readonly number[];
	api: ApiName;
	/** What this one operation generates; empty where the API has no types. */
	imageTypes: readonly ImageType[];
}

/** Hashes of what an operation is made from. Where one is not known, nothing can be said about it. */
export interface InputsHash {
	/** The fields that are sent, with IDs and URLs of images that are passed on as they are. */
	fields: string;
	/** The photos that are uploaded, by their bytes; of one that is fetched, its URL. */
	photos: string | undefined;
}

/** How far an operation came, one sentence each. */
export type OperationState =
	/** Photos are uploaded, nothing is created: the IDs are reused. */
	| { state: 'uploaded' }
	/** A photo or the create was refused, so nothing exists: it is tried again, but is no new failure. */
	| { state: 'refused' }
	/** A create is about to be sent. Found on a re-run, its answer never came: it is not sent again. */
	| { state: 'intent' }
	/** The operation exists: it is polled. */
	| { state: 'created'; operationId: string }
	/** It succeeded: its images are delivered again, from fresh URLs. */
	| { state: 'succeeded'; operationId: string }
	/** It failed for good: the failure is reported again. */
	| { state: 'failed'; operationId: string; status: string; failureReason: string | null }
	/** Its create may have been accepted: reported again, never sent again. */
	| { state: 'unknown'; message: string | undefined };

export type OperationRecord = OperationState & {
	/** Images at Aiuta that it was, or will be, made from: the photos, then the background. */
	imageIds: string[];
	inputs?: InputsHash | undefined;
};

/** What one create asks for, by the user's own identifier and not by its place. */
export interface Job {
	api: ApiName;
	productId: string;
	imageTypes: readonly ImageType[];
	inputs: InputsHash;
}

/** A job, and the ledger that it is claimed in. */
export interface Claim {
	ledger: JobLedger;
	job: Job;
}

/** What other executions know of a job. */
export type KnownJob =
	/** It is under way or has succeeded: follow it as if it were ours. */
	| { kind: 'exists'; operationId: string; inputsChanged: boolean; fromLedger: boolean }
	/** It is known, and the user wants such products left out. */
	| { kind: 'skipped' }
	/** It failed for good. */
	| { kind: 'failed'; operationId: string; status: string; failureReason: string | null }
	/** Its create may have been accepted; the failure says how to settle it. */
	| { kind: 'unknown'; failure: Failure }
	/** It may not be created now, for the reason given: a budget is used up, the ledger cannot be written. */
	| { kind: 'refused'; failure: Failure };

/** Whether a create may leave now; `again`: not before others are done with the job. */
export type Claimed = { kind: 'go' } | { kind: 'again' } | KnownJob;

/**
 * The memory over all executions, if there is one. Nothing here rejects. The calls come in this order:
 * `lookUp` before photos are uploaded; `waitForOthers` before the create asks for its turn; `claim` when its
 * turn has come, which it leaves on `go` only; then exactly one of `created`, `released` and `unknown`; after
 * `created`, or for an operation that was found, `ended` with its final status. `leave` ends what `lookUp` began.
 */
export interface JobLedger {
	/** Whether it is asked for jobs with other photos: only then are they read before it is asked. */
	readonly comparesPhotos?: boolean;
	/**
	 * Say what is known of a job; undefined when it is to be created. Then the budget keeps a place for it, and
	 * the same job of another item waits, until `leave`.
	 */
	lookUp: (job: Job) => Promise<KnownJob | undefined>;
	/** The item is done with what it looked up, whatever became of it. */
	leave: (job: Job) => void;
	/** Wait until nobody else is about to create it; then say what is known, undefined when it may be claimed. */
	waitForOthers: (job: Job) => Promise<KnownJob | undefined>;
	/** Claim the job: no create leaves before its claim is committed and read back as the oldest. */
	claim: (job: Job) => Promise<Claimed>;
	/** The create was accepted. Must not wait: the ID is in the journal and the log already. */
	created: (job: Job, operationId: string) => void;
	/** Aiuta has provably not accepted the create, or it was not sent after all. */
	released: (job: Job) => void;
	/** The create may have been accepted, and its ID is not known. */
	unknown: (job: Job, message: string) => void;
	/** The operation has reached a final status. */
	ended: (
		job: Job,
		operationId: string,
		end: { status: string; failureReason: string | null; imageUrl: string | undefined },
	) => void;
}
