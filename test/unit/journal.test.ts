/** What each value of the journal does to a re-run, and what the journal keeps. */
import { isRetryable } from '../../nodes/Aiuta/api/failures';
import { Journal } from '../../nodes/Aiuta/batch/journal';
import type { OperationRecord } from '../../nodes/Aiuta/batch/records';
import type { HttpRequest } from '../../nodes/Aiuta/core/http';
import {
	answer,
	Bench,
	failureOf,
	finishedOf,
	LOST,
	operation,
	photo,
	placeOf,
	product,
} from './batch.support';

const IMAGES = ['img-old'];
const A = placeOf(0);
const B = placeOf(1);
const C = placeOf(2);

/** A bench whose journal holds one record for product 0. */
function benchWith(record: OperationRecord): Bench {
	const bench = new Bench();
	new Journal(bench.store, 0).at(placeOf(0)).write(record);
	return bench;
}

const callsOf = (bench: Bench) => bench.api.sent.map(({ call }) => call);

function sentImageIds(bench: Bench): unknown[] {
	return bench.api.of('create').map(({ request }) => {
		if (request.body?.kind !== 'json') throw new Error('a create is JSON');
		return request.body.json['uploaded_product_image_ids'];
	});
}

/** Tell the upload and the create of product 0, whose photo and title are both `photo-0`. */
function isOfFirstProduct({ body }: HttpRequest): boolean {
	if (body?.kind === 'file') return body.fileName === 'photo-0.jpg';
	return body?.json['product_title'] === 'photo-0';
}

describe('a re-run that finds', () => {
	it('uploaded image IDs without a create: reuses them', async () => {
		const bench = benchWith({ state: 'uploaded', imageIds: IMAGES });
		const [result] = await bench.try([product(0)]);
		expect(callsOf(bench)).toEqual(['create', 'get']);
		expect(sentImageIds(bench)).toEqual([IMAGES]);
		expect(finishedOf(result).uploadedImageIds).toEqual(IMAGES);
	});

	it.each([400, 404, 422])(
		'uploaded image IDs that Aiuta names in a %i: uploads again, once',
		async (status) => {
			const bench = benchWith({ state: 'uploaded', imageIds: IMAGES });
			bench.api.scripts.create = (nth) =>
				nth === 1 ? answer(status, { detail: 'image img-old not found' }) : undefined;
			const [result] = await bench.try([product(0)]);
			expect(callsOf(bench)).toEqual(['create', 'upload', 'create', 'get']);
			expect(sentImageIds(bench)).toEqual([IMAGES, ['img-1']]);
			expect(finishedOf(result).uploadedImageIds).toEqual(['img-1']);
			expect(bench.record(0)).toMatchObject({ state: 'succeeded', imageIds: ['img-1'] });
		},
	);

	it.each([400, 404])(
		'uploaded image IDs and a %i that names none of them: uploads again, once',
		async (status) => {
			const bench = benchWith({ state: 'uploaded', imageIds: IMAGES });
			bench.api.scripts.create = (nth) =>
				nth === 1 ? answer(status, { detail: 'Not Found' }) : undefined;
			const [result] = await bench.try([product(0)]);
			expect(callsOf(bench)).toEqual(['create', 'upload', 'create', 'get']);
			expect(finishedOf(result).uploadedImageIds).toEqual(['img-1']);
		},
	);

	it('uploaded image IDs that stay unknown: uploads again once, not twice', async () => {
		const bench = benchWith({ state: 'uploaded', imageIds: IMAGES });
		bench.api.scripts.create = () => answer(404, { detail: 'Not Found' });
		const [result] = await bench.try([product(0)]);
		expect(failureOf(result).code).toBe('CREATE_REFUSED');
		expect(callsOf(bench)).toEqual(['create', 'upload', 'create']);
	});

	it('image IDs of the user that Aiuta does not know: fails, there is nothing to upload', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => answer(404, { detail: 'Not Found' });
		const images = { kind: 'uploadedImageIds' as const, ids: ['theirs'] };
		await bench.try([product(0, { images })]);
		expect(callsOf(bench)).toEqual(['create']);
	});

	it('uploaded image IDs that Aiuta refuses again after the new upload: fails', async () => {
		const bench = benchWith({ state: 'uploaded', imageIds: IMAGES });
		bench.api.scripts.create = () => answer(404, { detail: 'image img-old or img-1 not found' });
		const [result] = await bench.try([product(0)]);
		expect(failureOf(result).code).toBe('CREATE_REFUSED');
		expect(callsOf(bench)).toEqual(['create', 'upload', 'create']);
	});

	it('uploaded image IDs and a refusal that names none of them: fails without an upload', async () => {
		const bench = benchWith({ state: 'uploaded', imageIds: IMAGES });
		bench.api.scripts.create = () => answer(422, { detail: 'product_title too long' });
		const [result] = await bench.try([product(0)]);
		expect(failureOf(result).detail).toContain('product_title too long');
		expect(callsOf(bench)).toEqual(['create']);
	});

	it('uploaded image IDs, the last of them the background: keeps them apart', async () => {
		const bench = benchWith({ state: 'uploaded', imageIds: ['front', 'back', 'background'] });
		const sources = [photo('front'), photo('back')];
		await bench.try([
			product(0, { images: { kind: 'sources', sources }, background: photo('background') }),
		]);
		expect(sentImageIds(bench)).toEqual([['front', 'back']]);
	});

	it('a background that is gone at Aiuta: uploads it again with the photos', async () => {
		const bench = benchWith({ state: 'uploaded', imageIds: ['front', 'background'] });
		bench.api.scripts.create = (nth) =>
			nth === 1 ? answer(400, { detail: 'image background not found' }) : undefined;
		const images = { kind: 'sources' as const, sources: [photo('front')] };
		const [result] = await bench.try([product(0, { images, background: photo('background') })]);
		expect(callsOf(bench)).toEqual(['create', 'upload', 'upload', 'create', 'get']);
		expect(sentImageIds(bench)).toEqual([['front'], ['img-1']]);
		expect(finishedOf(result).uploadedImageIds).toEqual(['img-1', 'img-2']);
	});

	it('an intent without an answer: sends nothing and reports it', async () => {
		const bench = benchWith({ state: 'intent', imageIds: IMAGES });
		const [result] = await bench.try([product(0)]);
		expect(callsOf(bench)).toEqual([]);
		expect(failureOf(result)).toMatchObject({ code: 'CREATE_OUTCOME_UNKNOWN' });
		expect(isRetryable(failureOf(result))).toBe(false);
	});

	it('an unknown outcome: sends nothing and reports it in the same words', async () => {
		const bench = benchWith({ state: 'unknown', imageIds: IMAGES, message: 'may be (ECONNRESET)' });
		const [result] = await bench.try([product(0)]);
		expect(callsOf(bench)).toEqual([]);
		expect(failureOf(result)).toMatchObject({
			code: 'CREATE_OUTCOME_UNKNOWN',
			message: 'may be (ECONNRESET)',
			uploadedImageIds: IMAGES,
		});
	});

	it('an operation ID: polls it at once, without an upload or a create', async () => {
		const bench = benchWith({ state: 'created', imageIds: IMAGES, operationId: 'op-old' });
		const startMs = bench.clock.now();
		const [result] = await bench.try([product(0)]);
		expect(bench.api.sent).toMatchObject([{ call: 'get', operationId: 'op-old', atMs: startMs }]);
		expect(finishedOf(result)).toMatchObject({
			operationId: 'op-old',
			uploadedImageIds: IMAGES,
		});
	});

	it('an operation ID: its deadline counts from the start of this run', async () => {
		const bench = benchWith({ state: 'created', imageIds: IMAGES, operationId: 'op-old' });
		bench.api.scripts.get = () => operation('IN_PROGRESS');
		const startMs = bench.clock.now();
		const [result] = await bench.try([product(0)], { maxWaitMs: 60_000 });
		expect(failureOf(result)).toMatchObject({ code: 'TIMED_OUT', operationId: 'op-old' });
		expect(bench.clock.now() - startMs).toBeGreaterThan(55_000);
		expect(bench.clock.now() - startMs).toBeLessThanOrEqual(60_000);
	});

	it('a success: delivers it again, with one look and a new download', async () => {
		const bench = benchWith({ state: 'succeeded', imageIds: IMAGES, operationId: 'op-old' });
		const [result] = await bench.try([product(0)]);
		expect(callsOf(bench)).toEqual(['get']);
		expect(bench.fetched).toEqual(['https://files.example/generated-op-old.png']);
		expect(finishedOf(result).pictures).toHaveLength(1);
	});

	it('a failure: reports it again without asking', async () => {
		const bench = benchWith({
			state: 'failed',
			imageIds: IMAGES,
			operationId: 'op-old',
			status: 'ABORTED',
			failureReason: 'no garment',
		});
		const [result] = await bench.try([product(0)]);
		expect(callsOf(bench)).toEqual([]);
		expect(failureOf(result)).toMatchObject({
			code: 'OPERATION_FAILED',
			operationId: 'op-old',
			status: 'ABORTED',
			failureReason: 'no garment',
			message: 'Aiuta could not make the picture: no garment',
		});
	});

	it('nothing: uploads and creates', async () => {
		const bench = new Bench();
		await bench.try([product(0)]);
		expect(callsOf(bench)).toEqual(['upload', 'create', 'get']);
	});
});

describe('what a try leaves in the journal', () => {
	it.each<[string, OperationRecord['state'], Partial<Bench['api']['scripts']>]>([
		['a success', 'succeeded', {}],
		['a failed operation', 'failed', { get: () => operation('FAILED') }],
		['a refused create', 'refused', { create: () => answer(422) }],
		['a lost create', 'unknown', { create: () => LOST }],
		['an operation that is not finished', 'created', { get: () => operation('PAUSED') }],
		['an operation whose state is unreadable', 'created', { get: () => LOST }],
	])('%s: %s', async (_, state, scripts) => {
		const bench = new Bench();
		bench.api.scripts = scripts;
		await bench.try([product(0)]);
		expect(bench.record(0)).toMatchObject({ state, imageIds: ['img-1'] });
	});

	it('a refused upload: refused, without images', async () => {
		const bench = new Bench();
		bench.api.scripts.upload = () => answer(422);
		await bench.try([product(0)]);
		expect(bench.record(0)).toEqual({ state: 'refused', imageIds: [] });
	});

	it('image IDs are new on every upload, and the record is found by its inputs all the same', async () => {
		const bench = new Bench();
		bench.api.scripts.create = () => answer(422);
		await bench.try([product(0)]);
		expect(bench.record(0)).toEqual({ state: 'refused', imageIds: ['img-1'] });
		bench.store = {};
		await bench.try([product(0)]);
		expect(bench.record(0)).toEqual({ state: 'refused', imageIds: ['img-2'] });
	});

	it.each(['upload', 'create'] as const)(
		'a refused %s, met again under On Error = Stop, does not keep other products from being started',
		async (call) => {
			const bench = new Bench();
			const plans = [0, 1, 2, 3].map((n) =>
				product(n, { fields: { product: { title: `photo-${n}` }, options: {} } }),
			);
			bench.api.scripts[call] = (_, { request }) =>
				isOfFirstProduct(request) ? answer(422) : undefined;
			const first = await bench.try(plans, { stopOnFailure: true });
			expect(first.map(({ kind }) => kind)).toContain('failed');
			const again = await bench.try(plans, { stopOnFailure: true });
			expect(again.map(({ kind }) => kind)).toEqual(['failed', 'finished', 'finished', 'finished']);
		},
	);

	it('a stop between upload and create: the image IDs, for the next try', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.upload = (nth) => {
			if (nth === 2) stop.abort();
			return undefined;
		};
		const sources = [photo('front'), photo('back')];
		const plan = product(0, { images: { kind: 'sources', sources } });
		const [result] = await bench.try([plan], { signal: stop.signal });
		expect(failureOf(result)).toMatchObject({
			code: 'CANCELLED',
			uploadedImageIds: ['img-1', 'img-2'],
		});
		await bench.try([plan]);
		expect(bench.api.count('upload')).toBe(2);
		expect(sentImageIds(bench)).toEqual([['img-1', 'img-2']]);
	});

	it('plain data: it survives being stored as JSON', async () => {
		const bench = new Bench();
		await bench.try([product(0)]);
		const stored: Record<string, unknown> = JSON.parse(JSON.stringify(bench.store));
		expect(stored).toEqual(bench.store);
		bench.store = stored;
		await bench.try([product(0)]);
		expect(bench.api.count('create')).toBe(1);
	});
});

describe('the journal', () => {
	const created = (operationId: string): OperationRecord => ({
		state: 'created',
		imageIds: [],
		operationId,
	});

	it('finds a place whatever the order of its image types is', () => {
		const journal = new Journal({}, 0);
		const types = { itemIndex: 0, api: 'studio' } as const;
		journal.at({ ...types, imageTypes: ['flat_front', 'detail_back'] }).write(created('op'));
		const other = journal.at({ ...types, imageTypes: ['detail_back', 'flat_front'] });
		expect(other.read()).toEqual(created('op'));
		expect(journal.at({ ...types, imageTypes: ['flat_front'] }).read()).toBeUndefined();
		expect(journal.at({ ...A, api: 'unified' }).read()).toBeUndefined();
	});

	/** A journal that the host gives back with these records. */
	const kept = (records: Record<string, unknown>) =>
		new Journal({ aiutaJournal: { '0': records } }, 0);

	describe.each<[OperationRecord['state'], boolean, boolean]>([
		['uploaded', false, false],
		['refused', false, false],
		['intent', true, false],
		['created', true, true],
		['succeeded', true, true],
		['failed', true, true],
		['unknown', true, false],
	])('with a record that says %s', (state, isSettled, isKnown) => {
		const details = { operationId: 'op', status: 'FAILED', message: 'lost', failureReason: null };
		const journal = kept({ '0 flatLays': { state, imageIds: ['a'], ...details } });

		it(`${isSettled ? 'creates nothing' : 'may create'} in its place, and may create in others`, () => {
			expect(journal.settles(A)).toBe(isSettled);
			expect(journal.settles(B)).toBe(false);
		});

		it(`knows ${isKnown ? 'the' : 'no'} ID of an operation, and none in other places`, () => {
			expect(journal.hasOperation(A)).toBe(isKnown);
			expect(journal.hasOperation(B)).toBe(false);
		});
	});

	it('gives back what was written, and undefined for what was not', () => {
		const journal = new Journal({}, 0);
		journal.at(A).write(created('op'));
		expect(journal.at(A).read()).toEqual(created('op'));
		expect(journal.at(B).read()).toBeUndefined();
		expect(journal.size).toBe(1);
	});

	it('knows which items were one product, once an operation of it exists or may exist', () => {
		const store = {};
		const journal = new Journal(store, 0);
		journal.at({ ...placeOf(0), otherItems: [2, 3] }).write(created('op'));
		journal.at(B).write({ state: 'unknown', message: undefined, imageIds: [] });
		journal.at({ ...placeOf(4), otherItems: [5] }).write({ state: 'uploaded', imageIds: IMAGES });
		expect([...new Journal(store, 0).firstItems()]).toEqual([
			[0, 0],
			[2, 0],
			[3, 0],
			[1, 1],
		]);
		expect(new Journal(store, 0).at(A).read()).toEqual(created('op'));
	});

	it('keeps an item out of new products after a record that cannot be read, but not the items that it names in no readable way', () => {
		const journal = kept({
			'0 flatLays': null,
			'2 flatLays': { ...created('op'), otherItems: '34' },
			'5 flatLays': { ...created('op'), otherItems: [6, '7', 8.5, null] },
		});
		expect([...journal.firstItems()]).toEqual([
			[0, 0],
			[2, 2],
			[5, 5],
			[6, 5],
		]);
	});

	it('remembers what an operation was made from, so that a retry sees whether its inputs have changed', () => {
		const inputs = { fields: 'hash of fields', photos: 'hash of photos' };
		const store: Record<string, unknown> = {};
		new Journal(store, 0).at(A).write({ ...created('op'), inputs });
		const stored = JSON.parse(JSON.stringify(store)) as Record<string, unknown>;
		expect(new Journal(stored, 0).at(A).read()).toEqual({ ...created('op'), inputs });
	});

	it.each<[string, unknown, unknown]>([
		['photos that could not be read', { fields: 'f' }, { fields: 'f', photos: undefined }],
		['photos of no readable hash', { fields: 'f', photos: 5 }, { fields: 'f', photos: undefined }],
		['no readable hash of its fields', { fields: '', photos: 'p' }, undefined],
		['text for its inputs', 'fields', undefined],
		['null for its inputs', null, undefined],
	])('says of an operation with %s no more than is known', (_, inputs, known) => {
		const journal = kept({ '0 flatLays': { ...created('op'), inputs } });
		expect(journal.at(A).read()).toEqual({ ...created('op'), inputs: known });
	});

	it('asks again for a failed operation whose end cannot be read', () => {
		const journal = kept({ '0 flatLays': { state: 'failed', imageIds: ['a'], operationId: 'op' } });
		expect(journal.at(A).read()).toEqual({ ...created('op'), imageIds: ['a'] });
	});

	it('shares the store with a second try of the same run', () => {
		const store = {};
		new Journal(store, 3).at(A).write(created('op'));
		expect(new Journal(store, 3).at(A).read()).toEqual(created('op'));
	});

	it('does not grow with the runs of a loop: records of earlier runs are dropped', () => {
		const store: Record<string, unknown> = {};
		for (let runIndex = 0; runIndex < 100; runIndex += 1) {
			const journal = new Journal(store, runIndex);
			expect(journal.size).toBe(0);
			journal.at(A).write(created(`op-${runIndex}`));
		}
		expect(JSON.stringify(store).length).toBeLessThan(200);
	});

	it('the same product in the next run of a loop is a new product', async () => {
		const bench = new Bench();
		await bench.try([product(0)], { runIndex: 0 });
		await bench.try([product(0)], { runIndex: 1 });
		expect(bench.api.count('create')).toBe(2);
	});

	it('leaves what others keep in the context alone', () => {
		const store: Record<string, unknown> = { someoneElse: { state: 'intent' } };
		new Journal(store, 0).at(A).write(created('op'));
		expect(store['someoneElse']).toEqual({ state: 'intent' });
	});

	it.each<[string, unknown]>([
		['text', 'created'],
		['a list', ['created']],
		['null', null],
		['a number', 7],
	])('a store that holds %s counts as empty', (_, junk) => {
		expect(new Journal({ aiutaJournal: junk }, 0).size).toBe(0);
		expect(new Journal({ aiutaJournal: { '0': junk } }, 0).size).toBe(0);
	});

	it.each<[string, unknown]>([
		['without a state', { imageIds: ['a'] }],
		['of an unknown state', { state: 'paid', imageIds: ['a'] }],
		['created without an ID', { state: 'created', imageIds: ['a'] }],
		['created with an empty ID', { state: 'created', imageIds: ['a'], operationId: '' }],
		['succeeded with a number for an ID', { state: 'succeeded', imageIds: ['a'], operationId: 5 }],
		['failed without an ID', { state: 'failed', imageIds: ['a'], status: 'FAILED' }],
	])('a record %s counts as a create without an answer', (_, record) => {
		const journal = kept({ '0 flatLays': record });
		expect(journal.at(A).read()).toEqual({ state: 'intent', imageIds: ['a'] });
	});

	it.each<[string, unknown]>([
		['text', 'paid'],
		['a list', ['created']],
		['null', null],
	])('a record that is %s counts as a create without an answer', (_, record) => {
		const journal = kept({ '0 flatLays': record });
		expect(journal.at(A).read()).toEqual({ state: 'intent', imageIds: [] });
	});

	it('uploaded photos without a readable ID count as not uploaded', () => {
		const record = { state: 'uploaded', imageIds: [5] };
		const journal = kept({ '0 flatLays': record });
		expect(journal.at(A).read()).toBeUndefined();
	});

	it('an unknown state with an operation ID counts as a create without an answer', () => {
		const record = { state: 'paid', imageIds: ['a'], operationId: 'op' };
		const journal = kept({ '0 flatLays': record });
		expect(journal.at(A).read()).toEqual({ state: 'intent', imageIds: ['a'] });
	});

	it('image IDs that are no text are left out, a missing reason is null', () => {
		const records = {
			'0 flatLays': { state: 'created', imageIds: ['x', 5, null], operationId: 'op' },
			'1 flatLays': { state: 'failed', operationId: 'op', status: 'FAILED' },
			'2 flatLays': { state: 'unknown' },
		};
		const journal = kept(records);
		expect(journal.at(A).read()).toEqual({ state: 'created', imageIds: ['x'], operationId: 'op' });
		expect(journal.at(B).read()).toEqual({
			state: 'failed',
			imageIds: [],
			operationId: 'op',
			status: 'FAILED',
			failureReason: null,
		});
		expect(journal.at(C).read()).toEqual({ state: 'unknown', imageIds: [], message: undefined });
	});
});

describe('whether there are notes of an earlier try', () => {
	it('is not so in a fresh context', () => {
		expect(Journal.isKnown({}, 0, 'execution-1')).toBe(false);
		expect(Journal.isLost({})).toBe(false);
	});

	it('is so once they are begun, for whoever continues the execution', () => {
		const store: Record<string, unknown> = {};
		Journal.begin(store, 0, 'execution-1');
		expect(Journal.isKnown(store, 0, 'execution-1')).toBe(true);
		expect(Journal.isKnown(store, 0, 'execution-2')).toBe(true);
		expect(Journal.isLost(store)).toBe(false);
	});

	it('is so for every later run of the node in the execution that began them, but not in a retry', () => {
		const store: Record<string, unknown> = {};
		Journal.begin(store, 0, 'execution-1');
		expect(Journal.isKnown(store, 1, 'execution-1')).toBe(true);
		expect(Journal.isKnown(store, 1, 'execution-2')).toBe(false);
	});

	it('is so, or they are lost, as an earlier release has stored it', () => {
		expect(Journal.isKnown({ aiutaJournalOwner: 'execution-1' }, 0, 'execution-1')).toBe(true);
		expect(Journal.isLost({ aiutaJournalOwner: 'lost' })).toBe(true);
	});

	it('keeps the records of the run that is continued', () => {
		const store: Record<string, unknown> = {};
		const record: OperationRecord = { state: 'created', imageIds: ['a'], operationId: 'op' };
		Journal.begin(store, 0, 'execution-1');
		new Journal(store, 0).at(A).write(record);
		Journal.begin(store, 0, 'execution-2');
		expect(new Journal(store, 0).at(A).read()).toEqual(record);
	});

	it('is not so any more once they were found lost, until they are begun anew', () => {
		const store: Record<string, unknown> = {};
		Journal.begin(store, 0, 'execution-1');
		Journal.markLost(store);
		expect(Journal.isLost(store)).toBe(true);
		expect(Journal.isKnown(store, 0, 'execution-1')).toBe(false);
		expect(JSON.parse(JSON.stringify(store))).toEqual(store);
		Journal.begin(store, 0, 'execution-3');
		expect(Journal.isLost(store)).toBe(false);
	});

	it.each([[null], ['text'], [[]], [{ '0': 'no record' }]])(
		'is not so where n8n gives back %j',
		(root) => {
			expect(Journal.isKnown({ aiutaJournal: root }, 0, 'execution-1')).toBe(false);
		},
	);
});
