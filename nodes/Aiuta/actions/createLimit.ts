/**
 * Max Operations per Run, counted over the whole execution: a loop runs the node again and again, and a
 * limit that each of those runs may use up would be none.
 */

/** Property of the host's node context, which outlives the runs of the node and is kept for a retry. */
const MADE = 'aiutaOperationsMade';

function madeIn(store: Record<string, unknown>): number {
	const made = store[MADE];
	return typeof made === 'number' ? made : 0;
}

/**
 * Set creates aside before the first one is sent, so that runs of the node side by side (an agent's tool
 * calls) cannot use up the same limit twice.
 *
 * @param planned creates of this run; operations that exist already do not count
 * @param limit 0 means none
 * @returns undefined with `made` when the limit does not allow them
 */
export function reserveCreates(
	store: Record<string, unknown>,
	planned: number,
	limit: number,
): { made: number; settle?: (madeNow: number) => void } {
	const made = madeIn(store);
	if (limit > 0 && planned > 0 && made + planned > limit) return { made };
	store[MADE] = made + planned;
	return {
		made,
		settle: (madeNow) => {
			store[MADE] = madeIn(store) - planned + madeNow;
		},
	};
}
