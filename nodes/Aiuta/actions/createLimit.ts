/**
 * Max Operations per Run, counted over the whole execution: a loop runs the node again and again, and a
 * limit that each of those runs may use up would be none.
 */
import { isJsonObject } from '../core/json';

/** Property of the host's node context, which outlives the runs of the node and is kept for a retry. */
const MADE = 'aiutaOperationsMade';

/** Property beside it: what a run has set aside that has not ended. */
const OPEN = 'aiutaOperationsSetAside';

/** The creates of one run of the node. */
export interface PlannedCreates {
	/** Those still to be sent; operations that exist already do not count. */
	planned: number;
	/** Those that the journal of this run knows: operations that exist or may exist. */
	settled: number;
	executionId: string;
}

function numberAt(value: Record<string, unknown>, name: string): number {
	const found = value[name];
	return typeof found === 'number' ? found : 0;
}

/**
 * What the execution has made. A run that was cut short, and whose context the host had saved before its
 * end, has left open what it had set aside: a retry counts what its journal knows instead.
 */
function madeIn(store: Record<string, unknown>, { settled, executionId }: PlannedCreates): number {
	const made = numberAt(store, MADE);
	const open = store[OPEN];
	if (!isJsonObject(open) || open['executionId'] === executionId) return made;
	return made - numberAt(open, 'planned') + settled - numberAt(open, 'settled');
}

/**
 * Set creates aside before the first one is sent, so that runs of the node side by side (an agent's tool
 * calls) cannot use up the same limit twice.
 *
 * @param limit 0 means none
 * @returns `made` alone when the limit does not allow them; else `correct`, to be told in the end how many were made
 */
export function reserveCreates(
	store: Record<string, unknown>,
	creates: PlannedCreates,
	limit: number,
): { made: number; correct?: (madeNow: number) => void } {
	const { planned } = creates;
	const made = madeIn(store, creates);
	if (limit > 0 && planned > 0 && made + planned > limit) return { made };
	store[MADE] = made + planned;
	store[OPEN] = { ...creates };
	return {
		made,
		correct: (madeNow) => {
			store[MADE] = numberAt(store, MADE) - planned + madeNow;
			delete store[OPEN];
		},
	};
}
