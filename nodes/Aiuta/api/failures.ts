/**
 * A failure as the node reports it: `message` says what happened to which product or operation,
 * `description` what to do.
 */
import { FAILURES, type FailureCode } from './failureCatalogue';
import type { AiutaImage } from './types';

/** One operation of a product, as outputs and errors list it. */
export interface OperationSummary {
	operation_id: string;
	/** As last seen; null when it was never read. */
	status: string | null;
	flat_lay_type?: string;
	viewpoint?: string;
	failure_reason: string | null;
}

export interface Failure {
	code: FailureCode;
	message: string;
	description: string;
	retryable: boolean;
	productId?: string | undefined;
	operationId?: string | undefined;
	/** The operation's status as last seen. */
	status?: string | undefined;
	failureReason?: string | undefined;
	uploadedImageIds?: string[] | undefined;
	generatedImages?: AiutaImage[] | undefined;
	operations?: OperationSummary[] | undefined;
}

/** Make a failure of a catalogued kind; `message` replaces the general sentence. */
export function failure(
	code: FailureCode,
	message: string = FAILURES[code].happened,
	particulars: Omit<Partial<Failure>, 'code' | 'message'> = {},
): Failure {
	const { advice, retryable } = FAILURES[code];
	return { code, message, description: advice, retryable, ...particulars };
}
