/** Time and pacing in `core/`: backoff, Retry-After, waiting, tokens, the rate, the retry budget. */
import { RETRY_CAP_MS, RETRY_FLOOR_MS, retryDelayMs } from '../../nodes/Aiuta/core/backoff';
import { MAX_SLEEP_SLICE_MS } from '../../nodes/Aiuta/core/clock';
import { FLOOR_RATE_PER_SECOND, AcceptedRate } from '../../nodes/Aiuta/schedule/acceptedRate';
import { MAX_RETRY_AFTER_MS, retryAfterMs } from '../../nodes/Aiuta/core/retryAfter';
import { RetryBudget } from '../../nodes/Aiuta/core/retryBudget';
import { TokenBucket } from '../../nodes/Aiuta/core/tokenBucket';
import { waitMs } from '../../nodes/Aiuta/core/wait';
import { FakeClock } from '../support/time/fakeClock';

describe('the delay before a retry', () => {
	it.each([
		[1, 2_000],
		[2, 4_000],
		[3, 8_000],
		[4, 16_000],
		[5, 30_000],
		[6, 30_000],
		[1_000, 30_000],
	])('after attempt %i lies between one second and %i ms', (attempt, upperMs) => {
		expect(retryDelayMs(attempt, 0)).toBe(1_000);
		expect(retryDelayMs(attempt, 0.5)).toBe(1_000 + (upperMs - 1_000) / 2);
		const mostMs = retryDelayMs(attempt, 1 - Number.EPSILON);
		expect(mostMs).toBeLessThanOrEqual(upperMs);
		expect(mostMs).toBeGreaterThan(upperMs - 2);
	});

	it('is bounded by 1 and 30 seconds', () => {
		expect([RETRY_FLOOR_MS, RETRY_CAP_MS]).toEqual([1_000, 30_000]);
	});
});

/** Take every word and number of a date apart, and put something before and behind it. */
function distorted(date: string): string[] {
	const parts = date.split(/([A-Za-z]+|\d+)/);
	return [
		`x${date}`,
		`${date}x`,
		// JavaScript would read both, and wait an hour too long for the first.
		`${date}-0100`,
		`${date} (CET)`,
		...parts.flatMap((part, index) => {
			if (!/^[A-Za-z\d]+$/.test(part)) return [];
			const swapped = /\d/.test(part) ? part.replace(/\d/g, 'x') : part.replace(/[A-Za-z]/g, '7');
			const others = [swapped, `${swapped.slice(0, 1)}${part.slice(1)}`, part.slice(1)];
			return others.map((other) =>
				[...parts.slice(0, index), other, ...parts.slice(index + 1)].join(''),
			);
		}),
	];
}

describe('Retry-After', () => {
	const NOW_MS = Date.UTC(2026, 0, 1, 12, 0, 0);

	it.each<[string, number]>([
		['0', 0],
		['1', 1_000],
		['120', 120_000],
		[' 5 ', 5_000],
		['900', 900_000],
		['901', MAX_RETRY_AFTER_MS],
		['99999999999999999999999999', MAX_RETRY_AFTER_MS],
		['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
		['Thu, 01 Jan 2026 11:00:00 GMT', 0],
		['Thu, 01 Jan 2099 00:00:00 GMT', MAX_RETRY_AFTER_MS],
		['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
		['Thu Jan  1 12:00:30 2026', 30_000],
		['Sun Jan 11 12:00:30 2026', MAX_RETRY_AFTER_MS],
	])('"%s" is %i ms', (header, delayMs) => {
		expect(retryAfterMs(header, NOW_MS)).toBe(delayMs);
	});

	it.each([
		'',
		' ',
		'soon',
		'-5',
		'1.5',
		'1e3',
		'0x10',
		'+3',
		'5 seconds',
		'NaN',
		'Infinity',
		'2026-01-01T12:00:30Z',
		'Thu, 99 Xyz 2026 12:00:30 GMT',
		'Thu, 01 Jan 2026 12:00:30 CET',
		// Every field of the three forms too short, with the wrong characters, or with something around it.
		...[
			'Thu, 01 Jan 2026 12:00:30 GMT',
			'Thursday, 01-Jan-26 12:00:30 GMT',
			'Thu Jan  1 12:00:30 2026',
		].flatMap(distorted),
	])('"%s" is malformed and says nothing', (header) => {
		expect(retryAfterMs(header, NOW_MS)).toBeUndefined();
	});

	it('may be absent', () => {
		expect(retryAfterMs(undefined, NOW_MS)).toBeUndefined();
	});

	it('is never more than a quarter of an hour', () => {
		expect(MAX_RETRY_AFTER_MS).toBe(900_000);
	});
});

describe('a wait', () => {
	it('sleeps in slices of at most a second', async () => {
		const clock = new FakeClock();
		const startMs = clock.now();
		expect(await clock.run(waitMs(clock, 3_500, () => false))).toBe(true);
		expect(clock.now() - startMs).toBe(3_500);
		expect(clock.delaysMs).toEqual([1_000, 1_000, 1_000, 500]);
		expect(MAX_SLEEP_SLICE_MS).toBe(1_000);
	});

	it('that is stopped ends with its slice', async () => {
		const clock = new FakeClock();
		let isStopped = false;
		const wait = waitMs(clock, 3_600_000, () => isStopped);
		await clock.advance(2_500);
		isStopped = true;
		expect(await clock.run(wait)).toBe(false);
		expect(clock.delaysMs).toHaveLength(3);
	});

	it('does not begin after a stop, and needs no sleep for no delay', async () => {
		const clock = new FakeClock();
		expect(await waitMs(clock, 5_000, () => true)).toBe(false);
		expect(await waitMs(clock, 0, () => false)).toBe(true);
		expect(await waitMs(clock, -5, () => false)).toBe(true);
		expect(clock.delaysMs).toEqual([]);
	});
});

describe('the token bucket', () => {
	it('hands out its capacity at once and then its rate', () => {
		const bucket = new TokenBucket(2, 3, 0);
		expect([1, 2, 3, 4].map(() => bucket.tryTake(0))).toEqual([true, true, true, false]);
		expect(bucket.msUntilToken(0)).toBe(500);
		expect(bucket.tryTake(499)).toBe(false);
		expect(bucket.tryTake(500)).toBe(true);
	});

	it('asks nobody to wait while it has tokens left', () => {
		const bucket = new TokenBucket(2, 3, 0);
		expect(bucket.msUntilToken(0)).toBe(0);
		bucket.tryTake(0);
		bucket.tryTake(0);
		expect(bucket.msUntilToken(0)).toBe(0);
	});

	it('never holds more than its capacity', () => {
		const bucket = new TokenBucket(100, 2, 0);
		expect([1, 2, 3].map(() => bucket.tryTake(1e9))).toEqual([true, true, false]);
	});

	it('says exactly when a token is there', () => {
		for (const rate of [0.1, 0.3, 3, 7, 19.7]) {
			const bucket = new TokenBucket(rate, 1, 0);
			let nowMs = 0;
			for (let n = 0; n < 200; n += 1) {
				nowMs += bucket.msUntilToken(nowMs);
				expect(bucket.tryTake(nowMs)).toBe(true);
			}
			expect(nowMs).toBeGreaterThanOrEqual((199 / rate) * 1_000 - 1);
		}
	});

	it('makes up for a token that could not be taken in time, by no more than half of one', () => {
		for (const [lateMs, waitMs] of [
			[0, 100],
			[-5, 100],
			[20, 80],
			[50, 50],
			[10_000, 50],
		] as const) {
			const bucket = new TokenBucket(10, 1, 0);
			bucket.tryTake(0);
			bucket.makeUpFor(lateMs);
			expect(bucket.msUntilToken(0)).toBe(waitMs);
		}
	});

	it('keeps what it has earned when its rate changes', () => {
		const bucket = new TokenBucket(1, 2, 0);
		bucket.tryTake(0);
		bucket.tryTake(0);
		bucket.setRate(10, 500);
		expect(bucket.msUntilToken(500)).toBe(50);
	});

	it('takes a token back, but not beyond its capacity', () => {
		const bucket = new TokenBucket(1, 1, 0);
		bucket.tryTake(0);
		bucket.refund();
		bucket.refund();
		expect([bucket.tryTake(0), bucket.tryTake(0)]).toEqual([true, false]);
	});

	it('may count its last token as unspent, to be there again after a delay and not sooner', () => {
		const bucket = new TokenBucket(4, 1, 0);
		bucket.tryTake(0);
		bucket.restoreOne(250, 1_000);
		expect(bucket.tryTake(1_000)).toBe(false);
		expect(bucket.msUntilToken(1_000)).toBe(250);
		bucket.restoreOne(100, 1_000);
		expect(bucket.msUntilToken(1_000)).toBe(100);
		bucket.restoreOne(60_000, 1_000);
		expect(bucket.msUntilToken(1_000)).toBe(250);
		bucket.restoreOne(0, 1_000);
		expect(bucket.tryTake(1_000)).toBe(true);
	});

	it('gives back exactly one of several tokens', () => {
		const bucket = new TokenBucket(1, 3, 0);
		for (let n = 0; n < 3; n += 1) bucket.tryTake(0);
		bucket.refund();
		expect([bucket.tryTake(0), bucket.tryTake(0)]).toEqual([true, false]);
	});

	it('gives nothing for a clock that is set back', () => {
		const bucket = new TokenBucket(1, 1, 10_000);
		bucket.tryTake(10_000);
		expect(bucket.tryTake(5_000)).toBe(false);
		expect(bucket.tryTake(5_500)).toBe(false);
		expect(bucket.tryTake(6_000)).toBe(true);
	});
});

describe('the rate', () => {
	it('begins below its ceiling and grows with successes up to it', () => {
		const rate = new AcceptedRate(20);
		const startRate = rate.ratePerSecond;
		expect(startRate).toBeLessThanOrEqual(20);
		rate.onAccepted(0, 0);
		expect(rate.ratePerSecond).toBeGreaterThan(startRate);
		for (let n = 0; n < 10_000; n += 1) rate.onAccepted(0, 0);
		expect(rate.ratePerSecond).toBe(20);
	});

	it.each([
		[0.1, 0.1],
		[5, 5],
		[8, 5],
		[16, 8],
		[20, 10],
		[100, 10],
	])('begins under a ceiling of %d requests per second at %d', (ceiling, start) => {
		const rate = new AcceptedRate(Number.POSITIVE_INFINITY);
		rate.setCeiling(ceiling);
		expect(rate.ratePerSecond).toBe(start);
	});

	it('keeps what it has learned when the ceiling changes', () => {
		const rate = new AcceptedRate(20);
		rate.onAccepted(0, 0);
		const learned = rate.ratePerSecond;
		rate.setCeiling(40);
		expect(rate.ratePerSecond).toBe(learned);
	});

	it('never exceeds a ceiling below its start', () => {
		const rate = new AcceptedRate(0.1);
		rate.onAccepted(0, 0);
		expect(rate.ratePerSecond).toBe(0.1);
	});

	it('falls on a 429, once for a volley, and not below its floor', () => {
		const rate = new AcceptedRate(20);
		const before = rate.ratePerSecond;
		rate.onThrottled(0, 0);
		const after = rate.ratePerSecond;
		expect(after).toBeLessThan(before);
		rate.onThrottled(10, 5);
		rate.onThrottled(500, 400);
		expect(rate.ratePerSecond).toBe(after);
		for (let n = 1; n < 200; n += 1) rate.onThrottled(n * 10_000, n * 10_000 - 100);
		expect(rate.ratePerSecond).toBeLessThanOrEqual(after);
		expect(rate.ratePerSecond).toBeGreaterThanOrEqual(FLOOR_RATE_PER_SECOND);
		expect(rate.wasThrottled).toBe(true);
	});

	it('does not fall for a request that left before the last fall', () => {
		const rate = new AcceptedRate(20);
		rate.onThrottled(10_000, 9_900);
		const after = rate.ratePerSecond;
		rate.onThrottled(20_000, 9_950);
		expect(rate.ratePerSecond).toBe(after);
		rate.onThrottled(20_000, 19_900);
		expect(rate.ratePerSecond).toBeLessThan(after);
	});

	it('grows less for each success where answers take long, because more is on its way', () => {
		const near = new AcceptedRate(100);
		const far = new AcceptedRate(100);
		near.onAccepted(5_000, 4_900);
		far.onAccepted(5_000, 1_000);
		expect(far.ratePerSecond - 5).toBeCloseTo((near.ratePerSecond - 5) / 4);
	});

	it('does not grow to what nobody asks for while traffic is sparse', () => {
		const rate = new AcceptedRate(20);
		rate.onAccepted(0, 0);
		rate.onThrottled(1_000, 1_000);
		const refused = rate.ratePerSecond;
		for (let n = 1; n <= 100; n += 1) rate.onAccepted(1_000 + n * 5_000, 1_000 + n * 5_000);
		expect(rate.ratePerSecond).toBeLessThan(1.5 * refused);
	});

	it('probes more carefully after a 429 than before it', () => {
		const fresh = new AcceptedRate(100);
		const throttled = new AcceptedRate(100);
		throttled.onThrottled(0, 0);
		const [freshBefore, throttledBefore] = [fresh.ratePerSecond, throttled.ratePerSecond];
		fresh.onAccepted(1_000, 1_000);
		throttled.onAccepted(1_000, 1_000);
		const throttledStep = throttled.ratePerSecond - throttledBefore;
		expect(throttledStep).toBeGreaterThan(0);
		expect(throttledStep).toBeLessThan(fresh.ratePerSecond - freshBefore);
	});

	it('follows a ceiling down at once and back up by growth', () => {
		const rate = new AcceptedRate(20);
		rate.setCeiling(1);
		expect(rate.ratePerSecond).toBe(1);
		rate.onAccepted(0, 0);
		rate.setCeiling(20);
		expect(rate.ratePerSecond).toBeLessThan(5);
		for (let n = 0; n < 10_000; n += 1) rate.onAccepted(0, 0);
		expect(rate.ratePerSecond).toBe(20);
	});
});

describe('the retry budget', () => {
	function retriesOf(budget: RetryBudget): number {
		let retries = 0;
		while (budget.tryRetry()) retries += 1;
		return retries;
	}

	it.each([
		[0, 10],
		[5, 11],
		[100, 30],
		[5_000, 1_010],
	])('after %i requests is %i retries', (requests, retries) => {
		const budget = new RetryBudget();
		for (let n = 0; n < requests; n += 1) budget.noteRequest();
		expect(retriesOf(budget)).toBe(retries);
	});

	it('that is used up grows with further requests', () => {
		const budget = new RetryBudget();
		expect(retriesOf(budget)).toBe(10);
		for (let n = 0; n < 50; n += 1) budget.noteRequest();
		expect(retriesOf(budget)).toBe(10);
	});
});
