/** Whether a thrown error proves that a request never reached the server. */
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

describe('a connection that provably never opened', () => {
	it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
		'is %s',
		(code) => {
			expect(classifyConnectionError(failed({ code }), false)).toEqual({
				kind: 'neverOpened',
				code,
			});
		},
	);

	it('is ETIMEDOUT while connecting', () => {
		expect(classifyConnectionError(CONNECT_TIMEOUT, false)).toEqual({
			kind: 'neverOpened',
			code: 'ETIMEDOUT',
		});
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
