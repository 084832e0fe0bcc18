/** How an operation fails, in words. */
import { failure, type Failure } from '../api/failures';
import { MINUTE_MS } from '../core/clock';
import { refusal, type Fault } from './call';

/** With a ledger a new execution reports the failure again, free of charge. */
const HOW_TO_TRY_AGAIN =
	'Read the reason and change the photos or product fields. The ledger keeps the product from being paid for again: to generate it anew, delete its row there, or choose Generate Again.';

/**
 * The failure of an operation that ended as FAILED, CANCELLED or ABORTED.
 *
 * @param isInLedger whether a ledger remembers it
 */
export function operationFailure(
	operationId: string,
	status: string,
	failureReason: string | null,
	isInLedger: boolean,
): Failure {
	const reason = failureReason === null ? '' : `: ${failureReason}`;
	return failure('OPERATION_FAILED', `Aiuta could not make the picture${reason}`, {
		...(isInLedger ? { description: HOW_TO_TRY_AGAIN } : {}),
		operationId,
		status,
		failureReason: failureReason ?? undefined,
		detail: `the operation ended as ${status}`,
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
		const message = `${refused.message} when the state of an operation was asked for`;
		return { ...refused, operationId, status, message };
	}
	return failure('STATE_UNKNOWN', undefined, particulars);
}

/** The failure of an operation that has not ended within the maximum wait. */
export function timeoutFailure(
	operationId: string,
	status: string | undefined,
	maxWaitMs: number,
): Failure {
	const minutes = Math.round((maxWaitMs / MINUTE_MS) * 100) / 100;
	const message = `The picture was not finished within ${minutes} minute${minutes === 1 ? '' : 's'}`;
	const detail = status === undefined ? 'its status was never read' : `its status was ${status}`;
	return failure('TIMED_OUT', message, { operationId, status, detail });
}
