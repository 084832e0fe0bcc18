import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { exampleFiles, FIRST_ROUND_TRIP, numberOf, readExample } from '../e2e/examples/files';
import { csvOf, NEW_ROW, readCsv, type Row, type TableClient } from '../e2e/examples/rows';
import { prepareSamples, type SampleContext } from '../e2e/examples/samples';
import { startSandbox } from '../sandbox';
import { at, listAt, textAt } from '../support/n8n/n8nValues';

const SKUS = ['red-dress', 'blue-jeans', 'striped-t-shirt', 'green-jacket'];

/** n8n's data tables, as far as the samples use them, by name. */
class FakeTables implements TableClient {
	readonly tables = new Map<string, Row[]>();

	async rest(method: string, path: string, body?: unknown): Promise<unknown> {
		if (path === '/projects/personal') return { id: 'p' };
		const [, name = '', action] = /data-tables(?:\/([^/?]+))?(?:\/(\w+))?/.exec(path) ?? [];
		if (method === 'GET') return { data: [...this.tables.keys()].map((id) => ({ id, name: id })) };
		if (action === 'insert') this.tables.get(name)?.push(...(listAt(body, 'data') as Row[]));
		else if (method === 'DELETE') this.remove(name, new URLSearchParams(path.split('?')[1]));
		else if (action === 'upsert') this.upsert(name, at(body, 'data') as Row);
		else this.tables.set(textAt(body, 'name'), []);
		return { id: action === undefined ? textAt(body, 'name') : name };
	}

	private remove(name: string, query: URLSearchParams): void {
		const [{ columnName, value } = {}] = (
			JSON.parse(query.get('filter') ?? '{}') as { filters: Array<Row | undefined> }
		).filters;
		const kept = (this.tables.get(name) ?? []).filter((row) => row[columnName ?? ''] !== value);
		this.tables.set(name, kept);
	}

	private upsert(name: string, row: Row): void {
		const others = (this.tables.get(name) ?? []).filter(({ sku }) => sku !== row['sku']);
		this.tables.set(name, [...others, row]);
	}
}

/** Prepare on a new sandbox, as every start has one, and take it down again. */
async function prepare(client: FakeTables, folder: string) {
	const sandbox = await startSandbox({ generationMs: 0 });
	try {
		const context: SampleContext = { client, folder, sandbox };
		const prepared = await prepareSamples(context);
		return { prepared, stats: sandbox.stats(), filesUrl: sandbox.filesUrl };
	} finally {
		await sandbox.close();
	}
}

describe('what is prepared for the examples', () => {
	const folders: string[] = [];
	const newFolder = () => {
		const folder = mkdtempSync(join(tmpdir(), 'samples-'));
		folders.push(folder);
		return folder;
	};

	afterAll(() => {
		for (const folder of folders) rmSync(folder, { recursive: true, force: true });
	});

	const credentialIds = { flatLays: 'x', studio: 'y', unified: 'z' };

	it('fills in every value that an example asks for, but for those that need a shop', async () => {
		const { prepared } = await prepare(new FakeTables(), newFolder());
		const wanted = exampleFiles()
			.filter((file) => numberOf(file) < FIRST_ROUND_TRIP)
			.flatMap((file) => {
				const { nodes } = readExample(file, { credentialIds });
				const settings = nodes.find(({ name }) => name === 'Settings');
				const names = listAt(settings?.parameters, 'assignments', 'assignments').map((assignment) =>
					textAt(assignment, 'name'),
				);
				if (nodes.some(({ type }) => type === 'n8n-nodes-base.dataTable'))
					names.push('data_table_id');
				return names.length === 0 ? [] : [{ file, names: names.sort() }];
			});
		const given = prepared.map(({ file, settings }) => ({
			file,
			names: Object.keys(settings).sort(),
		}));
		expect(given).toEqual(wanted);
		expect(prepared.flatMap(({ settings }) => Object.values(settings))).not.toContain('');
	});

	it('makes rows whose photos the running sandbox serves, and submits none of them', async () => {
		const client = new FakeTables();
		const { filesUrl, stats } = await prepare(client, newFolder());
		const [catalogue = [], submitted = []] = client.tables.values();
		expect(catalogue.map(({ sku }) => sku)).toEqual(SKUS);
		for (const { image_urls: urls = '' } of catalogue) {
			expect(urls.split(', ').every((url) => url.startsWith(`${filesUrl}/`))).toBe(true);
		}
		expect(submitted.map(({ sku }) => sku)).toEqual(SKUS);
		expect(stats.creates).toEqual([]);
	});

	it('lets the ledger forget the sample products, whose operations the new sandbox does not know', async () => {
		const client = new FakeTables();
		const own = { product_id: 'own', operation_id: 'kept' };
		client.tables.set('aiuta-ledger', [
			own,
			{ product_id: 'red-dress', operation_id: 'forgotten' },
		]);
		await prepare(client, newFolder());
		expect(client.tables.get('aiuta-ledger')).toEqual([own]);
	});

	it('makes the sample products anew on the next start and leaves alone what a user has added', async () => {
		const client = new FakeTables();
		const folder = newFolder();
		const first = await prepare(client, folder);
		const [csv, table] = first.prepared.map(({ settings }) => settings);
		const file = csv?.['file'] ?? '';
		const own = { ...NEW_ROW, sku: 'own', title: 'My "own", dress', picture: 'own.png' };
		const old = { ...NEW_ROW, sku: 'red-dress', failure: 'old', picture: 'x.png' };
		writeFileSync(file, csvOf([own, old]));
		for (const { settings } of first.prepared) {
			if (settings['folder'] === undefined) continue;
			for (const name of ['own', 'red-dress']) {
				writeFileSync(join(settings['folder'], `${name}.png`), '');
			}
		}
		client.tables.set(table?.['data_table_id'] ?? '', [own, old]);

		const second = await prepare(client, folder);

		expect(second.prepared).toEqual(first.prepared);
		const rows = readCsv(file);
		expect(rows.get('own')).toEqual(own);
		expect(rows.get('red-dress')).toMatchObject({ failure: '', picture: '' });
		expect([...rows.keys()].sort()).toEqual([...SKUS, 'own'].sort());
		const stored = new Map(client.tables.get('Aiuta: catalogue')?.map((row) => [row['sku'], row]));
		expect(stored.get('own')).toEqual(own);
		expect(stored.get('red-dress')).toMatchObject({ failure: '', picture: '' });
		for (const { settings } of second.prepared) {
			if (settings['folder'] !== undefined) {
				expect(readdirSync(settings['folder'])).toEqual(['own.png']);
			}
		}
		expect(existsSync(join(folder, '4-folder-of-photos/photos/red-dress_front.jpg'))).toBe(true);
	});
});
