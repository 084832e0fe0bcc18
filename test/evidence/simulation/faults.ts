/**
 * Everything that can go wrong with one exchange, as data. A fault says what the caller sees and
 * whether the request took effect at the server all the same.
 */
import { classifyConnectionError } from '../../../nodes/Aiuta/core/connectionError';
import type { HttpOutcome } from '../../../nodes/Aiuta/core/http';
import { TOO_LARGE } from '../../../nodes/Aiuta/transport/readable';
import { LATE } from '../../../nodes/Aiuta/transport/send';

export const CALLS = ['upload', 'create', 'get', 'download'] as const;

export type SimulatedCall = (typeof CALLS)[number];

export interface FaultKind {
	name: string;
	/** Whether the server acts on the request before the fault. */
	takesEffect: boolean;
	/** `timeout` outlasts the request's own limit; `stop` is the user stopping the execution. */
	how: 'outcome' | 'timeout' | 'stop';
	outcome: HttpOutcome;
}

const HTML = '<html><body>502</body></html>';

const fault = (
	name: string,
	outcome: HttpOutcome,
	takesEffect = false,
	how: FaultKind['how'] = 'outcome',
): FaultKind => ({ name, takesEffect, how, outcome });

const answer = (
	status: number,
	body = '{"detail":"simulated"}',
	headers: Record<string, string> = {},
): HttpOutcome => ({ kind: 'response', status, headers, body });

const lost = (code: string): HttpOutcome => ({ kind: 'connectionLost', code });

/** What the transport makes of an error that n8n's helper throws. */
const thrown = (code: string, syscall?: string): HttpOutcome =>
	classifyConnectionError(Object.assign(new Error(code), { code, syscall }), false);

const status = (code: number) => fault(String(code), answer(code));
/** The gateway gave up, but the service behind it went on. */
const statusAfter = (code: number) => fault(`${code} after effect`, answer(code), true);

/** The rows of the fault table, with and without effect where the caller cannot tell. */
export const FAULTS: readonly [FaultKind, ...FaultKind[]] = [
	fault('never opened', { kind: 'neverOpened', code: 'ECONNREFUSED' }),
	fault('certificate', { kind: 'certificateError', code: 'CERT_HAS_EXPIRED' }),
	fault('reset before effect', lost('ECONNRESET')),
	fault('reset after effect', lost('ECONNRESET'), true),
	fault('timeout before effect', lost('ECONNABORTED'), false, 'timeout'),
	fault('timeout after effect', lost('ECONNABORTED'), true, 'timeout'),
	...[301, 302, 307, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 422, 425].map(status),
	fault('429', answer(429)),
	fault('429 with seconds', answer(429, '', { 'retry-after': '7' })),
	fault('429 with no seconds', answer(429, '', { 'retry-after': '0' })),
	fault(
		'429 with a date that has passed',
		answer(429, '', { 'retry-after': 'Thu, 01 Jan 1970 00:00:01 GMT' }),
	),
	fault('429 with a bad header', answer(429, '', { 'retry-after': 'soon' })),
	...[500, 502, 503, 504].map(status),
	...[500, 502, 503, 504].map(statusAfter),
	fault('307 after effect', answer(307), true),
	fault('HTML body', answer(200, HTML), true),
	fault('cut body', answer(200, '{"operation_id": "'), true),
	fault('empty object', answer(200, '{}'), true),
	fault('null body', answer(200, 'null'), true),
	fault('read EHOSTUNREACH after effect', thrown('EHOSTUNREACH', 'read'), true),
	fault('gzip cut short after effect', thrown('Z_BUF_ERROR'), true),
	fault('gzip broken after effect', thrown('Z_DATA_ERROR'), true),
	fault('huge body after effect', thrown(TOO_LARGE), true),
	fault('dripping body after effect', lost(LATE), true, 'timeout'),
	fault('stop before effect', { kind: 'aborted' }, false, 'stop'),
	fault('stop after effect', { kind: 'aborted' }, true, 'stop'),
];

/** One of each kind of treatment; for pairs, where all of them would be too many. */
export const REPRESENTATIVE_FAULTS: readonly FaultKind[] = FAULTS.filter(({ name }) =>
	[
		'never opened',
		'certificate',
		'reset before effect',
		'reset after effect',
		'timeout after effect',
		'gzip cut short after effect',
		'302',
		'401',
		'402',
		'404',
		'408',
		'422',
		'429',
		'429 with seconds',
		'503',
		'503 after effect',
		'HTML body',
		'null body',
		'stop after effect',
	].includes(name),
);

/** A fault at the k-th request of a kind, counted from 1 over the whole scenario. */
export interface Placement {
	call: SimulatedCall;
	moment: number;
	fault: FaultKind;
}

/** Hands out the fault, if any, that is placed at each request. */
export class FaultPlan {
	private readonly counts = new Map<SimulatedCall, number>();

	/** How many placements have been reached. */
	reached = 0;

	constructor(private readonly placements: readonly Placement[]) {}

	/** Count a request and return the fault that belongs to it. */
	next(call: SimulatedCall): FaultKind | undefined {
		const count = (this.counts.get(call) ?? 0) + 1;
		this.counts.set(call, count);
		const placed = this.placements.find((it) => it.call === call && it.moment === count);
		if (placed !== undefined) this.reached += 1;
		return placed?.fault;
	}
}
