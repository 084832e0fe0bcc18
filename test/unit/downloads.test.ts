/** Fetching generated pictures: what is tried again, what has expired, and what is left when it fails. */
import type { FetchedPicture, WantedPicture } from '../../nodes/Aiuta/batch/downloads';
import { studio } from '../../nodes/Aiuta/api/studio';
import type { AiutaImage, ImageType } from '../../nodes/Aiuta/api/types';
import { waitForOperation } from '../../nodes/Aiuta/batch/deliver';
import {
	ABORTED,
	answer,
	BAD_CERTIFICATE,
	Bench,
	failureOf,
	FINISH,
	finishedOf,
	LOST,
	NEVER_OPENED,
	operation,
	product,
	products,
} from './batch.support';

type Fetched = FetchedPicture<string>;

const URL_A = 'https://files.example/a.png';
const FILE_HOST_LOST = 'the connection to the file host failed with';
const WRONG_TYPE: Fetched = { kind: 'notAnImage', detail: 'it is an HTML page' };
const PICTURE: Fetched = { kind: 'picture', picture: 'the picture' };

function image(id: string, url = `https://files.example/${id}.png`): AiutaImage {
	return { id, url };
}

function wanted(images: AiutaImage[], ...names: string[]): WantedPicture[] {
	return images.map((one, index) => ({ image: one, baseName: names[index] ?? 'no name' }));
}

/** Answer fetches in order; the last answer repeats. */
function fetching(bench: Bench, ...answers: Fetched[]): void {
	bench.fetchPicture = async () =>
		await Promise.resolve(answers[Math.min(bench.fetched.length, answers.length) - 1] ?? PICTURE);
}

describe('a picture', () => {
	it('is fetched once when all is well', async () => {
		const bench = new Bench();
		const result = await bench.clock.run(bench.downloads(bench.openRun()).one(URL_A, 'sku'));
		expect(result).toEqual({ kind: 'picture', picture: `sku from ${URL_A}` });
		expect(bench.fetched).toEqual([URL_A]);
	});

	it.each<[string, Fetched[]]>([
		['three lost connections', [LOST, LOST, LOST]],
		['five refused connections', Array<Fetched>(5).fill(NEVER_OPENED)],
		['500, 502 and 503', [answer(500), answer(502), answer(503)]],
		['429 three times', [answer(429), answer(429), answer(429)]],
		['408', [answer(408)]],
		['one wrong content type', [WRONG_TYPE]],
	])('survives %s', async (_, faults) => {
		const bench = new Bench();
		fetching(bench, ...faults, PICTURE);
		const result = await bench.clock.run(bench.downloads(bench.openRun()).one(URL_A, 'sku'));
		expect(result).toEqual(PICTURE);
		expect(bench.fetched).toHaveLength(faults.length + 1);
	});

	it.each<[string, Fetched, number, string]>([
		['lost connections', LOST, 4, `${FILE_HOST_LOST} ECONNRESET`],
		['server errors', answer(503), 4, 'the file host answered HTTP 503'],
		['429s', answer(429), 4, 'the file host answered HTTP 429'],
		['a refused certificate', BAD_CERTIFICATE, 1, `${FILE_HOST_LOST} CERT_HAS_EXPIRED`],
		[
			'a redirect that the transport would not follow',
			answer(302),
			1,
			'the file host answered HTTP 302',
		],
		['something else than an image, twice', WRONG_TYPE, 2, 'it is an HTML page'],
	])('fails after %s', async (_, fault, fetches, detail) => {
		const bench = new Bench();
		fetching(bench, fault);
		const result = await bench.clock.run(bench.downloads(bench.openRun()).one(URL_A, 'sku'));
		expect(result).toEqual({ kind: 'failed', detail });
		expect(bench.fetched).toHaveLength(fetches);
	});

	it.each([400, 401, 403, 404, 410])('counts as expired after %i', async (status) => {
		const bench = new Bench();
		fetching(bench, answer(status));
		const result = await bench.clock.run(bench.downloads(bench.openRun()).one(URL_A, 'sku'));
		expect(result).toEqual({ kind: 'expired', detail: `the file host answered HTTP ${status}` });
		expect(bench.fetched).toHaveLength(1);
	});

	it('is not fetched after a stop, and not tried again after one', async () => {
		const bench = new Bench();
		const stop = new AbortController();
		const downloads = bench.downloads(bench.openRun({ signal: stop.signal }));
		fetching(bench, LOST);
		const waiting = downloads.one(URL_A, 'sku');
		await bench.clock.settle();
		stop.abort();
		expect(await bench.clock.run(waiting)).toEqual({ kind: 'cancelled' });
		expect(await bench.clock.run(downloads.one(URL_A, 'sku'))).toEqual({ kind: 'cancelled' });
		expect(bench.fetched).toHaveLength(1);
	});

	it('that is stopped on its way is cancelled', async () => {
		const bench = new Bench();
		fetching(bench, ABORTED);
		const result = await bench.clock.run(bench.downloads(bench.openRun()).one(URL_A, 'sku'));
		expect(result).toEqual({ kind: 'cancelled' });
	});

	it('is one of at most eight on their way', async () => {
		const bench = new Bench();
		let open = 0;
		let mostOpen = 0;
		bench.fetchPicture = async () => {
			open += 1;
			mostOpen = Math.max(mostOpen, open);
			await bench.clock.wakeAt(bench.clock.now() + 100);
			open -= 1;
			return PICTURE;
		};
		const downloads = bench.downloads(bench.openRun());
		const all = Array.from({ length: 40 }, async () => await downloads.one(URL_A, 'sku'));
		await bench.clock.run(Promise.all(all));
		expect(mostOpen).toBe(8);
	});
});

describe('the pictures of an operation', () => {
	const expiredFirst = (bench: Bench) => {
		bench.fetchPicture = async (url, baseName) =>
			await Promise.resolve(
				url.includes('old') ? answer(403) : { kind: 'picture', picture: `${baseName} from ${url}` },
			);
	};

	it('are fetched in order under their names', async () => {
		const bench = new Bench();
		const downloads = bench.downloads(bench.openRun());
		const images = [image('a'), image('b')];
		const result = await bench.clock.run(
			downloads.ofOperation('op', wanted(images, 'sku_1', 'sku_2')),
		);
		expect(result).toEqual({
			kind: 'downloaded',
			pictures: [
				'sku_1 from https://files.example/a.png',
				'sku_2 from https://files.example/b.png',
			],
			images,
		});
		expect(bench.api.sent).toEqual([]);
	});

	it('that have expired are looked up once more', async () => {
		const bench = new Bench();
		expiredFirst(bench);
		bench.api.scripts.get = () => operation('SUCCESS', ['new-a', 'new-b']);
		const downloads = bench.downloads(bench.openRun());
		const images = [image('old-a'), image('old-b')];
		const result = await bench.clock.run(downloads.ofOperation('op', wanted(images, 'x_1', 'x_2')));
		expect(result).toMatchObject({
			kind: 'downloaded',
			images: [{ id: 'new-a' }, { id: 'new-b' }],
		});
		expect(bench.fetched).toEqual([
			'https://files.example/old-a.png',
			'https://files.example/new-a.png',
			'https://files.example/new-b.png',
		]);
		expect(bench.api.count('get')).toBe(1);
	});

	it('with new URLs are told apart by their IDs, whatever their order is', async () => {
		const bench = new Bench();
		expiredFirst(bench);
		bench.api.scripts.get = () =>
			answer(200, {
				status: 'SUCCESS',
				generated_images: [
					{ id: 'back', url: 'https://files.example/new-back.png' },
					{ id: 'front', url: 'https://files.example/new-front.png' },
				],
			});
		const downloads = bench.downloads(bench.openRun());
		const images = [
			image('front', 'https://files.example/old-front.png'),
			image('back', 'https://files.example/old-back.png'),
		];
		const result = await bench.clock.run(
			downloads.ofOperation('op', wanted(images, 'the front', 'the back')),
		);
		expect(result).toMatchObject({
			kind: 'downloaded',
			pictures: [
				'the front from https://files.example/new-front.png',
				'the back from https://files.example/new-back.png',
			],
		});
	});

	it('with new IDs are told apart by their types', async () => {
		const bench = new Bench();
		expiredFirst(bench);
		const typed = (id: string, viewpoint: string) => ({
			...image(id),
			flat_lay_type: 'flat',
			viewpoint,
		});
		bench.api.scripts.get = () =>
			answer(200, {
				status: 'SUCCESS',
				generated_images: [typed('new-back', 'back'), typed('new-front', 'front')],
			});
		const downloads = bench.downloads(bench.openRun());
		const images = [typed('old-front', 'front'), typed('old-back', 'back')];
		const result = await bench.clock.run(
			downloads.ofOperation('op', wanted(images, 'the front', 'the back')),
		);
		expect(result).toMatchObject({
			images: [{ id: 'new-front' }, { id: 'new-back' }],
			pictures: [
				'the front from https://files.example/new-front.png',
				'the back from https://files.example/new-back.png',
			],
		});
	});

	it('that expire again after the new look fail', async () => {
		const bench = new Bench();
		fetching(bench, answer(403));
		const downloads = bench.downloads(bench.openRun());
		const result = await bench.clock.run(downloads.ofOperation('op', wanted([image('a')], 'x')));
		expect(result).toEqual({ kind: 'failed', detail: 'the file host answered HTTP 403' });
		expect(bench.fetched).toHaveLength(2);
		expect(bench.api.count('get')).toBe(1);
	});

	it('are tried at their old URLs when the new look fails', async () => {
		const bench = new Bench();
		fetching(bench, answer(403));
		bench.api.scripts.get = () => answer(422);
		const downloads = bench.downloads(bench.openRun());
		const result = await bench.clock.run(downloads.ofOperation('op', wanted([image('a')], 'x')));
		expect(result).toEqual({ kind: 'failed', detail: 'the file host answered HTTP 403' });
	});
});

describe('a type that was asked for and has no picture', () => {
	const types = ['flat_front', 'detail_back'] as const;
	const result = (type: string, viewpoint: string, ids: string[]) => ({
		image_type: { flat_lay_type: type, viewpoint },
		generated_images: ids.map((id) => image(id)),
	});
	const play = async (results: unknown[], imageTypes: readonly ImageType[]) => {
		const bench = new Bench();
		bench.api.scripts.get = () => answer(200, { status: 'SUCCESS', generation_result: results });
		const operations = [{ itemIndex: 0, api: 'studio' as const, imageTypes }];
		const [outcome] = await bench.try([product(0, { operations })], { generation: studio });
		return finishedOf(outcome).missingTypes;
	};

	it('is named when its result is empty', async () => {
		const results = [result('flat', 'front', ['a']), result('detail', 'back', [])];
		expect(await play(results, types)).toEqual(['detail_back']);
	});

	it('is named when there is no result for it', async () => {
		expect(await play([result('flat', 'front', ['a'])], types)).toEqual(['detail_back']);
	});

	it('is none when each has a picture', async () => {
		const results = [result('flat', 'front', ['a']), result('detail', 'back', ['b'])];
		expect(await play(results, types)).toEqual([]);
	});

	it('is named of an operation of which nothing but the ID is known', async () => {
		const bench = new Bench();
		const results = [result('flat', 'front', ['a']), result('detail', 'back', [])];
		bench.api.scripts.get = () => answer(200, { status: 'SUCCESS', generation_result: results });
		const run = bench.openRun({ generation: studio });
		const waiting = waitForOperation(run, bench.downloads(run), 'op', FINISH);
		expect(finishedOf(await bench.clock.run(waiting)).missingTypes).toEqual(['detail_back']);
	});
});

describe('a product whose pictures cannot be had', () => {
	it('is a failed item with the URLs, and does not stop the others', async () => {
		const bench = new Bench();
		bench.fetchPicture = async (url) =>
			await Promise.resolve(url.includes('op-1.') ? answer(500) : PICTURE);
		const outcomes = await bench.try(products(10), { stopOnFailure: true, requestsPerSecond: 1 });
		const failed = outcomes.filter(({ kind }) => kind === 'failed');
		expect(failed).toHaveLength(1);
		expect(failureOf(failed[0])).toMatchObject({
			code: 'DOWNLOAD_FAILED',
			operationId: 'op-1',
			status: 'SUCCESS',
			generatedImages: [{ url: 'https://files.example/generated-op-1.png' }],
			uploadedImageIds: ['img-1'],
		});
	});

	it('is resumed by a re-run without a new create', async () => {
		const bench = new Bench();
		fetching(bench, answer(500));
		await bench.try([product(0)]);
		fetching(bench, PICTURE);
		const [result] = await bench.try([product(0)]);
		expect(finishedOf(result).pictures).toEqual(['the picture']);
		expect(bench.api.count('create')).toBe(1);
	});

	it('fetches nothing when downloads are off', async () => {
		const bench = new Bench();
		const [result] = await bench.try([product(0)], { downloadImages: false });
		expect(finishedOf(result)).toMatchObject({ pictures: [], images: [{ id: 'generated-op-1' }] });
		expect(bench.fetched).toEqual([]);
	});

	it('whose URLs had expired lists those that its pictures were fetched from', async () => {
		const bench = new Bench();
		bench.api.scripts.get = (nth) => operation('SUCCESS', [nth === 1 ? 'old' : 'new']);
		bench.fetchPicture = async (url) =>
			await Promise.resolve(url.includes('old') ? answer(403) : PICTURE);
		const [result] = await bench.try([product(0)]);
		expect(finishedOf(result).images).toMatchObject([{ url: 'https://files.example/new.png' }]);
	});
});
