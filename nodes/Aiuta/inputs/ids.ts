/** Reads the operation IDs of all input items: one unit of work for each ID. */
import type { IExecuteFunctions } from 'n8n-workflow';

import { checkedId, Parameters, readItem, refuse } from './readParameters';
import type { Unit } from './unit';

/**
 * @param check reads the item's other parameters and refuses what cannot be used
 */
export async function readOperationIds(
	host: IExecuteFunctions,
	check: (host: IExecuteFunctions, itemIndex: number) => unknown = () => undefined,
): Promise<Array<Unit<string>>> {
	const units: Array<Unit<string>> = [];
	for (const itemIndex of host.getInputData().keys()) {
		const read = await readItem(itemIndex, () => {
			const ids = new Parameters(host, itemIndex).list('operationId');
			if (ids.length === 0) {
				refuse('operationId', 'is empty', 'Enter the ID that Create Operation returned.');
			}
			check(host, itemIndex);
			return ids.map((id) => checkedId('operationId', id));
		});
		if (!read.ok) {
			units.push({ itemIndexes: [itemIndex], input: read });
			continue;
		}
		for (const id of read.value) {
			units.push({ itemIndexes: [itemIndex], input: { ok: true, value: id } });
		}
	}
	return units;
}
