/** A catalogue on several workers, handed out in chunks: a worker dies, the next hand-out goes on. */
import assert from 'node:assert/strict';

import { poll } from '../../support/n8n/n8nServer';
import { hostJpeg } from '../examples/photos';
import { assertOwnPictures, tripProducts } from '../examples/roundTrips/products';
import { startFleet, type Fleet } from '../fleet/fleet';
import { logged, type QueueCase, type QueueContext } from './queueMode';

const PRODUCTS = 60;
const CHUNK_SIZE = 10;
const CHUNKS = PRODUCTS / CHUNK_SIZE;
/** So many operations of a chunk are under way when a worker is killed. */
const UNDER_WAY = 5;
const LONG_MS = 20_000;
const SHORT_MS = 500;
/** Never by itself within the test. */
const LEASE_SECONDS = 3600;
const DAILY_BUDGET = 50;
const STEP_LIMIT_MS = 120_000;

async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
	const seen = await poll(async () => ((await isSo()) ? true : undefined), STEP_LIMIT_MS);
	assert.ok(seen, what);
}

async function openSixty(context: QueueContext, batching: Record<string, number>) {
	const { sandbox } = context;
	sandbox.configure({ picture: 'compose' });
	const products = await tripProducts(PRODUCTS);
	const listed = await Promise.all(
		products.map(async ({ sku, photos }) => {
			const hosted = await Promise.all(photos.map(async (photo) => await hostJpeg(sandbox, photo)));
			return { sku, title: `Sample ${sku}`, photoUrls: hosted.map(({ url }) => url).join(', ') };
		}),
	);
	const options = { chunkSize: CHUNK_SIZE, leaseSeconds: LEASE_SECONDS, batching };
	return { products, fleet: await startFleet(context, listed, options) };
}

/** Kill a worker that has operations under way, and put a new one in its place. */
async function killWorker(context: QueueContext): Promise<number> {
	const { workers } = context;
	const shares = workers.map((worker) => logged(context, worker));
	const index = shares.findIndex((share) => share > 0);
	await workers[index]?.kill();
	workers[index] = await context.startWorker();
	return shares[index] ?? 0;
}

async function areDone({ progress }: Fleet, pictured: number): Promise<boolean> {
	return (await progress()).pictured === pictured;
}

/** Hand everything out, kill a worker when every chunk has operations under way, and hand out the rest. */
async function loseAWorker(context: QueueContext): Promise<void> {
	const { sandbox, workers, note } = context;
	const { products, fleet } = await openSixty(context, { maxProductsInFlight: UNDER_WAY });
	try {
		const listMs = Array.from({ length: PRODUCTS }, (_, index) =>
			index < CHUNKS * UNDER_WAY ? LONG_MS : SHORT_MS,
		);
		sandbox.configure({ generationMs: { listMs } });
		assert.equal(await fleet.handOut(), CHUNKS);
		await until('every chunk has operations under way, in the log of its worker', () => {
			const shares = workers.map((worker) => logged(context, worker));
			return shares.reduce((sum, share) => sum + share) === CHUNKS * UNDER_WAY;
		});
		// An ID is committed within a second: a kill before that leaves it to a person.
		await until('all their IDs are in the ledger', async () => {
			return (await fleet.rowsWithIds()) === CHUNKS * UNDER_WAY;
		});
		const lost = await killWorker(context);
		const survivors = PRODUCTS - (lost / UNDER_WAY) * CHUNK_SIZE;
		await until('the other chunks end', async () => await areDone(fleet, survivors));
		assert.equal(await fleet.handOut(), 0, 'what was taken is not handed out again yet');
		await fleet.passLease();
		const again = await fleet.handOut();
		await until('all have a picture', async () => await areDone(fleet, PRODUCTS));
		await assertOwnPictures(sandbox, products, fleet.pictures());
		assert.equal(sandbox.stats().createsAccepted, PRODUCTS);
		note(`${lost} operations under way on the killed worker, ${again} chunks handed out again`);
	} finally {
		await fleet.close();
	}
}

/** Hand everything out with a budget for the day that is less. */
async function reachBudget(context: QueueContext): Promise<void> {
	const { sandbox } = context;
	sandbox.configure({ generationMs: SHORT_MS });
	const { fleet } = await openSixty(context, { maxOperationsPerDay: DAILY_BUDGET });
	try {
		await fleet.handOut();
		await until('every product is done or has failed', async () => {
			const { pictured, failed } = await fleet.progress();
			return pictured + failed === PRODUCTS;
		});
		assert.ok(await areDone(fleet, DAILY_BUDGET), 'as many as the budget allows');
		assert.equal(sandbox.stats().createsAccepted, DAILY_BUDGET);
	} finally {
		await fleet.close();
	}
}

export const fleetCases: QueueCase[] = [
	{
		title: `a fleet of two workers makes ${PRODUCTS} products; one is killed in the middle, the next hand-out goes on, nothing is created twice`,
		run: loseAWorker,
	},
	{ title: 'Max Operations per Day holds over all chunks of a fleet', run: reachBudget },
];
