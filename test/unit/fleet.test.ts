import { figuresOf, type Sample } from '../evidence/fleet/speed';

const MINUTE_MS = 60_000;

/** A run that makes so many products in each minute, with three requests a product. */
function run(perMinute: readonly number[]): Sample[] {
	let created = 0;
	const counts = [0, ...perMinute].map((more) => (created += more));
	return counts.map((count, minute) => ({
		atMs: minute * MINUTE_MS,
		created: count,
		pictured: count,
		underWay: 0,
		apiRequests: 3 * count,
		throttled: 0,
	}));
}

describe('the speed of a fleet', () => {
	it('is that of the middle of a run, in which products waited all the time', () => {
		const speed = figuresOf(run([10, ...Array<number>(8).fill(100), 5, 5]), 20);
		expect(speed.perMinute).toBeCloseTo(100);
		expect(speed.minutes).toBe(11);
	});

	it('is set against what the limit allows at the requests that a product took', () => {
		const speed = figuresOf(run(Array<number>(10).fill(100)), 20);
		expect(speed.requestsPerProduct).toBe(3);
		expect(speed.possiblePerMinute).toBe(400);
		expect(speed.limitUsed).toBeCloseTo(0.25);
	});

	it('counts requests answered 429 among all', () => {
		const samples = run([50, 50]).map((sample) => ({
			...sample,
			throttled: sample.apiRequests / 3,
		}));
		expect(figuresOf(samples, 20).throttled).toBe(0.25);
	});

	it('is none when nothing was seen', () => {
		expect(() => figuresOf([], 20)).toThrow('nothing was seen');
	});
});
