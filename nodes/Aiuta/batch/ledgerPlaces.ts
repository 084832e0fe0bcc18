/**
 * Places within the budget that the products of this run hold, from before their photos are uploaded until
 * it is known whether an operation exists: what the budget has no room for uploads nothing.
 */
import type { Job } from './records';

interface Place {
	job: Job;
	/** Whether the budget counts its claim already. */
	isClaimed: boolean;
}

export class LedgerPlaces {
	private readonly held = new Map<string, Place>();

	private waiting: Array<() => void> = [];

	/** Whether it is still open what becomes of a place. */
	get isUndecided(): boolean {
		return this.held.size > 0;
	}

	/**
	 * Hold a place for a job.
	 *
	 * @param left how many more claims the budget allows
	 * @returns false when the job, or what is left, is held by others: wait for a change
	 */
	take(key: string, job: Job, left: number): boolean {
		const unclaimed = [...this.held.values()].filter(({ isClaimed }) => !isClaimed);
		if (this.held.has(key) || unclaimed.length >= left) return false;
		this.held.set(key, { job, isClaimed: false });
		return true;
	}

	/** Resolves when a place is given up. Whoever holds one never waits for those who wait here. */
	async change(): Promise<void> {
		await new Promise<void>((resolve) => this.waiting.push(resolve));
	}

	/** A claim was made, or was given back: its create may come again. */
	noteClaimed(key: string, isClaimed: boolean): void {
		const place = this.held.get(key);
		if (place !== undefined) place.isClaimed = isClaimed;
	}

	/** Give the item's place up, unless another item holds it by now. */
	leave(key: string, job: Job): void {
		if (this.held.get(key)?.job === job) this.settle(key);
	}

	/** It is known what became of the create: the budget counts it, or will not. */
	settle(key: string): void {
		if (!this.held.delete(key)) return;
		const { waiting } = this;
		this.waiting = [];
		for (const resolve of waiting) resolve();
	}
}
