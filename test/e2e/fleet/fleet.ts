/**
 * A fleet as examples 11a and 11b make it: a catalogue in PostgreSQL, handed out in chunks to the workers of an n8n
 * in queue mode, the pictures in S3-compatible storage.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { SavedFlow } from '../../support/n8n/n8nClient';
import type { Flow } from '../../support/n8n/n8nFlows';
import { DATABASE, startPostgres, type Postgres } from '../../support/n8n/postgres';
import { startS3Server } from '../../support/n8n/s3Server';
import { at, listAt, textAt } from '../../support/n8n/n8nValues';
import { change, readExample, useCredential } from '../examples/files';
import type { QueueHost } from '../../support/n8n/queueHost';

const DISPATCH_FILE = '11a-fleet-dispatch.json';
const CHUNK_FILE = '11b-fleet-chunk.json';
const TRIGGER = 'Every 10 minutes';
const AIUTA_NODE = 'Generate and Wait';
const WEBHOOK = 'aiuta-chunk';
/** It waits in n8n's queue like the chunks that it has handed out before. */
const HAND_OUT_LIMIT_MS = 10 * 60_000;
/** As the examples have them. */
const CHUNK_SIZE = /\b100\b/g;
const LEASE = "interval '1 hour'";
/** One statement must fit into an argument of a command. */
const ROWS_PER_INSERT = 200;

const TABLE = `CREATE TABLE products (
	sku text PRIMARY KEY, title text, category text, photo_urls text, picture text, failure text,
	handed_out timestamptz
)`;

export interface FleetProduct {
	sku: string;
	title: string;
	/** Separated by commas. */
	photoUrls: string;
}

export interface FleetOptions {
	chunkSize: number;
	/** When a product that was taken and has no picture waits again. */
	leaseSeconds: number;
	batching: Readonly<Record<string, number>>;
}

export interface Progress {
	pictured: number;
	failed: number;
	/** Taken, and neither done nor failed. */
	underWay: number;
}

export interface Fleet {
	/** Name of the ledger's data table. */
	ledger: string;
	/** Do what the dispatcher does at each time of its schedule; returns how many chunks it started. */
	handOut: () => Promise<number>;
	progress: () => Promise<Progress>;
	/** How many of the ledger's latest rows, at most a hundred, tell of an operation by its ID. */
	rowsWithIds: () => Promise<number>;
	/** Let the time pass after which products that were taken wait again. */
	passLease: () => Promise<void>;
	/** The pictures in the storage, by SKU. */
	pictures: () => Map<string, Buffer>;
	close: () => Promise<void>;
}

function literal(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}

async function fill(postgres: Postgres, products: readonly FleetProduct[]): Promise<void> {
	await postgres.execute(TABLE);
	for (let start = 0; start < products.length; start += ROWS_PER_INSERT) {
		const rows = products
			.slice(start, start + ROWS_PER_INSERT)
			.map(({ sku, title, photoUrls }) => `(${[sku, title, photoUrls].map(literal).join(', ')})`);
		await postgres.execute(
			`INSERT INTO products (sku, title, photo_urls) VALUES ${rows.join(', ')}`,
		);
	}
}

/** Set the size of a chunk and the lease in the query of a node. */
function adjust(flow: Flow, name: string, { chunkSize, leaseSeconds }: FleetOptions): void {
	const node = flow.nodes.find((candidate) => candidate.name === name);
	const query = textAt(node, 'parameters', 'query');
	const adjusted = query
		.replaceAll(CHUNK_SIZE, String(chunkSize))
		.replaceAll(LEASE, `interval '${leaseSeconds} seconds'`);
	assert.notEqual(adjusted, query, `${name} names the chunk's size and the lease`);
	change(flow, name, { query: adjusted });
}

/**
 * Fill a catalogue, and publish the two workflows that work it off.
 *
 * @param closers what ends what was started, the last first
 */
async function open(
	host: QueueHost,
	products: readonly FleetProduct[],
	options: FleetOptions,
	closers: Array<() => Promise<void>>,
): Promise<Omit<Fleet, 'close'>> {
	const { client, main } = host;
	const postgres = await startPostgres();
	closers.push(postgres.stop);
	const storage = await startS3Server();
	closers.push(storage.stop);
	await fill(postgres, products);

	const dispatch = readExample(DISPATCH_FILE, host);
	const chunk = readExample(CHUNK_FILE, host);
	const database = { ...DATABASE, port: postgres.port, password: 'none', ssl: 'disable' };
	const header = { name: 'x-fleet', value: randomUUID() };
	for (const [flow, gate] of [
		[dispatch, 'n8n-nodes-base.httpRequest'],
		[chunk, 'n8n-nodes-base.webhook'],
	] as const) {
		const ofDatabase = { type: 'postgres', data: database };
		await useCredential(host, flow, 'n8n-nodes-base.postgres', ofDatabase);
		await useCredential(host, flow, gate, { type: 'httpHeaderAuth', data: header });
	}
	await useCredential(host, chunk, 'n8n-nodes-base.s3', { type: 's3', data: storage.credential });
	adjust(dispatch, 'Chunks that wait', options);
	adjust(chunk, 'Take the products', options);
	change(dispatch, 'Start a chunk', { url: `${main.url}/webhook/${WEBHOOK}` });
	change(chunk, 'Put the picture', { bucketName: storage.bucket });
	const ledger = `fleet-${randomUUID().slice(0, 8)}`;
	change(chunk, AIUTA_NODE, { ledger, batching: options.batching });

	const published: SavedFlow = await client.createFlow(chunk);
	await client.activate(published);
	closers.push(async () => await client.deactivate(published));
	const refused = await client.callWebhook(WEBHOOK, () => ({}));
	assert.equal(refused.status, 403, 'nobody starts a chunk without the secret');
	const dispatcher = await client.createFlow(dispatch);

	return {
		ledger,
		handOut: async () => {
			const run = await client.run(dispatcher, TRIGGER, HAND_OUT_LIMIT_MS);
			assert.equal(run.status, 'success', run.error('Start a chunk')?.message);
			return run.items('Start a chunk').length;
		},
		progress: async () => {
			const [row] = await postgres.query(
				`SELECT count(picture) AS pictured, count(failure) AS failed,
					count(*) FILTER (WHERE handed_out IS NOT NULL AND picture IS NULL AND failure IS NULL)
						AS "underWay"
				FROM products`,
			);
			const of = (name: keyof Progress) => Number(at(row, name));
			return { pictured: of('pictured'), failed: of('failed'), underWay: of('underWay') };
		},
		rowsWithIds: async () => {
			const project = textAt(await client.rest('GET', '/projects/personal'), 'id');
			const tables = `/projects/${project}/data-tables`;
			const listed = listAt(await client.rest('GET', tables), 'data');
			const id = textAt(
				listed.find((table) => at(table, 'name') === ledger),
				'id',
			);
			const rows = listAt(await client.rest('GET', `${tables}/${id}/rows?take=100`), 'data');
			return rows.filter((row) => at(row, 'operation_id')).length;
		},
		passLease: async () => {
			const ago = `interval '${options.leaseSeconds} seconds'`;
			await postgres.execute(`UPDATE products SET handed_out = handed_out - ${ago}`);
		},
		pictures: () =>
			new Map(
				[...storage.read('pictures/')].map(([key, picture]): [string, Buffer] => [
					key.slice('pictures/'.length).replace(/\.\w+$/, ''),
					picture,
				]),
			),
	};
}

/** Start a fleet on a catalogue of its own. */
export async function startFleet(
	host: QueueHost,
	products: readonly FleetProduct[],
	options: FleetOptions,
): Promise<Fleet> {
	const closers: Array<() => Promise<void>> = [];
	const close = async () => {
		for (const end of closers.reverse()) await end();
	};
	try {
		return { ...(await open(host, products, options, closers)), close };
	} catch (error) {
		await close();
		throw error;
	}
}
