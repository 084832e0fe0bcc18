/** Runs at most so many tasks at once, in the order they came. */
export class Limiter {
	private running = 0;

	private readonly waiting: Array<() => void> = [];

	constructor(private readonly maxRunning: number) {}

	/** Wait for room and take it; `leave` gives it back, and must be called whatever happens. */
	async enter(): Promise<void> {
		if (this.running < this.maxRunning) {
			this.running += 1;
			return;
		}
		await new Promise<void>((proceed) => {
			this.waiting.push(proceed);
		});
	}

	/** Give room back: to the one that has waited longest, if there is one. */
	leave(): void {
		const proceed = this.waiting.shift();
		if (proceed === undefined) this.running -= 1;
		else proceed();
	}

	/** Run a task when there is room; its result or error is passed through. */
	async run<T>(task: () => Promise<T>): Promise<T> {
		await this.enter();
		try {
			return await task();
		} finally {
			this.leave();
		}
	}
}

/**
 * Run a task for every entry, at most `maxRunning` at once, begun in input order.
 *
 * @returns the results in input order
 */
export async function mapLimited<T, R>(
	entries: readonly T[],
	maxRunning: number,
	task: (entry: T, index: number) => Promise<R>,
): Promise<R[]> {
	const results: R[] = new Array<R>(entries.length);
	const pending = entries.entries();
	const worker = async () => {
		// All workers draw from the same iterator, so each entry is taken once and in order.
		for (const [index, entry] of pending) results[index] = await task(entry, index);
	};
	await Promise.all(Array.from({ length: Math.min(maxRunning, entries.length) }, worker));
	return results;
}
