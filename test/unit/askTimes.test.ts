/** Times that are learned from what questions find, tried on durations of very different shapes. */
import { AskTimes, wantedShareOf } from '../../nodes/Aiuta/schedule/askTimes';
import { Random } from '../support/random';

const MEDIAN_MS = 20_000;

/** Ask for so many operations, each until it has ended; the share of the questions that found an end. */
function shareFound(times: AskTimes, wantedShare: number, count: number, spread: number): number {
	const random = new Random(5);
	let questions = 0;
	for (let done = 0; done < count; done += 1) {
		const durationMs = random.lognormal(MEDIAN_MS, spread * MEDIAN_MS);
		let beforeAgeMs: number | undefined;
		for (let ageMs = times.firstMs; ; ageMs += times.intervalMs) {
			const hasEnded = ageMs >= durationMs;
			times.learn({ ageMs, beforeAgeMs, hasEnded }, wantedShare);
			questions += 1;
			if (hasEnded) break;
			beforeAgeMs = ageMs;
		}
	}
	return count / questions;
}

describe('the times to ask', () => {
	it.each([
		['lie far apart', 0.9, 3, 1],
		['lie far apart, and ends are to be seen early', 0.3, 3, 1],
		['were told three times too long', 0.9, 3, 3],
		['were told three times too short', 0.9, 3, 1 / 3],
	])('find the wanted share of ends where durations %s', (_, share, spread, error) => {
		const times = new AskTimes(error * MEDIAN_MS);
		shareFound(times, share, 300, spread);
		const found = shareFound(times, share, 500, spread);
		expect(found).toBeGreaterThan(share - 0.06);
		expect(found).toBeLessThan(share + 0.08);
	});

	it('stay close to the durations where all are alike', () => {
		const times = new AskTimes(MEDIAN_MS);
		shareFound(times, 0.9, 500, 1.05);
		expect(times.firstMs).toBeGreaterThan(0.95 * MEDIAN_MS);
		expect(times.firstMs).toBeLessThan(1.2 * MEDIAN_MS);
	});

	it('do not run away where questions come much later than planned', () => {
		const times = new AskTimes(MEDIAN_MS);
		const random = new Random(6);
		for (let n = 0; n < 500; n += 1) {
			const ageMs = Math.max(40_000, times.firstMs);
			const hasEnded = random.lognormal(MEDIAN_MS, 3 * MEDIAN_MS) <= ageMs;
			times.learn({ ageMs, beforeAgeMs: undefined, hasEnded }, 0.9);
		}
		expect(times.firstMs).toBeGreaterThan(MEDIAN_MS);
		expect(times.firstMs).toBeLessThan(3 * MEDIAN_MS);
	});

	it('take an end that is seen late for no proof that it could have been seen earlier', () => {
		const times = new AskTimes(MEDIAN_MS);
		times.learn({ ageMs: 60_000, beforeAgeMs: undefined, hasEnded: true }, 0.9);
		expect(times.firstMs).toBe(MEDIAN_MS);
	});

	it('take a question long before its time for no proof that nothing can be found in time', () => {
		const times = new AskTimes(MEDIAN_MS);
		for (let n = 0; n < 500; n += 1) {
			times.learn({ ageMs: 15_000, beforeAgeMs: undefined, hasEnded: false }, 0.9);
		}
		expect(times.firstMs).toBe(MEDIAN_MS);
	});

	it('begin anew with an operation that was only asked long before any could have ended', () => {
		const times = new AskTimes(MEDIAN_MS);
		expect(times.lastAgeMs(3_000)).toBeUndefined();
		expect(times.lastAgeMs(19_000)).toBe(19_000);
	});
});

describe('the share of questions that is to find an end', () => {
	it('is the larger the more operations there are, up to a thousand', () => {
		expect([0, 200, 1_000, 5_000].map(wantedShareOf)).toEqual([0.25, 0.38, 0.9, 0.9]);
	});
});
