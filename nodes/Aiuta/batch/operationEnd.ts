/**
 * One operation from its journal record or its create to its end. What an earlier try of this
 * execution did is taken up, never done again.
 */
import { failure, type Failure, type OperationSummary } from '../api/failures';
import type { AiutaOperation, ImageType } from '../api/types';
import type { JsonObject } from '../core/json';
import { refusal, type Fault } from './call';
import type { Journal, JournalRecord } from './journal';
import { followOperation, type Followed } from './follow';
import type { Run } from './run';

/** An operation that exists at Aiuta. */
export interface ExistingOperation {
	operationId: string;
	/** Epoch milliseconds, undefined when it was created before this run. */
	createdAtMs: number | undefined;
	imageIds: string[];
	/** What the create answered, if that happened in this run. */
	body: JsonObject | undefined;
}

export type OperationEnd =
	| { kind: 'succeeded'; operationId: string; operation: AiutaOperation; durationMs: number }
	| {
			kind: 'timedOut';
			operationId: string;
			status: string | undefined;
			last: AiutaOperation | undefined;
			durationMs: number;
			isNew: boolean;
	  }
	| {
			kind: 'failed';
			/** Absent when there is none: the create was refused or its answer never came. */
			operationId: string | undefined;
			failure: Failure;
			/** Whether the product was begun in this run, and not in an earlier try of the execution. */
			isNew: boolean;
	  };

/** The failure of an operation that ended as FAILED, CANCELLED or ABORTED. */
export function operationFailure(
	operationId: string,
	status: string,
	failureReason: string | null,
): Failure {
	const reason = failureReason === null ? '' : `: ${failureReason}`;
	return failure('OPERATION_FAILED', `Operation ${operationId} ended as ${status}${reason}`, {
		operationId,
		status,
		failureReason: failureReason ?? undefined,
	});
}

/** The failure of an operation whose state could not be read. */
export function unreadableFailure(operationId: string, fault: Fault, status?: string): Failure {
	const particulars = { operationId, status, detail: fault.detail };
	if (fault.verdict === 'missing') {
		const message = `Aiuta knows no operation ${operationId}`;
		return failure('OPERATION_NOT_FOUND', message, particulars);
	}
	if (fault.fault === 'keyRefused' || fault.fault === 'paymentRequired') {
		const refused = refusal(fault.fault, fault.detail);
		const message = `${refused.message}, while reading operation ${operationId}`;
		return { ...refused, operationId, status, message };
	}
	const message = `The state of operation ${operationId} could not be read`;
	return failure('STATE_UNKNOWN', message, particulars);
}

/** What an earlier try already knows for certain; undefined when there is still something to do. */
export function endFromJournal(record: JournalRecord | undefined): OperationEnd | undefined {
	switch (record?.state) {
		case 'failed': {
			const { operationId, status, failureReason } = record;
			const failed = operationFailure(operationId, status, failureReason);
			return { kind: 'failed', operationId, failure: failed, isNew: false };
		}
		case 'intent':
		case 'unknown': {
			const message = record.state === 'unknown' ? record.message : '';
			const failed = failure('CREATE_OUTCOME_UNKNOWN', message === '' ? undefined : message);
			return { kind: 'failed', operationId: undefined, failure: failed, isNew: false };
		}
		default:
			return undefined;
	}
}

/** Follow an operation and write its end into the journal. */
export async function finishOperation(
	run: Run,
	existing: ExistingOperation,
	maxWaitMs: number,
	journaled: { journal: Journal; key: string } | undefined,
): Promise<OperationEnd> {
	const { operationId, imageIds } = existing;
	const followed: Followed = {
		operationId,
		createdAtMs: existing.createdAtMs,
		isOurs: journaled !== undefined,
		maxWaitMs,
	};
	const outcome = await followOperation(run, followed);
	// An operation of an earlier try that fails now must not keep other products from being started.
	const isNew = journaled === undefined || existing.createdAtMs !== undefined;
	switch (outcome.kind) {
		case 'timedOut': {
			const { last, durationMs } = outcome;
			return { kind: 'timedOut', operationId, status: last?.status, last, durationMs, isNew };
		}
		case 'cancelled': {
			const message = `The execution was stopped while operation ${operationId} was running`;
			const status = outcome.last?.status;
			const stopped = failure('CANCELLED', message, { operationId, status });
			return { kind: 'failed', operationId, failure: stopped, isNew };
		}
		case 'unreadable': {
			const failed = unreadableFailure(operationId, outcome.fault, outcome.last?.status);
			return { kind: 'failed', operationId, failure: failed, isNew };
		}
		case 'terminal': {
			const { operation, durationMs } = outcome;
			const { status, failureReason, images } = operation;
			if (operation.state === 'failed') {
				const record = { state: 'failed', imageIds, operationId, status, failureReason } as const;
				journaled?.journal.write(journaled.key, record);
				const failed = operationFailure(operationId, status, failureReason);
				return { kind: 'failed', operationId, failure: failed, isNew };
			}
			if (images.length === 0) {
				const message = `Operation ${operationId} succeeded, but Aiuta lists no image for it`;
				const failed = failure('NO_IMAGES', message, { operationId, status });
				return { kind: 'failed', operationId, failure: failed, isNew };
			}
			journaled?.journal.write(journaled.key, { state: 'succeeded', imageIds, operationId });
			return { kind: 'succeeded', operationId, operation, durationMs };
		}
	}
}

/** The summary that outputs and errors list under `operations`. */
export function summarize(
	operationId: string,
	status: string | undefined,
	failureReason: string | null,
	imageTypes: ImageType[],
): OperationSummary {
	const [only, ...more] = imageTypes;
	const cut = only?.lastIndexOf('_') ?? 0;
	return {
		operation_id: operationId,
		status: status ?? null,
		...(only !== undefined && more.length === 0
			? { flat_lay_type: only.slice(0, cut), viewpoint: only.slice(cut + 1) }
			: {}),
		failure_reason: failureReason,
	};
}
