/** When an operation is asked for again, as a pure function of what is known. */
import { nextPollDelayMs, pollTimeMs, type PollSituation } from '../../nodes/Aiuta/batch/polling';
import { RecentValues } from '../../nodes/Aiuta/core/quantile';

function durations(...valuesMs: number[]): RecentValues {
	const recent = new RecentValues(200);
	for (const valueMs of valuesMs) recent.add(valueMs);
	return recent;
}

function situation(changes: Partial<PollSituation> = {}): PollSituation {
	return {
		elapsedMs: 0,
		isFirstPoll: false,
		durationsMs: durations(),
		isTail: false,
		pendingOperations: 1,
		ratePerSecond: 5,
		random: 0.5,
		...changes,
	};
}

const ELAPSED_MS = [0, 1_000, 5_000, 20_000, 60_000, 300_000, 3_600_000, 36_000_000];
const LEARNED = durations(...Array.from({ length: 20 }, (_, n) => 20_000 + n * 1_000));

describe('the delay before the first poll', () => {
	it('is a few seconds while nothing is known, less what has passed already', () => {
		const firstMs = nextPollDelayMs(situation({ isFirstPoll: true }));
		expect(firstMs).toBeGreaterThanOrEqual(1_000);
		expect(firstMs).toBeLessThanOrEqual(30_000);
		const laterMs = nextPollDelayMs(situation({ isFirstPoll: true, elapsedMs: 1_000 }));
		expect(laterMs).toBe(firstMs - 1_000);
	});

	it('does not trust four durations, and trusts five', () => {
		const few = situation({ isFirstPoll: true, durationsMs: durations(1e6, 1e6, 1e6, 1e6) });
		const enough = situation({
			isFirstPoll: true,
			durationsMs: durations(1e6, 1e6, 1e6, 1e6, 1e6),
		});
		expect(nextPollDelayMs(few)).toBe(nextPollDelayMs(situation({ isFirstPoll: true })));
		expect(nextPollDelayMs(enough)).toBeGreaterThan(900_000);
	});

	it('lies within the durations that were seen, before their median', () => {
		const delayMs = nextPollDelayMs(situation({ isFirstPoll: true, durationsMs: LEARNED }));
		expect(delayMs).toBeGreaterThanOrEqual(18_000);
		expect(delayMs).toBeLessThanOrEqual(30_000);
	});

	it('is never negative', () => {
		const late = { isFirstPoll: true, elapsedMs: 1e9 };
		expect(nextPollDelayMs(situation(late))).toBeGreaterThanOrEqual(0);
		expect(nextPollDelayMs(situation({ ...late, durationsMs: LEARNED }))).toBeGreaterThanOrEqual(0);
	});
});

describe('the delay before a later poll', () => {
	it.each([
		['before anything is learned', durations()],
		['once durations are known', LEARNED],
	])('grows with the elapsed time, %s', (_, durationsMs) => {
		const delays = ELAPSED_MS.map((elapsedMs) =>
			nextPollDelayMs(situation({ elapsedMs, durationsMs })),
		);
		expect([...delays].sort((a, b) => a - b)).toEqual(delays);
		expect(delays.at(-1)).toBeGreaterThan(delays[0] ?? 0);
	});

	it.each(ELAPSED_MS)('stays between a second and eleven minutes after %i ms', (elapsedMs) => {
		for (const random of [0, 0.25, 0.999]) {
			for (const isTail of [false, true]) {
				const delayMs = nextPollDelayMs(
					situation({ elapsedMs, random, isTail, pendingOperations: 5_000 }),
				);
				expect(Number.isInteger(delayMs)).toBe(true);
				expect(delayMs).toBeGreaterThanOrEqual(1_000);
				expect(delayMs).toBeLessThanOrEqual(660_000);
			}
		}
	});

	it('is spread around its middle by no more than a tenth either way', () => {
		const at = (random: number) => nextPollDelayMs(situation({ elapsedMs: 100_000, random }));
		expect(at(0)).toBeLessThan(at(0.5));
		expect(at(0.5)).toBeLessThan(at(0.999));
		expect(at(0)).toBeGreaterThanOrEqual(0.9 * at(0.5) - 1);
		expect(at(0.999)).toBeLessThanOrEqual(1.1 * at(0.5) + 1);
	});

	it('is never longer in the tail than before it', () => {
		for (const elapsedMs of ELAPSED_MS) {
			for (const pendingOperations of [1, 10, 5_000]) {
				const usual = situation({ elapsedMs, pendingOperations, durationsMs: LEARNED });
				const tailMs = nextPollDelayMs({ ...usual, isTail: true });
				expect(tailMs).toBeLessThanOrEqual(nextPollDelayMs(usual));
			}
		}
	});

	it('is shorter in the tail when few operations are left', () => {
		const usual = situation({ elapsedMs: 300_000, durationsMs: LEARNED });
		const tailMs = nextPollDelayMs({ ...usual, isTail: true });
		expect(tailMs).toBeLessThan(nextPollDelayMs(usual));
	});

	it('asks the tail for no more than the rate can serve', () => {
		const tail = {
			isTail: true,
			elapsedMs: 300_000,
			ratePerSecond: 1,
			durationsMs: LEARNED,
		};
		const fewMs = nextPollDelayMs(situation({ ...tail, pendingOperations: 1 }));
		const manyMs = nextPollDelayMs(situation({ ...tail, pendingOperations: 100 }));
		expect(manyMs).toBeGreaterThanOrEqual(fewMs);
	});
});

describe('the time of the next poll', () => {
	it('is after the delay while the deadline is far', () => {
		expect(pollTimeMs(1_000, 5_000, 100_000, 1_000)).toBe(6_000);
	});

	it('is pulled in to just before the deadline', () => {
		expect(pollTimeMs(90_000, 20_000, 100_000, 1_000)).toBe(99_000);
	});

	it('may be exactly the last possible moment', () => {
		expect(pollTimeMs(94_000, 5_000, 100_000, 1_000)).toBe(99_000);
	});

	it.each([99_000, 99_500, 100_000, 200_000])(
		'does not exist when the last poll was at %i of 100000 ms',
		(nowMs) => {
			expect(pollTimeMs(nowMs, 1, 100_000, 1_000)).toBeUndefined();
		},
	);

	it('never lies beyond the deadline', () => {
		for (let nowMs = 0; nowMs < 100_000; nowMs += 777) {
			const atMs = pollTimeMs(nowMs, 30_000, 100_000, 1_000);
			expect(atMs ?? 0).toBeLessThanOrEqual(99_000);
		}
	});
});
