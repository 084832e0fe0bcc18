/** When an operation is asked for again, as a pure function of what is known. */
import fc from 'fast-check';

import { AskTimes } from '../../nodes/Aiuta/schedule/askTimes';
import { nextPollAgeMs, type PollSituation } from '../../nodes/Aiuta/schedule/pollTimes';

const HOUR_MS = 3_600_000;
const MANY = 1_000;

function situation(changes: Partial<PollSituation> = {}): PollSituation {
	return {
		polledAtAgeMs: undefined,
		maxAgeMs: 24 * HOUR_MS,
		times: undefined,
		scoutAtAgeMs: undefined,
		pending: 1,
		pendingOfAll: changes.pending ?? 1,
		isCrowded: false,
		ratePerSecond: 5,
		random: 0.5,
		...changes,
	};
}

/** From the latest poll to the next. */
function intervalMs(changes: Partial<PollSituation> & { polledAtAgeMs: number }): number {
	return nextPollAgeMs(situation(changes)) - changes.polledAtAgeMs;
}

const AGES_MS = [0, 1_000, 5_000, 20_000, 60_000, 300_000, HOUR_MS, 10 * HOUR_MS];

describe('one of a few', () => {
	it('is asked first a few seconds after its create, sooner where others have taken less', () => {
		expect(nextPollAgeMs(situation())).toBe(3_000);
		expect(nextPollAgeMs(situation({ times: new AskTimes(60_000) }))).toBe(3_000);
		expect(nextPollAgeMs(situation({ times: new AskTimes(1_900) }))).toBeLessThan(2_000);
	});

	it('is asked the later again the longer it has taken', () => {
		const intervals = AGES_MS.map((polledAtAgeMs) => intervalMs({ polledAtAgeMs }));
		expect([...intervals].sort((a, b) => a - b)).toEqual(intervals);
		expect(intervals[0]).toBeGreaterThanOrEqual(450);
		expect(intervals.at(-1)).toBeCloseTo(0.05 * 10 * HOUR_MS);
	});

	it('is asked around its time, no more than a tenth of the interval off', () => {
		const at = (random: number) => intervalMs({ polledAtAgeMs: 100_000, random });
		expect(at(0)).toBeLessThan(at(0.5));
		expect(at(0.5)).toBeLessThan(at(0.999));
		expect(at(0)).toBeGreaterThanOrEqual(0.9 * at(0.5) - 1);
		expect(at(0.999)).toBeLessThanOrEqual(1.1 * at(0.5) + 1);
	});

	it('takes with the others no more than half the rate', () => {
		const atRate = (ratePerSecond: number) =>
			intervalMs({ polledAtAgeMs: 10_000, ratePerSecond, pending: 10 });
		expect(atRate(0.5)).toBe(40_000);
		expect(atRate(5)).toBe(4_000);
		expect(atRate(100)).toBe(500);
	});

	it('is asked nearly as soon while another run has a thousand pending', () => {
		const one = { polledAtAgeMs: 20_000, ratePerSecond: 20, pendingOfAll: 1_000 };
		expect(intervalMs(one)).toBe(3_100);
	});

	it('is what every one of many is while products wait for others to end', () => {
		const crowded = { polledAtAgeMs: 20_000, pending: MANY, isCrowded: true, ratePerSecond: 1_000 };
		expect(intervalMs(crowded)).toBeLessThan(5_000);
		expect(intervalMs({ ...crowded, isCrowded: false })).toBeGreaterThan(100_000);
	});
});

describe('one of many', () => {
	it.each([
		[26, 260_000],
		[1_000, 10_000_000],
		[100_000, 12 * HOUR_MS],
	])('of %i is asked by %i ms although nothing is known', (pending, expectedMs) => {
		expect(nextPollAgeMs(situation({ pending }))).toBe(expectedMs);
	});

	it('is asked when others have told, and again after an interval', () => {
		const times = new AskTimes(20_000);
		const many = { pending: MANY, times };
		expect(nextPollAgeMs(situation(many))).toBe(times.firstMs);
		expect(intervalMs({ ...many, polledAtAgeMs: 100_000 })).toBe(times.intervalMs);
	});

	it('that was asked long before the others told how long they take waits for its first time', () => {
		const early = { pending: MANY, times: new AskTimes(600_000), polledAtAgeMs: 10_000 };
		expect(nextPollAgeMs(situation(early))).toBe(
			nextPollAgeMs(situation({ ...early, polledAtAgeMs: undefined })),
		);
	});

	it('is asked as a scout when it is to be', () => {
		const scout = { pending: MANY, scoutAtAgeMs: 7_000 };
		expect(nextPollAgeMs(situation(scout))).toBe(7_000);
		expect(nextPollAgeMs(situation({ ...scout, times: new AskTimes(600_000) }))).toBe(7_000);
	});
});

describe('the schedule that every operation has of its own', () => {
	const anySituation = fc.record({
		polledAtAgeMs: fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
		maxAgeMs: fc.integer({ min: 60_000, max: 7 * 24 * HOUR_MS }),
		times: fc.option(
			fc.integer({ min: 0, max: 1e9 }).map((medianMs) => new AskTimes(medianMs)),
			{ nil: undefined },
		),
		scoutAtAgeMs: fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
		pending: fc.integer({ min: 16, max: 10_000 }),
		pendingOfAll: fc.integer({ min: 1, max: 10_000 }),
		isCrowded: fc.constant(false),
		ratePerSecond: fc.double({ min: 0.2, max: 100, noNaN: true }),
		random: fc.double({ min: 0, max: 0.999, noNaN: true }),
	});

	it('asks at the latest when its age has doubled, whatever the others tell', () => {
		fc.assert(
			fc.property(anySituation, (one) => {
				const firstMs = Math.min(one.pending * 10_000, one.maxAgeMs / 2);
				const ageMs = nextPollAgeMs(one);
				return ageMs <= Math.max(firstMs, 2 * (one.polledAtAgeMs ?? 0));
			}),
			{ numRuns: 10_000 },
		);
	});

	it('is never asked later for what others tell', () => {
		fc.assert(
			fc.property(anySituation, (one) => {
				const alone = { ...one, times: undefined, scoutAtAgeMs: undefined };
				return nextPollAgeMs(one) <= nextPollAgeMs(alone);
			}),
			{ numRuns: 10_000 },
		);
	});
});
