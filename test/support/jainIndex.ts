/** Jain's index of what each got: 1 when all got the same, 1 / n when one got everything. */
export function jainIndex(shares: readonly number[]): number {
	const sum = shares.reduce((total, it) => total + it, 0);
	const squares = shares.reduce((total, it) => total + it * it, 0);
	return (sum * sum) / (shares.length * squares);
}
