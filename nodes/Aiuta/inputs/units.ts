/** The units of a batch (products, images, operations) as they were read from the input items. */
import type { IExecuteFunctions } from 'n8n-workflow';

import { failure, type Failure } from '../api/failures';
import type { ItemIndexes } from '../output/items';
import { Parameters } from './parameters';
import { ParameterProblem } from './refusals';

/** What was read of one item, or why it cannot be used. */
export type ReadItem<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Something to do for one or more input items, or why it cannot be done. */
export interface Unit<T> {
	itemIndexes: ItemIndexes;
	productId?: string | undefined;
	input: ReadItem<T>;
}

/** Read one item with `read`; a refusal or an expression that fails becomes a failure of that item. */
export async function readItem<T>(read: () => Promise<T> | T): Promise<ReadItem<T>> {
	try {
		return { ok: true, value: await read() };
	} catch (error) {
		const said = error instanceof Error ? error.message : String(error);
		const { code, advice } =
			error instanceof ParameterProblem
				? error
				: { code: 'INVALID_PARAMETER' as const, advice: undefined };
		const failed = failure(code, said, advice === undefined ? {} : { description: advice });
		return { ok: false, failure: failed };
	}
}

/** Read what each item asks for: any number of things to do, all with the item's settings in them. */
export async function readUnits<T>(
	host: IExecuteFunctions,
	read: (parameters: Parameters) => Promise<T[]> | T[],
): Promise<Array<Unit<T>>> {
	const units: Array<Unit<T>> = [];
	for (const itemIndex of host.getInputData().keys()) {
		const item = await readItem(() => read(new Parameters(host, itemIndex)));
		const inputs: Array<ReadItem<T>> = item.ok
			? item.value.map((value) => ({ ok: true, value }))
			: [item];
		units.push(...inputs.map((input): Unit<T> => ({ itemIndexes: [itemIndex], input })));
	}
	return units;
}
