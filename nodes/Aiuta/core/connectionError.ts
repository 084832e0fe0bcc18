/**
 * Tells from a thrown value whether a request can have reached the server. Errors arrive wrapped
 * (NodeApiError around AxiosError around AggregateError around the socket's error), so every known
 * kind of nesting is searched.
 */
import type { HttpOutcome } from './http';
import { nonEmptyString } from './json';

const NEVER_OPENED_CODES: ReadonlySet<string> = new Set([
	'ECONNREFUSED',
	'ENOTFOUND',
	'EAI_AGAIN',
	'EHOSTUNREACH',
	'ENETUNREACH',
]);

const CERTIFICATE_CODE =
	/^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|HOSTNAME_MISMATCH$)/;

const MAX_DEPTH = 8;

interface ErrorFacts {
	code: string;
	syscall: string | undefined;
}

/** Collect the innermost errors that carry a code. */
function leavesOf(error: unknown, depth = 0): ErrorFacts[] {
	if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return [];
	const read = (key: string): unknown => Reflect.get(error, key);
	const errors = read('errors');
	const several: unknown[] = Array.isArray(errors) ? errors : [];
	const nested = [...several, read('cause'), read('errorResponse'), read('error')].filter(
		(inner) => typeof inner === 'object' && inner !== null && inner !== error,
	);
	const leaves = nested.flatMap((inner) => leavesOf(inner, depth + 1));
	if (leaves.length > 0) return leaves;
	const code = nonEmptyString(read('code')) ?? nonEmptyString(read('httpCode'));
	return code === undefined ? [] : [{ code, syscall: syscallOf(error) }];
}

/** A NodeApiError keeps of its cause the code, as `httpCode`, and the texts (observed on n8n 2.8). */
function syscallOf(error: object): string | undefined {
	const syscall = nonEmptyString(Reflect.get(error, 'syscall'));
	if (syscall !== undefined) return syscall;
	const messages: unknown = Reflect.get(error, 'messages');
	const texts: unknown[] = Array.isArray(messages) ? messages : [];
	const isConnect = (text: unknown) => typeof text === 'string' && text.startsWith('connect ');
	return texts.length > 0 && texts.every(isConnect) ? 'connect' : undefined;
}

function neverOpened({ code, syscall }: ErrorFacts): boolean {
	return NEVER_OPENED_CODES.has(code) || (code === 'ETIMEDOUT' && syscall === 'connect');
}

/**
 * Classify a thrown connection error.
 *
 * `neverOpened` needs proof from every attempted address (a host with two addresses fails with an
 * AggregateError); `ECONNABORTED` is how axios reports its timeout and does not tell connecting from
 * reading, so it counts as `connectionLost`.
 */
export function classifyConnectionError(error: unknown, aborted: boolean): HttpOutcome {
	if (aborted) return { kind: 'aborted' };
	const leaves = leavesOf(error);
	const code = leaves[0]?.code ?? 'UNKNOWN';
	if (leaves.length > 0 && leaves.every(neverOpened)) return { kind: 'neverOpened', code };
	if (CERTIFICATE_CODE.test(code)) return { kind: 'certificateError', code };
	return { kind: 'connectionLost', code };
}
