/** Who may send when: priorities, the lone first request, several runs on one credential, pauses. */
import { Scheduler } from '../../nodes/Aiuta/schedule/scheduler';
import { SchedulerRegistry } from '../../nodes/Aiuta/schedule/schedulerRegistry';
import type {
	DueTime,
	Granted,
	RequestKind,
	SchedulerRun,
	Turn,
} from '../../nodes/Aiuta/schedule/queue';
import type { HttpOutcome } from '../../nodes/Aiuta/core/http';
import { FakeClock } from '../support/time/fakeClock';
import { answer, LOST } from './batch.support';

interface Left {
	name: string;
	kind: RequestKind;
	atMs: number;
}

/** What became of a request: `undefined` in place of an outcome where nothing was sent. */
type Ended =
	{ kind: 'ended'; outcome: HttpOutcome | undefined } | Exclude<Granted, { kind: 'granted' }>;

/** A scheduler and what has left it. */
class Desk {
	readonly scheduler: Scheduler;

	readonly left: Left[] = [];

	readonly startMs: number;

	roundTripMs = 100;

	constructor(readonly clock = new FakeClock()) {
		this.scheduler = new Scheduler(clock);
		this.startMs = clock.now();
	}

	async perform(
		run: SchedulerRun,
		kind: RequestKind,
		name: string = kind,
		outcome: HttpOutcome | undefined = answer(200),
		dueAt: DueTime = 0,
	): Promise<Ended> {
		const task = async () => {
			this.left.push({ name, kind, atMs: this.clock.now() - this.startMs });
			await this.clock.wakeAt(this.clock.now() + this.roundTripMs);
			return outcome;
		};
		return await this.inTurn(run, kind, task, { dueAt });
	}

	/** Do a task when the turn of its request has come. */
	async inTurn(
		run: SchedulerRun,
		kind: RequestKind,
		task: () => Promise<HttpOutcome | undefined>,
		turn: Turn = {},
	): Promise<Ended> {
		const granted = await this.scheduler.awaitTurn(run, kind, turn);
		if (granted.kind !== 'granted') return granted;
		const outcome = await task();
		granted.end(outcome);
		return { kind: 'ended', outcome };
	}

	/** Open a run whose first success lies behind it. */
	async openWarm(requestsPerSecond = 20): Promise<SchedulerRun> {
		const run = this.scheduler.openRun(requestsPerSecond);
		await this.clock.run(this.perform(run, 'poll', 'warm-up'));
		this.left.length = 0;
		return run;
	}

	names(): string[] {
		return this.left.map(({ name }) => name);
	}
}

function times<T>(count: number, make: (n: number) => T): T[] {
	return Array.from({ length: count }, (_, n) => make(n));
}

describe('the order of requests', () => {
	it('is create, then upload, then poll, whatever came first', async () => {
		const desk = new Desk();
		const run = desk.scheduler.openRun(20);
		const lone = desk.perform(run, 'poll', 'lone');
		const kinds: RequestKind[] = ['poll', 'upload', 'create', 'upload', 'create'];
		await desk.clock.run(Promise.all([lone, ...kinds.map((kind) => desk.perform(run, kind))]));
		expect(desk.names()).toEqual(['lone', 'create', 'create', 'upload', 'upload', 'poll']);
	});

	it('keeps to the rate although every timer fires late', async () => {
		const late = new (class extends FakeClock {
			override async sleep(delayMs: number): Promise<void> {
				await super.sleep(delayMs + 20);
			}
		})();
		const desk = new Desk(late);
		const run = await desk.openWarm(10);
		await desk.clock.run(Promise.all(times(60, () => desk.perform(run, 'upload'))));
		await desk.clock.run(Promise.all(times(100, (n) => desk.perform(run, 'upload', `later ${n}`))));
		const laterMs = desk.left.slice(-100).map(({ atMs }) => atMs);
		expect((laterMs.at(-1) ?? 0) - (laterMs[0] ?? 0)).toBeLessThan(10_400);
		for (const [index, atMs] of laterMs.slice(1).entries()) {
			expect(atMs - (laterMs[index] ?? 0)).toBeGreaterThanOrEqual(50);
		}
	});

	it('is that of arrival within a kind', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		await desk.clock.run(Promise.all(times(30, (n) => desk.perform(run, 'create', String(n)))));
		expect(desk.names()).toEqual(times(30, String));
	});

	it('is that of arrival, but for one that goes in front of its kind', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const waiting = times(5, (n) => desk.perform(run, 'create', String(n)));
		const again = desk.inTurn(
			run,
			'create',
			async () => {
				desk.left.push({ name: 'again', kind: 'create', atMs: desk.clock.now() });
				return await Promise.resolve(answer(200));
			},
			{ inFront: true },
		);
		await desk.clock.run(Promise.all([...waiting, again]));
		expect(desk.names().indexOf('again')).toBeLessThanOrEqual(1);
		expect(desk.names().filter((name) => name !== 'again')).toEqual(times(5, String));
	});

	it('leaves polls a twentieth of the rate while creates are waiting', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		await desk.clock.run(
			Promise.all([
				...times(300, () => desk.perform(run, 'create')),
				...times(300, () => desk.perform(run, 'poll')),
			]),
		);
		const whileCreating = desk.left.slice(0, 301);
		const polls = whileCreating.filter(({ kind }) => kind === 'poll').length;
		expect(polls).toBeGreaterThanOrEqual(14);
		expect(polls).toBeLessThanOrEqual(30);
		for (let begin = 0; begin + 22 <= 300; begin += 22) {
			const window = whileCreating.slice(begin, begin + 22);
			expect(window.some(({ kind }) => kind === 'poll')).toBe(true);
		}
	});

	it('is turned around for polls that have waited half of their time', async () => {
		const desk = new Desk();
		const run = await desk.openWarm(5);
		const notAfterMs = desk.clock.now() + 40_000;
		const poll = async () => {
			desk.left.push({ name: 'poll', kind: 'poll', atMs: desk.clock.now() - desk.startMs });
			return await Promise.resolve(answer(200));
		};
		const polls = times(80, () => desk.inTurn(run, 'poll', poll, { notAfterMs }));
		const creates = times(400, () => desk.perform(run, 'create'));
		await desk.clock.run(Promise.all([...polls, ...creates]));
		const pollsAtMs = desk.left.filter(({ kind }) => kind === 'poll').map(({ atMs }) => atMs);
		expect(pollsAtMs).toHaveLength(80);
		expect(Math.max(...pollsAtMs)).toBeLessThan(notAfterMs - desk.startMs);
		expect(desk.left.findIndex(({ kind }) => kind === 'create')).toBeLessThan(2);
	});

	it('holds a request back until its time', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const atMs = desk.clock.now() + 90_000;
		await desk.clock.run(desk.perform(run, 'poll', 'later', answer(200), atMs));
		expect(desk.left[0]?.atMs).toBe(atMs - desk.startMs);
		expect(Math.max(...desk.clock.delaysMs)).toBeLessThanOrEqual(1_000);
	});

	it('asks again when a request is due while it waits, and can be told sooner or later', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const beganMs = desk.clock.now();
		let dueAtMs = Number.POSITIVE_INFINITY;
		const waiting = desk.perform(run, 'poll', 'told', answer(200), () => dueAtMs);
		await desk.clock.advance(60_000);
		expect(desk.names()).toEqual([]);
		dueAtMs = beganMs + 3_600_000;
		await desk.clock.advance(60_000);
		dueAtMs = beganMs + 125_000;
		await desk.clock.run(waiting);
		const afterMs = (desk.left[0]?.atMs ?? 0) + desk.startMs - beganMs;
		expect(afterMs).toBeGreaterThanOrEqual(125_000);
		// Looked at again and again, the later the longer it has waited.
		expect(afterMs).toBeLessThanOrEqual(125_000 + 13_000);
	});

	it('serves an earlier request that arrives while a later one is waited for', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const now = desk.clock.now();
		const later = desk.perform(run, 'poll', 'later', answer(200), now + 60_000);
		await desk.clock.advance(500);
		const sooner = desk.perform(run, 'poll', 'sooner', answer(200), now + 10_000);
		await desk.clock.run(Promise.all([later, sooner]));
		expect(desk.left.map(({ name, atMs }) => [name, atMs - (now - desk.startMs)])).toEqual([
			['sooner', 10_000],
			['later', 60_000],
		]);
	});
});

describe('the first request of a run', () => {
	it('is alone until a first success', async () => {
		const desk = new Desk();
		desk.roundTripMs = 5_000;
		const run = desk.scheduler.openRun(100);
		const outcomes = [answer(422), LOST, answer(429), answer(200), answer(200), answer(200)];
		await desk.clock.run(
			Promise.all(outcomes.map((outcome, n) => desk.perform(run, 'upload', String(n), outcome))),
		);
		const gaps = desk.left.slice(1).map(({ atMs }, index) => atMs - (desk.left[index]?.atMs ?? 0));
		expect(gaps.slice(0, 3).every((gapMs) => gapMs >= 5_000)).toBe(true);
		expect(Math.max(...gaps.slice(3).slice(1))).toBeLessThan(5_000);
	});

	it('holds back its own run only', async () => {
		const desk = new Desk();
		const warm = await desk.openWarm();
		desk.roundTripMs = 60_000;
		const cold = desk.scheduler.openRun(20);
		const waiting = Promise.all([
			desk.perform(cold, 'create', 'cold'),
			desk.perform(cold, 'create', 'cold'),
			desk.perform(warm, 'create', 'warm'),
			desk.perform(warm, 'create', 'warm'),
		]);
		await desk.clock.advance(30_000);
		expect(desk.names().sort()).toEqual(['cold', 'warm', 'warm']);
		await desk.clock.run(waiting);
	});

	it('that turns out to be unnecessary does not count as a success', async () => {
		const desk = new Desk();
		const run = desk.scheduler.openRun(20);
		const skipped = await desk.clock.run(
			desk.inTurn(run, 'create', async () => await Promise.resolve(undefined)),
		);
		expect(skipped).toEqual({ kind: 'ended', outcome: undefined });
		expect(run.hasSucceeded).toBe(false);
	});
});

describe('several runs on one credential', () => {
	it('are served in turn: a small one does not wait for a big one', async () => {
		const desk = new Desk();
		const big = await desk.openWarm();
		const small = await desk.openWarm();
		const all = [
			...times(200, () => desk.perform(big, 'create', 'big')),
			...times(10, () => desk.perform(small, 'create', 'small')),
		];
		await desk.clock.run(Promise.all(all));
		expect(desk.names().lastIndexOf('small')).toBeLessThan(30);
		const first = desk.names().slice(0, 10);
		expect(first.filter((name) => name === 'big')).toHaveLength(5);
	});

	it('share one rate: never more than the rate and a small burst in any second', async () => {
		const desk = new Desk();
		const runs = [await desk.openWarm(5), await desk.openWarm(5), await desk.openWarm(5)];
		const all = runs.flatMap((run) => times(50, () => desk.perform(run, 'create')));
		await desk.clock.run(Promise.all(all));
		for (const { atMs } of desk.left) {
			const inSecond = desk.left.filter((it) => it.atMs >= atMs && it.atMs < atMs + 1_000);
			expect(inSecond.length).toBeLessThanOrEqual(5 + 2);
		}
	});

	it('keep to the lowest ceiling, for as long as its run is open', () => {
		const desk = new Desk();
		const slow = desk.scheduler.openRun(0.5);
		desk.scheduler.openRun(20);
		expect(desk.scheduler.ratePerSecond).toBe(0.5);
		desk.scheduler.closeRun(slow);
		expect(desk.scheduler.ratePerSecond).toBeLessThanOrEqual(20);
		const slower = desk.scheduler.openRun(0.1);
		expect(desk.scheduler.ratePerSecond).toBe(0.1);
		desk.scheduler.closeRun(slower);
	});

	it('grows beyond a ceiling that has left', async () => {
		const desk = new Desk();
		const slow = desk.scheduler.openRun(0.5);
		const fast = await desk.openWarm(20);
		desk.scheduler.closeRun(slow);
		await desk.clock.run(Promise.all(times(100, () => desk.perform(fast, 'create'))));
		expect(desk.scheduler.ratePerSecond).toBeGreaterThan(2);
	});

	it('the stop of one does not stall the other', async () => {
		const desk = new Desk();
		const stopped = await desk.openWarm();
		const other = await desk.openWarm();
		const mine = times(50, () => desk.perform(stopped, 'create', 'stopped'));
		const theirs = times(50, () => desk.perform(other, 'poll', 'other'));
		await desk.clock.advance(1_000);
		desk.scheduler.stopRun(stopped);
		const sentBefore = desk.names().filter((name) => name === 'stopped').length;
		const granted = await desk.clock.run(Promise.all(mine));
		expect(granted.filter(({ kind }) => kind === 'stopped')).toHaveLength(50 - sentBefore);
		await desk.clock.run(Promise.all(theirs));
		expect(desk.names().filter((name) => name === 'stopped')).toHaveLength(sentBefore);
		expect(desk.names().filter((name) => name === 'other')).toHaveLength(50);
	});

	it('a run that has the only due work is stopped: what the other has for later still leaves', async () => {
		const desk = new Desk();
		const stopped = await desk.openWarm(0.2);
		const other = await desk.openWarm();
		void desk.perform(stopped, 'create', 'stopped');
		void desk.perform(stopped, 'create', 'stopped');
		const later = desk.perform(other, 'poll', 'other', answer(200), desk.clock.now() + 30_000);
		await desk.clock.advance(100);
		desk.scheduler.closeRun(stopped);
		expect((await desk.clock.run(later, 60_000)).kind).toBe('ended');
	});
});

describe('a stopped run', () => {
	it('gets nothing more out, queued or new', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const future = desk.perform(run, 'poll', 'future', answer(200), desk.clock.now() + 60_000);
		desk.scheduler.stopRun(run);
		expect(await future).toEqual({ kind: 'stopped' });
		expect(await desk.perform(run, 'create')).toEqual({ kind: 'stopped' });
		expect(desk.left).toEqual([]);
	});

	it('still learns what became of the request that was on its way', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		desk.roundTripMs = 20_000;
		const onItsWay = desk.perform(run, 'create');
		await desk.clock.advance(1_000);
		expect(desk.left).toHaveLength(1);
		desk.scheduler.closeRun(run);
		expect(await desk.clock.run(onItsWay)).toEqual({ kind: 'ended', outcome: answer(200) });
	});

	it('may be stopped and closed twice', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		desk.scheduler.stopRun(run);
		desk.scheduler.stopRun(run);
		desk.scheduler.closeRun(run);
		desk.scheduler.closeRun(run);
		expect(desk.scheduler.openRuns).toBe(0);
	});
});

describe('after a 429', () => {
	it.each<[string, string | undefined, number, number]>([
		['its Retry-After', '30', 30_000, 30_500],
		['a moment without one', undefined, 1, 6_000],
		['a moment with a malformed one', 'never', 1, 6_000],
		['a moment with one of no time', '0', 250, 6_000],
		['a moment with one that has passed', 'Thu, 01 Jan 1970 00:00:01 GMT', 250, 6_000],
		['at most a quarter of an hour', '86400', 900_000, 900_500],
	])('nothing leaves for %s', async (_, header, fromMs, toMs) => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const headers: Record<string, string> = header === undefined ? {} : { 'retry-after': header };
		await desk.clock.run(desk.perform(run, 'poll', 'refused', answer(429, {}, headers)));
		const refusedAtMs = desk.clock.now() - desk.startMs;
		await desk.clock.run(desk.perform(run, 'create', 'next'));
		const waitedMs = (desk.left[1]?.atMs ?? 0) - refusedAtMs;
		expect(waitedMs).toBeGreaterThanOrEqual(fromMs);
		expect(waitedMs).toBeLessThanOrEqual(toMs);
	});

	it.each<[string, Record<string, string>]>([
		['names no time', {}],
		['names 0 seconds', { 'retry-after': '0' }],
		['names a time that has passed', { 'retry-after': 'Thu, 01 Jan 1970 00:00:01 GMT' }],
	])('a server that refuses everything and %s is left in peace', async (_, headers) => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const refused = answer(429, {}, headers);
		void Promise.all(times(500, () => desk.perform(run, 'upload', 'refused', refused)));
		await desk.clock.advance(12_000);
		expect(desk.left.length).toBeLessThanOrEqual(12);
		desk.scheduler.closeRun(run);
	});

	it('the pause holds for every run of the credential', async () => {
		const desk = new Desk();
		const first = await desk.openWarm();
		const second = await desk.openWarm();
		const refused = answer(429, {}, { 'retry-after': '20' });
		await desk.clock.run(desk.perform(first, 'poll', 'refused', refused));
		const beforeMs = desk.clock.now() - desk.startMs;
		await desk.clock.run(desk.perform(second, 'create', 'next'));
		expect((desk.left[1]?.atMs ?? 0) - beforeMs).toBeGreaterThanOrEqual(20_000);
	});

	it('a shorter Retry-After does not end a longer pause', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const refused = (seconds: string) => answer(429, {}, { 'retry-after': seconds });
		await desk.clock.run(
			Promise.all([
				desk.perform(run, 'poll', 'a', refused('60')),
				desk.perform(run, 'poll', 'b', refused('1')),
			]),
		);
		await desk.clock.run(desk.perform(run, 'poll', 'next'));
		expect(desk.left.find(({ name }) => name === 'next')?.atMs).toBeGreaterThanOrEqual(60_000);
	});

	it('the rate goes down', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		const before = desk.scheduler.ratePerSecond;
		expect(desk.scheduler.wasThrottled).toBe(false);
		await desk.clock.run(desk.perform(run, 'poll', 'refused', answer(429)));
		expect(desk.scheduler.ratePerSecond).toBeLessThan(before);
		expect(desk.scheduler.wasThrottled).toBe(true);
	});
});

describe('what is in flight at once', () => {
	it.each<RequestKind>(['create', 'upload', 'poll'])(
		'stays bounded for each kind when the server is slow: %s',
		async (kind) => {
			const desk = new Desk();
			const run = await desk.openWarm(100);
			desk.roundTripMs = 600_000;
			const all = times(200, () => desk.perform(run, kind));
			await desk.clock.advance(300_000);
			expect(desk.left.length).toBeGreaterThanOrEqual(4);
			expect(desk.left.length).toBeLessThanOrEqual(32);
			desk.scheduler.closeRun(run);
			await desk.clock.run(Promise.all(all));
		},
	);

	it('of one kind does not hold back another', async () => {
		const desk = new Desk();
		const run = await desk.openWarm();
		desk.roundTripMs = 600_000;
		const uploads = times(100, () => desk.perform(run, 'upload'));
		await desk.clock.advance(60_000);
		const polled = desk.perform(run, 'poll');
		await desk.clock.advance(5_000);
		expect(desk.names()).toContain('poll');
		desk.scheduler.closeRun(run);
		await desk.clock.run(Promise.all([...uploads, polled]));
	});

	it('a request that turns out to be unnecessary gives its token back', async () => {
		const desk = new Desk();
		const run = await desk.openWarm(0.1);
		await desk.clock.advance(60_000);
		const skip = async () => await Promise.resolve(undefined);
		const beginMs = desk.clock.now();
		for (let n = 0; n < 50; n += 1) {
			await desk.clock.run(desk.inTurn(run, 'upload', skip));
		}
		// At a rate of one in ten seconds, fifty tokens would have cost eight minutes.
		expect(desk.clock.now() - beginMs).toBeLessThan(1_000);
	});
});

describe('a run that is closed', () => {
	it('leaves no sleeper beyond a second', async () => {
		const desk = new Desk();
		const run = await desk.openWarm(0.1);
		const all = [
			...times(20, () => desk.perform(run, 'create')),
			desk.perform(run, 'poll', 'later', answer(200), desk.clock.now() + 3_600_000),
		];
		await desk.clock.advance(500);
		desk.scheduler.closeRun(run);
		await desk.clock.run(Promise.all(all));
		const closedAtMs = desk.clock.now();
		while (await desk.clock.step());
		expect(desk.clock.now() - closedAtMs).toBeLessThanOrEqual(1_000);
		expect(desk.clock.pending).toBe(0);
	});

	it('leaves nothing behind that keeps running when nothing happens', async () => {
		const desk = new Desk();
		await desk.openWarm();
		while (await desk.clock.step());
		const delaysBefore = desk.clock.delaysMs.length;
		await desk.clock.advance(60_000);
		expect(desk.clock.delaysMs).toHaveLength(delaysBefore);
	});
});

describe('the registry of schedulers', () => {
	it('gives the same credential the same scheduler, and another one another', () => {
		const registry = new SchedulerRegistry(new FakeClock());
		expect(registry.get('a')).toBe(registry.get('a'));
		expect(registry.get('a')).not.toBe(registry.get('b'));
		expect(registry.size).toBe(2);
	});

	it('holds no entry a second after the last run has closed', async () => {
		const clock = new FakeClock();
		const registry = new SchedulerRegistry(clock);
		const scheduler = registry.get('a');
		scheduler.closeRun(scheduler.openRun(5));
		registry.release('a');
		expect(registry.size).toBe(1);
		await clock.advance(1_000);
		expect(registry.size).toBe(0);
		expect(clock.pending).toBe(0);
	});

	it('keeps what is still in use, and what the next loop takes up within a moment', async () => {
		const clock = new FakeClock();
		const registry = new SchedulerRegistry(clock);
		const scheduler = registry.get('a');
		const first = scheduler.openRun(5);
		const second = scheduler.openRun(5);
		scheduler.closeRun(first);
		registry.release('a');
		await clock.advance(5_000);
		expect(registry.get('a')).toBe(scheduler);
		scheduler.closeRun(second);
		registry.release('a');
		await clock.advance(100);
		expect(registry.get('a')).toBe(scheduler);
		const third = scheduler.openRun(5);
		await clock.advance(5_000);
		expect(registry.get('a')).toBe(scheduler);
		scheduler.closeRun(third);
		registry.release('a');
		await clock.advance(1_000);
		expect(registry.size).toBe(0);
	});
});
