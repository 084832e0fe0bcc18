import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';

import { problemsOf, quantileOf, totalsOf } from '../evidence/chaos/judgement';
import { planRound } from '../evidence/chaos/plan';
import { ProcessLog } from '../evidence/chaos/processLog';
import { callKind, startRelay, type Relay } from '../evidence/chaos/relay';
import type { RoundResult } from '../evidence/chaos/round';
import { GRACE_MS, countIds, duplicatesAmong, operationsInLog } from '../evidence/chaos/verdict';

const KILLED_AT_MS = 100_000;
const NOWHERE = { log: '', execution: '', retry: '' };

function accepted(operationId: string, ageMs?: number) {
	const handedOverAtMs = ageMs === undefined ? undefined : KILLED_AT_MS - ageMs;
	return { operationId, product: `product of ${operationId}`, handedOverAtMs };
}

function goodRound(change: Partial<RoundResult> = {}): RoundResult {
	return {
		plan: planRound(1, 'regular', 1, 20),
		moment: { phase: 'poll', requests: 3, uploads: 1, creates: 1, polls: 1 },
		status: 'crashed',
		waitingNodes: undefined,
		retry: { answer: 'refused', nodeRuns: 0, items: 0, creates: 0 },
		ids: countIds([accepted('a', 5000)], { ...NOWHERE, log: 'a' }, KILLED_AT_MS),
		logDelaysMs: [1],
		duplicatesByRetry: [],
		recovery: undefined,
		duplicates: [],
		pictured: 20,
		products: 20,
		failedStarts: 0,
		seconds: 30,
		...change,
	};
}

describe('the plan of a round', () => {
	it('is the same for the same seed, and another one for another seed', () => {
		expect(planRound(7, 'queue', 3, 20)).toEqual(planRound(7, 'queue', 3, 20));
		expect(planRound(7, 'queue', 3, 20)).not.toEqual(planRound(8, 'queue', 3, 20));
	});

	it.each([1, 2, 3, 99])('spreads twenty kills over all of the run with seed %i', (seed) => {
		const moments = Array.from(
			{ length: 20 },
			(_, index) => planRound(seed, 'regular', index + 1, 20).afterRequest,
		);
		for (const [from, to] of [
			[1, 14],
			[15, 28],
			[29, 42],
			[43, 55],
		] as const) {
			const here = moments.filter((moment) => moment >= from && moment <= to).length;
			expect(here).toBeGreaterThanOrEqual(4);
			expect(here).toBeLessThanOrEqual(6);
		}
		expect(Math.min(...moments)).toBeGreaterThanOrEqual(1);
	});

	it('has each way to start with and without saved progress in any four rounds', () => {
		const ways = [5, 6, 7, 8].map((round) => {
			const { start, saveProgress } = planRound(1, 'regular', round, 20);
			return `${start} ${saveProgress}`;
		});
		expect(new Set(ways).size).toBe(4);
	});

	it('kills the worker, and the main process as well or instead every third time', () => {
		const victims = [1, 2, 3, 4, 5, 6].map((round) => planRound(1, 'queue', round, 20).victim);
		expect(victims).toEqual(['worker', 'worker', 'both', 'worker', 'worker', 'main']);
		expect(planRound(1, 'regular', 3, 20).victim).toBe('main');
	});
});

describe('what became of an ID', () => {
	it('is lost when its answer was old enough and it is nowhere', () => {
		const ids = countIds([accepted('a', GRACE_MS + 1)], NOWHERE, KILLED_AT_MS);
		expect(ids).toMatchObject({ created: 1, received: 1, lost: ['a'], unknown: [] });
		expect(ids.unloggedAgesMs).toEqual([GRACE_MS + 1]);
	});

	it.each(['log', 'execution', 'retry'] as const)('is not lost when it is in the %s', (place) => {
		const places = { ...NOWHERE, [place]: 'operation a created' };
		const ids = countIds([accepted('a', 60_000)], places, KILLED_AT_MS);
		expect(ids).toMatchObject({ lost: [], unknown: [] });
	});

	it.each([
		['was never handed over', undefined],
		['was handed over after the kill', -1],
		['was handed over just before the kill', GRACE_MS],
	])('is unknown, not lost, when its answer %s', (_, ageMs) => {
		const ids = countIds([accepted('a', ageMs)], NOWHERE, KILLED_AT_MS);
		expect(ids).toMatchObject({ created: 1, lost: [], unknown: ['a'] });
		expect(ids.received).toBe(ageMs === GRACE_MS ? 1 : 0);
	});
});

describe('the log', () => {
	it('tells which operation belongs to which product', () => {
		const log =
			'12:00 info Aiuta operation id-1 created for product SKU-1 (item 0)\nother\n' +
			'12:01 info Aiuta operation id-2 created for product SKU-2 (item 1) {"operationId":"id-2"}';
		expect([...operationsInLog(log)]).toEqual([
			['id-1', 'SKU-1'],
			['id-2', 'SKU-2'],
		]);
	});

	it('notes when an ID was first seen, also where its line comes in two pieces', () => {
		const log = new ProcessLog();
		log.add('before\nAiuta opera', 10);
		log.add('tion id-1 created for', 20);
		log.add(' product X\nAiuta operation id-2 created', 30);
		expect([log.seenAt('id-1'), log.seenAt('id-2'), log.seenAt('id-3')]).toEqual([
			20,
			30,
			undefined,
		]);
		log.reset();
		expect([log.text, log.seenAt('id-1')]).toEqual(['', undefined]);
	});
});

describe('the judgement of a round', () => {
	const recovery = {
		collected: 1,
		lookedUp: 2,
		createsWhileCollecting: 0,
		remaining: 3,
		pictured: [],
		problems: [],
	};

	it('lets IDs in flight at the kill pass', () => {
		const ids = countIds([accepted('a')], NOWHERE, KILLED_AT_MS);
		expect(problemsOf(goodRound({ ids, recovery }))).toEqual([]);
	});

	it.each([
		['a duplicate', { duplicates: ['p'] }, /1 products created twice/],
		[
			'a lost ID',
			{ ids: countIds([accepted('gone', 60_000)], NOWHERE, KILLED_AT_MS) },
			/1 IDs received and lost: gone/,
		],
		['a product without a picture', { pictured: 19 }, /1 products without a picture/],
		[
			'a create by Wait for Operation',
			{ recovery: { ...recovery, createsWhileCollecting: 2 } },
			/Wait for Operation created 2/,
		],
		['a run that failed', { recovery: { ...recovery, problems: ['the rest: error'] } }, /the rest/],
	])('fails on %s', (_, change, message) => {
		const problems = problemsOf(goodRound(change));
		expect(problems).toHaveLength(1);
		expect(problems[0]).toMatch(message);
	});

	it('adds the rounds up', () => {
		const totals = totalsOf([
			goodRound({ recovery }),
			goodRound({ moment: undefined, duplicates: ['p', 'q'], pictured: 20 }),
		]);
		expect(totals).toMatchObject({
			...{ rounds: 2, failedRounds: 1, unreached: 1, created: 2, inLog: 2, duplicates: 2 },
			...{ collected: 1, lookedUp: 2, remaining: 3, pictured: 40, products: 40 },
		});
	});

	it('finds the products that were created more than once', () => {
		expect(duplicatesAmong(['a', 'b', 'a', 'c', 'c', 'c'])).toEqual(['a', 'c']);
	});

	it('finds quantiles, and none among nothing', () => {
		const values = [5, 1, 4, 2, 3];
		expect([quantileOf(values, 0.5), quantileOf(values, 0.99), quantileOf([], 0.5)]).toEqual([
			3, 5, 0,
		]);
	});
});

describe('the relay', () => {
	let server: Server;
	let relay: Relay;
	let release: (() => void) | undefined;

	beforeEach(async () => {
		release = undefined;
		server = createServer((request, response) => {
			request.resume();
			const answer = () => response.end('{"operation_id":"id-1"}');
			if (request.url === '/v1/flat_lay_operations?late') release = answer;
			else answer();
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		relay = await startRelay(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
	});

	afterEach(async () => {
		await relay.close();
		await new Promise((resolve) => {
			server.close(resolve);
			server.closeAllConnections();
		});
	});

	it.each([
		['POST', '/flat-lays/v1/uploaded_images', 'upload'],
		['POST', '/studio/v1/flat_lay_operations', 'create'],
		['GET', '/v1/flat_lay_operations/id-1', 'poll'],
		['GET', '/v1/sku_items', 'other'],
		['DELETE', '/v1/uploaded_images/id-1', 'other'],
	])('knows that %s %s is for %s', (method, path, kind) => {
		expect(callKind(method, path)).toBe(kind);
	});

	it('notes the ID of an answer that was handed over, and counts what arrived', async () => {
		const before = Date.now();
		const answer = await fetch(`${relay.url}/v1/flat_lay_operations`, {
			method: 'POST',
			body: '{}',
		});
		expect(await answer.json()).toEqual({ operation_id: 'id-1' });
		expect(relay.createAnswers).toEqual([
			{ operationId: 'id-1', handedOverAtMs: expect.any(Number) },
		]);
		expect(relay.createAnswers[0]?.handedOverAtMs).toBeGreaterThanOrEqual(before);
		expect(relay.arrived).toEqual({ upload: 0, create: 1, poll: 0, other: 0 });
		relay.reset();
		expect([relay.createAnswers, relay.arrived.create]).toEqual([[], 0]);
	});

	it('does not count an answer as handed over when the client is gone', async () => {
		const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
		socket.write(
			'POST /v1/flat_lay_operations?late HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n',
		);
		while (release === undefined) await new Promise(setImmediate);
		const closed = new Promise((resolve) => socket.once('close', resolve));
		socket.resetAndDestroy();
		await closed;
		// One request more is answered after the relay has seen the other connection end.
		await (await fetch(`${relay.url}/v1/sku_items`)).text();
		release();
		while (relay.createAnswers.length === 0) await new Promise(setImmediate);
		await (await fetch(`${relay.url}/v1/sku_items`)).text();
		expect(relay.createAnswers).toEqual([{ operationId: 'id-1', handedOverAtMs: undefined }]);
	});

	it('calls back in the tick in which the awaited request arrives, once', async () => {
		const counts: number[] = [];
		relay.onArrival(2, () => {
			counts.push(relay.arrived.other);
		});
		for (let index = 0; index < 3; index += 1) {
			await (await fetch(`${relay.url}/v1/sku_items`)).text();
		}
		expect(counts).toEqual([2]);
	});
});
