/**
 * Creates one operation, at most once.
 *
 * - A create request that may have been accepted is never sent again: the intent is in the journal
 *   before the request leaves, and only proof of the contrary clears it.
 * - An operation ID, once received, is in the journal and the log before anything else happens.
 */
import { failure, type Failure } from '../api/failures';
import { readOperationId } from '../api/generation';
import { provesNotAccepted, type FaultClass } from '../api/faults';
import { isJsonObject, type JsonObject } from '../core/json';
import { callApi, refusal, type CallResult, type Fault } from './call';
import type { Journal } from './journal';
import type { OperationPlan, ProductPlan } from './plan';
import type { Run } from './run';

const CREATE_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 30_000;

export type CreateOutcome =
	| { kind: 'created'; operationId: string; createdAtMs: number; body: JsonObject }
	| { kind: 'failed'; failure: Failure }
	/** Aiuta does not know an image that was uploaded in an earlier try. */
	| { kind: 'imagesGone'; failure: Failure }
	| { kind: 'notStarted' }
	| { kind: 'cancelled' };

/** The images of one operation, as far as they were uploaded. */
export interface UploadedIds {
	imageIds: string[];
	backgroundImageId: string | undefined;
	/** Whether they come from an earlier try of this execution. */
	isReused: boolean;
}

/** What the journal keeps of the uploads: the photos, then the background. */
export function journaledIds(uploaded: UploadedIds): string[] {
	const { imageIds, backgroundImageId } = uploaded;
	return backgroundImageId === undefined ? imageIds : [...imageIds, backgroundImageId];
}

/** Send the create of one operation and write down what becomes of it. */
export async function createOperation(
	run: Run,
	journal: Journal,
	plan: ProductPlan,
	operation: OperationPlan,
	uploaded: UploadedIds,
): Promise<CreateOutcome> {
	const key = operation.journalKey;
	const imageIds = journaledIds(uploaded);
	const clearIntent = () => journal.write(key, { state: 'uploaded', imageIds });
	const body = createBody(run, plan, operation, uploaded);
	const path = `${run.settings.generation.basePath}/flat_lay_operations`;
	for (;;) {
		await run.gate.opened();
		const result = await callApi(run, {
			call: 'create',
			queue: 'create',
			request: async () =>
				run.halt === undefined && !run.gate.isClosed
					? {
							method: 'POST',
							path,
							body: { kind: 'json', json: body },
							timeoutMs: CREATE_TIMEOUT_MS,
						}
					: undefined,
			accepts: (answer) => readOperationId(answer) !== undefined,
			beforeSend: () => journal.write(key, { state: 'intent', imageIds }),
			onRetry: clearIntent,
		});
		if (result.kind === 'skipped' && run.halt === undefined && !run.isCancelled) continue;
		return settle(run, journal, plan, operation, uploaded, result);
	}
}

function createBody(
	run: Run,
	plan: ProductPlan,
	{ imageTypes }: OperationPlan,
	{ imageIds, backgroundImageId }: UploadedIds,
): JsonObject {
	const { product, options } = plan.fields;
	return run.settings.generation.createBody({
		images:
			plan.images.kind === 'sources' ? { kind: 'uploadedImageIds', ids: imageIds } : plan.images,
		product,
		options: backgroundImageId === undefined ? options : { ...options, backgroundImageId },
		imageTypes,
	});
}

function settle(
	run: Run,
	journal: Journal,
	plan: ProductPlan,
	{ journalKey: key }: OperationPlan,
	uploaded: UploadedIds,
	result: CallResult,
): CreateOutcome {
	const imageIds = journaledIds(uploaded);
	if (result.kind === 'skipped') return { kind: 'notStarted' };
	if (result.kind === 'cancelled') return { kind: 'cancelled' };
	if (result.kind === 'ok') {
		const operationId = readOperationId(result.body) ?? '';
		journal.write(key, { state: 'created', imageIds, operationId });
		run.createsAccepted += 1;
		run.ports.log.operationCreated(operationId, plan.productId, plan.itemIndexes[0]);
		const body = isJsonObject(result.body) ? result.body : {};
		return { kind: 'created', operationId, createdAtMs: run.ports.clock.now(), body };
	}
	if (!provesNotAccepted(result.fault)) {
		const unknown = unknownOutcome(result, run.isCancelled);
		journal.write(key, { state: 'unknown', imageIds, message: unknown.message });
		run.createsUnknown += 1;
		holdCreates(run);
		return { kind: 'failed', failure: unknown };
	}
	// A refused key says nothing of this product; any other refusal is its own.
	const state = result.verdict === 'stop' ? 'uploaded' : 'refused';
	journal.write(key, { state, imageIds });
	const failed = createFailure(result);
	const namesOldImage =
		uploaded.isReused &&
		(result.fault === 'notFound' || result.fault === 'refused') &&
		imageIds.some((id) => result.bodyText.includes(id));
	return { kind: namesOldImage ? 'imagesGone' : 'failed', failure: failed };
}

function unknownOutcome(fault: Fault, isCancelled: boolean): Failure {
	const cause = isCancelled
		? 'the execution was stopped while the request was on its way'
		: (fault.detail ?? fault.fault);
	return failure('CREATE_OUTCOME_UNKNOWN', undefined, { detail: cause });
}

/** Hold all creates of the run until a GET has shown that Aiuta answers again. */
function holdCreates(run: Run): void {
	if (run.isCancelled || run.gate.isClosed) return;
	run.gate.close();
	run.inBackground(async () => {
		const { basePath, probePath } = run.settings.generation;
		const result = await callApi(run, {
			call: 'get',
			queue: 'poll',
			request: async () =>
				run.gate.isClosed
					? { method: 'GET', path: `${basePath}${probePath}`, timeoutMs: PROBE_TIMEOUT_MS }
					: undefined,
			accepts: () => true,
		});
		// "No such operation" is an answer too: the probe asks for one that does not exist.
		if (result.kind === 'fault' && result.verdict !== 'missing') {
			const message = 'Aiuta stopped answering after a create whose outcome is unknown';
			const detail = result.detail ?? result.fault;
			run.stopStarting(failure('HOST_UNREACHABLE', message, { detail }));
		}
		run.gate.open();
	});
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
