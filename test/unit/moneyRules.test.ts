/**
 * The money rules of the public contract, in its words: each `describe` is one rule, run through the
 * real batch engine against a scripted Aiuta.
 */
import { isRetryable } from '../../nodes/Aiuta/api/failures';
import { callApi } from '../../nodes/Aiuta/batch/call';
import { waitForOperation } from '../../nodes/Aiuta/batch/deliver';
import { getOperationSpec } from '../../nodes/Aiuta/batch/follow';
import { Scheduler } from '../../nodes/Aiuta/schedule/scheduler';
import type { HttpOutcome } from '../../nodes/Aiuta/core/http';
import {
	ABORTED,
	answer,
	BAD_CERTIFICATE,
	Bench,
	failureOf,
	FINISH,
	finishedOf,
	LOST,
	NEVER_OPENED,
	operation,
	photo,
	product,
	products,
	textAnswer,
} from './batch.support';

const MAY_BE_ACCEPTED: ReadonlyArray<readonly [string, HttpOutcome]> = [
	['a lost connection', LOST],
	['a time-out', { kind: 'connectionLost', code: 'ECONNABORTED' }],
	['an answer 500', answer(500)],
	['an answer 502', textAnswer(502, '<html>Bad Gateway</html>')],
	['an answer 503', answer(503)],
	['an answer 504', answer(504)],
	['a redirect', answer(307)],
	['an answer 200 with HTML', textAnswer(200, '<html></html>')],
	['an answer 200 with half an object', textAnswer(200, '{"operation_id":"op')],
	['an answer 200 with null', answer(200, null)],
	['an answer 200 without an ID', answer(200, {})],
];

const NOT_ACCEPTED = [400, 401, 402, 403, 404, 408, 409, 413, 415, 422, 425, 429];

describe('1. A create request that may have been accepted is never sent again.', () => {
	it.each(MAY_BE_ACCEPTED)(
		'after %s it is one create, reported as possibly accepted',
		async (_, outcome) => {
			const bench = new Bench();
			bench.api.scripts.create = () => outcome;
			const [result] = await bench.try([product(0)]);
			expect(bench.api.count('create')).toBe(1);
			expect(failureOf(result)).toMatchObject({
				code: 'CREATE_OUTCOME_UNKNOWN',
				productId: 'sku-0',
				uploadedImageIds: ['img-1'],
			});
			expect(isRetryable(failureOf(result))).toBe(false);
			expect(failureOf(result).message).toContain('may have been accepted');
		},
	);

	it.each(MAY_BE_ACCEPTED)('nor by a re-run, after %s', async (_, outcome) => {
		const bench = new Bench();
		bench.api.scripts.create = () => outcome;
		const [first] = await bench.try([product(0)]);
		bench.api.scripts = {};
		const [second] = await bench.try([product(0)]);
		const [third] = await bench.try([product(0)]);
		expect(bench.api.count('create')).toBe(1);
		expect(failureOf(second).code).toBe('CREATE_OUTCOME_UNKNOWN');
		expect(failureOf(second).message).toBe(failureOf(first).message);
		expect(failureOf(third).code).toBe('CREATE_OUTCOME_UNKNOWN');
	});

	it('a create that was on its way when the execution was stopped counts as accepted', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.create = () => {
			stop.abort();
			return ABORTED;
		};
		const [result] = await bench.try([product(0)], { signal: stop.signal });
		expect(failureOf(result).code).toBe('CREATE_OUTCOME_UNKNOWN');
		bench.api.scripts = {};
		await bench.try([product(0)]);
		expect(bench.api.count('create')).toBe(1);
	});

	it('the intent is in the journal before the request leaves', async () => {
		const bench = new Bench();
		let atSend: unknown;
		bench.api.scripts.create = () => {
			atSend = structuredClone(bench.store);
			return undefined;
		};
		await bench.try([product(0)]);
		expect(atSend).toEqual({
			aiutaJournal: { '0': { 'key-0': { state: 'intent', imageIds: ['img-1'] } } },
		});
	});

	it('a process that dies with a create on its way does not send it again', async () => {
		const bench = new Bench();
		let saved: Record<string, unknown> = {};
		bench.api.scripts.create = () => {
			saved = structuredClone(bench.store);
			return LOST;
		};
		await bench.try([product(0)]);
		bench.store = saved;
		bench.api.scripts = {};
		const [result] = await bench.try([product(0)]);
		expect(failureOf(result).code).toBe('CREATE_OUTCOME_UNKNOWN');
		expect(bench.api.count('create')).toBe(1);
	});

	it.each(NOT_ACCEPTED.filter((status) => ![408, 425, 429].includes(status)))(
		'an answer %i rules acceptance out: a re-run creates',
		async (status) => {
			const bench = new Bench();
			bench.api.scripts.create = (nth) => (nth === 1 ? answer(status) : undefined);
			const [first] = await bench.try([product(0)]);
			expect(failureOf(first).code).not.toBe('CREATE_OUTCOME_UNKNOWN');
			expect(bench.api.count('create')).toBe(1);
			const [second] = await bench.try([product(0)]);
			expect(finishedOf(second).operationId).toBe('op-2');
			expect(bench.api.count('create')).toBe(2);
		},
	);

	it.each<[string, HttpOutcome]>([
		['an answer 408', answer(408)],
		['an answer 425', answer(425)],
		['an answer 429', answer(429)],
		['a connection that never opened', NEVER_OPENED],
	])('%s rules acceptance out: the same run creates', async (_, outcome) => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => (nth === 1 ? outcome : undefined);
		const [result] = await bench.try([product(0)]);
		expect(finishedOf(result).operationId).toBe('op-2');
		expect(bench.api.count('create')).toBe(2);
	});

	it('a refused certificate rules acceptance out: a re-run creates', async () => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => (nth === 1 ? BAD_CERTIFICATE : undefined);
		const [first] = await bench.try([product(0)]);
		expect(failureOf(first).code).toBe('CERTIFICATE_REFUSED');
		const [second] = await bench.try([product(0)]);
		expect(finishedOf(second).operationId).toBe('op-2');
	});

	it('a retry that may have been accepted ends the retries', async () => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => [NEVER_OPENED, answer(408), LOST][nth - 1];
		const [result] = await bench.try([product(0)]);
		expect(failureOf(result).code).toBe('CREATE_OUTCOME_UNKNOWN');
		expect(bench.api.count('create')).toBe(3);
	});

	it('while a refused try waits to go again, the journal holds no intent', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => NEVER_OPENED;
		const [result] = await bench.try([product(0)]);
		expect(failureOf(result).code).toBe('CREATE_NOT_SENT');
		expect(bench.record('key-0')).toEqual({ state: 'refused', imageIds: ['img-1'] });
	});

	it('a stop while a refused try waits to go again leaves no intent: a re-run creates', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.create = () => {
			void bench.clock.wakeAt(bench.clock.now() + 500).then(() => stop.abort());
			return NEVER_OPENED;
		};
		const [first] = await bench.try([product(0)], { signal: stop.signal });
		expect(failureOf(first).code).toBe('CANCELLED');
		expect(bench.api.count('create')).toBe(1);
		bench.api.scripts = {};
		const [second] = await bench.try([product(0)]);
		expect(finishedOf(second).operationId).toBe('op-2');
	});

	it('the next create waits until a GET has shown that Aiuta answers', async () => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => (nth === 1 ? LOST : undefined);
		bench.api.scripts.probe = (nth) => (nth < 3 ? LOST : undefined);
		const outcomes = await bench.try(products(2), { requestsPerSecond: 1 });
		expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['failed', 'finished']);
		const calls = bench.api.sent.map(({ call }) => call);
		const [, secondCreateIndex] = calls.flatMap((call, index) =>
			call === 'create' ? [index] : [],
		);
		expect(calls.slice(0, secondCreateIndex).filter((call) => call === 'probe')).toHaveLength(3);
	});

	it('nor does a create leave that was waiting while the unknown one was on its way', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => LOST;
		bench.api.scripts.probe = () => LOST;
		const images = { kind: 'uploadedImageIds' as const, ids: ['a'] };
		await bench.try(Array.from({ length: 20 }, (_, n) => product(n, { images })));
		expect(bench.api.count('create')).toBe(1);
	});

	it('no create follows when Aiuta stays silent after an unknown one', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => LOST;
		bench.api.scripts.probe = () => LOST;
		const outcomes = await bench.try(products(5), { requestsPerSecond: 1 });
		expect(bench.api.count('create')).toBe(1);
		const codes = outcomes.map((outcome) => failureOf(outcome).code).sort();
		expect(codes).toEqual([
			'CREATE_OUTCOME_UNKNOWN',
			'NOT_STARTED',
			'NOT_STARTED',
			'NOT_STARTED',
			'NOT_STARTED',
		]);
	});
});

describe('2. An operation ID, once received, is in the output, the error, the journal and the log, whatever happens afterwards.', () => {
	it('is in the log and the journal before anything else is sent', async () => {
		const bench = new Bench();
		let seen: unknown;
		bench.api.scripts.get = (nth) => {
			if (nth === 1) seen = { logged: [...bench.logged], record: bench.record('key-0') };
			return undefined;
		};
		await bench.try([product(0)]);
		expect(seen).toEqual({
			logged: [{ operationId: 'op-1', productId: 'sku-0', itemIndex: 0 }],
			record: { state: 'created', imageIds: ['img-1'], operationId: 'op-1' },
		});
	});

	it('is in the output of a finished product', async () => {
		const bench = new Bench();
		const [result] = await bench.try([product(0)]);
		expect(finishedOf(result)).toMatchObject({
			operationId: 'op-1',
			operations: [{ operation_id: 'op-1', status: 'SUCCESS', failure_reason: null }],
		});
	});

	it.each<[string, HttpOutcome, string]>([
		['the operation fails', operation('FAILED'), 'OPERATION_FAILED'],
		['the operation is cancelled at Aiuta', operation('CANCELLED'), 'OPERATION_FAILED'],
		['the operation is aborted at Aiuta', operation('ABORTED'), 'OPERATION_FAILED'],
		['its certificate is refused', BAD_CERTIFICATE, 'CERTIFICATE|STATE'],
		['a poll is refused with 422', answer(422), 'STATE_UNKNOWN'],
		['a poll is redirected', answer(302), 'STATE_UNKNOWN'],
		['every poll is lost', LOST, 'STATE_UNKNOWN'],
		['Aiuta never knows it', answer(200, null), 'OPERATION_NOT_FOUND'],
		['the key is refused from then on', answer(401), 'KEY_REFUSED'],
		['the plan is refused from then on', answer(402), 'PAYMENT_REQUIRED'],
		['it never finishes', operation('IN_PROGRESS'), 'TIMED_OUT'],
		['it stays paused', operation('PAUSED'), 'TIMED_OUT'],
		['its status is none of the seven', operation('REVIEWING'), 'TIMED_OUT'],
		['Aiuta is down from then on', answer(503), 'TIMED_OUT'],
		['it succeeds without an image', operation('SUCCESS'), 'NO_IMAGES'],
	])('is in the error, the journal and the log when %s', async (_, outcome, code) => {
		const bench = new Bench();
		bench.api.scripts.get = () => outcome;
		const [result] = await bench.try([product(0)]);
		const failed = failureOf(result);
		expect(failed.code).toMatch(new RegExp(code));
		expect(failed.operationId).toBe('op-1');
		expect(failed.message).toContain('op-1');
		expect(failed.operations).toMatchObject([{ operation_id: 'op-1' }]);
		expect(bench.record('key-0')).toMatchObject({ operationId: 'op-1' });
		expect(bench.logged).toHaveLength(1);
	});

	it('is in the error when its pictures cannot be downloaded, with their URLs', async () => {
		const bench = new Bench();
		bench.fetchPicture = async () => await Promise.resolve(answer(500));
		const [result] = await bench.try([product(0)]);
		expect(failureOf(result)).toMatchObject({
			code: 'DOWNLOAD_FAILED',
			operationId: 'op-1',
			generatedImages: [{ id: 'generated-op-1', url: 'https://files.example/generated-op-1.png' }],
		});
	});

	it('is in the error when the execution is stopped while it runs', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.get = (nth) => {
			if (nth === 2) stop.abort();
			return operation('IN_PROGRESS');
		};
		const [result] = await bench.try([product(0)], { signal: stop.signal });
		expect(failureOf(result)).toMatchObject({ code: 'CANCELLED', operationId: 'op-1' });
		expect(bench.record('key-0')).toMatchObject({ state: 'created', operationId: 'op-1' });
	});

	it('is kept when the execution is stopped while the create is answered', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.create = () => {
			stop.abort();
			return undefined;
		};
		const [result] = await bench.try([product(0)], { signal: stop.signal });
		expect(failureOf(result)).toMatchObject({ code: 'CANCELLED', operationId: 'op-1' });
		expect(bench.record('key-0')).toMatchObject({ operationId: 'op-1' });
		expect(bench.logged).toMatchObject([{ operationId: 'op-1' }]);
	});

	it('is in the error beside its sibling that failed, with what succeeded', async () => {
		const bench = new Bench();
		bench.api.scripts.get = (_, { operationId }) =>
			operationId === 'op-2' ? operation('FAILED') : undefined;
		const operations = [0, 1, 2].map((n) => ({ imageTypes: [], journalKey: `key-${n}` }));
		const [result] = await bench.try([product(0, { operations })]);
		const failed = failureOf(result);
		expect(failed.operations?.map((it) => [it.operation_id, it.failure_reason])).toEqual([
			['op-1', null],
			['op-2', 'blurred photo'],
			['op-3', null],
		]);
		expect(failed.generatedImages?.map(({ id }) => id)).toEqual([
			'generated-op-1',
			'generated-op-3',
		]);
		expect(failed.message).toContain('1 of 3 operations');
	});
});

describe('3. Retry On Fail and "Retry execution" resume the operations that exist; they never create them again.', () => {
	it('a timed-out operation is polled by the re-run, not created', async () => {
		const bench = new Bench();
		bench.api.pollsInProgress = 1_000_000;
		const [first] = await bench.try([product(0)], { maxWaitMs: 60_000 });
		expect(failureOf(first).code).toBe('TIMED_OUT');
		bench.api.pollsInProgress = 0;
		const [second] = await bench.try([product(0)], { maxWaitMs: 60_000 });
		expect(finishedOf(second)).toMatchObject({ operationId: 'op-1', uploadedImageIds: ['img-1'] });
		expect(bench.api.count('create')).toBe(1);
		expect(bench.api.count('upload')).toBe(1);
	});

	it('a finished product is delivered again, from a fresh look at its operation', async () => {
		const bench = new Bench();
		await bench.try([product(0)]);
		const pollsBefore = bench.api.count('get');
		const [second] = await bench.try([product(0)]);
		expect(finishedOf(second).pictures).toHaveLength(1);
		expect(bench.api.count('get')).toBe(pollsBefore + 1);
		expect(bench.api.count('create')).toBe(1);
	});

	it('one failure among many: the re-run creates only what was never created', async () => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => (nth === 3 ? answer(422) : undefined);
		const first = await bench.try(products(5));
		expect(first.filter(({ kind }) => kind === 'failed')).toHaveLength(1);
		const second = await bench.try(products(5));
		expect(second.every(({ kind }) => kind === 'finished')).toBe(true);
		expect(bench.api.count('create')).toBe(6);
	});

	it('a failed operation stays failed within its execution', async () => {
		const bench = new Bench();
		bench.api.scripts.get = () => operation('FAILED');
		const [first] = await bench.try([product(0)]);
		const sentBefore = bench.api.sent.length;
		bench.api.scripts = {};
		const [second] = await bench.try([product(0)]);
		expect(failureOf(second)).toMatchObject({
			code: 'OPERATION_FAILED',
			message: failureOf(first).message,
			operationId: 'op-1',
			status: 'FAILED',
			failureReason: 'blurred photo',
		});
		expect(bench.api.sent).toHaveLength(sentBefore);
	});

	it('its failure, met again, does not keep other products from starting', async () => {
		const bench = new Bench();
		bench.api.scripts.get = () => operation('FAILED');
		await bench.try([product(0)]);
		bench.api.scripts = {};
		const [failed, other] = await bench.try(products(2), { stopOnFailure: true });
		expect(failureOf(failed).code).toBe('OPERATION_FAILED');
		expect(finishedOf(other).operationId).toBe('op-2');
	});

	it('an unknown outcome, met again, does not keep other products from starting', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => LOST;
		await bench.try([product(0)]);
		bench.api.scripts = {};
		const [unknown, other] = await bench.try(products(2), { stopOnFailure: true });
		expect(failureOf(unknown).code).toBe('CREATE_OUTCOME_UNKNOWN');
		expect(finishedOf(other).kind).toBe('finished');
	});

	it('only a new execution generates anew', async () => {
		const bench = new Bench();
		bench.api.scripts.get = () => operation('FAILED');
		await bench.try([product(0)]);
		bench.api.scripts = {};
		bench.store = {};
		const [result] = await bench.try([product(0)]);
		expect(finishedOf(result).operationId).toBe('op-2');
	});

	it('Stop with Retry On Fail: a first failure keeps the rest for the next try', async () => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => (nth === 1 ? answer(422) : undefined);
		const first = await bench.try(products(4), { stopOnFailure: true, requestsPerSecond: 1 });
		const codes = first.map((outcome) => failureOf(outcome).code);
		expect(codes.filter((code) => code === 'CREATE_REFUSED')).toHaveLength(1);
		expect(codes.filter((code) => code === 'NOT_STARTED')).toHaveLength(3);
		const second = await bench.try(products(4), { stopOnFailure: true, requestsPerSecond: 1 });
		expect(second.every(({ kind }) => kind === 'finished')).toBe(true);
		expect(bench.api.count('create')).toBe(5);
		expect(new Set(bench.logged.map(({ productId }) => productId)).size).toBe(4);
	});

	it('Stop: from the first failure on no further product is started', async () => {
		const bench = new Bench();
		bench.api.scripts.upload = () => answer(422);
		await bench.try(products(20), { stopOnFailure: true });
		expect(bench.api.sent).toHaveLength(1);
	});

	it('Stop: a refused photo counts at once, not when the other photos of its product have ended', async () => {
		const bench = new Bench();
		bench.api.scripts.upload = async (nth) => {
			if (nth === 3) await bench.clock.wakeAt(bench.clock.now() + 60_000);
			return nth === 2 ? answer(422) : undefined;
		};
		const sources = ['front', 'back', 'label'].map((name) => photo(name));
		const three = product(0, { images: { kind: 'sources', sources } });
		await bench.try([three, ...products(20).slice(1)], { stopOnFailure: true });
		// Every product needs its own create, and the only one that was begun has failed.
		expect(bench.api.count('create')).toBe(0);
	});

	it('a try that begins already stopped sends nothing', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		stop.abort();
		const [result] = await bench.try([product(0)], { signal: stop.signal });
		expect(failureOf(result).code).toBe('CANCELLED');
		expect(bench.api.sent).toEqual([]);
	});
});

describe('4. Until the first success of a run exactly one request is outstanding; a refused key therefore costs one refusal (uploads included).', () => {
	it.each([401, 402, 403])('an upload answered %i is the only request', async (status) => {
		const bench = new Bench();
		bench.api.scripts.upload = () => answer(status);
		const outcomes = await bench.try(products(20));
		expect(bench.api.sent).toHaveLength(1);
		const codes = outcomes.map((outcome) => failureOf(outcome).code);
		const refused = status === 402 ? 'PAYMENT_REQUIRED' : 'KEY_REFUSED';
		expect(codes.filter((code) => code === refused)).toHaveLength(1);
		expect(codes.filter((code) => code === 'NOT_STARTED')).toHaveLength(19);
	});

	it.each([401, 402, 403])('a create answered %i is the only request', async (status) => {
		const bench = new Bench();
		bench.api.scripts.create = () => answer(status);
		const images = { kind: 'uploadedImageIds' as const, ids: ['a'] };
		await bench.try(Array.from({ length: 20 }, (_, n) => product(n, { images })));
		expect(bench.api.sent).toHaveLength(1);
	});

	it.each([401, 402, 403])('a poll answered %i is the only request', async (status) => {
		const bench = new Bench();
		bench.api.scripts.get = () => answer(status);
		const run = bench.openRun();
		const ids = Array.from({ length: 20 }, (_, n) => `op-${n}`);
		const waits = ids.map(
			async (id) => await waitForOperation(run, bench.downloads(run), id, FINISH),
		);
		const outcomes = await bench.clock.run(Promise.all(waits));
		expect(outcomes.map((outcome) => failureOf(outcome).operationId)).toEqual(ids);
		expect(bench.api.sent).toHaveLength(1);
	});

	it('a key refused while states are read once costs one refusal', async () => {
		const bench = new Bench();
		bench.api.scripts.get = () => answer(401);
		const run = bench.openRun();
		const reads = Array.from(
			{ length: 20 },
			async (_, n) => await callApi(run, getOperationSpec(run, `op-${n}`)),
		);
		await bench.clock.run(Promise.all(reads));
		expect(bench.api.sent).toHaveLength(1);
	});

	it('one request is outstanding until the first success, several afterwards', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 2_000;
		const outstandingAtSend: number[] = [];
		bench.api.scripts.upload = (nth) => {
			outstandingAtSend.push(bench.api.outstanding);
			return nth <= 3 ? answer(422) : undefined;
		};
		await bench.try(products(20));
		expect(outstandingAtSend.slice(0, 4)).toEqual([1, 1, 1, 1]);
		expect(bench.api.maxOutstanding).toBeGreaterThan(1);
	});

	it('one request is outstanding while 429s are the only answers', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 2_000;
		bench.api.scripts.upload = (nth) => (nth <= 3 ? answer(429) : undefined);
		const outstanding: number[] = [];
		const { send } = bench.api;
		const watched = async (...args: Parameters<typeof send>) => {
			outstanding.push(bench.api.outstanding);
			return await send(...args);
		};
		Object.assign(bench.api, { send: watched });
		await bench.try(products(3));
		expect(outstanding.slice(0, 4)).toEqual([0, 0, 0, 0]);
	});

	it('the rule holds for each run on a shared scheduler', async () => {
		const bench = new Bench();
		const scheduler = new Scheduler(bench.clock);
		await bench.try([product(0)], { scheduler });
		bench.api.sent.length = 0;
		bench.api.scripts.upload = () => answer(401);
		await bench.try([product(1), product(2), product(3)], { scheduler });
		expect(bench.api.sent).toHaveLength(1);
	});

	it('Refused later, no new request but polls is started.', async () => {
		const bench = new Bench();
		bench.api.pollsInProgress = 5;
		let refusedAtMs = Number.POSITIVE_INFINITY;
		bench.api.scripts.create = (nth) => {
			if (nth < 5) return undefined;
			refusedAtMs = Math.min(refusedAtMs, bench.clock.now());
			return answer(403);
		};
		const outcomes = await bench.try(products(200), { requestsPerSecond: 2 });
		const later = bench.api.sent.filter(({ atMs }) => atMs > refusedAtMs + bench.api.roundTripMs);
		expect(later.length).toBeGreaterThan(0);
		expect(later.every(({ call }) => call === 'get')).toBe(true);
		expect(outcomes.filter(({ kind }) => kind === 'finished')).toHaveLength(4);
		expect(outcomes).toHaveLength(200);
	});

	it('a poll that is refused later stops creates and uploads too', async () => {
		const bench = new Bench();
		let refusedAtMs = Number.POSITIVE_INFINITY;
		bench.api.scripts.get = (nth) => {
			if (nth > 1) return undefined;
			refusedAtMs = bench.clock.now();
			return answer(401);
		};
		const outcomes = await bench.try(products(200), { requestsPerSecond: 2 });
		const later = bench.api.sent.filter(({ atMs }) => atMs > refusedAtMs + bench.api.roundTripMs);
		expect(later.every(({ call }) => call === 'get')).toBe(true);
		const finished = outcomes.filter(({ kind }) => kind === 'finished');
		expect(finished).toHaveLength(bench.logged.length);
		expect(finished.length).toBeGreaterThan(0);
	});
});

describe('5. The API key goes to the configured origin and nowhere else, and appears in no output, error, log or stored execution.', () => {
	it('the engine asks for paths below the base path only, whatever the IDs and URLs are', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => answer(200, { operation_id: '//evil.example/../x?y#z' });
		await bench.try(products(2));
		const paths = bench.api.sent.map(({ request }) => request.path);
		expect(paths.length).toBeGreaterThan(4);
		for (const path of paths) {
			expect(path).toMatch(/^\/flat-lays\/v1\/(uploaded_images|flat_lay_operations)(\/[^/?#]+)?$/);
			expect(new URL(path, 'https://api.example').origin).toBe('https://api.example');
		}
	});

	it('picture URLs never pass through the port that carries the key', async () => {
		const bench = new Bench();
		await bench.try(products(2));
		expect(bench.fetched.sort()).toEqual([
			'https://files.example/generated-op-1.png',
			'https://files.example/generated-op-2.png',
		]);
		expect(bench.api.sent.some(({ request }) => request.path.includes('files.example'))).toBe(
			false,
		);
	});

	it('requests carry no headers for the engine to leak, and a time limit of their own', async () => {
		const bench = new Bench();
		await bench.try([product(0)]);
		for (const { request } of bench.api.sent) {
			expect(Object.keys(request).sort()).toEqual(
				request.method === 'GET'
					? ['method', 'path', 'timeoutMs']
					: ['body', 'method', 'path', 'timeoutMs'],
			);
		}
		const limits = bench.api.sent.map(({ call, request }) => [call, request.timeoutMs]);
		expect(limits).toEqual([
			['upload', 120_000],
			['create', 60_000],
			['get', 30_000],
		]);
	});
});
