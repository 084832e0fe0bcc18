/**
 * A limit in all for whatever the host does on the network. Its own time-out limits silences: a
 * server that drips bytes is never silent, and n8n 2.0 never settles an answer whose gzip is cut.
 */
import { MAX_SLEEP_SLICE_MS, type Clock } from '../core/clock';

/** The limit of one task. */
export class Deadline {
	private readonly controller = new AbortController();

	/** A slice more, because the first one has begun already. */
	private slicesLeft: number;

	private tellGivenUp = (): void => undefined;

	private readonly givenUp = new Promise<undefined>((resolve) => {
		this.tellGivenUp = () => resolve(undefined);
	});

	private readonly abort = (): void => this.controller.abort();

	/**
	 * @param stop fires when the execution is stopped; undefined: the task goes on
	 * @param onOver told when the task is done or given up
	 */
	constructor(
		limitMs: number,
		private readonly stop: AbortSignal | undefined,
		private readonly onOver: (deadline: Deadline) => void,
	) {
		this.slicesLeft = Math.ceil(limitMs / MAX_SLEEP_SLICE_MS) + 1;
		if (stop?.aborted === true) this.abort();
		else stop?.addEventListener('abort', this.abort);
	}

	/** For the task: fires when it is given up, and as soon as the execution is stopped. */
	get signal(): AbortSignal {
		return this.controller.signal;
	}

	/**
	 * Wait for the task, but no longer than the limit, nor a second beyond a stop.
	 *
	 * @param task must not reject
	 * @returns its result, undefined when it was given up; what comes of it later is dropped
	 */
	async wait<T extends object>(task: Promise<T>): Promise<T | undefined> {
		try {
			return await Promise.race([task, this.givenUp]);
		} finally {
			this.end();
		}
	}

	/** Count a slice that has passed, and give the task up with the last one. */
	passSlice(): void {
		this.slicesLeft -= 1;
		if (this.slicesLeft > 0 && this.stop?.aborted !== true) return;
		this.abort();
		this.tellGivenUp();
		this.end();
	}

	private end(): void {
		this.stop?.removeEventListener('abort', this.abort);
		this.onOver(this);
	}
}

/**
 * One timer for all tasks that are under way. Time is counted in slices of it and not by the wall
 * clock: a laptop that slept, or an event loop that was held up, is not the server's fault.
 */
export class Deadlines {
	private readonly running = new Set<Deadline>();

	private isTicking = false;

	constructor(
		private readonly clock: Clock,
		private readonly signal: AbortSignal | undefined,
	) {}

	/** Begin the limit of a task, which ends with the execution unless it `outlivesStop`. */
	start(limitMs: number, outlivesStop = false): Deadline {
		const stop = outlivesStop ? undefined : this.signal;
		const deadline = new Deadline(limitMs, stop, (over) => this.running.delete(over));
		this.running.add(deadline);
		if (!this.isTicking) void this.tick();
		return deadline;
	}

	/** Never rejects, as the clock does not. */
	private async tick(): Promise<void> {
		this.isTicking = true;
		while (this.running.size > 0) {
			await this.clock.sleep(MAX_SLEEP_SLICE_MS);
			for (const deadline of this.running) deadline.passSlice();
		}
		this.isTicking = false;
	}
}
