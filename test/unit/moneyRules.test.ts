/**
 * The money rules of the public contract, in its words: each `describe` is one rule, run through the
 * real batch engine against a scripted Aiuta.
 */
import { isRetryable, type Failure } from '../../nodes/Aiuta/api/failures';
import { flatLays } from '../../nodes/Aiuta/api/flatLays';
import { operationRequest } from '../../nodes/Aiuta/api/requests';
import { callApi } from '../../nodes/Aiuta/batch/call';
import { generateProduct, waitForOperation } from '../../nodes/Aiuta/batch/deliver';
import { Journal } from '../../nodes/Aiuta/batch/journal';
import { knownOperations } from '../../nodes/Aiuta/batch/knownOperations';
import { Uploads } from '../../nodes/Aiuta/batch/uploads';
import { Scheduler } from '../../nodes/Aiuta/schedule/scheduler';
import type { HttpOutcome } from '../../nodes/Aiuta/core/http';
import { runError } from '../../nodes/Aiuta/output/runReport';
import {
	ABORTED,
	answer,
	BAD_CERTIFICATE,
	Bench,
	failureOf,
	FINISH,
	finishedOf,
	LOST,
	MINUTE_MS,
	NEVER_OPENED,
	operation,
	photo,
	placeOf,
	product,
	products,
	textAnswer,
} from './batch.support';

/** What the one error of On Error = Stop says of a product that failed, alone or among others. */
function stopText(failed: Failure, units: number): string {
	const { message, description } = runError(
		[{ itemIndexes: [0], failure: failed }],
		units,
		'products',
		{
			paidOperations: 1,
			unknownOperations: 0,
			isCancelled: false,
			seconds: 1,
			wasThrottled: false,
			isReviewed: false,
			nextRun: 'paysAgain',
		},
	);
	return `${message} ${description}`;
}

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
			atSend = bench.record(0);
			return undefined;
		};
		await bench.try([product(0)]);
		expect(atSend).toEqual({ state: 'intent', imageIds: ['img-1'] });
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
		expect(bench.record(0)).toEqual({ state: 'refused', imageIds: ['img-1'] });
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
});

describe('2. An operation ID, once received, is in the output, the error, the journal and the log, whatever happens afterwards.', () => {
	it('is in the log and the journal before anything else is sent', async () => {
		const bench = new Bench();
		let seen: unknown;
		bench.api.scripts.get = (nth) => {
			if (nth === 1) seen = { logged: [...bench.logged], record: bench.record(0) };
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
		for (const batch of [1, 3]) expect(stopText(failed, batch)).toContain('op-1');
		expect(failed.operations).toMatchObject([{ operation_id: 'op-1' }]);
		expect(bench.record(0)).toMatchObject({ operationId: 'op-1' });
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
		expect(bench.record(0)).toMatchObject({ state: 'created', operationId: 'op-1' });
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
		expect(bench.record(0)).toMatchObject({ operationId: 'op-1' });
		expect(bench.logged).toMatchObject([{ operationId: 'op-1' }]);
	});

	it('is kept although the log throws as soon as it is written', async () => {
		const bench = new Bench();
		const run = bench.openRun();
		run.ports.log.operationCreated = () => {
			throw new Error('disk full');
		};
		const ports = { run, journal: new Journal(bench.store, 0), uploads: new Uploads(run) };
		const generating = generateProduct(ports, bench.downloads(run), product(0), FINISH);
		await expect(bench.clock.run(generating)).rejects.toThrow('disk full');
		expect(knownOperations(product(0), ports.journal)).toMatchObject({ operationId: 'op-1' });
		expect(bench.record(0)).toMatchObject({ state: 'created', operationId: 'op-1' });
	});

	it('is in the error beside its sibling that failed, with what succeeded', async () => {
		const bench = new Bench();
		bench.api.scripts.get = (_, { operationId }) =>
			operationId === 'op-2' ? operation('FAILED') : undefined;
		const types = ['flat_front', 'flat_back', 'detail_front'] as const;
		const operations = types.map((type) => ({ ...placeOf(0), imageTypes: [type] }));
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

describe('3. Retry On Fail and "Retry execution" resume the operations that exist; they never create them again, whatever n8n has renamed or an expression yields differently in the next try.', () => {
	const withTitle = (title: string, photoName = 'photo-0') =>
		product(0, {
			images: { kind: 'sources', sources: [photo(photoName)] },
			fields: { product: { title }, options: {} },
		});

	it('a text that differs in every try is one create, and the item says so', async () => {
		const bench = new Bench();
		bench.fetchPicture = async () => await Promise.resolve(answer(500));
		await bench.try([withTitle('at 12:00:00')]);
		const [again] = await bench.try([withTitle('at 12:00:05')], { downloadImages: false });
		expect(bench.api.count('create')).toBe(1);
		expect(finishedOf(again)).toMatchObject({ operationId: 'op-1', inputsChanged: true });
	});

	it('the same inputs in the next try are not called changed', async () => {
		const bench = new Bench();
		await bench.try([withTitle('shirt')]);
		const [again] = await bench.try([withTitle('shirt')]);
		expect(finishedOf(again).inputsChanged).toBe(false);
	});

	it('an operation that exists needs no photo: none is opened, none is hashed', async () => {
		const bench = new Bench();
		await bench.try([product(0)]);
		const [again] = await bench.try([product(0, { images: { kind: 'notRead' } })]);
		expect(finishedOf(again)).toMatchObject({ operationId: 'op-1', inputsChanged: false });
		expect(bench.api.count('create')).toBe(1);
	});

	it.each<[string, HttpOutcome]>([
		['unknown', LOST],
		['unknown by a stop', ABORTED],
	])(
		'an outcome that is %s is reported again whatever the inputs have become',
		async (_, outcome) => {
			const bench = new Bench();
			bench.api.scripts.create = () => outcome;
			await bench.try([withTitle('one')]);
			bench.api.scripts = {};
			const [again] = await bench.try([withTitle('two', 'another photo')]);
			expect(failureOf(again).code).toBe('CREATE_OUTCOME_UNKNOWN');
			expect(bench.api.count('create')).toBe(1);
		},
	);

	it('photos that an earlier try has uploaded are used again where they are the same', async () => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => (nth === 1 ? answer(422) : undefined);
		await bench.try([withTitle('one')]);
		await bench.try([withTitle('two')]);
		expect(bench.api.count('upload')).toBe(1);
	});

	it('nothing is created from the photos of an earlier try where they are others now', async () => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => (nth === 1 ? answer(422) : undefined);
		await bench.try([withTitle('one')]);
		const [again] = await bench.try([withTitle('one', 'another photo')]);
		expect(bench.api.count('upload')).toBe(2);
		expect(finishedOf(again).uploadedImageIds).toEqual(['img-2']);
	});

	it('another image type of the same item is another operation', async () => {
		const bench = new Bench();
		const ofType = (type: 'flat_front' | 'detail_back') =>
			product(0, { operations: [{ itemIndex: 0, api: 'unified', imageTypes: [type] }] });
		await bench.try([ofType('flat_front')]);
		await bench.try([ofType('detail_back')]);
		expect(bench.api.count('create')).toBe(2);
	});

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
			async (_, n) => await callApi(run, operationRequest(flatLays, `op-${n}`)),
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

describe("5. After an unknown outcome one create at a time goes out until one has an answer; three unknown outcomes in a row stop the run's creates.", () => {
	const images = { kind: 'uploadedImageIds' as const, ids: ['a'] };
	const withoutUploads = (count: number) =>
		Array.from({ length: count }, (_, n) => product(n, { images }));
	const codesOf = (outcomes: Awaited<ReturnType<Bench['try']>>) =>
		outcomes.map((outcome) => (outcome.kind === 'failed' ? outcome.failure.code : 'finished'));

	/** How many creates were on their way when each of them left. */
	function watchCreates(bench: Bench, script: (nth: number) => HttpOutcome | undefined): number[] {
		const besides: number[] = [];
		bench.api.scripts.create = (nth) => {
			besides.push(bench.api.count('create') - bench.api.answered('create') - 1);
			return script(nth);
		};
		return besides;
	}

	it('a backend that accepts, answers 502 and serves every GET gets three creates', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => textAnswer(502, '<html>Bad Gateway</html>');
		const outcomes = await bench.try(withoutUploads(60));
		expect(bench.api.count('create')).toBe(3);
		const codes = codesOf(outcomes);
		expect(codes.filter((code) => code === 'CREATE_OUTCOME_UNKNOWN')).toHaveLength(3);
		expect(codes.filter((code) => code === 'NOT_STARTED')).toHaveLength(57);
	});

	it('creates that were on their way when the first one failed are all there is besides', async () => {
		const bench = new Bench();
		const besides = watchCreates(bench, () => LOST);
		await bench.try(products(60));
		const together = besides.filter((count) => count > 0).length;
		expect(bench.api.count('create')).toBeLessThanOrEqual(1 + together + 2);
		expect(bench.api.count('create')).toBeLessThan(10);
	});

	it('what the backend serves besides proves nothing: no GET reopens the creates', async () => {
		const bench = new Bench();
		bench.api.scripts.create = (nth) => (nth <= 2 ? undefined : LOST);
		bench.api.pollsInProgress = 1_000;
		const outcomes = await bench.try(withoutUploads(30), { requestsPerSecond: 1 });
		expect(bench.api.count('create')).toBe(5);
		expect(codesOf(outcomes).filter((code) => code === 'NOT_STARTED')).toHaveLength(25);
	});

	it('one at a time goes out until one is accepted, then they go together again', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 2_000;
		const besides = watchCreates(bench, (nth) => (nth === 1 || nth === 2 ? LOST : undefined));
		const outcomes = await bench.try(withoutUploads(20));
		expect(besides.slice(0, 3)).toEqual([0, 0, 0]);
		expect(Math.max(...besides)).toBeGreaterThan(1);
		expect(codesOf(outcomes).filter((code) => code === 'finished')).toHaveLength(18);
	});

	it('one that a 429 has sent back asks again whether it may go', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 2_000;
		const besides = watchCreates(bench, (nth) => {
			if (nth === 1) return undefined;
			return nth > 2 && nth <= 10 ? answer(429) : LOST;
		});
		await bench.try(withoutUploads(20), { requestsPerSecond: 20 });
		expect(besides.slice(2, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
		expect(besides.slice(10)).toEqual([0, 0]);
	});

	it('a refusal is an answer, too', async () => {
		const bench = new Bench();
		const answers = [LOST, LOST, answer(422), LOST, LOST, answer(400)];
		bench.api.scripts.create = (nth) => answers[nth - 1];
		const outcomes = await bench.try(withoutUploads(10));
		expect(codesOf(outcomes).filter((code) => code === 'finished')).toHaveLength(4);
	});

	it('a 429 and a connection that never opened are no answers, and no unknown outcomes', async () => {
		const bench = new Bench();
		const answers = [LOST, answer(429), LOST, NEVER_OPENED, LOST];
		bench.api.scripts.create = (nth) => answers[nth - 1];
		const outcomes = await bench.try(withoutUploads(10));
		expect(bench.api.count('create')).toBe(5);
		expect(codesOf(outcomes).filter((code) => code === 'CREATE_OUTCOME_UNKNOWN')).toHaveLength(3);
	});

	it('what was not sent because of it is created by the next try', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => LOST;
		await bench.try(withoutUploads(5));
		bench.api.scripts = {};
		const outcomes = await bench.try(withoutUploads(5));
		expect(codesOf(outcomes).filter((code) => code === 'finished')).toHaveLength(2);
		expect(bench.api.count('create')).toBe(5);
	});

	it('a stop ends the waiting', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.create = () => {
			void bench.clock.wakeAt(bench.clock.now() + 50).then(() => stop.abort());
			return LOST;
		};
		const outcomes = await bench.try(withoutUploads(5), { signal: stop.signal });
		expect(bench.api.count('create')).toBe(1);
		expect(codesOf(outcomes).filter((code) => code === 'CANCELLED')).toHaveLength(4);
	});
});

describe('Every request waits out the rate limit for itself: a quarter of an hour of nothing but 429s.', () => {
	it('whatever others on the key meet meanwhile', async () => {
		const bench = new Bench();
		const scheduler = new Scheduler(bench.clock);
		bench.api.scripts.create = () => answer(429);
		const other = bench.openRun({ scheduler });
		const stop = { isWanted: true };
		const polling = (async () => {
			while (stop.isWanted) {
				await callApi(other, operationRequest(flatLays, 'op-of-another-run'));
				await bench.clock.wakeAt(bench.clock.now() + 5_000);
			}
		})();
		const startMs = bench.clock.now();
		const [result] = await bench.try(
			[product(0, { images: { kind: 'uploadedImageIds', ids: ['a'] } })],
			{
				scheduler,
			},
		);
		expect(failureOf(result).code).toBe('RATE_LIMITED');
		expect(bench.clock.now() - startMs).toBeLessThan(17 * MINUTE_MS);
		stop.isWanted = false;
		await bench.clock.run(polling);
	});

	it('a create that others overtake with their successes is not given up early', async () => {
		const bench = new Bench();
		let fromMs: number | undefined;
		bench.api.scripts.create = () => {
			fromMs ??= bench.clock.now();
			return bench.clock.now() - fromMs < 14 * MINUTE_MS ? answer(429) : undefined;
		};
		const [result] = await bench.try([product(0)]);
		expect(finishedOf(result).operationId).toMatch(/^op-/);
	});
});

describe('6. The API key goes to the configured origin and nowhere else, and appears in no output, error, log or stored execution.', () => {
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
