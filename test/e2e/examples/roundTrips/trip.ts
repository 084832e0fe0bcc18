/** What every round trip must stand: the first run, the second, bad products, and a crash in the middle. */
import assert from 'node:assert/strict';

import type { Flow } from '../../../support/n8n/n8nFlows';
import { poll } from '../../../support/n8n/n8nServer';
import { example, type ExampleCase } from '../catalogueCases';
import { change } from '../files';
import { runExample, type ExampleContext } from '../host';
import { ledgerRows, readWithLedger } from '../ledger';
import { assertOwnPictures, tripProducts, type TripProduct } from './products';

/** The place that products come from and pictures go to. */
export interface Shop {
	/** The pictures it has, by SKU. */
	pictures: () => Promise<Map<string, Buffer>>;
	/** What it was told of products without a picture, by SKU. */
	failures: () => Promise<Map<string, string>>;
	/** Lose the picture of a product, as if it had never come. */
	lose: (product: TripProduct) => Promise<void>;
	close: () => Promise<void>;
}

export interface RoundTrip {
	/** The example's file. */
	file: string;
	/** Its trigger. */
	trigger: string;
	/** How many operations Aiuta accepts for the bad products. */
	badOperations: number;
	/** Fill a shop with products and lead the example to it. */
	open: (context: ExampleContext, flow: Flow, products: readonly TripProduct[]) => Promise<Shop>;
}

const AIUTA_NODE = 'Generate and Wait';
const PRODUCTS = 20;
const BAD: readonly number[] = [3, 7, 11];
/** So many operations are under way when n8n is killed; they end when it is up again. */
const UNDER_WAY = 6;
const LONG_MS = 10_000;
const SHORT_MS = 300;
const STARTED_LIMIT_MS = 60_000;

/** Run an example on a shop of its own. */
async function visit(
	trip: RoundTrip,
	context: ExampleContext,
	products: readonly TripProduct[],
	during: (flow: Flow, shop: Shop) => Promise<void>,
): Promise<void> {
	const flow = await readWithLedger(trip.file, context, AIUTA_NODE);
	const shop = await trip.open(context, flow, products);
	try {
		await during(flow, shop);
	} finally {
		await shop.close();
	}
}

/** Start a run and kill n8n when operations are under way and their IDs are in the ledger. */
async function crashInTheMiddle(
	context: ExampleContext,
	flow: Flow,
	trigger: string,
): Promise<void> {
	const { client, sandbox } = context;
	const saved = await client.createFlow(flow);
	await client.execute(saved, trigger);
	const areCreated = async () => {
		const rows = await ledgerRows(context);
		return rows.filter(({ state }) => state === 'created').length === UNDER_WAY ? true : undefined;
	};
	assert.ok(await poll(areCreated, STARTED_LIMIT_MS), `${UNDER_WAY} operations in the ledger`);
	assert.equal(sandbox.stats().createsAccepted, UNDER_WAY);
	await context.crash();
}

/** The cases of one round trip. */
export function roundTripCases(trip: RoundTrip): ExampleCase[] {
	const name = trip.file.replace('.json', '');
	return [
		example(
			`${name} gives each of ${PRODUCTS} products its own picture, names ${BAD.length} bad ones, and creates nothing in a second run`,
			async (context) => {
				const { sandbox } = context;
				const products = await tripProducts(PRODUCTS, (index) => BAD.includes(index));
				await visit(trip, context, products, async (flow, shop) => {
					const creates = PRODUCTS - BAD.length + trip.badOperations;
					const check = async () => {
						await assertOwnPictures(sandbox, products, await shop.pictures());
						const bad = products.filter(({ isBad }) => isBad).map(({ sku }) => sku);
						assert.deepEqual([...(await shop.failures()).keys()].sort(), bad);
						assert.equal(sandbox.stats().createsAccepted, creates);
					};
					await runExample(context, flow, trip.trigger);
					await check();
					const [first] = products;
					if (first !== undefined) await shop.lose(first);
					await runExample(context, flow, trip.trigger);
					await check();
				});
			},
		),
		example(
			`${name} goes on by itself when n8n was killed in the middle, and creates nothing twice`,
			async (context) => {
				const { sandbox } = context;
				const products = await tripProducts(PRODUCTS);
				await visit(trip, context, products, async (flow, shop) => {
					change(flow, AIUTA_NODE, { batching: { maxProductsInFlight: UNDER_WAY } });
					const listMs = Array.from({ length: PRODUCTS }, (_, index) =>
						index < UNDER_WAY ? LONG_MS : SHORT_MS,
					);
					sandbox.configure({ generationMs: { listMs } });
					await crashInTheMiddle(context, flow, trip.trigger);
					assert.equal((await shop.pictures()).size, 0);
					await runExample(context, flow, trip.trigger);
					await assertOwnPictures(sandbox, products, await shop.pictures());
					assert.equal(sandbox.stats().createsAccepted, PRODUCTS);
				});
			},
		),
	];
}
