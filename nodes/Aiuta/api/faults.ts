/**
 * The fault table: what to do after each way in which a call can end. One pure decision, no clock.
 *
 * - A create request that may have been accepted is never sent again.
 * - A refused key (401, 403) or plan (402) stops new work; it is never worth another try.
 * - 429 is the gateway's refusal: the request was not processed, so waiting and repeating is safe for
 *   every call, bounded by time and not by count (RFC 6585, section 4).
 * - 408 and 425 say that the request was not processed (RFC 9110, section 15.5.9; RFC 8470, section 5.2).
 */
import type { HttpOutcome } from '../core/http';
import { parseJson } from '../core/json';

/** A `download` goes to the file host, without the key; its redirects have been followed already. */
export type Call = 'upload' | 'create' | 'get' | 'delete' | 'download';

export type FaultClass =
	| 'neverOpened'
	| 'certificate'
	| 'connectionLost'
	| 'redirect'
	| 'paymentRequired'
	| 'notProcessed'
	| 'keyRefused'
	| 'throttled'
	| 'notFound'
	| 'gone'
	| 'refused'
	| 'serverError'
	| 'badBody'
	| 'nullBody'
	| 'aborted';

/**
 * `retry`: again after a jittered delay while fewer than `maxRetries` were made (`untilDeadline`:
 * without a count), then `fail`. `pause`: again after a fixed minute. `wait`: again as the rate limit
 * allows. `stop`: fail and start no further work. `unknown`: it may have taken effect; never again.
 * `missing`: there is no such thing. `done`: it is as asked.
 */
export type Verdict =
	| { kind: 'retry'; maxRetries: number }
	| { kind: 'untilDeadline' }
	| { kind: 'pause'; maxRetries: number }
	| { kind: 'wait' }
	| { kind: 'fail' }
	| { kind: 'stop' }
	| { kind: 'unknown' }
	| { kind: 'missing' }
	| { kind: 'done' }
	| { kind: 'cancelled' };

/** How long polls rest after a refused key or plan before they ask again. */
export const REFUSED_POLL_PAUSE_MS = 60_000;

const FAIL: Verdict = { kind: 'fail' };
const STOP: Verdict = { kind: 'stop' };
const WAIT: Verdict = { kind: 'wait' };
const UNKNOWN: Verdict = { kind: 'unknown' };
const CANCELLED: Verdict = { kind: 'cancelled' };
const REFUSED_POLL: Verdict = { kind: 'pause', maxRetries: 3 };
const retry = (maxRetries: number): Verdict => ({ kind: 'retry', maxRetries });

const MISSING: Verdict = { kind: 'missing' };
const UNTIL_DEADLINE: Verdict = { kind: 'untilDeadline' };

type Row = readonly [
	upload: Verdict,
	create: Verdict,
	get: Verdict,
	del: Verdict,
	download: Verdict,
];

/** One row a fault: upload (free), create (paid), get, delete, download. */
const FAULT_TABLE: Readonly<Record<FaultClass, Row>> = {
	neverOpened: [retry(5), retry(5), retry(5), retry(5), retry(5)],
	certificate: [FAIL, FAIL, FAIL, FAIL, FAIL],
	connectionLost: [retry(3), UNKNOWN, retry(5), retry(5), retry(3)],
	redirect: [FAIL, UNKNOWN, FAIL, FAIL, FAIL],
	paymentRequired: [STOP, STOP, REFUSED_POLL, STOP, FAIL],
	notProcessed: [retry(3), retry(2), retry(5), retry(3), retry(3)],
	keyRefused: [STOP, STOP, REFUSED_POLL, STOP, MISSING],
	throttled: [WAIT, WAIT, WAIT, WAIT, retry(3)],
	notFound: [FAIL, FAIL, MISSING, MISSING, MISSING],
	gone: [FAIL, FAIL, FAIL, FAIL, MISSING],
	refused: [FAIL, FAIL, FAIL, FAIL, MISSING],
	serverError: [retry(3), UNKNOWN, UNTIL_DEADLINE, retry(3), retry(3)],
	badBody: [retry(2), UNKNOWN, UNTIL_DEADLINE, FAIL, retry(1)],
	nullBody: [retry(2), UNKNOWN, MISSING, FAIL, retry(1)],
	aborted: [CANCELLED, UNKNOWN, CANCELLED, CANCELLED, CANCELLED],
};

const COLUMN: Readonly<Record<Call, number>> = {
	upload: 0,
	create: 1,
	get: 2,
	delete: 3,
	download: 4,
};

/** Faults after which the server is known not to have accepted a create. */
const NOT_ACCEPTED: ReadonlySet<FaultClass> = new Set<FaultClass>([
	'neverOpened',
	'certificate',
	'paymentRequired',
	'notProcessed',
	'keyRefused',
	'throttled',
	'notFound',
	'gone',
	'refused',
]);

/** Tell whether a create that ended this way is known not to have been accepted (and not paid for). */
export function provesNotAccepted(fault: FaultClass): boolean {
	return NOT_ACCEPTED.has(fault);
}

/** Classify a status code; undefined for a 2xx. */
export function classifyStatus(status: number): FaultClass | undefined {
	if (status >= 200 && status < 300) return undefined;
	if (status >= 300 && status < 400) return 'redirect';
	if (status === 401 || status === 403) return 'keyRefused';
	if (status === 402) return 'paymentRequired';
	if (status === 404) return 'notFound';
	if (status === 408 || status === 425) return 'notProcessed';
	if (status === 410) return 'gone';
	if (status === 429) return 'throttled';
	return status >= 400 && status < 500 ? 'refused' : 'serverError';
}

/** Refusals that come from Aiuta itself, and show that it answers; a 429 comes from the gateway. */
const ANSWERS: ReadonlySet<FaultClass> = new Set<FaultClass>([
	'paymentRequired',
	'keyRefused',
	'notFound',
	'gone',
	'refused',
]);

/** Tell whether a create that ended this way was heard and refused. */
export function isAnswerToCreate(fault: FaultClass): boolean {
	return ANSWERS.has(fault);
}

export type Classified<Answer> = { ok: true; answer: Answer } | { ok: false; fault: FaultClass };

/**
 * Judge how an exchange ended.
 *
 * @param read finds the answer in a 2xx body, undefined when it is not what the call asks for; the body
 *   is parsed JSON, or undefined for a delete, which answers 204 without one
 */
export function classify<Answer>(
	call: Call,
	outcome: HttpOutcome,
	read: (body: unknown) => Answer | undefined,
): Classified<Answer> {
	switch (outcome.kind) {
		case 'neverOpened':
			return { ok: false, fault: 'neverOpened' };
		case 'certificateError':
			return { ok: false, fault: 'certificate' };
		case 'connectionLost':
			return { ok: false, fault: 'connectionLost' };
		case 'aborted':
			return { ok: false, fault: 'aborted' };
		case 'response': {
			const fault = classifyStatus(outcome.status);
			if (fault !== undefined) return { ok: false, fault };
			const body = call === 'delete' ? deletedBody(outcome.status) : parseJson(outcome.body);
			if (!body.ok) return { ok: false, fault: 'badBody' };
			if (body.value === null) return { ok: false, fault: 'nullBody' };
			const answer = read(body.value);
			return answer === undefined ? { ok: false, fault: 'badBody' } : { ok: true, answer };
		}
	}
}

/** A delete answers 204 and nothing else. */
function deletedBody(status: number): { ok: true; value: undefined } | { ok: false } {
	return status === 204 ? { ok: true, value: undefined } : { ok: false };
}

/**
 * Decide what follows after a call ended in a fault.
 *
 * @param retriesMade how often this request has been repeated already, throttled tries not counted
 * @returns never `retry` once its count is used up: then `fail`; a delete that finds nothing after a
 *   retry is `done`, because the earlier try may have deleted it
 */
export function decide(call: Call, fault: FaultClass, retriesMade: number): Verdict {
	const verdict = FAULT_TABLE[fault][COLUMN[call]] ?? FAIL;
	if (call === 'delete' && verdict.kind === 'missing' && retriesMade > 0) return { kind: 'done' };
	if (verdict.kind === 'retry' || verdict.kind === 'pause') {
		return retriesMade < verdict.maxRetries ? verdict : FAIL;
	}
	return verdict;
}
