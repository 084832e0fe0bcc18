/**
 * Holds creates back after one whose outcome is unknown: then one at a time goes out, as a trial, until
 * one has an answer. A GET proves nothing: a backend that accepts, answers 502 and still serves reads
 * would swallow a catalogue.
 */

/** So many unknown outcomes in a row stop the creates of a run. */
export const MAX_UNKNOWN_IN_A_ROW = 3;

export class CreateBreaker {
	private unknownInARow = 0;

	private onTheirWay = 0;

	private waiting: Array<() => void> = [];

	/** Let a create go if it may; whoever is let go says later what became of it. */
	admit(): boolean {
		if (!this.isOpen) return false;
		this.onTheirWay += 1;
		return true;
	}

	/** Whether one that was admitted and has not left yet may still go: another may have become unknown. */
	get isStillOpen(): boolean {
		return this.unknownInARow === 0 || this.onTheirWay === 1;
	}

	/** Whether so many outcomes were unknown that no further create may leave at all. */
	get hasTripped(): boolean {
		return this.unknownInARow >= MAX_UNKNOWN_IN_A_ROW;
	}

	/** Resolve when a create may be admitted; others may come first, so it must ask all the same. */
	async opened(): Promise<void> {
		if (this.isOpen) return;
		await new Promise<void>((proceed) => {
			this.waiting.push(proceed);
		});
	}

	/**
	 * Note what became of a create that was admitted. `answer`: Aiuta accepted or refused it; `none`: it
	 * was not heard, so nothing was learned.
	 */
	noteOutcome(outcome: 'answer' | 'unknown' | 'none'): void {
		this.onTheirWay -= 1;
		if (outcome === 'answer') this.unknownInARow = 0;
		if (outcome === 'unknown') this.unknownInARow += 1;
		if (this.unknownInARow === 0) this.letAllGo();
		else if (this.onTheirWay === 0) this.waiting.shift()?.();
	}

	/** Let everybody who waits look again: the run was halted or stopped. */
	letAllGo(): void {
		const { waiting } = this;
		this.waiting = [];
		for (const proceed of waiting) proceed();
	}

	private get isOpen(): boolean {
		return this.unknownInARow === 0 || this.onTheirWay === 0;
	}
}
