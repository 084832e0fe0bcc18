/** What makes a round fail, and the sums over all rounds. Data in, data and text out. */
import type { RoundResult } from './round';

/** What is wrong with a round, a sentence each; IDs in flight at the kill are not. */
export function problemsOf(result: RoundResult): string[] {
	const { ids, recovery, duplicates, duplicatesByRetry, pictured, products } = result;
	const problems: string[] = [];
	if (duplicates.length > 0) {
		const byRetry = `${duplicatesByRetry.length} of them by the retry`;
		problems.push(`${duplicates.length} products created twice, ${byRetry}`);
	}
	if (ids.lost.length > 0) {
		problems.push(`${ids.lost.length} IDs received and lost: ${ids.lost.join(', ')}`);
	}
	if (recovery !== undefined && recovery.createsWhileCollecting > 0) {
		problems.push(`Wait for Operation created ${recovery.createsWhileCollecting} operations`);
	}
	if (pictured < products) problems.push(`${products - pictured} products without a picture`);
	return [...problems, ...(recovery?.problems ?? [])];
}

export interface Totals {
	rounds: number;
	failedRounds: number;
	/** Rounds in which the batch was at its end before the kill. */
	unreached: number;
	created: number;
	received: number;
	inLog: number;
	inExecution: number;
	lost: number;
	unknown: number;
	duplicates: number;
	/** Creates that retries caused, duplicates or not. */
	retryCreates: number;
	collected: number;
	lookedUp: number;
	remaining: number;
	pictured: number;
	products: number;
}

/** Add the rounds up. */
export function totalsOf(results: readonly RoundResult[]): Totals {
	const sum = (value: (result: RoundResult) => number) =>
		results.reduce((total, result) => total + value(result), 0);
	return {
		rounds: results.length,
		failedRounds: sum((result) => (problemsOf(result).length > 0 ? 1 : 0)),
		unreached: sum(({ moment }) => (moment === undefined ? 1 : 0)),
		created: sum(({ ids }) => ids.created),
		received: sum(({ ids }) => ids.received),
		inLog: sum(({ ids }) => ids.inLog),
		inExecution: sum(({ ids }) => ids.inExecution),
		lost: sum(({ ids }) => ids.lost.length),
		unknown: sum(({ ids }) => ids.unknown.length),
		duplicates: sum(({ duplicates }) => duplicates.length),
		retryCreates: sum(({ retry }) => retry.creates),
		collected: sum(({ recovery }) => recovery?.collected ?? 0),
		lookedUp: sum(({ recovery }) => recovery?.lookedUp ?? 0),
		remaining: sum(({ recovery }) => recovery?.remaining ?? 0),
		pictured: sum(({ pictured }) => pictured),
		products: sum(({ products }) => products),
	};
}

/** The value below which a share of the values lies; 0 when there are none. */
export function quantileOf(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	const index = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
	return sorted[index] ?? 0;
}
