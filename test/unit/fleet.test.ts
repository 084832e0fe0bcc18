import { commonTime, sharesIn } from '../evidence/fleet/shares';
import { figuresOf, type Sample } from '../evidence/fleet/speed';
import { jainIndex } from '../support/jainIndex';
import { Client, useSandbox } from './sandbox.support';

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

describe('how evenly executions share a limit', () => {
	const sandbox = useSandbox();
	const of = {
		executions: 2,
		limit: 1,
		executionOf: (title: string) => Number(title.slice('Dress '.length)),
	};

	it('is 1 by Jain when all get the same, and 1 / n when one gets everything', () => {
		expect(jainIndex([7, 7, 7])).toBe(1);
		expect(jainIndex([9, 0, 0])).toBeCloseTo(1 / 3);
	});

	it('is read off the creates, each with its upload, and off the questions', async () => {
		const client = new Client(sandbox());
		const ids: string[] = [];
		for (const owner of [0, 1, 1]) ids.push(await client.start(`Dress ${owner}`));
		for (const id of ids) await client.operation(id);
		const stats = sandbox().stats();
		const { served, jain, refused } = sharesIn(stats, { fromMs: 0, toMs: Infinity }, of);
		expect(served).toEqual([3, 6]);
		expect(jain).toBeCloseTo(0.9);
		expect(refused).toBe(0);
	});

	it('is told of the time in which all have products left', async () => {
		const client = new Client(sandbox());
		const createdAtMs: number[] = [];
		for (const owner of [0, 1, 0, 1]) {
			await client.start(`Dress ${owner}`);
			createdAtMs.push(sandbox().stats().operations.at(-1)?.createdAtMs ?? Number.NaN);
		}
		const [, fromMs, toMs] = createdAtMs;
		expect(commonTime(sandbox().stats(), 2, of.executionOf)).toEqual({ fromMs, toMs });
		expect(() => commonTime(sandbox().stats(), 3, of.executionOf)).toThrow('created nothing');
	});

	it('counts what was used of the limit, and what was refused', async () => {
		sandbox().configure({ rateLimit: { requestsPerSecond: 0.001, burst: 2 } });
		const client = new Client(sandbox());
		await client.start('Dress 0');
		expect((await client.operation('any')).status).toBe(429);
		const stats = sandbox().stats();
		const [operation] = stats.operations;
		const fromMs = (operation?.createdAtMs ?? Number.NaN) - 60_000;
		const { used, refused } = sharesIn(stats, { fromMs, toMs: fromMs + 100_000 }, of);
		expect({ used, refused }).toEqual({ used: 0.02, refused: 1 / 3 });
	});
});
