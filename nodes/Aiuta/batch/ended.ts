/** A product when nothing is left to wait for: what is known of it, and why it failed if it did. */
import { mayExist, type Failure, type OperationSummary } from '../api/failures';
import type { AiutaImage } from '../api/types';
import { isOfEarlierTry, summarize, type OperationEnd } from './operation';
import { timeoutFailure } from './operationFailures';

export interface TimeoutSettings {
	maxWaitMs: number;
	/** Whether a timeout gives a failed item or an unfinished one. */
	onTimeout: 'error' | 'unfinished';
}

export type SucceededEnd = OperationEnd & { kind: 'succeeded' };

/** A product, or an operation named by its ID, when nothing is left to wait for. */
export interface Ended {
	ends: OperationEnd[];
	productId: string | undefined;
	/** Reserved for its pictures; undefined when the operation ID is to name them. */
	pictureName: string | undefined;
	uploadedImageIds: string[];
}

/** The product's failure: of the first operation that failed, with what is known of all of them. */
export function failureOf(ended: Ended, settings: TimeoutSettings): Failure | undefined {
	const { ends } = ended;
	const failures = ends.flatMap((end) => failureOfEnd(end, settings) ?? []);
	const [first] = failures;
	if (first === undefined) return undefined;
	const images = imagesOf(ends.filter((end) => end.kind === 'succeeded'));
	const message =
		ends.length === 1
			? first.message
			: `${failures.length} of ${ends.length} operations of this product failed: ${first.message}`;
	const known = knownOf(ended, images);
	return {
		...first,
		...known,
		operationId: first.operationId ?? known.operationId,
		uploadedImageIds: first.uploadedImageIds ?? known.uploadedImageIds,
		message,
		mayExist: failures.some(mayExist),
		isOfEarlierTry: failures.every((one) => one.isOfEarlierTry === true),
	};
}

function failureOfEnd(
	end: OperationEnd,
	{ onTimeout, maxWaitMs }: TimeoutSettings,
): Failure | undefined {
	if (end.kind === 'failed') return end.failure;
	if (end.kind !== 'timedOut' || onTimeout !== 'error') return undefined;
	const { operation, state } = end;
	const timedOut = timeoutFailure(operation.operationId, state?.status, maxWaitMs);
	return { ...timedOut, isOfEarlierTry: isOfEarlierTry(operation) };
}

/** What is known of a product, whatever became of it. */
export function knownOf(
	{ ends, productId, uploadedImageIds }: Ended,
	images: AiutaImage[],
): Partial<Failure> {
	const operations = summariesOf(ends);
	return {
		productId,
		operationId: operations[0]?.operation_id,
		operations: operations.length === 0 ? undefined : operations,
		generatedImages: images.length === 0 ? undefined : images,
		uploadedImageIds: uploadedImageIds.length === 0 ? undefined : uploadedImageIds,
	};
}

export function summariesOf(ends: OperationEnd[]): OperationSummary[] {
	return ends.flatMap((end) => summarize(end) ?? []);
}

export function imagesOf(ends: SucceededEnd[]): AiutaImage[] {
	return ends.flatMap(({ state }) => state.images);
}
