/**
 * Bounds how much of a run's traffic may be repetition, so that an outage is not made worse:
 * at most 10 + 20 % of the requests sent.
 */
export class RetryBudget {
	private static readonly FREE_RETRIES = 10;

	private static readonly RETRY_SHARE = 0.2;

	private requests = 0;

	private retries = 0;

	/** Count a request that was sent. */
	noteRequest(): void {
		this.requests += 1;
	}

	/** Take one retry out of the budget; false when there is none left. */
	tryRetry(): boolean {
		if (this.retries >= RetryBudget.FREE_RETRIES + RetryBudget.RETRY_SHARE * this.requests) {
			return false;
		}
		this.retries += 1;
		return true;
	}
}
