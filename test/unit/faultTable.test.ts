/** The fault table of the batch engine, cell by cell: first the decision, then what really leaves. */
import { flatLays } from '../../nodes/Aiuta/api/flatLays';
import {
	classify,
	classifyStatus,
	decide,
	isAnswerToCreate,
	provesNotAccepted,
	REFUSED_POLL_PAUSE_MS,
	type Call,
	type FaultClass,
	type Verdict,
} from '../../nodes/Aiuta/api/faults';
import { deleteImageRequest, operationRequest, readCreated } from '../../nodes/Aiuta/api/requests';
import { callApi } from '../../nodes/Aiuta/batch/call';
import { followOperation } from '../../nodes/Aiuta/batch/follow';
import { Uploads } from '../../nodes/Aiuta/batch/uploads';
import type { HttpOutcome } from '../../nodes/Aiuta/core/http';
import {
	ABORTED,
	answer,
	BAD_CERTIFICATE,
	Bench,
	LOST,
	MINUTE_MS,
	NEVER_OPENED,
	operation,
	operationToFollow,
	photo,
	product,
	textAnswer,
} from './batch.support';

const CALLS: readonly Call[] = ['upload', 'create', 'get', 'delete', 'download'];

/** `R5`: retried up to five times, then failed. `P3`: again after a minute's pause, up to three times. */
type Cell =
	| `R${number}`
	| `P${number}`
	| 'deadline'
	| 'wait'
	| 'fail'
	| 'stop'
	| 'unknown'
	| 'missing'
	| 'missing, done after a retry'
	| 'cancelled';

const MEANING: Record<string, string> = {
	deadline: 'is repeated until the deadline',
	wait: 'waits for the rate limit and goes again',
	fail: 'fails at once',
	stop: 'fails and stops new work',
	unknown: 'counts as possibly accepted and is never sent again',
	missing: 'finds no such thing',
	'missing, done after a retry': 'finds no such thing, and is done when an earlier try was made',
	cancelled: 'counts as stopped by the user',
};

function meaningOf(cell: Cell): string {
	const count = cell.slice(1);
	if (/^R\d/.test(cell)) return `is retried up to ${count} times, then fails`;
	if (/^P\d/.test(cell)) return `pauses a minute up to ${count} times, then fails`;
	return MEANING[cell] ?? cell;
}

/** Upload, create, get, delete, download. */
const TABLE: ReadonlyArray<readonly [FaultClass, string, Cell, Cell, Cell, Cell, Cell]> = [
	['neverOpened', 'a connection that never opened', 'R5', 'R5', 'R5', 'R5', 'R5'],
	['certificate', 'a refused certificate', 'fail', 'fail', 'fail', 'fail', 'fail'],
	['connectionLost', 'a lost connection', 'R3', 'unknown', 'R5', 'R5', 'R3'],
	['redirect', 'a redirect', 'fail', 'unknown', 'fail', 'fail', 'fail'],
	['paymentRequired', 'status 402', 'stop', 'stop', 'P3', 'stop', 'fail'],
	['notProcessed', 'status 408 or 425', 'R3', 'R2', 'R5', 'R3', 'R3'],
	['keyRefused', 'status 401 or 403', 'stop', 'stop', 'P3', 'stop', 'missing'],
	['throttled', 'status 429', 'wait', 'wait', 'wait', 'wait', 'R3'],
	['notFound', 'status 404', 'fail', 'fail', 'missing', 'missing, done after a retry', 'missing'],
	['gone', 'status 410', 'fail', 'fail', 'fail', 'fail', 'missing'],
	['refused', 'another 4xx', 'fail', 'fail', 'fail', 'fail', 'missing'],
	['serverError', 'a 5xx', 'R3', 'unknown', 'deadline', 'R3', 'R3'],
	['badBody', 'a 2xx with the wrong body', 'R2', 'unknown', 'deadline', 'fail', 'R1'],
	['nullBody', 'a 2xx with null', 'R2', 'unknown', 'missing', 'fail', 'R1'],
	['aborted', 'a stop', 'cancelled', 'unknown', 'cancelled', 'cancelled', 'cancelled'],
];

const CELLS = TABLE.flatMap(([fault, name, ...row]) =>
	CALLS.map((call, column) => {
		const cell = row[column] ?? 'fail';
		return { fault, name, call, cell, meaning: meaningOf(cell) };
	}),
);

const MANY = 1_000;

function expectCounted(
	call: Call,
	fault: FaultClass,
	kind: 'retry' | 'pause',
	maxRetries: number,
): void {
	for (let made = 0; made < maxRetries; made += 1) {
		expect(decide(call, fault, made)).toEqual({ kind, maxRetries });
	}
	expect(decide(call, fault, maxRetries)).toEqual({ kind: 'fail' });
	expect(decide(call, fault, MANY)).toEqual({ kind: 'fail' });
}

function expectAlways(call: Call, fault: FaultClass, verdict: Verdict): void {
	for (const made of [0, 1, 5, MANY]) expect(decide(call, fault, made)).toEqual(verdict);
}

function expectCell(call: Call, fault: FaultClass, cell: Cell): void {
	const count = Number(cell.slice(1));
	if (/^[RP]\d/.test(cell)) {
		expectCounted(call, fault, cell.startsWith('R') ? 'retry' : 'pause', count);
		return;
	}
	switch (cell) {
		case 'deadline':
			expectAlways(call, fault, { kind: 'untilDeadline' });
			break;
		case 'missing, done after a retry':
			expect(decide(call, fault, 0)).toEqual({ kind: 'missing' });
			expect(decide(call, fault, 1)).toEqual({ kind: 'done' });
			expect(decide(call, fault, MANY)).toEqual({ kind: 'done' });
			break;
		case 'wait':
		case 'fail':
		case 'stop':
		case 'unknown':
		case 'missing':
		case 'cancelled':
			expectAlways(call, fault, { kind: cell });
			break;
		default:
			throw new Error(`no such cell: ${cell}`);
	}
}

describe('what is decided after a fault', () => {
	it.each(CELLS)('$name: the $call $meaning', ({ fault, call, cell }) => {
		expectCell(call, fault, cell);
	});

	it('covers every fault and every call', () => {
		expect(CELLS).toHaveLength(15 * 5);
		expect(new Set(TABLE.map(([fault]) => fault)).size).toBe(15);
	});

	it('rests refused polls for a minute', () => {
		expect(REFUSED_POLL_PAUSE_MS).toBe(MINUTE_MS);
	});
});

const FAULTS_BY_STATUS: ReadonlyArray<readonly [FaultClass, number[]]> = [
	['redirect', [300, 301, 302, 303, 304, 305, 307, 308, 399]],
	['keyRefused', [401, 403]],
	['paymentRequired', [402]],
	['notFound', [404]],
	['notProcessed', [408, 425]],
	['gone', [410]],
	['throttled', [429]],
	['refused', [400, 405, 406, 409, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424]],
	['refused', [426, 428, 431, 451, 499]],
	['serverError', [500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 524, 599]],
];

describe('which fault a status is', () => {
	it.each(
		FAULTS_BY_STATUS.flatMap(([fault, statuses]) => statuses.map((status) => [status, fault])),
	)('%i is %s', (status, fault) => {
		expect(classifyStatus(Number(status))).toBe(fault);
	});

	it.each([200, 201, 202, 203, 204, 206, 299])('%i is no fault', (status) => {
		expect(classifyStatus(status)).toBeUndefined();
	});

	it.each([0, 100, 102, 199, 600, 999])(
		'%i, no final status, counts as a server error',
		(status) => {
			expect(classifyStatus(status)).toBe('serverError');
		},
	);
});

describe('when a create is known not to have been accepted', () => {
	// The list of money rule 1, and 405 with the other 4xx as the fault table has them.
	it.each([400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 418, 422, 425, 429])(
		'after an answer %i',
		(status) => {
			const fault = classifyStatus(status);
			expect(fault !== undefined && provesNotAccepted(fault)).toBe(true);
		},
	);

	it.each<FaultClass>(['neverOpened', 'certificate'])('after %s', (fault) => {
		expect(provesNotAccepted(fault)).toBe(true);
	});

	it.each([301, 302, 304, 307, 308, 500, 501, 502, 503, 504, 520, 599])(
		'but not after an answer %i',
		(status) => {
			const fault = classifyStatus(status);
			expect(fault !== undefined && provesNotAccepted(fault)).toBe(false);
		},
	);

	it.each<FaultClass>(['connectionLost', 'badBody', 'nullBody', 'aborted'])(
		'but not after %s',
		(fault) => {
			expect(provesNotAccepted(fault)).toBe(false);
		},
	);

	it.each(CELLS.filter(({ call }) => call === 'create'))(
		'$name: a create is repeated only where it is known not to have been accepted',
		({ fault }) => {
			const mayGoAgain = ['retry', 'wait', 'untilDeadline', 'pause'].includes(
				decide('create', fault, 0).kind,
			);
			expect(mayGoAgain && !provesNotAccepted(fault)).toBe(false);
			expect(decide('create', fault, 0).kind === 'unknown').toBe(!provesNotAccepted(fault));
		},
	);
});

describe('whether a refused create shows that Aiuta answers again', () => {
	it.each([400, 401, 402, 403, 404, 409, 410, 422])('an answer %i does', (status) => {
		const fault = classifyStatus(status);
		expect(fault !== undefined && isAnswerToCreate(fault)).toBe(true);
	});

	it.each<FaultClass>([
		...(['neverOpened', 'certificate', 'connectionLost', 'redirect', 'notProcessed'] as const),
		...(['throttled', 'serverError', 'badBody', 'nullBody', 'aborted'] as const),
	])('%s does not', (fault) => {
		expect(isAnswerToCreate(fault)).toBe(false);
	});
});

describe('how an exchange is classified', () => {
	it.each<[string, HttpOutcome, FaultClass]>([
		['a connection that never opened', NEVER_OPENED, 'neverOpened'],
		['a refused certificate', BAD_CERTIFICATE, 'certificate'],
		['a lost connection', LOST, 'connectionLost'],
		['a stop', ABORTED, 'aborted'],
		['an answer 503', answer(503), 'serverError'],
		['a 200 with bad JSON', textAnswer(200, '{"operation_id": '), 'badBody'],
		['a 200 with an empty body', textAnswer(200, ''), 'badBody'],
		['a 200 with HTML', textAnswer(200, '<html>login</html>'), 'badBody'],
		['a 200 with null', answer(200, null), 'nullBody'],
		['a 200 without an operation ID', answer(200, { status: 'ok' }), 'badBody'],
		['a 200 with an empty operation ID', answer(200, { operation_id: '' }), 'badBody'],
		['a 200 with a list', answer(200, []), 'badBody'],
		['a 204 where an ID is expected', textAnswer(204, ''), 'badBody'],
	])('a create that ends in %s', (_, outcome, fault) => {
		expect(classify('create', outcome, readCreated)).toEqual({ ok: false, fault });
	});

	it.each([200, 201, 202])('a create answered %i with an operation ID succeeds', (status) => {
		expect(classify('create', answer(status, { operation_id: 'a' }), readCreated)).toEqual({
			ok: true,
			answer: { operationId: 'a', body: { operation_id: 'a' } },
		});
	});

	it('an operation ID in an error answer is not a success', () => {
		expect(classify('create', answer(500, { operation_id: 'a' }), readCreated)).toEqual({
			ok: false,
			fault: 'serverError',
		});
	});

	it('a delete succeeds with 204 only', () => {
		const always = () => true;
		expect(classify('delete', textAnswer(204, ''), always)).toMatchObject({ ok: true });
		expect(classify('delete', answer(200, {}), always)).toEqual({ ok: false, fault: 'badBody' });
		expect(classify('delete', answer(202, null), always)).toEqual({ ok: false, fault: 'badBody' });
	});
});

/** A server that gives every request the same fault, and the call that meets it. */
const OUTCOMES: Readonly<Partial<Record<FaultClass, HttpOutcome>>> = {
	neverOpened: NEVER_OPENED,
	certificate: BAD_CERTIFICATE,
	connectionLost: LOST,
	redirect: answer(307),
	paymentRequired: answer(402),
	notProcessed: answer(408),
	keyRefused: answer(401),
	notFound: answer(404),
	gone: answer(410),
	refused: answer(422),
	serverError: answer(502),
	badBody: textAnswer(200, '<html>'),
	nullBody: answer(200, null),
};

function requestsOf(cell: Cell): number {
	return /^R\d/.test(cell) ? 1 + Number(cell.slice(1)) : 1;
}

const DELETE = deleteImageRequest(flatLays, 'uploaded_images', 'x');

const SENT_CELLS = CELLS.flatMap((it) => {
	const outcome = OUTCOMES[it.fault];
	return outcome === undefined ? [] : [{ ...it, outcome, requests: requestsOf(it.cell) }];
});

const ofCall = (call: Call) => SENT_CELLS.filter((it) => it.call === call);

describe('how many requests leave when a fault does not go away', () => {
	it.each(ofCall('upload'))('$name: $requests uploads', async ({ outcome, requests }) => {
		const bench = new Bench();
		bench.api.scripts.upload = () => outcome;
		const run = bench.openRun();
		const result = await bench.clock.run(new Uploads(run).once(photo('front')));
		expect(result.kind).toBe('failed');
		expect(bench.api.count('upload')).toBe(requests);
	});

	it.each(ofCall('create'))('$name: $requests creates', async ({ outcome, requests }) => {
		const bench = new Bench();
		bench.api.scripts.create = () => outcome;
		const [result] = await bench.try([product(0)]);
		expect(result?.kind).toBe('failed');
		expect(bench.api.count('create')).toBe(requests);
	});

	it.each(ofCall('get').filter(({ cell }) => cell !== 'deadline' && !cell.startsWith('P')))(
		'$name: $requests polls of an operation that existed before',
		async ({ outcome, requests }) => {
			const bench = new Bench();
			bench.api.scripts.get = () => outcome;
			const result = await bench.clock.run(followOperation(bench.openRun(), operationToFollow()));
			expect(result.kind).toBe('unreadable');
			expect(bench.api.count('get')).toBe(requests);
		},
	);

	it.each(ofCall('get').filter(({ cell }) => cell === 'deadline'))(
		'$name: polls until the deadline, and not beyond it',
		async ({ outcome }) => {
			const bench = new Bench();
			bench.api.scripts.get = () => outcome;
			const startMs = bench.clock.now();
			const result = await bench.clock.run(followOperation(bench.openRun(), operationToFollow()));
			expect(result.kind).toBe('timedOut');
			expect(bench.api.count('get')).toBeGreaterThan(6);
			expect(bench.api.of('get').at(-1)?.atMs).toBeGreaterThan(startMs + 59 * MINUTE_MS);
			expect(bench.clock.now()).toBeLessThanOrEqual(startMs + 60 * MINUTE_MS);
		},
	);

	it.each(ofCall('get').filter(({ cell }) => cell.startsWith('P')))(
		'$name: after a success, 4 polls a minute apart',
		async ({ outcome }) => {
			const bench = new Bench();
			bench.api.scripts.get = (nth) => (nth === 1 ? operation('IN_PROGRESS') : outcome);
			const result = await bench.clock.run(followOperation(bench.openRun(), operationToFollow()));
			expect(result).toMatchObject({ kind: 'unreadable', last: { status: 'IN_PROGRESS' } });
			const [, ...refused] = bench.api.of('get').map(({ atMs }) => atMs);
			expect(refused).toHaveLength(4);
			for (const [index, atMs] of refused.slice(1).entries()) {
				expect(atMs - (refused[index] ?? 0)).toBeGreaterThanOrEqual(MINUTE_MS);
			}
		},
	);

	it.each(ofCall('delete'))('$name: $requests deletes', async ({ outcome, requests }) => {
		const bench = new Bench();
		bench.api.scripts.delete = () => outcome;
		const result = await bench.clock.run(callApi(bench.openRun(), DELETE));
		expect(result.kind).toBe('fault');
		expect(bench.api.count('delete')).toBe(requests);
	});

	it.each(ofCall('download').filter(({ cell }) => cell !== 'missing'))(
		'$name: $requests downloads',
		async ({ outcome, requests }) => {
			const bench = new Bench();
			bench.fetchPicture = async () => await Promise.resolve(outcome);
			const run = bench.openRun();
			const result = await bench.clock.run(
				bench.downloads(run).one('https://files.example/a.png', 'a'),
			);
			expect(result.kind).toBe('failed');
			expect(bench.fetched).toHaveLength(requests);
		},
	);

	it('a delete that was lost and then finds nothing is done', async () => {
		const bench = new Bench();
		bench.api.scripts.delete = (nth) => (nth === 1 ? LOST : answer(404));
		const result = await bench.clock.run(callApi(bench.openRun(), DELETE));
		expect(result).toEqual({ kind: 'ok', answer: true });
	});

	it('the path of an operation is escaped', () => {
		expect(operationRequest(flatLays, 'a/../b?c').http.path).toBe(
			'/flat-lays/v1/flat_lay_operations/a%2F..%2Fb%3Fc',
		);
	});
});
