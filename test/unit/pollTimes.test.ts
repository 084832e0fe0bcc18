/** When an operation is asked for again, as a pure function of what is known. */
import {
	isPatient,
	pollAfterMs,
	pollTimeMs,
	type PollSituation,
} from '../../nodes/Aiuta/schedule/pollTimes';
import { RecentValues } from '../../nodes/Aiuta/core/recentValues';

const HOUR_MS = 3_600_000;
const MANY = 1_000;

function durations(...valuesMs: number[]): RecentValues {
	const recent = new RecentValues(200);
	for (const valueMs of valuesMs) recent.add(valueMs);
	return recent;
}

const UNKNOWN_SAMPLE: PollSituation['sample'] = {
	hasEnds: false,
	isMisleading: false,
	probablyEndedMs: () => undefined,
	spreadMs: 0,
};

function situation(changes: Partial<PollSituation> = {}): PollSituation {
	return {
		polledAfterMs: undefined,
		maxWaitMs: 24 * HOUR_MS,
		samplePhase: undefined,
		sample: UNKNOWN_SAMPLE,
		durationsMs: durations(),
		isTail: false,
		isCrowded: false,
		pendingOperations: 1,
		allPendingOperations: changes.pendingOperations ?? 1,
		ratePerSecond: 5,
		random: 0.5,
		...changes,
	};
}

/** From the latest poll to the next. */
function intervalMs(changes: Partial<PollSituation> & { polledAfterMs: number }): number {
	return pollAfterMs(situation(changes)) - changes.polledAfterMs;
}

const POLLED_AFTER_MS = [0, 1_000, 5_000, 20_000, 60_000, 300_000, HOUR_MS, 10 * HOUR_MS];
const LEARNED = durations(...Array.from({ length: 20 }, (_, n) => 20_000 + n * 1_000));

describe('the first poll of one among few', () => {
	it('comes a few seconds after the create while nothing is known', () => {
		expect(pollAfterMs(situation())).toBe(5_000);
	});

	it('does not trust four durations, and trusts five', () => {
		const few = situation({ durationsMs: durations(1e6, 1e6, 1e6, 1e6) });
		const enough = situation({ durationsMs: durations(1e6, 1e6, 1e6, 1e6, 1e6) });
		expect(pollAfterMs(few)).toBe(pollAfterMs(situation()));
		expect(pollAfterMs(enough)).toBe(1e6);
	});

	it('lies within the durations that were seen, before their median', () => {
		const firstMs = pollAfterMs(situation({ durationsMs: LEARNED }));
		expect(firstMs).toBeGreaterThanOrEqual(20_000);
		expect(firstMs).toBeLessThanOrEqual(30_000);
	});
});

describe('a later poll of one among few', () => {
	it.each([
		['before anything is learned', durations()],
		['once durations are known', LEARNED],
	])('comes the later the longer it has taken, %s', (_, durationsMs) => {
		const intervals = POLLED_AFTER_MS.map((polledAfterMs) =>
			intervalMs({ polledAfterMs, durationsMs }),
		);
		expect([...intervals].sort((a, b) => a - b)).toEqual(intervals);
		expect(intervals.at(-1)).toBeGreaterThan(intervals[0] ?? 0);
	});

	it.each(POLLED_AFTER_MS)(
		'comes a second to eleven minutes after one at %i ms',
		(polledAfterMs) => {
			for (const random of [0, 0.25, 0.999]) {
				for (const isTail of [false, true]) {
					const ms = intervalMs({ polledAfterMs, random, isTail, pendingOperations: 15 });
					expect(Number.isInteger(ms)).toBe(true);
					expect(ms).toBeGreaterThanOrEqual(1_000);
					expect(ms).toBeLessThanOrEqual(660_000);
				}
			}
		},
	);

	it('is spread around its middle by no more than a tenth either way', () => {
		const at = (random: number) => intervalMs({ polledAfterMs: 100_000, random });
		expect(at(0)).toBeLessThan(at(0.5));
		expect(at(0.5)).toBeLessThan(at(0.999));
		expect(at(0)).toBeGreaterThanOrEqual(0.9 * at(0.5) - 1);
		expect(at(0.999)).toBeLessThanOrEqual(1.1 * at(0.5) + 1);
	});

	it('is never later in the tail than before it, and sooner when few are left', () => {
		for (const polledAfterMs of POLLED_AFTER_MS) {
			for (const pendingOperations of [1, 10, 15]) {
				const usual = { polledAfterMs, pendingOperations, durationsMs: LEARNED };
				const tailMs = intervalMs({ ...usual, isTail: true });
				expect(tailMs).toBeLessThanOrEqual(intervalMs(usual));
			}
		}
		const late = { polledAfterMs: 300_000, durationsMs: LEARNED };
		expect(intervalMs({ ...late, isTail: true })).toBeLessThan(intervalMs(late));
	});

	it('asks the tail for no more than half the rate can serve', () => {
		const tail = { polledAfterMs: 300_000, isTail: true, durationsMs: LEARNED };
		const atRate = (ratePerSecond: number) =>
			intervalMs({ ...tail, ratePerSecond, pendingOperations: 10 });
		expect(atRate(0.5)).toBe(40_000);
		expect(atRate(20)).toBe(15_000);
	});

	it('comes still sooner for the last few, for which the whole batch waits', () => {
		const tail = { polledAfterMs: 300_000, isTail: true, durationsMs: LEARNED, ratePerSecond: 20 };
		expect(intervalMs({ ...tail, pendingOperations: 5 })).toBe(7_500);
		expect(intervalMs({ ...tail, pendingOperations: 6 })).toBe(15_000);
	});

	it('comes nearly as soon while another run has a thousand pending', () => {
		const one = { polledAfterMs: 20_000, isTail: true, ratePerSecond: 20 };
		expect(isPatient(situation({ ...one, allPendingOperations: 1_000 }))).toBe(false);
		expect(intervalMs({ ...one, allPendingOperations: 1_000 })).toBe(3_100);
	});

	it('comes soon in the tail of a batch of which nothing has ended yet', () => {
		expect(intervalMs({ polledAfterMs: 20_000, isTail: true })).toBe(1_250);
	});
});

describe('with many pending', () => {
	const many = { pendingOperations: MANY };
	const sample = (changes: Partial<PollSituation['sample']>) => ({ ...UNKNOWN_SAMPLE, ...changes });

	it('an operation waits for what a sample tells, but not beyond the middle of its time', () => {
		expect(pollAfterMs(situation(many))).toBe(12 * HOUR_MS);
		expect(pollAfterMs(situation({ ...many, maxWaitMs: HOUR_MS }))).toBe(0.5 * HOUR_MS);
	});

	it('it is asked for when it has probably ended', () => {
		const told = { ...many, sample: sample({ hasEnds: true, probablyEndedMs: () => 40_000 }) };
		expect(pollAfterMs(situation(told))).toBe(40_000);
	});

	it('it is asked for by what most have taken, once many durations are known', () => {
		const durationsMs = durations(...Array.from({ length: 100 }, (_, n) => 1_000 * (n + 1)));
		const told = { ...many, durationsMs, sample: sample({ probablyEndedMs: () => 40_000 }) };
		expect(pollAfterMs(situation(told))).toBe(76_000);
	});

	it('one that was asked for too early is asked again when it has probably ended', () => {
		const told = { ...many, sample: sample({ probablyEndedMs: () => 40_000 }) };
		expect(pollAfterMs(situation({ ...told, polledAfterMs: 10_000 }))).toBe(40_000);
	});

	it.each([
		['soon where all take the same time', 500, 2_000],
		['later where they differ', 25_000, 20_000],
	])('one that takes longer than most is asked again %s', (_, spreadMs, expectedMs) => {
		const told = sample({ hasEnds: true, probablyEndedMs: () => 30_000, spreadMs });
		expect(intervalMs({ ...many, sample: told, polledAfterMs: 40_000 })).toBe(expectedMs);
	});

	it('the members of the sample begin at different times and are asked in growing intervals', () => {
		const firsts = [0, 0.5].map((samplePhase) => pollAfterMs(situation({ ...many, samplePhase })));
		expect(firsts[0]).toBe(5_000);
		expect(firsts[1]).toBeGreaterThan(5_500);
		expect(firsts[1]).toBeLessThan(7_500);
		const gap = (hasEnds: boolean) =>
			intervalMs({ ...many, samplePhase: 0, sample: sample({ hasEnds }), polledAfterMs: 100_000 });
		expect(gap(false)).toBe(50_000);
		expect(gap(true)).toBe(15_000);
	});

	it.each<[string, Partial<PollSituation>]>([
		['products wait for others to end', { isCrowded: true }],
		['the sample says little about the others', { sample: sample({ isMisleading: true }) }],
		['few are left', { pendingOperations: 15 }],
	])('all of them are asked again and again when %s', (_, changes) => {
		expect(isPatient(situation(many))).toBe(true);
		const eager = situation({ ...many, ...changes });
		expect(isPatient(eager)).toBe(false);
		expect(pollAfterMs(eager)).toBe(5_000);
	});

	it('before anything has ended, crowded ones are asked four a second together', () => {
		const crowded = { ...many, isCrowded: true, polledAfterMs: 5_000 };
		expect(intervalMs(crowded)).toBe((MANY / 4) * 1_000);
	});
});

describe('the time of the next poll', () => {
	it('is as planned while the deadline is far', () => {
		expect(pollTimeMs(1_000, 6_000, 100_000, 1_000)).toBe(6_000);
	});

	it('is now when it was planned for the past', () => {
		expect(pollTimeMs(7_000, 6_000, 100_000, 1_000)).toBe(7_000);
	});

	it('is pulled in to just before the deadline', () => {
		expect(pollTimeMs(90_000, 110_000, 100_000, 1_000)).toBe(99_000);
		expect(pollTimeMs(90_000, Number.POSITIVE_INFINITY, 100_000, 1_000)).toBe(99_000);
	});

	it('may be exactly the last possible moment', () => {
		expect(pollTimeMs(94_000, 99_000, 100_000, 1_000)).toBe(99_000);
		expect(pollTimeMs(99_000, 99_000, 100_000, 1_000)).toBe(99_000);
	});

	it.each([99_000, 99_500, 100_000, 200_000])(
		'does not exist when the last poll was at %i of 100000 ms',
		(nowMs) => {
			expect(pollTimeMs(nowMs, nowMs + 1, 100_000, 1_000)).toBeUndefined();
		},
	);

	it('does not exist after the last possible moment, even if it was planned before', () => {
		expect(pollTimeMs(99_500, 50_000, 100_000, 1_000)).toBeUndefined();
	});

	it('never lies beyond the deadline', () => {
		for (let nowMs = 0; nowMs < 100_000; nowMs += 777) {
			const atMs = pollTimeMs(nowMs, nowMs + 30_000, 100_000, 1_000);
			expect(atMs ?? 0).toBeLessThanOrEqual(99_000);
		}
	});
});
