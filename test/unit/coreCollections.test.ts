/** The small tools of `core/`: heap, limiter, JSON guards. */
import { Heap } from '../../nodes/Aiuta/core/heap';
import { isJsonObject, nonEmptyString, parseJson } from '../../nodes/Aiuta/core/json';
import { Limiter, mapLimited } from '../../nodes/Aiuta/core/limiter';
import { FakeClock } from '../support/time/fakeClock';

function numbers(...values: number[]): Heap<number> {
	const heap = new Heap<number>((a, b) => a < b);
	for (const value of values) heap.push(value);
	return heap;
}

function drained(heap: Heap<number>): number[] {
	const values: number[] = [];
	for (let next = heap.pop(); next !== undefined; next = heap.pop()) values.push(next);
	return values;
}

/** A fixed, badly ordered sequence. */
const MIXED = Array.from({ length: 500 }, (_, n) => (n * 7919) % 503);
const SORTED = [...MIXED].sort((a, b) => a - b);

describe('the heap', () => {
	it('is empty at first', () => {
		const heap = numbers();
		expect([heap.size, heap.peek(), heap.pop(), heap.size]).toEqual([0, undefined, undefined, 0]);
	});

	it('gives its items in order, duplicates included', () => {
		expect(drained(numbers(...MIXED, ...MIXED))).toEqual(
			[...SORTED, ...SORTED].sort((a, b) => a - b),
		);
	});

	it('shows the first without removing it', () => {
		const heap = numbers(3, 1, 2);
		expect([heap.peek(), heap.peek(), heap.size]).toEqual([1, 1, 3]);
	});

	it('stays in order when pushes and pops alternate', () => {
		const heap = numbers();
		const reference: number[] = [];
		for (const [index, value] of MIXED.entries()) {
			heap.push(value);
			reference.push(value);
			if (index % 3 !== 2) continue;
			reference.sort((a, b) => a - b);
			expect(heap.pop()).toBe(reference.shift());
		}
		expect(drained(heap)).toEqual(reference.sort((a, b) => a - b));
	});

	it('removes what matches and keeps the rest in order', () => {
		const heap = numbers(...MIXED);
		const removed = heap.removeWhere((value) => value % 2 === 0);
		expect(removed.sort((a, b) => a - b)).toEqual(SORTED.filter((value) => value % 2 === 0));
		expect(drained(heap)).toEqual(SORTED.filter((value) => value % 2 === 1));
	});
});

describe('the limiter', () => {
	it('runs at most so many tasks, in the order they came', async () => {
		const clock = new FakeClock();
		const limiter = new Limiter(3);
		const begun: number[] = [];
		let running = 0;
		let mostRunning = 0;
		const all = Array.from(
			{ length: 20 },
			async (_, n) =>
				await limiter.run(async () => {
					begun.push(n);
					running += 1;
					mostRunning = Math.max(mostRunning, running);
					await clock.sleep(100 - n);
					running -= 1;
					return n;
				}),
		);
		const results = await clock.run(Promise.all(all));
		const inOrder = Array.from({ length: 20 }, (_, n) => n);
		expect(begun).toEqual(inOrder);
		expect(results).toEqual(inOrder);
		expect(mostRunning).toBe(3);
	});

	it('passes an error through and goes on', async () => {
		const limiter = new Limiter(1);
		const failing = limiter.run(async () => await Promise.reject(new Error('broken')));
		const next = limiter.run(async () => await Promise.resolve('fine'));
		await expect(failing).rejects.toThrow('broken');
		await expect(next).resolves.toBe('fine');
	});

	it('does not let a late arrival pass those that wait', async () => {
		const clock = new FakeClock();
		const limiter = new Limiter(1);
		const begun: string[] = [];
		const task = (name: string) =>
			limiter.run(async () => {
				begun.push(name);
				await clock.sleep(10);
			});
		const first = task('first').then(async () => await task('late'));
		await clock.run(Promise.all([first, task('second'), task('third')]));
		expect(begun).toEqual(['first', 'second', 'third', 'late']);
	});

	it('gives room to the one that waits, not to one that comes as it becomes free', async () => {
		const limiter = new Limiter(1);
		const entered: string[] = [];
		const enter = async (name: string) => {
			await limiter.enter();
			entered.push(name);
		};
		await enter('first');
		const second = enter('second');
		limiter.leave();
		const third = enter('third');
		await second;
		expect(entered).toEqual(['first', 'second']);
		limiter.leave();
		await third;
	});
});

describe('a limited map', () => {
	it('gives results in input order, begun in input order, at most so many at once', async () => {
		const clock = new FakeClock();
		const begun: number[] = [];
		let running = 0;
		let mostRunning = 0;
		const entries = Array.from({ length: 30 }, (_, n) => n);
		const results = await clock.run(
			mapLimited(entries, 4, async (entry, index) => {
				begun.push(index);
				running += 1;
				mostRunning = Math.max(mostRunning, running);
				await clock.sleep(1_000 - 30 * entry);
				running -= 1;
				return `result ${entry}`;
			}),
		);
		expect(begun).toEqual(entries);
		expect(results).toEqual(entries.map((entry) => `result ${entry}`));
		expect(mostRunning).toBe(4);
	});

	it('of nothing is nothing', async () => {
		expect(await mapLimited([], 4, async () => await Promise.resolve(1))).toEqual([]);
	});

	it('passes an error through', async () => {
		const broken = mapLimited([1], 4, async () => await Promise.reject(new Error('broken')));
		await expect(broken).rejects.toThrow('broken');
	});
});

describe('JSON guards', () => {
	it.each<[unknown, boolean]>([
		[{}, true],
		[{ a: 1 }, true],
		[[], false],
		[null, false],
		['{}', false],
		[undefined, false],
		[5, false],
	])('%j is an object: %s', (value, isObject) => {
		expect(isJsonObject(value)).toBe(isObject);
	});

	it('text counts only with content', () => {
		expect([nonEmptyString('a'), nonEmptyString(''), nonEmptyString(5)]).toEqual([
			'a',
			undefined,
			undefined,
		]);
	});

	it('parsing never throws', () => {
		expect(parseJson('null')).toEqual({ ok: true, value: null });
		expect(parseJson('<html>')).toEqual({ ok: false });
		expect(parseJson('')).toEqual({ ok: false });
	});
});
