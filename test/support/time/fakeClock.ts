/**
 * Virtual time for tests: a queue of sleepers. When everything that can run without time passing has
 * run, the clock moves to the earliest wake-up. An hour of polling takes microseconds, and the same
 * seed gives the same schedule.
 */
import type { Clock } from '../../../nodes/Aiuta/core/clock';
import { Heap } from '../../../nodes/Aiuta/core/heap';

interface Sleeper {
	wakeMs: number;
	sequence: number;
	wake: () => void;
}

export class FakeClock implements Clock {
	private readonly sleepers = new Heap<Sleeper>(
		(a, b) => a.wakeMs < b.wakeMs || (a.wakeMs === b.wakeMs && a.sequence < b.sequence),
	);

	private sequence = 0;

	/** Every delay that was asked for, in order, in milliseconds. */
	readonly delaysMs: number[] = [];

	constructor(
		private nowMs = Date.UTC(2026, 0, 1),
		private readonly nextRandom: () => number = () => 0.5,
	) {}

	/** How many sleepers are waiting. */
	get pending(): number {
		return this.sleepers.size;
	}

	now(): number {
		return this.nowMs;
	}

	random(): number {
		return this.nextRandom();
	}

	async sleep(delayMs: number): Promise<void> {
		this.delaysMs.push(delayMs);
		await this.wakeAt(this.nowMs + delayMs);
	}

	/** Resolve at a point of virtual time, without counting as a delay of the code under test. */
	async wakeAt(wakeMs: number): Promise<void> {
		await new Promise<void>((wake) => {
			this.sequence += 1;
			this.sleepers.push({ wakeMs: Math.max(wakeMs, this.nowMs), sequence: this.sequence, wake });
		});
	}

	/** Let everything run that needs no time to pass. */
	async settle(): Promise<void> {
		await new Promise((resolve) => setImmediate(resolve));
	}

	/** Move to the next wake-up and let it run; false when nobody sleeps. */
	async step(): Promise<boolean> {
		const next = this.sleepers.pop();
		if (next === undefined) return false;
		this.nowMs = Math.max(this.nowMs, next.wakeMs);
		next.wake();
		await this.settle();
		return true;
	}

	/**
	 * Let time pass until a promise is settled.
	 *
	 * @throws when nothing is left that could settle it: the code under test hangs
	 */
	async run<T>(promise: Promise<T>, limitMs = Number.POSITIVE_INFINITY): Promise<T> {
		let isSettled = false;
		const mark = () => {
			isSettled = true;
		};
		promise.then(mark, mark);
		await this.settle();
		const endMs = this.nowMs + limitMs;
		while (!isSettled) {
			if (!(await this.step())) throw new Error('hang: nothing sleeps and the promise is pending');
			if (this.nowMs > endMs) throw new Error(`hang: still pending after ${limitMs} ms`);
		}
		return await promise;
	}

	/** Let `delayMs` of virtual time pass. */
	async advance(delayMs: number): Promise<void> {
		const endMs = this.nowMs + delayMs;
		await this.settle();
		for (let next = this.sleepers.peek(); next !== undefined; next = this.sleepers.peek()) {
			if (next.wakeMs > endMs) break;
			await this.step();
		}
		this.nowMs = endMs;
	}
}
