/**
 * What the catalogue examples need before they can be run: photos on the sandbox, folders, a CSV
 * file and data tables, all with the demo's sample products.
 *
 * The sandbox forgets everything when it ends, so photos, rows and pictures of the sample products are
 * made anew each time. What the user has put beside them is left alone.
 */
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';

import { sampleProducts, type Product } from '../../demo/products';
import type { Sandbox } from '../../sandbox';
import { hostJpeg } from './photos';
import { csvOf, NEW_ROW, readCsv, Table, type Row, type TableClient } from './rows';

/** An example that can be run at once. */
export interface PreparedExample {
	/** Its file in `examples/`. */
	file: string;
	/** What belongs into its node Settings. */
	settings: Readonly<Record<string, string>>;
	/** What was prepared, for people. */
	what: string;
}

/** Where things are made, on which n8n and sandbox. */
export interface SampleContext {
	client: TableClient;
	sandbox: Sandbox;
	/** A folder that n8n may read and write. */
	folder: string;
}

const CATALOGUE_TABLE = 'Aiuta: catalogue';
const SUBMIT_TABLE = 'Aiuta: submit and collect';
/** As the examples name it. */
const LEDGER_TABLE = 'aiuta-ledger';

/** Put the photos of a product on the sandbox and write its row. */
async function rowOf(sandbox: Sandbox, product: Product): Promise<Row> {
	const { productId, title = '', category = '', photos } = product;
	const hosted = await Promise.all(
		photos.map(async (photo) => await hostJpeg(sandbox, readFileSync(photo))),
	);
	const urls = hosted.map(({ url }) => url).join(', ');
	return { ...NEW_ROW, sku: productId, title, category, image_urls: urls };
}

/** Make the folder of an example's pictures, without pictures of the sample products. */
function picturesFolder({ folder }: SampleContext, example: string, rows: readonly Row[]): string {
	const path = join(folder, example, 'pictures');
	mkdirSync(path, { recursive: true });
	const isOf =
		(sku = '') =>
		(name: string) =>
			['.', '_'].some((end) => name.startsWith(sku + end));
	const old = rows.flatMap(({ sku }) => readdirSync(path).filter(isOf(sku)));
	for (const name of old) rmSync(join(path, name));
	return path;
}

function prepareCsv(context: SampleContext, rows: readonly Row[]): PreparedExample {
	const folder = picturesFolder(context, '2-catalogue-csv', rows);
	const file = join(context.folder, '2-catalogue-csv', 'products.csv');
	const all = existsSync(file) ? readCsv(file) : new Map<string, Row>();
	for (const row of rows) all.set(row['sku'] ?? '', row);
	writeFileSync(file, csvOf([...all.values()]));
	return {
		file: '2-catalogue-csv.json',
		settings: { file, folder },
		what: `${relative(context.folder, file)} with ${rows.length} products`,
	};
}

/** Find the table or make it; its sample rows are new in any case. */
async function tableOf(context: SampleContext, name: string, rows: readonly Row[]): Promise<Table> {
	const known = await Table.find(context, name);
	if (known === undefined) return await Table.make(context, name, rows);
	await known.put(rows);
	return known;
}

async function prepareTable(
	context: SampleContext,
	rows: readonly Row[],
): Promise<PreparedExample> {
	const folder = picturesFolder(context, '3-catalogue-data-table', rows);
	const { id } = await tableOf(context, CATALOGUE_TABLE, rows);
	return {
		file: '3-catalogue-data-table.json',
		settings: { data_table_id: id, folder },
		what: `data table "${CATALOGUE_TABLE}" with ${rows.length} products`,
	};
}

function preparePhotos(context: SampleContext, products: readonly Product[]): PreparedExample {
	const rows = products.map(({ productId }) => ({ sku: productId }));
	const folder = picturesFolder(context, '4-folder-of-photos', rows);
	const photos = join(context.folder, '4-folder-of-photos', 'photos');
	mkdirSync(photos, { recursive: true });
	for (const product of products) {
		for (const photo of product.photos) {
			copyFileSync(photo, join(photos, `${product.productId}_${basename(photo)}`));
		}
	}
	const count = products.reduce((sum, product) => sum + product.photos.length, 0);
	return {
		file: '4-folder-of-photos.json',
		settings: { photos, folder },
		what: `${relative(context.folder, photos)} with ${count} photos of ${products.length} products`,
	};
}

async function prepareSubmit(
	context: SampleContext,
	rows: readonly Row[],
): Promise<PreparedExample[]> {
	const folder = picturesFolder(context, '5-submit-and-collect', rows);
	const { id } = await tableOf(context, SUBMIT_TABLE, rows);
	const what = `data table "${SUBMIT_TABLE}" with ${rows.length} products`;
	return [
		{ file: '5a-submit-now.json', settings: { data_table_id: id }, what },
		{
			file: '5b-collect-later.json',
			settings: { data_table_id: id, folder },
			what: 'the same data table',
		},
	];
}

/** The sandbox has forgotten the operations of an earlier start: the ledger must not remember them. */
async function forgetInLedger(context: SampleContext, rows: readonly Row[]): Promise<void> {
	const ledger = await Table.find(context, LEDGER_TABLE);
	for (const { sku = '' } of rows) await ledger?.remove('product_id', sku);
}

/** Make everything that examples 2 to 5 need; the others need nothing of the kind. */
export async function prepareSamples(context: SampleContext): Promise<PreparedExample[]> {
	const products = sampleProducts();
	const rows = await Promise.all(
		products.map(async (product) => await rowOf(context.sandbox, product)),
	);
	await forgetInLedger(context, rows);
	return [
		prepareCsv(context, rows),
		await prepareTable(context, rows),
		preparePhotos(context, products),
		...(await prepareSubmit(context, rows)),
	];
}
