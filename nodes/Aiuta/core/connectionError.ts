/**
 * Tells from a thrown value whether a request can have reached the server. Errors arrive wrapped
 * (NodeApiError around AxiosError around AggregateError around the socket's error), so every known
 * kind of nesting is searched.
 */
import type { HttpOutcome } from './http';
import { nonEmptyString } from './json';

/**
 * What a connection fails with before a byte of the request can have left. The code alone proves
 * nothing: `read EHOSTUNREACH` comes after the request was delivered, when the link is lost.
 */
const NEVER_OPENED: Readonly<Record<string, readonly string[]>> = {
	connect: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'],
	getaddrinfo: ['ENOTFOUND', 'EAI_AGAIN'],
};

const CERTIFICATE_CODE =
	/^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_IN_CHAIN$|UNABLE_TO_|HOSTNAME_MISMATCH$)/;

const MAX_DEPTH = 8;

/** What stands for the text of an error that has none, an AggregateError's. */
const NO_TEXT = 'Error';

interface ErrorFacts {
	code: string;
	syscall: string | undefined;
}

/** Collect what the innermost errors say, and every error around them that names a system call. */
function factsOf(error: unknown, depth = 0): ErrorFacts[] {
	if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return [];
	const read = (key: string): unknown => Reflect.get(error, key);
	const errors = read('errors');
	const several: unknown[] = Array.isArray(errors) ? errors : [];
	const nested = [...several, read('cause'), read('errorResponse'), read('error')].filter(
		(inner) => typeof inner === 'object' && inner !== null && inner !== error,
	);
	const facts = nested.flatMap((inner) => factsOf(inner, depth + 1));
	const code = nonEmptyString(read('code')) ?? nonEmptyString(read('httpCode'));
	const syscall = nonEmptyString(read('syscall'));
	if (code === undefined || (facts.length > 0 && syscall === undefined)) return facts;
	if (syscall !== undefined) return [...facts, { code, syscall }];
	return factsInTexts([read('description'), read('messages')].flat(), code);
}

/**
 * A NodeApiError keeps of its cause the code, as `httpCode`, and texts such as
 * `connect ECONNREFUSED ::1:443 | read ECONNRESET` (n8n 2.0 and 2.8; 2.40 keeps the cause too).
 */
function factsInTexts(texts: unknown[], code: string): ErrorFacts[] {
	const parts = texts
		.filter((text) => typeof text === 'string' && text !== NO_TEXT)
		.flatMap((text) => String(text).split(/ \| |; /));
	if (parts.length === 0) return [{ code, syscall: undefined }];
	return parts.map((part) => {
		const [, syscall, named] = /^([a-z]+) (E[A-Z_]+)\b/.exec(part) ?? [];
		return { code: named ?? code, syscall };
	});
}

function neverOpened({ code, syscall }: ErrorFacts): boolean {
	return syscall !== undefined && NEVER_OPENED[syscall]?.includes(code) === true;
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
	const facts = factsOf(error);
	const code = facts[0]?.code ?? 'UNKNOWN';
	if (facts.length > 0 && facts.every(neverOpened)) return { kind: 'neverOpened', code };
	if (CERTIFICATE_CODE.test(code)) return { kind: 'certificateError', code };
	return { kind: 'connectionLost', code };
}
