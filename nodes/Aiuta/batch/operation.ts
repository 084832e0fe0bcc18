/**
 * An operation in one shape, from its create or its journal record to its end. What an earlier try of
 * this execution did is taken up, never done again.
 */
import { failure, type Failure, type OperationSummary } from '../api/failures';
import type { AiutaOperation, ImageType } from '../api/types';
import type { JsonObject } from '../core/json';
import { followOperation } from './follow';
import { operationFailure, unreadableFailure } from './operationFailures';
import type { JournalEntry } from './journal';
import type { Claim, KnownJob, OperationRecord } from './records';
import type { Run } from './run';

/** An operation that exists at Aiuta. */
export interface Operation {
	operationId: string;
	/** What it was asked for; empty where the API has no types, or only its ID is known. */
	imageTypes: readonly ImageType[];
	/** Epoch milliseconds, undefined when it was created before this run. */
	createdAtMs: number | undefined;
	/** The images it was made from, as far as they were uploaded. */
	imageIds: string[];
	/** What the create answered, if that happened in this run. */
	answer: JsonObject | undefined;
	/** Its page in the journal; undefined for one that was named by its ID. */
	entry: JournalEntry | undefined;
	/** Its job in the ledger; undefined without one. */
	claim: Claim | undefined;
	/** Whether it is known to have been made from other inputs than the item has now. */
	inputsChanged: boolean;
	/** Whether another run has created it, and the ledger knew. */
	fromLedger: boolean;
}

export interface FailedOperation {
	kind: 'failed';
	/** Absent when there is none: the create was refused or its answer never came. */
	operation: Operation | undefined;
	failure: Failure;
}

export type OperationEnd =
	| { kind: 'succeeded'; operation: Operation; state: AiutaOperation; durationMs: number }
	| {
			kind: 'timedOut';
			operation: Operation;
			/** As last seen, undefined when it was never read. */
			state: AiutaOperation | undefined;
			durationMs: number;
	  }
	| FailedOperation;

/** An operation of which nothing but the ID is known. */
export function operationById(operationId: string): Operation {
	return {
		operationId,
		imageTypes: [],
		createdAtMs: undefined,
		imageIds: [],
		answer: undefined,
		entry: undefined,
		claim: undefined,
		inputsChanged: false,
		fromLedger: false,
	};
}

/** Whether this execution created it in an earlier try. */
export function isOfEarlierTry({ entry, createdAtMs }: Operation): boolean {
	return entry !== undefined && createdAtMs === undefined;
}

/**
 * Take up what an earlier try has noted: an operation to follow, a failure to report again, or
 * undefined when nothing exists yet.
 */
export function resume(
	entry: JournalEntry,
	record: OperationRecord | undefined,
	inputsChanged: boolean,
	claim: Claim | undefined,
): { kind: 'exists'; operation: Operation } | FailedOperation | undefined {
	switch (record?.state) {
		case undefined:
		case 'uploaded':
		case 'refused':
			return undefined;
		case 'intent':
		case 'unknown': {
			const message = record.state === 'unknown' ? record.message : undefined;
			const { imageIds } = record;
			const uploaded = imageIds.length === 0 ? {} : { uploadedImageIds: imageIds };
			return again(undefined, failure('CREATE_OUTCOME_UNKNOWN', message, uploaded));
		}
		case 'created':
		case 'succeeded':
		case 'failed': {
			const { operationId, imageIds } = record;
			const { imageTypes } = entry.place;
			const origin = { imageTypes, imageIds, entry, claim, inputsChanged };
			const known = { ...operationById(operationId), ...origin };
			if (record.state !== 'failed') return { kind: 'exists', operation: known };
			const { status, failureReason } = record;
			return again(known, failureOf(known, status, failureReason));
		}
	}
}

/** Take up what the ledger knows of a job. */
export function resumeKnown(
	entry: JournalEntry,
	known: KnownJob,
	claim: Claim,
): { kind: 'exists'; operation: Operation } | { kind: 'skipped' } | FailedOperation {
	switch (known.kind) {
		case 'skipped':
			return known;
		case 'refused':
			return { kind: 'failed', operation: undefined, failure: known.failure };
		case 'unknown':
			return again(undefined, known.failure);
		case 'exists':
		case 'failed': {
			const { operationId } = known;
			const { imageTypes } = entry.place;
			const { inputsChanged = false, fromLedger = true } = {
				...(known.kind === 'exists' ? known : {}),
			};
			const origin = { imageTypes, entry, claim, inputsChanged, fromLedger };
			const operation = { ...operationById(operationId), ...origin };
			if (known.kind === 'failed') {
				const { status, failureReason } = known;
				return again(operation, failureOf(operation, status, failureReason));
			}
			entry.write({ state: 'created', operationId, imageIds: [] });
			return { kind: 'exists', operation };
		}
	}
}

function failureOf(
	{ operationId, claim }: Operation,
	status: string,
	failureReason: string | null,
): Failure {
	return operationFailure(operationId, status, failureReason, claim !== undefined);
}

function again(operation: Operation | undefined, cause: Failure): FailedOperation {
	return { kind: 'failed', operation, failure: { ...cause, isOfEarlierTry: true } };
}

/** Follow an operation and write its end into the journal. */
export async function finishOperation(
	run: Run,
	operation: Operation,
	maxWaitMs: number,
): Promise<OperationEnd> {
	const { operationId, entry, createdAtMs } = operation;
	const isOurs = entry !== undefined;
	const outcome = await followOperation(run, { operationId, createdAtMs, isOurs, maxWaitMs });
	const failed = (cause: Failure): FailedOperation => ({
		kind: 'failed',
		operation,
		failure: { ...cause, isOfEarlierTry: isOfEarlierTry(operation) },
	});
	switch (outcome.kind) {
		case 'timedOut':
			return { kind: 'timedOut', operation, state: outcome.last, durationMs: outcome.durationMs };
		case 'cancelled': {
			const message = `The execution was stopped while operation ${operationId} was running`;
			const status = outcome.last?.status;
			return failed(failure('CANCELLED', message, { operationId, status }));
		}
		case 'unreadable':
			return failed(unreadableFailure(operationId, outcome.fault, outcome.last?.status));
		case 'terminal': {
			const { operation: state, durationMs } = outcome;
			noteEnd(operation, state);
			if (state.state === 'failed') {
				return failed(failureOf(operation, state.status, state.failureReason));
			}
			if (state.images.length > 0) return { kind: 'succeeded', operation, state, durationMs };
			const message = `Operation ${operationId} succeeded, but Aiuta lists no image for it`;
			return failed(failure('NO_IMAGES', message, { operationId, status: state.status }));
		}
	}
}

/** Write an end into the ledger and the journal. One without an image is asked for again in a retry. */
function noteEnd({ operationId, imageIds, entry, claim }: Operation, end: AiutaOperation): void {
	const { status, failureReason, images } = end;
	const imageUrl = images[0]?.url;
	claim?.ledger.ended(claim.job, operationId, { status, failureReason, imageUrl });
	const kept = { operationId, imageIds, inputs: entry?.read()?.inputs };
	if (end.state === 'failed') entry?.write({ state: 'failed', ...kept, status, failureReason });
	else if (images.length > 0) entry?.write({ state: 'succeeded', ...kept });
}

/** The status as last seen, undefined when it was never read. */
function statusOf(end: OperationEnd): string | undefined {
	return end.kind === 'failed' ? end.failure.status : end.state?.status;
}

/** What outputs and errors list under `operations`; undefined when there is no operation. */
export function summarize(end: OperationEnd): OperationSummary | undefined {
	const { operation } = end;
	if (operation === undefined) return undefined;
	const reason = end.kind === 'failed' ? end.failure.failureReason : undefined;
	return summaryOf(operation.operationId, statusOf(end), reason, operation.imageTypes);
}

/** One line of `operations`. */
export function summaryOf(
	operationId: string,
	status: string | undefined,
	failureReason: string | null | undefined,
	imageTypes: readonly ImageType[],
): OperationSummary {
	const [only, ...more] = imageTypes;
	return {
		operation_id: operationId,
		status: status ?? null,
		...(only === undefined || more.length > 0 ? {} : splitImageType(only)),
		failure_reason: failureReason ?? null,
	};
}

function splitImageType(imageType: ImageType) {
	const cut = imageType.lastIndexOf('_');
	return { flat_lay_type: imageType.slice(0, cut), viewpoint: imageType.slice(cut + 1) };
}
