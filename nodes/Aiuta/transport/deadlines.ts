/**
 * A limit in all for whatever the host does on the network. Its own time-out limits silences: a
 * server that drips bytes is never silent, and n8n 2.0 never settles an answer whose gzip is cut.
 */
import { MAX_SLEEP_SLICE_MS, type Clock } from '../core/clock';

interface Watch {
	slicesLeft: number;
	/** Give the task up; told at the deadline, or soon after a stop of the execution. */
	giveUp: () => void;
}

/**
 * One timer for all tasks that are under way. Time is counted in slices of it and not by the wall
 * clock: a laptop that slept, or an event loop that was held up, is not the server's fault.
 */
export class Deadlines {
	private readonly watches = new Set<Watch>();

	private isTicking = false;

	constructor(
		private readonly clock: Clock,
		private readonly signal: AbortSignal | undefined,
	) {}

	/**
	 * Run a task, but wait no longer than `limitMs` for it, nor a second beyond a stop.
	 *
	 * @param task must not reject; its signal fires at the deadline and when the execution is stopped
	 * @returns what the task returned, undefined when it was given up; what it returns later is dropped
	 */
	async within<T extends object>(
		limitMs: number,
		task: (signal: AbortSignal) => Promise<T>,
	): Promise<T | undefined> {
		const controller = new AbortController();
		const abort = () => controller.abort();
		if (this.signal?.aborted === true) abort();
		else this.signal?.addEventListener('abort', abort);
		const watches = this.watches;
		let watch: Watch | undefined;
		const givenUp = new Promise<undefined>((resolve) => {
			watch = {
				// A slice more, because the first one has begun already.
				slicesLeft: Math.ceil(limitMs / MAX_SLEEP_SLICE_MS) + 1,
				giveUp: () => {
					abort();
					resolve(undefined);
				},
			};
			watches.add(watch);
		});
		if (!this.isTicking) void this.tick();
		try {
			return await Promise.race([task(controller.signal), givenUp]);
		} finally {
			if (watch !== undefined) watches.delete(watch);
			this.signal?.removeEventListener('abort', abort);
		}
	}

	/** Never rejects, as the clock does not. */
	private async tick(): Promise<void> {
		this.isTicking = true;
		while (this.watches.size > 0) {
			await this.clock.sleep(MAX_SLEEP_SLICE_MS);
			for (const watch of this.watches) {
				watch.slicesLeft -= 1;
				if (watch.slicesLeft <= 0 || this.signal?.aborted === true) watch.giveUp();
			}
		}
		this.isTicking = false;
	}
}
