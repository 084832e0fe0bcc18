/** The sandbox's real, monotonic clock. No timer runs per operation: states are computed on demand. */

/** Tell the time in milliseconds since the epoch; it never goes backwards. */
export function nowMs(): number {
	return performance.timeOrigin + performance.now();
}

/** Wait, until the time is over or `signal` aborts (then it returns early, without an error). */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) => {
		const done = () => {
			clearTimeout(timer);
			signal.removeEventListener('abort', done);
			resolve();
		};
		const timer = setTimeout(done, delayMs);
		signal.addEventListener('abort', done);
	});
}
