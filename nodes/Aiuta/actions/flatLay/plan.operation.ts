/** Say what Generate and Wait would do with these inputs. Nothing is sent to Aiuta. */
import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
	type INodePropertyOptions,
} from 'n8n-workflow';

import type { Failure } from '../../api/failures';
import { jobsOf } from '../../batch/ledgerAnswers';
import { RunPlanner, type ProductForecast } from '../../batch/planRun';
import { createBatchingField, readBatching } from '../../inputs/batching';
import { imageTypesField } from '../../inputs/imageTypes';
import { ledgerFields, readLedger } from '../../inputs/ledger';
import { createOptionsFields } from '../../inputs/options';
import { photoFields } from '../../inputs/photos';
import { productFields } from '../../inputs/product';
import { planProducts } from '../../inputs/productPlans';
import { chosenGeneration, RESOURCE_FLAT_LAY } from '../../inputs/selectors';
import { toolDescription } from '../../inputs/toolDescription';
import { readItem } from '../../inputs/units';
import { jsonItem } from '../../output/items';
import { openLedger } from '../openLedger';
import { readAccess } from '../openRun';
import { concludeRefused, refuseAll, refuseUnits } from '../refusedRun';

/** Its place in the operation selector; saved workflows store the value. */
export const option = {
	name: 'Plan (Dry Run)',
	value: 'plan',
	action: 'Plan flat lays without creating any',
	description:
		'See what Generate and Wait would create, wait for, return, skip and refuse. Nothing is sent to Aiuta.',
} satisfies INodePropertyOptions;

const properties: INodeProperties[] = [
	toolDescription(
		'Says what making a flat lay picture would create, without making any. Free of charge. Returns action, operations and reason.',
	),
	...photoFields('binary'),
	...productFields,
	imageTypesField,
	...createOptionsFields([]),
	...ledgerFields,
	createBatchingField,
];

export const description = updateDisplayOptions(
	{ show: { resource: [RESOURCE_FLAT_LAY], operation: [option.value] } },
	properties,
);

export async function execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const read = await readItem(() => ({
		ledger: readLedger(this),
		limits: readBatching(this),
		generation: chosenGeneration(this),
	}));
	if (!read.ok) return await refused(this, read.failure);
	const { limits, generation } = read.value;
	const opened = await openLedger(this, read.value.ledger, limits.budget);
	if (!opened.ok) return await refused(this, opened.failure);
	const { ledger } = opened;
	const planned = await planProducts(this, 'binary', () => undefined);
	const plans = planned.flatMap(({ input }) => (input.ok ? [input.value.plan] : []));
	const problem = await ledger?.view.open(jobsOf(plans));
	if (problem !== undefined) return await refused(this, problem);
	const access = await readAccess(this, generation);
	const units = access.ok ? planned : refuseUnits(planned, access.failure).units;
	const planner = new RunPlanner(generation, ledger);
	const forecasts: ProductForecast[] = [];
	const items: INodeExecutionData[] = [];
	for (const { input, productId, itemIndexes } of units) {
		const forecast = input.ok
			? await planner.plan(input.value.plan)
			: refusedProduct(input.failure);
		forecasts.push(forecast);
		items.push(jsonItem({ product_id: productId ?? null, ...forecast }, itemIndexes));
	}
	addHint(this, forecasts, limits.maxOperationsPerRun);
	return [items];
}

function refusedProduct({ message }: Failure): ProductForecast {
	return { action: 'refuse', operations: 0, images: 0, reason: message };
}

/** The plan itself cannot be made. */
async function refused(host: IExecuteFunctions, cause: Failure): Promise<INodeExecutionData[][]> {
	return concludeRefused(host, 'products', await refuseAll(host, cause));
}

function addHint(
	host: IExecuteFunctions,
	planned: readonly ProductForecast[],
	maxOperationsPerRun: number,
): void {
	const creates = planned.reduce((sum, { operations }) => sum + operations, 0);
	const count = (action: ProductForecast['action']) =>
		planned.filter((product) => product.action === action).length;
	const parts = [
		`would create ${creates} operation${creates === 1 ? '' : 's'} for ${count('create')} of ${planned.length} products`,
		...(['wait', 'return', 'skip', 'refuse'] as const).flatMap((action) =>
			count(action) === 0 ? [] : [`${action} ${count(action)}`],
		),
		...(maxOperationsPerRun > 0 && creates > maxOperationsPerRun
			? [`but Max Operations per Run allows ${maxOperationsPerRun}, so it would be refused`]
			: []),
	];
	host.addExecutionHints({ message: `This run ${parts.join(', ')}`, location: 'outputPane' });
}
