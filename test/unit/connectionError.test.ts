/** Whether a thrown error proves that a request never reached the server. */
import fc from 'fast-check';

import { classifyConnectionError } from '../../nodes/Aiuta/core/connectionError';

interface ErrorFields {
	code?: string;
	syscall?: string;
	cause?: unknown;
	errors?: unknown[];
	errorResponse?: unknown;
	error?: unknown;
}

function failed(fields: ErrorFields): Error {
	return Object.assign(new Error(fields.code ?? 'failed'), fields);
}

const REFUSED_4 = failed({ code: 'ECONNREFUSED', syscall: 'connect' });
const REFUSED_6 = failed({ code: 'ECONNREFUSED', syscall: 'connect' });
const CONNECT_TIMEOUT = failed({ code: 'ETIMEDOUT', syscall: 'connect' });
const RESET = failed({ code: 'ECONNRESET', syscall: 'read' });

const NEVER_OPENED = [
	'connect ECONNREFUSED',
	'connect EHOSTUNREACH',
	'connect ENETUNREACH',
	'connect ETIMEDOUT',
	'getaddrinfo ENOTFOUND',
	'getaddrinfo EAI_AGAIN',
];

/** An error as n8n 2.0 and 2.8 wrap it: of the cause only the code and the texts are left. */
function asNodeApiError(code: string, ...messages: string[]): unknown {
	return { httpCode: code, messages };
}

describe('a connection that provably never opened', () => {
	const CODES = [
		...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
		...['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'EADDRNOTAVAIL', 'EPROTO', 'ENETDOWN'],
	];
	const SYSCALLS = ['connect', 'getaddrinfo', 'read', 'write', 'shutdown', 'bind'];
	const socketError = fc.record({
		syscall: fc.constantFrom(...SYSCALLS),
		code: fc.constantFrom(...CODES),
	});
	/** Ways in which the error of a socket, or those of several addresses, come to the node. */
	const WRAPPINGS: Array<(errors: Array<{ syscall: string; code: string }>) => unknown> = [
		(errors) => new AggregateError(errors.map(failed)),
		(errors) => failed({ cause: new AggregateError(errors.map(failed)) }),
		(errors) => failed({ code: errors[0]?.code ?? '', errors: errors.map(failed) }),
		(errors) =>
			failed({ code: 'ECONNREFUSED', error: failed({ cause: { errors: errors.map(failed) } }) }),
		(errors) =>
			asNodeApiError(
				'ECONNREFUSED',
				errors.map(({ syscall, code }) => `${syscall} ${code} 10.0.0.1:443`).join(' | '),
			),
		(errors) =>
			asNodeApiError(
				'ECONNREFUSED',
				errors.map(({ syscall, code }) => `${syscall} ${code} 10.0.0.1:443`).join('; '),
			),
		(errors) => ({
			httpCode: 'ECONNREFUSED',
			messages: ['Error', 'Error'],
			description: errors.map(({ syscall, code }) => `${syscall} ${code} ::1:443`).join(' | '),
		}),
	];

	it('is one whose errors are all on the list of system calls and codes, however wrapped', () => {
		const errors = fc.array(socketError, { minLength: 1, maxLength: 3 });
		const wrapping = fc.constantFrom(...WRAPPINGS);
		fc.assert(
			fc.property(errors, wrapping, (some, wrap) => {
				const isOnList = some.every((it) => NEVER_OPENED.includes(`${it.syscall} ${it.code}`));
				const { kind } = classifyConnectionError(wrap(some), false);
				expect(kind).toBe(isOnList ? 'neverOpened' : 'connectionLost');
			}),
			{ numRuns: 10_000 },
		);
	});

	it.each(NEVER_OPENED)('is %s', (pair) => {
		const [syscall = '', code = ''] = pair.split(' ');
		const expected = { kind: 'neverOpened', code };
		expect(classifyConnectionError(failed({ code, syscall }), false)).toEqual(expected);
		const wrapped = asNodeApiError(code, `${pair} 10.0.0.1:443`, `${pair} 10.0.0.1:443`);
		expect(classifyConnectionError(wrapped, false)).toEqual(expected);
	});

	it('is an AggregateError of addresses that all refused', () => {
		const all = Object.assign(new AggregateError([REFUSED_6, REFUSED_4]), { code: 'ECONNREFUSED' });
		expect(classifyConnectionError(all, false).kind).toBe('neverOpened');
		const mixed = new AggregateError([CONNECT_TIMEOUT, REFUSED_4]);
		expect(classifyConnectionError(mixed, false).kind).toBe('neverOpened');
	});

	it.each<[string, unknown]>([
		['in cause', failed({ code: 'ERR_BAD_REQUEST', cause: REFUSED_4 })],
		['in cause of cause', failed({ cause: failed({ code: 'ECONNREFUSED', cause: REFUSED_4 }) })],
		['as n8n wraps it', failed({ errorResponse: failed({ cause: REFUSED_4 }) })],
		['as a request library wraps it', failed({ error: REFUSED_4 })],
		['an aggregate in a cause', failed({ cause: new AggregateError([REFUSED_6, REFUSED_4]) })],
	])('is found where it is wrapped: %s', (_, error) => {
		expect(classifyConnectionError(error, false)).toEqual({
			kind: 'neverOpened',
			code: 'ECONNREFUSED',
		});
	});
});

describe('a connection that may have carried the request', () => {
	it.each(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_SOCKET_CLOSED', 'HPE_INVALID_CONSTANT'])(
		'is %s',
		(code) => {
			expect(classifyConnectionError(failed({ code }), false)).toEqual({
				kind: 'connectionLost',
				code,
			});
		},
	);

	it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'])(
		'is %s that names no system call',
		(code) => {
			expect(classifyConnectionError(failed({ code }), false).kind).toBe('connectionLost');
			expect(classifyConnectionError(asNodeApiError(code), false).kind).toBe('connectionLost');
		},
	);

	it.each(['read EHOSTUNREACH', 'read ENETUNREACH'])('is %s: it was delivered', (pair) => {
		const [syscall = '', code = ''] = pair.split(' ');
		expect(classifyConnectionError(failed({ code, syscall }), false).kind).toBe('connectionLost');
		const wrapped = asNodeApiError(code, pair, pair);
		expect(classifyConnectionError(wrapped, false).kind).toBe('connectionLost');
	});

	it.each([
		'socket hang up',
		'timeout of 3000ms exceeded',
		'a text | connect ECONNREFUSED ::1:443',
	])('is one that a host describes as "%s"', (description) => {
		const error = { httpCode: 'ECONNREFUSED', messages: ['connect ECONNREFUSED'], description };
		expect(classifyConnectionError(error, false).kind).toBe('connectionLost');
	});

	it('is an error whose wrapping names another system call than its cause', () => {
		const error = failed({ code: 'ECONNRESET', syscall: 'read', cause: REFUSED_4 });
		expect(classifyConnectionError(error, false).kind).toBe('connectionLost');
	});

	it.each([undefined, 'read', 'write'])('is ETIMEDOUT with syscall %s', (syscall) => {
		const error = failed({ code: 'ETIMEDOUT', ...(syscall === undefined ? {} : { syscall }) });
		expect(classifyConnectionError(error, false).kind).toBe('connectionLost');
	});

	it('is an AggregateError with one address that connected', () => {
		const mixed = Object.assign(new AggregateError([REFUSED_6, RESET]), { code: 'ECONNREFUSED' });
		expect(classifyConnectionError(mixed, false).kind).toBe('connectionLost');
	});

	it('is whatever the cause says, not what is wrapped around it', () => {
		const error = failed({ code: 'ECONNREFUSED', cause: RESET });
		expect(classifyConnectionError(error, false).kind).toBe('connectionLost');
	});

	it.each<[string, unknown]>([
		['an error without a code', new Error('socket hang up')],
		['an empty aggregate', new AggregateError([])],
		['text', 'ECONNREFUSED'],
		['nothing', undefined],
		['null', null],
		['a code that is no text', { code: 61 }],
	])('is %s', (_, error) => {
		expect(classifyConnectionError(error, false)).toEqual({
			kind: 'connectionLost',
			code: 'UNKNOWN',
		});
	});

	it('is an error that contains itself', () => {
		const error = failed({ code: 'ECONNRESET' });
		Object.assign(error, { cause: error });
		expect(classifyConnectionError(error, false).kind).toBe('connectionLost');
		const inner = failed({ code: 'EPIPE' });
		const outer = failed({ cause: inner });
		Object.assign(inner, { cause: outer });
		expect(classifyConnectionError(outer, false).kind).toBe('connectionLost');
	});
});

describe('a certificate that was refused', () => {
	it.each([
		'CERT_HAS_EXPIRED',
		'CERT_NOT_YET_VALID',
		'CERT_UNTRUSTED',
		'DEPTH_ZERO_SELF_SIGNED_CERT',
		'SELF_SIGNED_CERT_IN_CHAIN',
		'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
		'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
		'UNABLE_TO_GET_ISSUER_CERT',
		'ERR_TLS_CERT_ALTNAME_INVALID',
		'HOSTNAME_MISMATCH',
	])('is %s', (code) => {
		expect(classifyConnectionError(failed({ cause: failed({ code }) }), false)).toEqual({
			kind: 'certificateError',
			code,
		});
	});

	it.each(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_TLS_HANDSHAKE_TIMEOUT'])(
		'is not %s',
		(code) => {
			expect(classifyConnectionError(failed({ code }), false).kind).toBe('connectionLost');
		},
	);
});

describe('a stop', () => {
	it('comes before every other explanation', () => {
		expect(classifyConnectionError(REFUSED_4, true)).toEqual({ kind: 'aborted' });
		expect(classifyConnectionError(undefined, true)).toEqual({ kind: 'aborted' });
	});
});
