/** One scheduler for each credential in this process, for as long as somebody uses it. */
import type { Clock } from '../core/clock';
import { Scheduler } from './scheduler';

/** An idle scheduler is kept this long, so that a node in a loop keeps what it learned of the rate. */
const LINGER_MS = 800;

export class SchedulerRegistry {
	private readonly schedulers = new Map<string, Scheduler>();

	constructor(private readonly clock: Clock) {}

	/** How many schedulers are held. */
	get size(): number {
		return this.schedulers.size;
	}

	/** @param key identifies base URL and API key without containing them (a hash) */
	get(key: string): Scheduler {
		const scheduler = this.schedulers.get(key) ?? new Scheduler(this.clock);
		this.schedulers.set(key, scheduler);
		return scheduler;
	}

	/** Forget the scheduler within a second unless a run is open on it by then. */
	release(key: string): void {
		void this.clock.sleep(LINGER_MS).then(() => {
			if (this.schedulers.get(key)?.openRuns === 0) this.schedulers.delete(key);
		});
	}
}
