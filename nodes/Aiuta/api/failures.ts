/**
 * A failure as the node reports it: `message` says what happened to which product or operation,
 * `description` what to do.
 */
import { FAILURES, type FailureCode } from './failureCatalogue';
import { operationState } from './status';
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
	/** What the server or the connection said, as the rest of a sentence; it ends the `description`. */
	detail?: string | undefined;
	productId?: string | undefined;
	operationId?: string | undefined;
	/** True when besides what is listed a create may have been accepted whose ID is not known. */
	mayExist?: boolean | undefined;
	/** True when it was met in an earlier try of the execution: it keeps nothing else from being started. */
	isOfEarlierTry?: boolean | undefined;
	/** True when it is about the node's settings, whatever the items are. */
	isOfRun?: boolean | undefined;
	/** The operation's status as last seen. */
	status?: string | undefined;
	failureReason?: string | undefined;
	uploadedImageIds?: string[] | undefined;
	generatedImages?: AiutaImage[] | undefined;
	operations?: OperationSummary[] | undefined;
}

/**
 * Make a failure of a catalogued kind.
 *
 * @param message replaces the general sentence. A form's visitor may read it: no status, ID, field or index
 * @param particulars a `detail` is put behind the advice
 */
export function failure(
	code: FailureCode,
	message: string = FAILURES[code].happened,
	particulars: Omit<Partial<Failure>, 'code' | 'message'> = {},
): Failure {
	const { description: advice = FAILURES[code].advice, detail, ...others } = particulars;
	const told = { code, message, description: advice, ...others };
	return detail === undefined ? told : detailed(told, detail);
}

/** Put what only helps whoever looks into it behind the advice. */
export function detailed(cause: Failure, detail: string): Failure {
	const end = detail.endsWith('.') ? '' : '.';
	const sentence = `${detail.slice(0, 1).toUpperCase()}${detail.slice(1)}${end}`;
	return { ...cause, detail, description: `${cause.description} ${sentence}` };
}

/** Every operation that Aiuta holds because of the item that failed. */
function existingOperations(failed: Failure): Array<{ id: string; status: string | undefined }> {
	const { code, operationId, status, operations = [] } = failed;
	const listed = operations.map((one) => ({
		id: one.operation_id,
		status: one.status ?? undefined,
	}));
	const isListed = listed.some(({ id }) => id === operationId);
	const all =
		operationId === undefined || isListed ? listed : [{ id: operationId, status }, ...listed];
	return code === 'OPERATION_NOT_FOUND' ? all.filter(({ id }) => id !== operationId) : all;
}

/** Whether a create may have been accepted whose ID is not known. */
export function mayExist({ code, mayExist: isNoted = false }: Failure): boolean {
	return isNoted || FAILURES[code].paid === 'maybe';
}

/**
 * Whether the same item, fed to the node again, can succeed and creates nothing that exists already:
 * never where an operation exists or may exist.
 */
export function isRetryable(failed: Failure): boolean {
	const { canPass, paid } = FAILURES[failed.code];
	const exists = paid === 'yes' || existingOperations(failed).length > 0;
	return canPass && !exists && !mayExist(failed);
}

/** Whether an operation exists that Wait for Operation can go on with: one that has not failed for good. */
export function isResumable(failed: Failure): boolean {
	return existingOperations(failed).some(
		({ status }) => status === undefined || operationState(status) !== 'failed',
	);
}
