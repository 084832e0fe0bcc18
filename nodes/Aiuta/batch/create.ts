/**
 * Creates one operation, at most once.
 *
 * - A create request that may have been accepted is never sent again: the intent is in the journal
 *   before the request leaves, and only proof of the contrary clears it.
 * - An operation ID, once received, is in the journal and the log before anything else happens.
 */
import { failure, type Failure } from '../api/failures';
import { isAnswerToCreate, provesNotAccepted, type FaultClass } from '../api/faults';
import type { Generation } from '../api/generation';
import { createRequest, type CreatedOperation } from '../api/requests';
import type { JsonObject } from '../core/json';
import { callApi, refusal, type CallResult, type Fault } from './call';
import { MAX_UNKNOWN_IN_A_ROW } from './createBreaker';
import type { JournalEntry } from './journal';
import { HOW_TO_SETTLE } from './ledgerAnswers';
import type { Operation } from './operation';
import type { ProductPlan } from './plan';
import type { Claim, InputsHash, KnownJob, OperationState } from './records';
import type { Run } from './run';

export type CreateOutcome =
	| { kind: 'exists'; operation: Operation }
	| { kind: 'failed'; failure: Failure }
	/** Aiuta does not know an image that was uploaded in an earlier try. */
	| { kind: 'imagesGone' }
	/** Another execution has claimed it, or the ledger does not let it go. */
	| { kind: 'known'; known: KnownJob }
	| { kind: 'notStarted' }
	| { kind: 'cancelled' };

/** The images of one product, uploaded. */
export interface UploadedIds {
	/** The photos, then the background if there is one. */
	imageIds: string[];
	hasBackground: boolean;
	/** Whether they come from an earlier try of this execution. */
	isReused: boolean;
}

/** One create, everything that is decided about it before it is sent. */
export interface Order {
	plan: ProductPlan;
	entry: JournalEntry;
	inputs: InputsHash;
	uploaded: UploadedIds;
	/** Undefined without a ledger. */
	claim: Claim | undefined;
}

/** Send the create of one operation and write down what becomes of it. */
export async function createOperation(run: Run, order: Order): Promise<CreateOutcome> {
	const { generation } = run.settings;
	const { claim } = order;
	// A ledger keeps its ID for the runs to come, whoever stops this one.
	const outlivesStop = claim !== undefined;
	const request = createRequest(generation, createBody(generation, order), outlivesStop);
	for (;;) {
		const known = await claim?.ledger.waitForOthers(claim.job);
		if (known !== undefined) return { kind: 'known', known };
		await run.breaker.opened();
		if (!run.mayStart) return notSent(run);
		const leave = new Leave(run, claim);
		const result = await callApi(run, request, {
			mayLeave: async () => await leave.ask(),
			beforeSend: () => note(order, { state: 'intent' }),
			onRetry: () => {
				// It is back, not accepted. Another may have an unknown outcome by now: it must ask again.
				leave.giveBack('none');
				note(order, { state: 'uploaded' });
			},
		});
		if (isNotAccepted(result)) leave.giveBack(meaningOf(result));
		else run.breaker.noteOutcome(meaningOf(result));
		if (leave.known !== undefined) return { kind: 'known', known: leave.known };
		if (result.kind !== 'heldBack' || !run.mayStart) return outcomeOf(run, order, result);
	}
}

type Meaning = 'answer' | 'unknown' | 'none';

/** Leave to send one create, asked for when its turn has come, and given back when it was not accepted. */
class Leave {
	/** Why it is not to be sent at all, once that is known. */
	known: KnownJob | undefined;

	private isAdmitted = false;

	private isClaimed = false;

	constructor(
		private readonly run: Run,
		private readonly claim: Claim | undefined,
	) {}

	/** The claim is made last, so that a kill leaves few of them open. */
	async ask(): Promise<boolean> {
		const { run, claim } = this;
		if (run.halt !== undefined) return false;
		this.isAdmitted = run.breaker.admit();
		if (!this.isAdmitted || claim === undefined) return this.isAdmitted;
		const claimed = await claim.ledger.claim(claim.job);
		this.isClaimed = claimed.kind === 'go';
		if (claimed.kind !== 'go' && claimed.kind !== 'again') this.known = claimed;
		return this.isClaimed && run.halt === undefined && run.breaker.isStillOpen;
	}

	/** It has not left after all, or Aiuta has provably not accepted it. */
	giveBack(meaning: Meaning): void {
		if (this.isClaimed) this.claim?.ledger.released(this.claim.job);
		if (this.isAdmitted) this.run.breaker.noteOutcome(meaning);
		this.isClaimed = false;
		this.isAdmitted = false;
	}
}

function isNotAccepted(result: CallResult<CreatedOperation>): boolean {
	return result.kind === 'fault' ? provesNotAccepted(result.fault) : result.kind !== 'ok';
}

function notSent(run: Run): CreateOutcome {
	return { kind: run.isCancelled ? 'cancelled' : 'notStarted' };
}

function note({ entry, inputs, uploaded: { imageIds } }: Order, state: OperationState): void {
	entry.write({ ...state, imageIds, inputs });
}

function createBody(generation: Generation, { plan, entry, uploaded }: Order): JsonObject {
	const { images, fields } = plan;
	const { photoIds, backgroundImageId } = splitIds(uploaded);
	const { options } = fields;
	const isUploaded = images.kind === 'sources' || images.kind === 'notRead';
	return generation.createBody({
		images: isUploaded ? { kind: 'uploadedImageIds', ids: photoIds } : images,
		product: fields.product,
		options: backgroundImageId === undefined ? options : { ...options, backgroundImageId },
		imageTypes: [...entry.place.imageTypes],
	});
}

function splitIds({ imageIds, hasBackground }: UploadedIds) {
	if (!hasBackground) return { photoIds: imageIds, backgroundImageId: undefined };
	return { photoIds: imageIds.slice(0, -1), backgroundImageId: imageIds.at(-1) };
}

/** What the outcome of a create tells about the next one. */
function meaningOf(result: CallResult<CreatedOperation>): Meaning {
	if (result.kind === 'ok') return 'answer';
	if (result.kind !== 'fault') return 'none';
	if (!provesNotAccepted(result.fault)) return 'unknown';
	return isAnswerToCreate(result.fault) ? 'answer' : 'none';
}

function outcomeOf(run: Run, order: Order, result: CallResult<CreatedOperation>): CreateOutcome {
	switch (result.kind) {
		case 'heldBack':
			return notSent(run);
		case 'cancelled':
			return result;
		case 'ok':
			return { kind: 'exists', operation: accepted(run, order, result.answer) };
		case 'fault':
			if (provesNotAccepted(result.fault)) return refused(order, result);
			return { kind: 'failed', failure: unknownOutcome(run, order, result) };
	}
}

/** Aiuta has accepted it. The ID is kept before anything else, the log included, can go wrong. */
function accepted(run: Run, order: Order, { operationId, body }: CreatedOperation): Operation {
	const { plan, entry, uploaded, claim } = order;
	const [itemIndex] = plan.itemIndexes;
	run.noteOperation('created');
	note(order, { state: 'created', operationId });
	claim?.ledger.created(claim.job, operationId);
	run.ports.log.operationCreated(operationId, plan.productId, itemIndex);
	return {
		operationId,
		imageTypes: entry.place.imageTypes,
		createdAtMs: run.ports.clock.now(),
		imageIds: uploaded.imageIds,
		answer: body,
		entry,
		claim,
		inputsChanged: false,
		fromLedger: false,
	};
}

/** Aiuta may have accepted it: it is never sent again. */
function unknownOutcome(run: Run, order: Order, fault: Fault): Failure {
	const cause = run.isCancelled
		? 'the execution was stopped while the request was on its way'
		: (fault.detail ?? fault.fault);
	const advice = order.claim === undefined ? {} : { description: HOW_TO_SETTLE };
	const unknown = failure('CREATE_OUTCOME_UNKNOWN', undefined, { ...advice, detail: cause });
	note(order, { state: 'unknown', message: unknown.message });
	order.claim?.ledger.unknown(order.claim.job, cause);
	run.noteUnknown();
	if (run.breaker.hasTripped) {
		const message = `${MAX_UNKNOWN_IN_A_ROW} operations in a row may have been accepted without an ID`;
		run.stopStarting(failure('CREATE_OUTCOME_UNKNOWN', message, { detail: cause }));
	}
	return unknown;
}

/** Aiuta has not accepted it. */
function refused(order: Order, fault: Fault): CreateOutcome {
	// A refused key says nothing of this product; any other refusal is its own.
	note(order, { state: fault.verdict === 'stop' ? 'uploaded' : 'refused' });
	if (namesGoneImage(order, fault)) return { kind: 'imagesGone' };
	return { kind: 'failed', failure: createFailure(fault) };
}

/**
 * Whether images that were uploaded in an earlier try may be gone: those expire, and Aiuta does not
 * always say which one it misses.
 */
function namesGoneImage({ uploaded }: Order, { httpStatus, bodyText }: Fault): boolean {
	if (!uploaded.isReused || httpStatus === undefined) return false;
	if (httpStatus === 400 || httpStatus === 404) return true;
	return httpStatus === 422 && uploaded.imageIds.some((id) => bodyText.includes(id));
}

function createFailure(fault: Fault): Failure {
	// Not the run's halt: that may be the earlier failure of another product.
	if (fault.verdict === 'stop') return refusal(fault.fault, fault.detail);
	return failure(CODE_BY_FAULT[fault.fault] ?? 'CREATE_REFUSED', undefined, {
		detail: fault.detail,
	});
}

const CODE_BY_FAULT: Partial<Record<FaultClass, Failure['code']>> = {
	neverOpened: 'CREATE_NOT_SENT',
	notProcessed: 'CREATE_NOT_SENT',
	certificate: 'CERTIFICATE_REFUSED',
	throttled: 'RATE_LIMITED',
};
