/** Following one operation: every way in which it can end, with the polls that it costs. */
import { unified } from '../../nodes/Aiuta/api/unified';
import { followOperation, type FollowOutcome } from '../../nodes/Aiuta/batch/follow';
import type { Run } from '../../nodes/Aiuta/batch/run';
import type { HttpOutcome } from '../../nodes/Aiuta/core/http';
import {
	ABORTED,
	answer,
	Bench,
	LOST,
	MINUTE_MS,
	NEVER_OPENED,
	operation,
	operationToFollow,
	products,
	textAnswer,
	type RunChanges,
} from './batch.support';

const HOUR_MS = 60 * MINUTE_MS;

interface Case {
	/** Answers in order; the last one repeats. */
	answers: HttpOutcome[];
	/** Whether the operation was created by this run, just now. */
	isOwn?: boolean;
	maxWaitMs?: number;
	createsLeft?: number;
}

interface Followed {
	bench: Bench;
	outcome: FollowOutcome;
	/** When each poll left, from the start. */
	pollsAtMs: number[];
	endedAtMs: number;
}

async function follow(one: Case, changes: RunChanges = {}): Promise<Followed> {
	const bench = new Bench();
	bench.api.roundTripMs = 0;
	bench.api.scripts.get = (nth) => one.answers[Math.min(nth, one.answers.length) - 1];
	const run = bench.openRun(changes);
	run.expect(one.createsLeft ?? 0);
	const startMs = bench.clock.now();
	const outcome = await bench.clock.run(
		followOperation(run, {
			operationId: 'op',
			createdAtMs: one.isOwn === true ? startMs : undefined,
			isOurs: one.isOwn === true,
			maxWaitMs: one.maxWaitMs ?? HOUR_MS,
		}),
	);
	const pollsAtMs = bench.api.of('get').map(({ atMs }) => atMs - startMs);
	return { bench, outcome, pollsAtMs, endedAtMs: bench.clock.now() - startMs };
}

const SUCCESS = operation('SUCCESS', ['a']);
const RUNNING = operation('IN_PROGRESS');

describe('an operation that ends', () => {
	it('is terminal on the first poll', async () => {
		const { outcome, pollsAtMs } = await follow({ answers: [SUCCESS] });
		expect(outcome).toMatchObject({
			kind: 'terminal',
			operation: { state: 'succeeded', images: [{ id: 'a' }] },
			durationMs: 0,
		});
		expect(pollsAtMs).toEqual([0]);
	});

	it('of our own is not asked for before it can be finished', async () => {
		const { outcome, pollsAtMs, endedAtMs } = await follow({ answers: [SUCCESS], isOwn: true });
		expect(pollsAtMs).toHaveLength(1);
		expect(pollsAtMs[0]).toBeGreaterThan(0);
		expect(outcome).toMatchObject({ kind: 'terminal', durationMs: endedAtMs });
	});

	it.each(['FAILED', 'CANCELLED', 'ABORTED'])('as %s is terminal and failed', async (status) => {
		const { outcome, pollsAtMs } = await follow({ answers: [RUNNING, operation(status)] });
		expect(outcome).toMatchObject({ kind: 'terminal', operation: { status, state: 'failed' } });
		expect(pollsAtMs).toHaveLength(2);
	});

	it.each(['CREATED', 'IN_PROGRESS', 'PAUSED'])('goes on while it is %s', async (status) => {
		const running = operation(status);
		const { outcome, pollsAtMs } = await follow({ answers: [running, running, running, SUCCESS] });
		expect(outcome.kind).toBe('terminal');
		expect(pollsAtMs).toHaveLength(4);
	});

	it('polls less often the longer it takes', async () => {
		const { pollsAtMs } = await follow({ answers: [RUNNING], createsLeft: 1 });
		const gaps = pollsAtMs.slice(1).map((atMs, index) => atMs - (pollsAtMs[index] ?? 0));
		expect(gaps.length).toBeGreaterThan(5);
		// The last one is pulled in to just before the deadline.
		const regular = gaps.slice(0, -1);
		for (const [index, gapMs] of regular.slice(1).entries()) {
			expect(gapMs).toBeGreaterThanOrEqual(regular[index] ?? 0);
		}
		expect(Math.min(...regular)).toBeGreaterThanOrEqual(450);
	});
});

describe('an operation that does not end', () => {
	it.each([
		['running', RUNNING],
		['of a status that is none of the seven', operation('REVIEWING')],
		['down', answer(503)],
		['answering with HTML', textAnswer(200, '<html>')],
	])('while it is %s meets its deadline, with a last poll just before it', async (_, outcome) => {
		const followed = await follow({ answers: [outcome], maxWaitMs: 10 * MINUTE_MS });
		expect(followed.outcome.kind).toBe('timedOut');
		expect(followed.endedAtMs).toBeLessThanOrEqual(10 * MINUTE_MS);
		expect(followed.pollsAtMs.at(-1)).toBeGreaterThanOrEqual(10 * MINUTE_MS - 2_000);
		expect(followed.pollsAtMs.length).toBeGreaterThan(5);
		expect(followed.pollsAtMs.length).toBeLessThan(300);
	});

	it('of an unknown status keeps its delay and its raw status', async () => {
		const unknown = await follow({ answers: [operation('REVIEWING')] });
		const running = await follow({ answers: [RUNNING] });
		expect(unknown.pollsAtMs).toEqual(running.pollsAtMs);
		expect(unknown.outcome).toMatchObject({
			kind: 'timedOut',
			last: { status: 'REVIEWING', state: 'unknown' },
		});
	});

	it.each(['', 'success', 'SUCCEEDED', 'DONE', 'COMPLETED'])(
		'a status "%s" is never taken for success',
		async (status) => {
			const body = { status, generated_images: [{ id: 'a', url: 'https://files.example/a' }] };
			const { outcome } = await follow({ answers: [answer(200, body)], maxWaitMs: MINUTE_MS });
			expect(outcome.kind).toBe('timedOut');
		},
	);

	it.each([1, 10, 1_000, 3_000, 60_000])(
		'is asked at least once, however short the wait of %i ms is',
		async (maxWaitMs) => {
			const { outcome, pollsAtMs, endedAtMs } = await follow({
				answers: [RUNNING],
				isOwn: true,
				maxWaitMs,
			});
			expect(outcome.kind).toBe('timedOut');
			expect(pollsAtMs.length).toBeGreaterThan(0);
			expect(endedAtMs).toBeLessThanOrEqual(maxWaitMs);
		},
	);

	it('meets a deadline that falls between two polls', async () => {
		const whole = await follow({ answers: [RUNNING], isOwn: true, createsLeft: 1 });
		const index = whole.pollsAtMs.findIndex((atMs) => atMs > 10 * MINUTE_MS);
		const [secondMs = 0, thirdMs = 0] = whole.pollsAtMs.slice(index);
		const maxWaitMs = Math.round((secondMs + thirdMs) / 2);
		const cut = await follow({ answers: [RUNNING], isOwn: true, createsLeft: 1, maxWaitMs });
		expect(cut.outcome.kind).toBe('timedOut');
		expect(cut.pollsAtMs).toHaveLength(index + 2);
		expect(cut.endedAtMs).toBeLessThanOrEqual(maxWaitMs);
		expect(cut.endedAtMs).toBeGreaterThan(secondMs);
	});

	it('that succeeds at the very last poll is a success', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 0;
		const startMs = bench.clock.now();
		bench.api.scripts.get = () => (bench.clock.now() - startMs > 58_000 ? SUCCESS : RUNNING);
		const followed = {
			operationId: 'op',
			createdAtMs: startMs,
			isOurs: true,
			maxWaitMs: MINUTE_MS,
		};
		const outcome = await bench.clock.run(followOperation(bench.openRun(), followed));
		expect(outcome.kind).toBe('terminal');
	});
});

describe('an operation that Aiuta does not know', () => {
	const NULL = answer(200, null);

	it('is missing at once when it is not our own', async () => {
		const { outcome, pollsAtMs } = await follow({ answers: [NULL] });
		expect(outcome).toMatchObject({ kind: 'unreadable', fault: { verdict: 'missing' } });
		expect(pollsAtMs).toEqual([0]);
	});

	it.each([
		['null', NULL],
		['404', answer(404)],
	])('is asked for again after %s when we have just created it', async (_, missing) => {
		const { outcome, pollsAtMs } = await follow({
			answers: [missing, missing, SUCCESS],
			isOwn: true,
		});
		expect(outcome.kind).toBe('terminal');
		expect(pollsAtMs).toHaveLength(3);
	});

	it('is given up after five questions within a minute', async () => {
		const { outcome, pollsAtMs, endedAtMs } = await follow({ answers: [NULL], isOwn: true });
		expect(outcome).toMatchObject({ kind: 'unreadable', fault: { verdict: 'missing' } });
		expect(pollsAtMs.length).toBeLessThanOrEqual(5);
		expect(pollsAtMs.length).toBeGreaterThan(1);
		expect(endedAtMs).toBeLessThanOrEqual(90_000);
	});

	it.each([
		['comes into sight', [NULL, NULL, SUCCESS], 'terminal', 3],
		['stays away', [NULL], 'unreadable', 5],
	])(
		'whose first poll comes long after our create is asked for again within a minute: it %s',
		async (_, answers, kind, polls) => {
			const bench = new Bench();
			bench.api.scripts.get = (nth) => answers[Math.min(nth, answers.length) - 1];
			const run = bench.openRun();
			const startMs = bench.clock.now();
			const createdAtMs = startMs - 10 * MINUTE_MS;
			const followed = operationToFollow({ createdAtMs, isOurs: true });
			const outcome = await bench.clock.run(followOperation(run, followed));
			expect(outcome.kind).toBe(kind);
			expect(bench.api.count('get')).toBe(polls);
			expect(bench.clock.now() - startMs).toBeLessThanOrEqual(MINUTE_MS);
		},
	);

	it.each([1_000, 10_000, 40_000])(
		'is found when it comes into sight after %i ms',
		async (sightMs) => {
			const bench = new Bench();
			const startMs = bench.clock.now();
			bench.api.scripts.get = () => (bench.clock.now() - startMs < sightMs ? NULL : SUCCESS);
			const followed = operationToFollow({ createdAtMs: startMs, isOurs: true });
			const outcome = await bench.clock.run(followOperation(bench.openRun(), followed));
			expect(outcome.kind).toBe('terminal');
		},
	);

	it('begins a new minute when it has been seen in between', async () => {
		const answers = [NULL, NULL, RUNNING, NULL, NULL, SUCCESS];
		const { outcome } = await follow({ answers, isOwn: true });
		expect(outcome.kind).toBe('terminal');
	});

	it('is asked for again when an earlier try of this execution created it', async () => {
		const bench = new Bench();
		bench.api.scripts.get = (nth) => (nth === 1 ? NULL : SUCCESS);
		const followed = operationToFollow({ isOurs: true });
		const outcome = await bench.clock.run(followOperation(bench.openRun(), followed));
		expect(outcome.kind).toBe('terminal');
	});

	it('is missing in Unified by its 404', async () => {
		const { outcome } = await follow({ answers: [answer(404)] }, { generation: unified });
		expect(outcome).toMatchObject({ kind: 'unreadable', fault: { verdict: 'missing' } });
	});
});

describe('a poll that fails', () => {
	it.each([
		['lost connections', [LOST, LOST, LOST, LOST, LOST]],
		['refused connections', [NEVER_OPENED, NEVER_OPENED, NEVER_OPENED]],
		['5xx', [answer(502), answer(503), answer(504), answer(500), answer(502), answer(502)]],
		['HTML', [textAnswer(200, '<html>')]],
		['408 and 425', [answer(408), answer(425)]],
	])('%s are transient: a success follows', async (_, faults) => {
		const { outcome, pollsAtMs } = await follow({ answers: [...faults, SUCCESS] });
		expect(outcome.kind).toBe('terminal');
		expect(pollsAtMs).toHaveLength(faults.length + 1);
	});

	it('an answer between two failures begins the count anew', async () => {
		const five = [LOST, LOST, LOST, LOST, LOST];
		const { outcome } = await follow({ answers: [...five, RUNNING, ...five, SUCCESS] });
		expect(outcome.kind).toBe('terminal');
	});

	it('a connection lost after a row of 502s is the first of its kind, not the last', async () => {
		const bad = answer(502);
		const { outcome } = await follow({ answers: [bad, bad, bad, bad, bad, LOST, SUCCESS] });
		expect(outcome.kind).toBe('terminal');
	});

	it('a refused key after a row of 502s rests a minute like any other', async () => {
		const bad = answer(502);
		const answers = [RUNNING, bad, bad, bad, answer(401), SUCCESS];
		const { outcome } = await follow({ answers });
		expect(outcome.kind).toBe('terminal');
	});

	it.each([400, 405, 409, 410, 413, 415, 422])('with %i stops at once', async (status) => {
		const { outcome, pollsAtMs } = await follow({ answers: [RUNNING, answer(status)] });
		expect(outcome).toMatchObject({
			kind: 'unreadable',
			fault: { httpStatus: status },
			last: { status: 'IN_PROGRESS' },
		});
		expect(pollsAtMs).toHaveLength(2);
	});

	it('retries are a second apart at least, and half a minute at most', async () => {
		const { pollsAtMs } = await follow({ answers: [LOST] });
		const gaps = pollsAtMs.slice(1).map((atMs, index) => atMs - (pollsAtMs[index] ?? 0));
		expect(gaps).toHaveLength(5);
		expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
		expect(Math.max(...gaps)).toBeLessThanOrEqual(31_000);
		expect([...gaps].sort((a, b) => a - b)).toEqual(gaps);
	});
});

describe('a poll that is answered 429', () => {
	it.each<[string, Record<string, string>, number, number]>([
		['with Retry-After in seconds', { 'retry-after': '7' }, 7_000, 8_100],
		[
			'with Retry-After as a date',
			{ 'retry-after': new Date(Date.UTC(2026, 0, 1, 0, 0, 9)).toUTCString() },
			9_000,
			10_100,
		],
		['without Retry-After', {}, 1, 6_000],
		['with a malformed Retry-After', { 'retry-after': 'soon' }, 1, 6_000],
		['with a negative Retry-After', { 'retry-after': '-5' }, 1, 6_000],
		['with a huge Retry-After', { 'retry-after': '999999999999' }, 900_000, 901_100],
	])('%s goes again in time', async (_, headers, fromMs, toMs) => {
		const { outcome, pollsAtMs } = await follow({
			answers: [answer(429, { message: 'slow down' }, headers), SUCCESS],
		});
		expect(outcome.kind).toBe('terminal');
		expect(pollsAtMs).toHaveLength(2);
		expect(pollsAtMs[1]).toBeGreaterThanOrEqual(fromMs);
		expect(pollsAtMs[1]).toBeLessThanOrEqual(toMs);
	});

	it('counts by time and not by number: twenty of them end in a success', async () => {
		const throttled = Array.from({ length: 20 }, () => answer(429));
		const { outcome } = await follow({ answers: [...throttled, SUCCESS] });
		expect(outcome.kind).toBe('terminal');
	});

	it('is given up after a quarter of an hour without a success', async () => {
		const { outcome, endedAtMs } = await follow({ answers: [answer(429)] });
		expect(outcome).toMatchObject({ kind: 'unreadable', fault: { fault: 'throttled' } });
		expect(endedAtMs).toBeGreaterThanOrEqual(15 * MINUTE_MS);
		expect(endedAtMs).toBeLessThan(17 * MINUTE_MS);
	});
});

describe('a poll whose key is refused', () => {
	it.each([401, 402, 403])('with %i on the very first request ends at once', async (status) => {
		const { outcome, pollsAtMs } = await follow({ answers: [answer(status)] });
		expect(outcome).toMatchObject({ kind: 'unreadable', fault: { verdict: 'stop' } });
		expect(pollsAtMs).toEqual([0]);
	});

	it.each([401, 402, 403])('with %i rests a minute and goes on', async (status) => {
		const { outcome, pollsAtMs } = await follow({ answers: [RUNNING, answer(status), SUCCESS] });
		expect(outcome.kind).toBe('terminal');
		const [, refusedMs = 0, nextMs = 0] = pollsAtMs;
		expect(nextMs - refusedMs).toBeGreaterThanOrEqual(MINUTE_MS);
	});

	it('is given up after three more tries, with what was last seen', async () => {
		const { outcome, pollsAtMs } = await follow({ answers: [RUNNING, answer(401)] });
		expect(outcome).toMatchObject({
			kind: 'unreadable',
			fault: { fault: 'keyRefused' },
			last: { status: 'IN_PROGRESS' },
		});
		expect(pollsAtMs).toHaveLength(5);
	});

	it('stops new work of the run', async () => {
		const bench = new Bench();
		bench.api.scripts.get = () => answer(401);
		const run = bench.openRun();
		const followed = operationToFollow();
		await bench.clock.run(followOperation(run, followed));
		expect(run.halt?.code).toBe('KEY_REFUSED');
	});
});

describe('a SUCCESS without an image', () => {
	const EMPTY = operation('SUCCESS');

	it('is asked again three times, then taken as it is', async () => {
		const { outcome, pollsAtMs } = await follow({ answers: [EMPTY] });
		expect(outcome).toMatchObject({ kind: 'terminal', operation: { images: [] } });
		expect(pollsAtMs).toHaveLength(4);
	});

	it('may have its image a moment later', async () => {
		const { outcome, pollsAtMs } = await follow({ answers: [EMPTY, EMPTY, SUCCESS] });
		expect(outcome).toMatchObject({ kind: 'terminal', operation: { images: [{ id: 'a' }] } });
		expect(pollsAtMs).toHaveLength(3);
	});

	it('does not count an image without an ID or URL', async () => {
		const broken = answer(200, { status: 'SUCCESS', generated_images: [{ id: 'a' }, null, 'x'] });
		const { outcome } = await follow({ answers: [broken] });
		expect(outcome).toMatchObject({ kind: 'terminal', operation: { images: [] } });
	});
});

describe('a stop', () => {
	it('while sleeping ends the wait within a second, without another poll', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.get = () => RUNNING;
		const run = bench.openRun({ signal: stop.signal });
		const followed = operationToFollow();
		const wait = followOperation(run, followed);
		await bench.clock.advance(60_500);
		const polls = bench.api.count('get');
		const stoppedAtMs = bench.clock.now();
		stop.abort();
		const outcome = await bench.clock.run(wait);
		expect(outcome).toMatchObject({ kind: 'cancelled', last: { status: 'IN_PROGRESS' } });
		expect(bench.clock.now() - stoppedAtMs).toBeLessThanOrEqual(1_000);
		expect(bench.api.count('get')).toBe(polls);
	});

	it('while requesting ends the wait with that request', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.get = () => {
			stop.abort();
			return ABORTED;
		};
		const run = bench.openRun({ signal: stop.signal });
		const followed = operationToFollow();
		const outcome = await bench.clock.run(followOperation(run, followed));
		expect(outcome).toEqual({ kind: 'cancelled', last: undefined });
		expect(bench.api.count('get')).toBe(1);
	});
});

describe('many operations at once', () => {
	it('one bad item among many does not disturb the others', async () => {
		const bench = new Bench();
		bench.api.pollsInProgress = 2;
		bench.api.scripts.get = (_, { operationId }) =>
			operationId === 'op-7' ? answer(422) : undefined;
		const outcomes = await bench.try(products(50));
		expect(outcomes.filter(({ kind }) => kind === 'failed')).toHaveLength(1);
		expect(outcomes).toHaveLength(50);
	});

	it('the count of pending operations returns to zero', async () => {
		const bench = new Bench();
		const run = bench.openRun();
		const { scheduler } = run.ports;
		const waits = ['a', 'b', 'c'].map(
			async (operationId) => await followOperation(run, operationToFollow({ operationId })),
		);
		expect(scheduler.pendingOperations).toBe(3);
		await bench.clock.run(Promise.all(waits));
		expect(scheduler.pendingOperations).toBe(0);
	});
});

describe('many operations that were created together', () => {
	interface Seen {
		/** When each was not followed any longer, from the start. */
		endsAtMs: number[];
		/** How often each was asked for. */
		polls: number[];
		/** When the last one was known to have ended, as a share of when it had. */
		lateness: number;
	}

	async function followAll(durationsMs: number[], maxWaitMs = 24 * HOUR_MS): Promise<Seen> {
		const bench = new Bench();
		const startMs = bench.clock.now();
		const polls = durationsMs.map(() => 0);
		bench.api.scripts.get = (_, { operationId }) => {
			const index = Number(operationId);
			polls[index] = (polls[index] ?? 0) + 1;
			return bench.clock.now() - startMs >= (durationsMs[index] ?? 0) ? SUCCESS : RUNNING;
		};
		const run = bench.openRun();
		const follow = async (index: number) => {
			const operationId = String(index);
			const timing = { createdAtMs: startMs, maxWaitMs };
			const outcome = await followOperation(run, { operationId, isOurs: true, ...timing });
			const willEnd = (durationsMs[index] ?? 0) < maxWaitMs;
			expect(outcome.kind).toBe(willEnd ? 'terminal' : 'timedOut');
			return bench.clock.now() - startMs;
		};
		const endsAtMs = await bench.clock.run(
			Promise.all(durationsMs.map(async (_, index) => await follow(index))),
		);
		const lateness = (bench.clock.now() - startMs) / Math.max(...durationsMs);
		return { endsAtMs, polls, lateness };
	}

	/** The quantiles of a lognormal distribution, in an order that is not theirs. */
	const spreadOut = (count: number, medianMs: number) =>
		Array.from({ length: count }, (_, n) => {
			const share = (((n * 37) % count) + 0.5) / count;
			const logit = Math.log(share / (1 - share));
			return medianMs * Math.exp(0.4 * logit);
		});

	it.each([60_000, HOUR_MS])(
		'of about %i ms are asked for at most four times each, and the last is seen in time',
		async (medianMs) => {
			const { polls, lateness } = await followAll(spreadOut(200, medianMs));
			const total = polls.reduce((sum, count) => sum + count, 0);
			expect(total / polls.length).toBeLessThan(4);
			expect(lateness).toBeLessThan(1.1);
		},
	);

	it('that all take the same time are seen soon after it', async () => {
		const { polls, lateness } = await followAll(Array.from({ length: 200 }, () => 60_000));
		expect(lateness).toBeLessThan(1.35);
		expect(Math.max(...polls.slice(6))).toBeLessThanOrEqual(5);
	});

	it('do not delay a product of another run on the same key', async () => {
		const bench = new Bench();
		const startMs = bench.clock.now();
		const durationMs = (id: string) => (id.startsWith('slow') ? 20 * MINUTE_MS : 2_000);
		const createdAtMs = new Map<string, number>();
		bench.api.scripts.get = (_, { operationId = '' }) => {
			const ageMs = bench.clock.now() - (createdAtMs.get(operationId) ?? startMs);
			return ageMs >= durationMs(operationId) ? SUCCESS : RUNNING;
		};
		const follow = async (run: Run, operationId: string) => {
			createdAtMs.set(operationId, bench.clock.now());
			const timing = { createdAtMs: bench.clock.now(), maxWaitMs: 4 * HOUR_MS };
			return await followOperation(run, { operationId, isOurs: true, ...timing });
		};
		const catalogue = bench.openRun();
		const slow = Array.from({ length: 40 }, async (_, n) => await follow(catalogue, `slow ${n}`));
		await bench.clock.run(Promise.all(slow));
		const outcome = await bench.clock.run(follow(bench.openRun(), 'form'));
		expect(outcome).toMatchObject({ kind: 'terminal' });
		expect(outcome.kind === 'terminal' && outcome.durationMs).toBeLessThan(4_500);
	});

	it('that Aiuta works on one after the other are all seen in time', async () => {
		const inLine = Array.from({ length: 200 }, (_, n) => 5_000 * (n + 1));
		expect((await followAll(inLine)).lateness).toBeLessThan(1.1);
	});

	it.each([
		[20, 20],
		[60, 20],
		[60, 200],
	])(
		'are seen although the first six never end within %i minutes and %i others are ready in 2 s',
		async (maxWaitMinutes, others) => {
			const { endsAtMs } = await followAll(
				[
					...Array.from({ length: 6 }, () => Infinity),
					...Array.from({ length: others }, () => 2_000),
				],
				maxWaitMinutes * MINUTE_MS,
			);
			const seenAtMs = endsAtMs.slice(6);
			expect(Math.max(...seenAtMs)).toBeLessThan(60_000);
		},
	);

	it('are all seen although half of the first never end', async () => {
		const never = 20 * HOUR_MS;
		const { polls } = await followAll([
			...Array.from({ length: 3 }, () => never),
			...Array.from({ length: 100 }, () => 30_000),
		]);
		expect(polls.slice(6).every((count) => count <= 6)).toBe(true);
	});
});
