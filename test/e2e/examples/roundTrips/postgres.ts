/** A product table in PostgreSQL: rows without a picture get one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DATABASE, startPostgres, type Postgres } from '../../../support/n8n/postgres';
import { textAt } from '../../../support/n8n/n8nValues';
import { enter, useCredential } from '../files';
import { subFolder, type ExampleContext } from '../host';
import { listed, LISTED_BAD_OPERATIONS } from './listed';
import type { TripProduct } from './products';
import type { RoundTrip } from './trip';

const TABLE = `CREATE TABLE products (
	sku text PRIMARY KEY, title text, category text, photo_urls text, picture text, failure text
)`;

function literal(text: string): string {
	return `'${text.replaceAll("'", "''")}'`;
}

async function fill(
	context: ExampleContext,
	postgres: Postgres,
	products: readonly TripProduct[],
): Promise<void> {
	await postgres.execute(TABLE);
	for (const { sku, title, photoUrls } of await listed(context, products)) {
		const values = [sku, title, photoUrls].map(literal).join(', ');
		await postgres.execute(`INSERT INTO products (sku, title, photo_urls) VALUES (${values})`);
	}
}

export const postgresTrip: RoundTrip = {
	file: '7-postgres-table.json',
	trigger: 'Every hour',
	badOperations: LISTED_BAD_OPERATIONS,
	open: async (context, flow, products) => {
		const folder = subFolder(context, 'pictures');
		enter(flow, { folder });
		const postgres = await startPostgres();
		await fill(context, postgres, products);
		await useCredential(context, flow, 'n8n-nodes-base.postgres', {
			type: 'postgres',
			data: { ...DATABASE, port: postgres.port, password: 'none', ssl: 'disable' },
		});
		const cells = async (column: string) => {
			const rows = await postgres.query(
				`SELECT sku, ${column} AS cell FROM products WHERE ${column} IS NOT NULL`,
			);
			return rows.map((row): [string, string] => [textAt(row, 'sku'), textAt(row, 'cell')]);
		};
		return {
			pictures: async () =>
				new Map(
					(await cells('picture')).map(([sku, file]) => [sku, readFileSync(join(folder, file))]),
				),
			failures: async () => new Map(await cells('failure')),
			lose: async ({ sku }) =>
				await postgres.execute(`UPDATE products SET picture = NULL WHERE sku = ${literal(sku)}`),
			close: postgres.stop,
		};
	},
};
