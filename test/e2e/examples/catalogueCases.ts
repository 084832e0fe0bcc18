/** The catalogue examples: rows in, pictures and failures written back, nothing paid for twice. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { smallPhoto } from '../../support/n8n/n8nFlows';
import { isPng } from '../cases/case';
import { change, enter, readExample } from './files';
import { runExample, subFolder, type ExampleContext } from './host';
import { earlierOperation, hostPhoto } from './photos';
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

const LONG_AGO = '2025-01-01T00:00:00.000Z';

/** Rows of every kind that the catalogue examples distinguish. */
async function catalogueRows(context: ExampleContext): Promise<Row[]> {
	const { sandbox } = context;
	const photos = await Promise.all([1, 2, 3, 4, 5].map((n) => hostPhoto(sandbox, n)));
	const url = (index: number) => photos[index]?.url ?? '';
	return [
		{ ...NEW_ROW, sku: '0042', title: 'Dress', image_urls: `${url(0)}, ${url(1)}` },
		{ ...NEW_ROW, sku: 'bad', title: 'Shirt [fail]', image_urls: url(2) },
		{ ...NEW_ROW, sku: 'a/b', description: 'Größe "M",\nred', image_urls: url(3) },
		{
			...NEW_ROW,
			sku: 'early',
			started: LONG_AGO,
			operation_id: await earlierOperation(sandbox, 9),
		},
		{ ...NEW_ROW, sku: 'held', started: LONG_AGO, image_urls: url(4) },
		{ ...NEW_ROW, sku: 'done', operation_id: 'known', picture: 'done.png', image_urls: url(4) },
	];
}

function assertWrittenBack(rows: Map<string, Row>, pictures: string): void {
	for (const [sku, picture] of [
		['0042', '0042.png'],
		['a/b', 'a_b.png'],
		['early', 'early.png'],
	] as const) {
		const row = rows.get(sku);
		assert.equal(row?.['picture'], picture);
		assert.equal(row['failure'], '');
		assert.match(row['operation_id'] ?? '', /^[\w-]{8,}$/);
		assert.ok(isPng(readFileSync(join(pictures, picture))), `${picture} is a picture`);
	}
	const bad = rows.get('bad');
	assert.equal(bad?.['picture'], '');
	assert.match(bad['failure'] ?? '', /^OPERATION_FAILED: /);
	assert.match(bad['operation_id'] ?? '', /^[\w-]{8,}$/);
	assert.deepEqual([rows.get('held')?.['started'], rows.get('held')?.['picture']], [LONG_AGO, '']);
	assert.equal(rows.get('held')?.['operation_id'], '');
	assert.equal(rows.get('done')?.['operation_id'], 'known');
	assert.equal(rows.get('a/b')?.['description'], 'Größe "M",\nred');
}

/** One operation made past n8n, and one for each of 0042, bad and a/b. */
function assertCreated(context: ExampleContext, creates: number): void {
	const { createsAccepted, duplicates } = context.sandbox.stats();
	assert.equal(createsAccepted, creates);
	assert.deepEqual(duplicates, []);
}

/** Lose the answer of the next create, which the sandbox has accepted. */
async function loseAnswerOfCreate({ sandbox }: ExampleContext): Promise<void> {
	sandbox.fault({ route: 'create', times: 1, effect: { kind: 'resetAfter' }, when: 'after' });
}

export const catalogueCases: ExampleCase[] = [
	example(
		'2-catalogue-csv fills in the file, and a second run creates nothing',
		async (context) => {
			const pictures = subFolder(context, 'pictures');
			const file = join(context.folder, 'products.csv');
			writeFileSync(file, csvOf(await catalogueRows(context)));
			const flow = readExample('2-catalogue-csv.json', context);
			enter(flow, { file, folder: pictures });
			await runExample(context, flow, 'Every hour');
			assertWrittenBack(readCsv(file), pictures);
			assertCreated(context, 4);
			const written = readFileSync(file, 'utf8');
			await runExample(context, flow, 'Every hour');
			assert.equal(readFileSync(file, 'utf8'), written);
			assertCreated(context, 4);
		},
	),
	example('2-catalogue-csv holds a row whose create had no answer', async (context) => {
		const file = join(context.folder, 'products.csv');
		const { url } = await hostPhoto(context.sandbox, 1);
		writeFileSync(file, csvOf([{ ...NEW_ROW, sku: 'lost', image_urls: url }]));
		const flow = readExample('2-catalogue-csv.json', context);
		enter(flow, { file, folder: subFolder(context, 'pictures') });
		await loseAnswerOfCreate(context);
		await runExample(context, flow, 'Every hour');
		const lost = readCsv(file).get('lost');
		assert.match(lost?.['failure'] ?? '', /^CREATE_OUTCOME_UNKNOWN: /);
		assert.notEqual(lost?.['started'], '');
		assert.equal(lost?.['operation_id'], '');
		await runExample(context, flow, 'Every hour');
		assertCreated(context, 1);
	}),
	example(
		'3-catalogue-data-table fills in the table, and a second run creates nothing',
		async (context) => {
			const pictures = subFolder(context, 'pictures');
			const table = await Table.make(context, 'Catalogue', await catalogueRows(context));
			const flow = readExample('3-catalogue-data-table.json', context);
			enter(flow, { data_table_id: table.id, folder: pictures });
			await runExample(context, flow, 'Every hour');
			assertWrittenBack(await table.bySku(), pictures);
			assertCreated(context, 4);
			await runExample(context, flow, 'Every hour');
			assertWrittenBack(await table.bySku(), pictures);
			assertCreated(context, 4);
		},
	),
	example(
		'3-catalogue-data-table keeps the operation ID when the picture cannot be written',
		async (context) => {
			const { url } = await hostPhoto(context.sandbox, 1);
			const table = await Table.make(context, 'No folder', [
				{ ...NEW_ROW, sku: 'one', image_urls: url },
			]);
			const flow = readExample('3-catalogue-data-table.json', context);
			const folder = join(context.folder, 'not-there-yet');
			enter(flow, { data_table_id: table.id, folder });
			await runExample(context, flow, 'Every hour');
			const row = (await table.bySku()).get('one');
			assert.match(row?.['failure'] ?? '', /^The picture could not be written: /);
			assert.match(row?.['operation_id'] ?? '', /^[\w-]{8,}$/);
			assert.equal(row?.['picture'], '');
			subFolder(context, 'not-there-yet');
			await runExample(context, flow, 'Every hour');
			assert.equal((await table.bySku()).get('one')?.['picture'], 'one.png');
			assert.ok(isPng(readFileSync(join(folder, 'one.png'))));
			assertCreated(context, 1);
		},
	),
	example(
		'3-catalogue-data-table holds a row whose create had no answer, releases a refused one',
		async (context) => {
			const { url } = await hostPhoto(context.sandbox, 1);
			const table = await Table.make(context, 'Lost answer', [
				{ ...NEW_ROW, sku: 'lost', image_urls: url },
				{ ...NEW_ROW, sku: 'no-photo' },
			]);
			const flow = readExample('3-catalogue-data-table.json', context);
			enter(flow, { data_table_id: table.id, folder: subFolder(context, 'pictures') });
			await loseAnswerOfCreate(context);
			await runExample(context, flow, 'Every hour');
			const rows = await table.bySku();
			assert.match(rows.get('lost')?.['failure'] ?? '', /^CREATE_OUTCOME_UNKNOWN: /);
			assert.notEqual(rows.get('lost')?.['started'], '');
			assert.match(rows.get('no-photo')?.['failure'] ?? '', /^INVALID_PARAMETER: /);
			assert.equal(rows.get('no-photo')?.['started'], '');
			await table.update('no-photo', { image_urls: (await hostPhoto(context.sandbox, 2)).url });
			await runExample(context, flow, 'Every hour');
			assert.equal((await table.bySku()).get('no-photo')?.['picture'], 'no-photo.png');
			assertCreated(context, 2);
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
			const flow = readExample('4-folder-of-photos.json', context);
			enter(flow, { photos, folder });
			const first = await runExample(context, flow, 'Start');
			assert.deepEqual(
				first.items('Generate and Wait').map(({ json }) => json['product_id']),
				['blue-2', 'red-1'],
			);
			for (const name of ['red-1.png', 'blue-2.png']) {
				assert.ok(isPng(readFileSync(join(folder, name))), name);
			}
			assert.deepEqual(
				context.sandbox
					.stats()
					.uploads.map(({ fileName }) => fileName)
					.sort(),
				['blue-2_front.jpg', 'red-1_back.jpg', 'red-1_front.jpg'],
			);
			const [failure] = first.items('Failures');
			assert.equal(failure?.json['sku'], 'text-3');
			assert.equal(failure?.json['code'], 'NOT_AN_IMAGE');
			const written = String(first.items('Save the failures')[0]?.json['fileName']);
			assert.match(
				readFileSync(written, 'utf8'),
				/^\uFEFF?sku,operation_id,code,message\ntext-3,,NOT_AN/,
			);
			assertCreated(context, 2);
			rmSync(join(folder, 'blue-2.png'));
			await runExample(context, flow, 'Start');
			assert.ok(existsSync(join(folder, 'blue-2.png')));
			assert.equal(context.sandbox.stats().createsAccepted, 3, 'blue-2 only');
		},
	),
	example(
		'5a-submit-now goes through all parts, also one that fails as a whole, and not twice',
		async (context) => {
			const { sandbox } = context;
			const photos = await Promise.all([1, 2, 3].map((n) => hostPhoto(sandbox, n)));
			const withPhoto = new Map([
				[0, photos[0]],
				[2, photos[1]],
				[6, photos[2]],
			]);
			const rows = Array.from({ length: 7 }, (_, index) => ({
				...NEW_ROW,
				sku: `s${index}`,
				image_urls: withPhoto.get(index)?.url ?? '',
			}));
			const table = await Table.make(context, 'Submit', rows);
			const flow = readExample('5a-submit-now.json', context);
			enter(flow, { data_table_id: table.id });
			change(flow, '25 rows at a time', { batchSize: 3 });
			const execution = await runExample(context, flow, 'Submit');
			assert.equal(execution.runs('Create Operation'), 3);
			for (const [sku, row] of await table.bySku()) {
				const isGood = withPhoto.has(Number(sku.slice(1)));
				assert.equal(row['operation_id'] !== '', isGood, sku);
				assert.equal(row['started'] !== '', isGood, sku);
				assert.equal(row['failure']?.startsWith('INVALID_PARAMETER: '), !isGood, sku);
			}
			assertCreated(context, 3);
			await runExample(context, flow, 'Submit');
			assertCreated(context, 3);
		},
	),
	example(
		'5a-submit-now refuses two operations for one row before anything is sent',
		async (context) => {
			const { url } = await hostPhoto(context.sandbox, 1);
			const table = await Table.make(context, 'Two types', [
				{ ...NEW_ROW, sku: 'one', image_urls: url },
			]);
			const flow = readExample('5a-submit-now.json', context);
			enter(flow, { data_table_id: table.id });
			change(flow, 'Create Operation', { imageTypes: ['flat_front', 'flat_back'] });
			await runExample(context, flow, 'Submit');
			assert.match((await table.bySku()).get('one')?.['failure'] ?? '', /Max Operations per Run/);
			assertCreated(context, 0);
		},
	),
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
			const submit = readExample('5a-submit-now.json', context);
			enter(submit, { data_table_id: table.id });
			await runExample(context, submit, 'Submit');
			const folder = subFolder(context, 'pictures');
			const collect = readExample('5b-collect-later.json', context);
			enter(collect, { data_table_id: table.id, folder });
			const wait = (maxWaitMinutes: number) => ({
				options: { maxWaitMinutes, onTimeout: 'unfinished' },
			});
			change(collect, 'Wait for Operation', wait(0.03));
			await runExample(context, collect, 'Every hour');
			const first = await table.bySku();
			assert.equal(first.get('c0')?.['picture'], 'c0.png');
			assert.ok(isPng(readFileSync(join(folder, 'c0.png'))));
			assert.deepEqual([first.get('c1')?.['picture'], first.get('c1')?.['failure']], ['', '']);
			assert.match(first.get('c2')?.['failure'] ?? '', /^OPERATION_FAILED: /);
			change(collect, 'Wait for Operation', wait(1));
			await runExample(context, collect, 'Every hour');
			assert.equal((await table.bySku()).get('c1')?.['picture'], 'c1.png');
			assertCreated(context, 3);
		},
	),
];
