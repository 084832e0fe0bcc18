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

/** The same photo with bytes that take so many megabytes. */
function large(one: ReturnType<typeof photo>, megabytes: number): ReturnType<typeof photo> {
	const { open } = one;
	one.open = async () => {
		const opened = await open();
		if (opened.kind === 'opened') opened.bytes = new Uint8Array(megabytes * 1024 * 1024);
		return opened;
	};
	return one;
}

describe('the same bytes', () => {
	it('are uploaded once, one after the other', async () => {
		const { bench, uploads } = desk();
		const first = await bench.clock.run(uploads.once(photo('front')));
		const second = await bench.clock.run(uploads.once(photo('front')));
		expect(bench.api.count('upload')).toBe(1);
		expect(second).toEqual(first);
	});

	it('are uploaded once, at the same time', async () => {
		const { bench, uploads } = desk();
		const all = Array.from({ length: 50 }, async () => await uploads.once(photo('front')));
		const outcomes = await bench.clock.run(Promise.all(all));
		expect(bench.api.count('upload')).toBe(1);
		expect(outcomes.every(({ kind }) => kind === 'uploaded')).toBe(true);
	});

	it('do not deadlock when duplicates wait and every place in flight is taken', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 30_000;
		const { uploads } = desk(bench);
		const names = Array.from({ length: 400 }, (_, n) => `photo-${n % 40}`);
		const all = names.map(async (name) => await uploads.once(photo(name)));
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
			Promise.all([uploads.once(photo('front')), uploads.once(photo('front'))]),
		);
		expect([first.kind, second.kind]).toEqual(['failed', 'uploaded']);
		expect(bench.api.count('upload')).toBe(2);
	});

	it('are two images where each upload is asked for by itself', async () => {
		const { bench, uploads } = desk();
		const both = [uploads.anew(photo('front')), uploads.anew(photo('front'))];
		const outcomes = await bench.clock.run(Promise.all(both));
		const ids = outcomes.map((it) => (it.kind === 'uploaded' ? it.image.id : it.kind));
		expect(ids.sort()).toEqual(['img-1', 'img-2']);
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
		await bench.clock.run(uploads.once(photo('front')));
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

	it('is opened before its upload asks for a slot, but no more than memory allows', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 60_000;
		const { run, uploads } = desk(bench);
		const photos = Array.from({ length: 500 }, (_, n) => photo(`photo-${n}`));
		const all = photos.map(async (one) => await uploads.once(one));
		await bench.clock.advance(30_000);
		expect(bench.api.count('upload')).toBe(1);
		expect(photos.filter(({ opened }) => opened > 0)).toHaveLength(48);
		await bench.clock.advance(200_000);
		const opened = photos.filter((one) => one.opened > 0).length;
		const underWay = opened - bench.api.answered('upload');
		expect(underWay).toBeLessThanOrEqual(48);
		run.ports.scheduler.closeRun(run.slot);
		run.stopStarting(failure('NOT_STARTED'));
		await bench.clock.run(Promise.all(all));
		expect(photos.filter((one) => one.opened > 0)).toHaveLength(opened);
	});

	it('that is large keeps others closed: what is open together is bounded in bytes', async () => {
		const bench = new Bench();
		bench.api.roundTripMs = 60_000;
		const { run, uploads } = desk(bench);
		const photos = Array.from({ length: 40 }, (_, n) => large(photo(`photo-${n}`), 20));
		const all = photos.map(async (one) => await uploads.once(one));
		await bench.clock.advance(1_000);
		// Nobody knew how large photos are.
		expect(photos.filter((one) => one.opened > 0).length).toBeLessThanOrEqual(8);
		await bench.clock.advance(900_000);
		const underWay = photos.filter((one) => one.opened > 0).length - bench.api.answered('upload');
		expect(underWay).toBeLessThanOrEqual(3);
		run.stopStarting(failure('NOT_STARTED'));
		run.ports.scheduler.closeRun(run.slot);
		await bench.clock.run(Promise.all(all));
	});

	it('of a host that does not answer does not hold up the photos of others', async () => {
		const { bench, uploads } = desk();
		const dead = Array.from({ length: 12 }, (_, n) => ({
			...photo(`dead-${n}`),
			host: 'dead.example',
			open: async () => {
				await bench.clock.wakeAt(bench.clock.now() + 30_000);
				return { kind: 'failed' as const, failure: failure('IMAGE_NOT_FETCHED') };
			},
		}));
		const startMs = bench.clock.now();
		const lost = dead.map(async (one) => await uploads.once(one));
		const good = await bench.clock.run(uploads.once({ ...photo('good'), host: 'good.example' }));
		expect(good.kind).toBe('uploaded');
		expect(bench.clock.now() - startMs).toBeLessThan(2_000);
		await bench.clock.run(Promise.all(lost));
	});

	it('that cannot be opened fails without a request', async () => {
		const { bench, uploads } = desk();
		const broken: ImageSource = {
			...photo('front'),
			open: async () =>
				await Promise.resolve({ kind: 'failed', failure: failure('NOT_AN_IMAGE', 'it is text') }),
		};
		const outcome = await bench.clock.run(uploads.once(broken));
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
			detail: 'it is in the binary field "data"; Aiuta answered HTTP 413: too big',
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
		const result = await bench.clock.run(uploads.once(photo('front')));
		expect(result).toMatchObject({ kind: 'failed', failure: { code } });
	});

	it.each([
		['a HEIC file', 'image/heic', [], 'it is a HEIC file', 'Convert it to JPEG, for example with'],
		[
			'cut short',
			'image/jpeg',
			[0xff, 0xd8, 0xff, 0xe0],
			'it is broken, its end is missing',
			'replace',
		],
	])('because the photo is %s says so', async (_, contentType, bytes, what, advice) => {
		const { bench, uploads } = desk();
		bench.api.scripts.upload = () => answer(422, { detail: 'unsupported' });
		const source: ImageSource = {
			...photo('front'),
			open: async () => {
				const opened = await photo('front').open();
				return { ...opened, contentType, bytes: Uint8Array.from(bytes) };
			},
		};
		const result = await bench.clock.run(uploads.once(source));
		expect(result).toMatchObject({
			failure: {
				code: 'UPLOAD_REFUSED',
				message: expect.stringContaining(what),
				description: expect.stringMatching(
					`${advice}.*It is in the binary field "data"; Aiuta answered HTTP 422: unsupported`,
				),
			},
		});
	});

	it('is repeated with the bytes that are at hand', async () => {
		const { bench, uploads } = desk();
		bench.api.scripts.upload = (nth) => (nth < 3 ? LOST : undefined);
		const front = photo('front');
		const result = await bench.clock.run(uploads.once(front));
		expect(result.kind).toBe('uploaded');
		expect(front.opened).toBe(1);
		expect(bench.api.count('upload')).toBe(3);
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
		const all = Array.from({ length: 5 }, async () => await uploads.once(photo('front')));
		const outcomes = await bench.clock.run(Promise.all(all));
		expect(outcomes.map(({ kind }) => kind)).toEqual(Array(5).fill('cancelled'));
		expect(bench.api.count('upload')).toBe(1);
	});
});
