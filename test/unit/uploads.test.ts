/** Uploading photos: each once in a run, opened at its turn, repeated when in doubt. */
import { Uploads } from '../../nodes/Aiuta/batch/uploads';
import type { ImageSource } from '../../nodes/Aiuta/batch/plan';
import { failure } from '../../nodes/Aiuta/api/failures';
import {
	answer,
	BAD_CERTIFICATE,
	Bench,
	failureOf,
	finishedOf,
	LOST,
	NEVER_OPENED,
	photo,
	product,
	textAnswer,
} from './batch.support';

function desk(bench = new Bench()) {
	const run = bench.openRun();
	return { bench, run, uploads: new Uploads(run) };
}

describe('the same bytes', () => {
	it('are uploaded once, one after the other', async () => {
		const { bench, uploads } = desk();
		const first = await bench.clock.run(uploads.upload(photo('front')));
		const second = await bench.clock.run(uploads.upload(photo('front')));
		expect(bench.api.count('upload')).toBe(1);
		expect(second).toEqual(first);
	});

	it('are uploaded once, at the same time', async () => {
		const { bench, uploads } = desk();
		const all = Array.from({ length: 50 }, async () => await uploads.upload(photo('front')));
		const outcomes = await bench.clock.run(Promise.all(all));
		expect(bench.api.count('upload')).toBe(1);
		expect(outcomes.every(({ kind }) => kind === 'uploaded')).toBe(true);
	});

	it('do not deadlock when duplicates wait and every place in flight is taken', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 30_000;
		const { uploads } = desk(bench);
		const names = Array.from({ length: 400 }, (_, n) => `photo-${n % 40}`);
		const all = names.map(async (name) => await uploads.upload(photo(name)));
		const outcomes = await bench.clock.run(Promise.all(all));
		expect(bench.api.count('upload')).toBe(40);
		const ids = outcomes.map((it) => (it.kind === 'uploaded' ? it.image.id : it.kind));
		for (const [index, name] of names.entries()) expect(ids[index]).toBe(ids[names.indexOf(name)]);
		expect(new Set(ids).size).toBe(40);
	});

	it('are tried by the next one when the first upload of them fails', async () => {
		const { bench, uploads } = desk();
		bench.api.scripts.upload = (nth) => (nth === 1 ? answer(422) : undefined);
		const [first, second] = await bench.clock.run(
			Promise.all([uploads.upload(photo('front')), uploads.upload(photo('front'))]),
		);
		expect([first.kind, second.kind]).toEqual(['failed', 'uploaded']);
		expect(bench.api.count('upload')).toBe(2);
	});

	it('are uploaded anew on demand, and the new image is used from then on', async () => {
		const { bench, uploads } = desk();
		await bench.clock.run(uploads.upload(photo('front')));
		const fresh = await bench.clock.run(uploads.upload(photo('front'), true));
		const next = await bench.clock.run(uploads.upload(photo('front')));
		expect(fresh).toMatchObject({ image: { id: 'img-2' } });
		expect(next).toMatchObject({ image: { id: 'img-2' } });
		expect(bench.api.count('upload')).toBe(2);
	});

	it('shared by two products get both of them an operation of their own', async () => {
		const bench = new Bench();
		const images = () => ({ kind: 'sources' as const, sources: [photo('shared')] });
		const outcomes = await bench.try([
			product(0, { images: images() }),
			product(1, { images: images() }),
		]);
		expect(bench.api.count('upload')).toBe(1);
		expect(outcomes.map((it) => finishedOf(it).operationId).sort()).toEqual(['op-1', 'op-2']);
	});
});

describe('a photo', () => {
	it('is sent as the API names it', async () => {
		const { bench, uploads } = desk();
		await bench.clock.run(uploads.upload(photo('front')));
		expect(bench.api.sent[0]?.request).toEqual({
			method: 'POST',
			path: '/flat-lays/v1/uploaded_images',
			body: {
				kind: 'file',
				fieldName: 'image_data',
				fileName: 'front.jpg',
				contentType: 'image/jpeg',
				bytes: new TextEncoder().encode('front'),
			},
			timeoutMs: 120_000,
		});
	});

	it('is opened only when its turn has come', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 60_000;
		const { run, uploads } = desk(bench);
		const photos = Array.from({ length: 500 }, (_, n) => photo(`photo-${n}`));
		const all = photos.map(async (one) => await uploads.upload(one));
		await bench.clock.advance(30_000);
		expect(photos.filter(({ opened }) => opened > 0)).toHaveLength(1);
		await bench.clock.advance(200_000);
		const opened = photos.filter((one) => one.opened > 0).length;
		expect(opened - bench.api.count('upload')).toBeLessThanOrEqual(1);
		expect(opened).toBeLessThanOrEqual(1 + 4 * 48);
		run.ports.scheduler.closeRun(run.slot);
		await bench.clock.run(Promise.all(all));
		expect(photos.filter((one) => one.opened > 0)).toHaveLength(opened);
	});

	it('that cannot be opened fails without a request', async () => {
		const { bench, uploads } = desk();
		const broken: ImageSource = {
			...photo('front'),
			open: async () =>
				await Promise.resolve({ kind: 'failed', failure: failure('NOT_AN_IMAGE', 'it is text') }),
		};
		const outcome = await bench.clock.run(uploads.upload(broken));
		expect(outcome).toMatchObject({ kind: 'failed', failure: { message: 'it is text' } });
		expect(bench.api.sent).toEqual([]);
	});

	it('that fails keeps its product from being created, and names the photo', async () => {
		const bench = new Bench();
		bench.api.scripts.upload = (nth) =>
			nth === 2 ? answer(413, { detail: 'too big' }) : undefined;
		const sources = [photo('front'), photo('back')];
		const [result] = await bench.try([product(0, { images: { kind: 'sources', sources } })]);
		expect(failureOf(result)).toMatchObject({
			code: 'UPLOAD_REFUSED',
			message: expect.stringContaining('back.jpg'),
			detail: 'HTTP 413: too big',
			uploadedImageIds: ['img-1'],
		});
		expect(bench.api.count('create')).toBe(0);
	});

	it('keeps the order of its product, although a later one is faster', async () => {
		const bench = new Bench();
		bench.api.scripts.upload = async (nth) => {
			if (nth === 2) await bench.clock.wakeAt(bench.clock.now() + 30_000);
			return undefined;
		};
		const sources = ['a', 'b', 'c'].map((name) => photo(name));
		const [result] = await bench.try([product(0, { images: { kind: 'sources', sources } })]);
		expect(finishedOf(result).uploadedImageIds).toEqual(['img-1', 'img-2', 'img-3']);
	});

	it('that appears twice in a product is uploaded once and used twice', async () => {
		const bench = new Bench();
		const sources = [photo('a'), photo('a')];
		const [result] = await bench.try([product(0, { images: { kind: 'sources', sources } })]);
		expect(finishedOf(result).uploadedImageIds).toEqual(['img-1', 'img-1']);
	});
});

describe('an upload that fails', () => {
	it.each([
		['no connection', NEVER_OPENED, 'HOST_UNREACHABLE'],
		['a bad certificate', BAD_CERTIFICATE, 'CERTIFICATE_REFUSED'],
		['a redirect', answer(301), 'REDIRECTED'],
		['401', answer(401), 'KEY_REFUSED'],
		['402', answer(402), 'PAYMENT_REQUIRED'],
		['422', answer(422), 'UPLOAD_REFUSED'],
		['404', answer(404), 'UPLOAD_REFUSED'],
		['500', answer(500), 'UPLOAD_FAILED'],
		['429 without end', answer(429), 'RATE_LIMITED'],
		['HTML', textAnswer(200, '<html>'), 'UPLOAD_FAILED'],
		['an image without a URL', answer(201, { id: 'a' }), 'UPLOAD_FAILED'],
	])('by %s is reported as such', async (_, outcome, code) => {
		const { bench, uploads } = desk();
		bench.api.scripts.upload = () => outcome;
		const result = await bench.clock.run(uploads.upload(photo('front')));
		expect(result).toMatchObject({ kind: 'failed', failure: { code } });
	});

	it('is repeated with the bytes read anew', async () => {
		const { bench, uploads } = desk();
		bench.api.scripts.upload = (nth) => (nth < 3 ? LOST : undefined);
		const front = photo('front');
		const result = await bench.clock.run(uploads.upload(front));
		expect(result.kind).toBe('uploaded');
		expect(front.opened).toBe(3);
	});

	it('because of a stop while duplicates wait stops them too', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		bench.api.scripts.upload = () => {
			stop.abort();
			return { kind: 'aborted' };
		};
		const run = bench.openRun({ signal: stop.signal });
		const uploads = new Uploads(run);
		const all = Array.from({ length: 5 }, async () => await uploads.upload(photo('front')));
		const outcomes = await bench.clock.run(Promise.all(all));
		expect(outcomes.map(({ kind }) => kind)).toEqual(Array(5).fill('cancelled'));
		expect(bench.api.count('upload')).toBe(1);
	});
});
