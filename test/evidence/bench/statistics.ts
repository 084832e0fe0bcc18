/** Medians, their spread, and the straight line through what was measured. */

/** Median, least and greatest of some values. */
export interface Spread {
	median: number;
	min: number;
	max: number;
}

/**
 * The middle value, or the mean of the two in the middle.
 *
 * @throws RangeError for no values at all: a figure that was not measured must not become NaN
 */
export function median(values: readonly number[]): number {
	const sorted = [...values].sort((a, b) => a - b);
	const high = sorted[Math.floor(sorted.length / 2)];
	const low = sorted[Math.ceil(sorted.length / 2) - 1];
	if (high === undefined || low === undefined) throw new RangeError('no values');
	return (low + high) / 2;
}

/** Median, least and greatest; throws a RangeError for no values. */
export function spreadOf(values: readonly number[]): Spread {
	return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Mean of some values; throws a RangeError for none. */
export function mean(values: readonly number[]): number {
	if (values.length === 0) throw new RangeError('no values');
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Continue a serial system's makespan to more products: its mean time per product over everything it
 * was measured with, times the products.
 */
export function extrapolatedMs(
	measured: ReadonlyArray<{ products: number; makespanMs: number }>,
	products: number,
): number {
	if (measured.length === 0) throw new RangeError('nothing was measured');
	const totalMs = measured.reduce((sum, { makespanMs }) => sum + makespanMs, 0);
	const totalProducts = measured.reduce((sum, cell) => sum + cell.products, 0);
	return (totalMs / totalProducts) * products;
}
