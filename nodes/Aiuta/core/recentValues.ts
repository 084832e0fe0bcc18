/**
 * The most recent values of a series and their quantiles. Sorting happens only when a quantile is
 * asked for after a change, so recording stays cheap.
 */
export class RecentValues {
	private readonly values: number[] = [];

	private nextIndex = 0;

	private sorted: number[] | undefined;

	/** @param limit how many of the latest values count */
	constructor(private readonly limit: number) {}

	get count(): number {
		return this.values.length;
	}

	/** Record a value; the oldest is forgotten beyond the limit. */
	add(value: number): void {
		this.values[this.nextIndex] = value;
		this.nextIndex = (this.nextIndex + 1) % this.limit;
		this.sorted = undefined;
	}

	/**
	 * @param q in [0, 1]
	 * @returns the nearest-rank quantile, undefined when nothing was recorded
	 */
	quantile(q: number): number | undefined {
		this.sorted ??= [...this.values].sort((a, b) => a - b);
		return this.sorted[Math.min(this.sorted.length - 1, Math.floor(q * this.sorted.length))];
	}
}
