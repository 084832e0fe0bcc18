/** The JSON of every output item and of every failed item, as the public contract lists their keys. */
import { isResumable, isRetryable, type Failure, type OperationSummary } from '../api/failures';
import { definedOnly } from '../api/generation';
import { isTerminal } from '../api/status';
import type { AiutaImage, AiutaOperation } from '../api/types';
import type { FinishedProduct } from '../batch/deliver';
import type { Operation } from '../batch/operation';
import type { JsonObject, JsonValue } from '../core/json';

/** Plain JSON of a list of summaries. */
function summaries(operations: OperationSummary[]): JsonValue[] {
	return operations.map((operation) => ({ ...operation }));
}

function seconds(durationMs: number): number {
	return Math.round(durationMs / 100) / 10;
}

/**
 * The JSON of a failed item. `error` is its only key: with any other key beside it n8n sends the item
 * to the success output (observed on n8n 1.122 to 2.40).
 */
export function failedJson(failed: Failure): JsonObject {
	return {
		error: definedOnly({
			message: failed.message,
			description: failed.description,
			product_id: failed.productId,
			operation_id: failed.operationId,
			status: failed.status,
			code: failed.code,
			retryable: isRetryable(failed),
			uploaded_image_ids: failed.uploadedImageIds,
			generated_images: failed.generatedImages,
			operations: failed.operations === undefined ? undefined : summaries(failed.operations),
			failure_reason: failed.failureReason,
			resumable: isResumable(failed) ? true : undefined,
		}),
	};
}

/** The state of an operation, as Get Operation reports it. A failed operation is no failed item. */
export function operationJson(
	operationId: string,
	operation: AiutaOperation,
	includeResponse: boolean,
): JsonObject {
	return {
		operation_id: operationId,
		status: operation.status,
		finished: isTerminal(operation.state),
		failure_reason: operation.failureReason,
		image_url: operation.images[0]?.url ?? null,
		generated_images: operation.images,
		...(includeResponse ? { response: operation.body } : {}),
	};
}

function response(bodies: JsonObject[], includeResponse: boolean): JsonObject {
	if (!includeResponse) return {};
	const [only, ...more] = bodies;
	return { response: more.length === 0 ? (only ?? null) : bodies };
}

/** An operation that Wait for Operation followed, with the images given (all, or one of them). */
export function waitedJson<P>(
	product: FinishedProduct<P>,
	images: AiutaImage[],
	includeResponse: boolean,
): JsonObject {
	return {
		operation_id: product.operationId,
		...(product.productId === undefined ? {} : { product_id: product.productId }),
		status: product.status,
		finished: product.isFinished,
		image_url: images[0]?.url ?? null,
		generated_images: images,
		...(product.missingTypes.length === 0 ? {} : { missing_types: product.missingTypes }),
		...(product.fromLedger ? { from_ledger: true } : {}),
		...(product.inputsChanged ? { inputs_changed: true } : {}),
		duration_seconds: seconds(product.durationMs),
		...response(product.bodies, includeResponse),
	};
}

/** A product that Generate and Wait brought to its end, with the images given (all, or one of them). */
export function generatedJson<P>(
	product: FinishedProduct<P>,
	images: AiutaImage[],
	includeResponse: boolean,
): JsonObject {
	return {
		...waitedJson(product, images, false),
		uploaded_image_ids: product.uploadedImageIds,
		operations: summaries(product.operations),
		...response(product.bodies, includeResponse),
	};
}

/** An operation that Create Operation has started. */
export function createdJson(
	{ operationId, answer, inputsChanged, fromLedger }: Operation,
	productId: string | undefined,
	uploadedImageIds: string[],
	includeResponse: boolean,
): JsonObject {
	return {
		operation_id: operationId,
		...(productId === undefined ? {} : { product_id: productId }),
		uploaded_image_ids: uploadedImageIds,
		...(fromLedger ? { from_ledger: true } : {}),
		...(inputsChanged ? { inputs_changed: true } : {}),
		...(includeResponse && answer !== undefined ? { response: answer } : {}),
	};
}
