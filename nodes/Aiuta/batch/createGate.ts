/**
 * After a create whose outcome is unknown no further create leaves until one GET has succeeded: a
 * server that swallows answers would otherwise swallow money, one create after the other.
 */
export class CreateGate {
	private waiters: Array<() => void> | undefined;

	get isClosed(): boolean {
		return this.waiters !== undefined;
	}

	/** Hold creates back from now on. */
	close(): void {
		this.waiters ??= [];
	}

	/** Let creates pass again. */
	open(): void {
		const waiters = this.waiters ?? [];
		this.waiters = undefined;
		for (const proceed of waiters) proceed();
	}

	/** Resolve once the gate is open. */
	async opened(): Promise<void> {
		const { waiters } = this;
		if (waiters === undefined) return;
		await new Promise<void>((resolve) => {
			waiters.push(resolve);
		});
	}
}
