/** A run that ends before anything is sent. */
import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Failure } from '../api/failures';
import { readProductIds } from '../inputs/product';
import type { Unit } from '../inputs/units';
import { conclude } from './conclude';

export interface RefusedRun {
	ok: false;
	/** Those that are to blame have a failure. */
	units: ReadonlyArray<Unit<unknown>>;
}

/** The run cannot be done, whatever the items are, which are told by their products all the same. */
export async function refuseAll(host: IExecuteFunctions, cause: Failure): Promise<RefusedRun> {
	return refuseUnits(await readProductIds(host), cause);
}

/** The run cannot be done: it does not matter that a unit is good. */
export function refuseUnits<T>(
	units: ReadonlyArray<Unit<T>>,
	cause: Failure,
): { ok: false; units: Array<Unit<T>> } {
	const refused = { ok: false as const, failure: { ...cause, isOfRun: true } };
	const refuse = (unit: Unit<T>) => (unit.input.ok ? { ...unit, input: refused } : unit);
	return { ok: false, units: units.map(refuse) };
}

/** Report the units that are to blame; a good one beside bad ones has nothing to report. */
export function concludeRefused(
	host: IExecuteFunctions,
	unitName: string,
	{ units }: RefusedRun,
): INodeExecutionData[][] {
	const failuresOf = ({ input }: Unit<unknown>) => (input.ok ? [] : [input.failure]);
	const concluded = units.map((unit) => ({
		unit,
		result: { items: [], failures: failuresOf(unit) },
	}));
	return conclude(host, unitName, concluded);
}
