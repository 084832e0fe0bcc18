/** The catalogue examples: rows in, pictures and failures written back, nothing paid for twice. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { StoredExecution } from '../../support/n8n/n8nExecution';
import { smallPhoto } from '../../support/n8n/n8nFlows';
import { isPng } from '../cases/case';
import { change, enter } from './files';
import { runExample, subFolder, type ExampleContext } from './host';
import { readWithLedger } from './ledger';
import { hostPhoto } from './photos';
import { csvOf, NEW_ROW, readCsv, Table, type Row } from './rows';

export interface ExampleCase {
	/** A sentence about behaviour. */
	title: string;
	run: (context: ExampleContext) => Promise<void>;
}

/** Write a case down. */
export function example(title: string, run: ExampleCase['run']): ExampleCase {
	return { title, run };
}

/** Rows as a shop has them, one of which Aiuta cannot make. */
async function catalogueRows({ sandbox }: ExampleContext): Promise<Row[]> {
	const photos = await Promise.all([1, 2, 3, 4].map((n) => hostPhoto(sandbox, n)));
	const url = (index: number) => photos[index]?.url ?? '';
	return [
		{ ...NEW_ROW, sku: '0042', title: 'Dress', image_urls: `${url(0)}, ${url(1)}` },
		{ ...NEW_ROW, sku: 'bad', title: 'Shirt [fail]', image_urls: url(2) },
		{ ...NEW_ROW, sku: 'a/b', description: 'Größe "M",\nred', image_urls: url(3) },
		{ ...NEW_ROW, sku: 'no-photo' },
	];
}

function assertPictures(folder: string, names: readonly string[]): void {
	for (const name of names) assert.ok(isPng(readFileSync(join(folder, name))), name);
}

function assertCreated(context: ExampleContext, creates: number): void {
	const { createsAccepted, duplicates } = context.sandbox.stats();
	assert.equal(createsAccepted, creates);
	assert.deepEqual(duplicates, []);
}

/** Lose the answer of the next create, which the sandbox has accepted. */
async function loseAnswerOfCreate({ sandbox }: ExampleContext): Promise<void> {
	sandbox.fault({ route: 'create', times: 1, effect: { kind: 'resetAfter' }, when: 'after' });
}

/** The one failures file of a run. */
function failuresIn(execution: StoredExecution): Map<string, Row> {
	return readCsv(String(execution.items('Save the failures')[0]?.json['fileName']));
}

export const catalogueCases: ExampleCase[] = [
	example(
		'2-catalogue-csv saves the pictures, and a second run creates nothing',
		async (context) => {
			const folder = subFolder(context, 'pictures');
			const file = join(context.folder, 'products.csv');
			writeFileSync(file, csvOf(await catalogueRows(context)));
			const flow = await readWithLedger('2-catalogue-csv.json', context, 'Generate and Wait');
			enter(flow, { file, folder });
			const first = await runExample(context, flow, 'Every hour');
			assertPictures(folder, ['0042.png', 'a_b.png']);
			const failures = failuresIn(first);
			assert.equal(failures.get('bad')?.['error.code'], 'OPERATION_FAILED');
			assert.equal(failures.get('no-photo')?.['error.code'], 'INVALID_PARAMETER');
			assertCreated(context, 3);
			rmSync(join(folder, '0042.png'));
			const second = await runExample(context, flow, 'Every hour');
			assertPictures(folder, ['0042.png', 'a_b.png']);
			assert.deepEqual(
				second.items('Generate and Wait').map(({ json }) => json['from_ledger']),
				[true, true],
			);
			assertCreated(context, 3);
		},
	),
	example('2-catalogue-csv holds a row whose create had no answer', async (context) => {
		const file = join(context.folder, 'products.csv');
		const { url } = await hostPhoto(context.sandbox, 1);
		writeFileSync(file, csvOf([{ ...NEW_ROW, sku: 'lost', image_urls: url }]));
		const flow = await readWithLedger('2-catalogue-csv.json', context, 'Generate and Wait');
		enter(flow, { file, folder: subFolder(context, 'pictures') });
		await loseAnswerOfCreate(context);
		for (const run of ['first', 'second']) {
			const execution = await runExample(context, flow, 'Every hour');
			const lost = failuresIn(execution).get('lost');
			assert.equal(lost?.['error.code'], 'CREATE_OUTCOME_UNKNOWN', `${run} run`);
		}
		assertCreated(context, 1);
	}),
	example(
		'3-catalogue-data-table fills in the table, and a second run creates nothing',
		async (context) => {
			const folder = subFolder(context, 'pictures');
			const table = await Table.make(context, 'Catalogue', await catalogueRows(context));
			const flow = await readWithLedger(
				'3-catalogue-data-table.json',
				context,
				'Generate and Wait',
			);
			enter(flow, { data_table_id: table.id, folder });
			for (const run of ['first', 'second']) {
				await runExample(context, flow, 'Every hour');
				const rows = await table.bySku();
				assert.equal(rows.get('0042')?.['picture'], '0042.png', `${run} run`);
				assert.equal(rows.get('a/b')?.['picture'], 'a_b.png');
				assert.match(rows.get('bad')?.['failure'] ?? '', /^OPERATION_FAILED: /);
				assert.match(rows.get('no-photo')?.['failure'] ?? '', /^INVALID_PARAMETER: /);
				assertPictures(folder, ['0042.png', 'a_b.png']);
				assertCreated(context, 3);
			}
		},
	),
	example(
		'3-catalogue-data-table takes a picture that could not be written from the ledger',
		async (context) => {
			const { url } = await hostPhoto(context.sandbox, 1);
			const table = await Table.make(context, 'No folder', [
				{ ...NEW_ROW, sku: 'one', image_urls: url },
			]);
			const flow = await readWithLedger(
				'3-catalogue-data-table.json',
				context,
				'Generate and Wait',
			);
			const folder = join(context.folder, 'not-there-yet');
			enter(flow, { data_table_id: table.id, folder });
			await runExample(context, flow, 'Every hour');
			const row = (await table.bySku()).get('one');
			assert.match(row?.['failure'] ?? '', /^The picture could not be written: /);
			assert.equal(row?.['picture'], '');
			subFolder(context, 'not-there-yet');
			await runExample(context, flow, 'Every hour');
			assert.equal((await table.bySku()).get('one')?.['picture'], 'one.png');
			assertPictures(folder, ['one.png']);
			assertCreated(context, 1);
		},
	),
	example(
		'4-folder-of-photos makes one picture of all photos of an SKU, and only once',
		async (context) => {
			const photos = subFolder(context, 'photos');
			const folder = subFolder(context, 'pictures');
			for (const [number, name] of ['red-1_front', 'blue-2_front', 'red-1_back'].entries()) {
				writeFileSync(join(photos, `${name}.jpg`), await smallPhoto(number));
			}
			writeFileSync(join(photos, 'text-3_front.jpg'), '<html>not a photo</html>');
			const flow = await readWithLedger('4-folder-of-photos.json', context, 'Generate and Wait');
			enter(flow, { photos, folder });
			const first = await runExample(context, flow, 'Start');
			assert.deepEqual(
				first.items('Generate and Wait').map(({ json }) => json['product_id']),
				['blue-2', 'red-1'],
			);
			assertPictures(folder, ['red-1.png', 'blue-2.png']);
			assert.deepEqual(
				context.sandbox
					.stats()
					.uploads.map(({ fileName }) => fileName)
					.sort(),
				['blue-2_front.jpg', 'red-1_back.jpg', 'red-1_front.jpg'],
			);
			const failure = first.items('CSV of the failures').length;
			assert.equal(failure, 1);
			assertCreated(context, 2);
			rmSync(join(folder, 'blue-2.png'));
			await runExample(context, flow, 'Start');
			assertPictures(folder, ['red-1.png', 'blue-2.png']);
			assertCreated(context, 2);
		},
	),
	example('5a-submit-now submits every row once, however often it runs', async (context) => {
		const rows = await Promise.all(
			['s0', 's1'].map(async (sku, index) => {
				const { url } = await hostPhoto(context.sandbox, index);
				return { ...NEW_ROW, sku, image_urls: url };
			}),
		);
		const table = await Table.make(context, 'Submit', [...rows, { ...NEW_ROW, sku: 'no-photo' }]);
		const flow = await readWithLedger('5a-submit-now.json', context, 'Create Operation');
		enter(flow, { data_table_id: table.id });
		for (const run of ['first', 'second']) {
			const execution = await runExample(context, flow, 'Submit');
			assert.equal(execution.items('Submitted').length, 2, `${run} run`);
			const failure = (await table.bySku()).get('no-photo')?.['failure'];
			assert.match(failure ?? '', /^INVALID_PARAMETER: /);
			assertCreated(context, 2);
		}
	}),
	example(
		'5b-collect-later saves what is ready, leaves what is not, and gets it next time',
		async (context) => {
			const { sandbox } = context;
			const rows = await Promise.all(
				['Quick', 'Slow [slow:6000]', 'Broken [fail]'].map(async (title, index) => ({
					...NEW_ROW,
					sku: `c${index}`,
					title,
					image_urls: (await hostPhoto(sandbox, index)).url,
				})),
			);
			const table = await Table.make(context, 'Collect', rows);
			const submit = await readWithLedger('5a-submit-now.json', context, 'Create Operation');
			enter(submit, { data_table_id: table.id });
			await runExample(context, submit, 'Submit');
			const folder = subFolder(context, 'pictures');
			const collect = await readWithLedger('5b-collect-later.json', context, 'Wait for Operation');
			enter(collect, { data_table_id: table.id, folder });
			change(collect, 'Wait for Operation', {
				options: { maxWaitMinutes: 0.03, onTimeout: 'unfinished' },
			});
			await runExample(context, collect, 'Every hour');
			const first = await table.bySku();
			assert.equal(first.get('c0')?.['picture'], 'c0_flat_front.png');
			assertPictures(folder, ['c0_flat_front.png']);
			assert.deepEqual([first.get('c1')?.['picture'], first.get('c1')?.['failure']], ['', '']);
			assert.match(first.get('c2')?.['failure'] ?? '', /^OPERATION_FAILED: /);
			change(collect, 'Wait for Operation', {
				options: { maxWaitMinutes: 1, onTimeout: 'unfinished' },
			});
			await runExample(context, collect, 'Every hour');
			assert.equal((await table.bySku()).get('c1')?.['picture'], 'c1_flat_front.png');
			assertCreated(context, 3);
		},
	),
];
