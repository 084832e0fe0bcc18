/** Names the faults that are about the way to Aiuta and not about what was asked. */
import type { FailureCode } from './failureCatalogue';
import type { FaultClass } from './faults';

const CODE_BY_FAULT: Readonly<Partial<Record<FaultClass, FailureCode>>> = {
	neverOpened: 'HOST_UNREACHABLE',
	certificate: 'CERTIFICATE_REFUSED',
	redirect: 'REDIRECTED',
	throttled: 'RATE_LIMITED',
};

const REFUSALS: ReadonlySet<FaultClass> = new Set<FaultClass>(['notFound', 'gone', 'refused']);

/**
 * Find the code for a fault.
 *
 * @param refused for an answer that refuses what was asked
 * @param failed for anything else that does not lie on the way to Aiuta
 */
export function codeOfFault(
	fault: FaultClass,
	refused: FailureCode,
	failed: FailureCode,
): FailureCode {
	return CODE_BY_FAULT[fault] ?? (REFUSALS.has(fault) ? refused : failed);
}
