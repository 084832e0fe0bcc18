/** Operations of the sandbox: their way through the states, their outcomes and their pictures. */
import sharp from 'sharp';
import { advanceClock, at, Client, photo, useSandbox, type Api } from './sandbox.support';

const sandbox = useSandbox();

async function statusOf(client: Client, id: string): Promise<unknown> {
	return at((await client.operation(id)).json, 'status');
}

it.each([
	['Dress', ['CREATED', 'IN_PROGRESS', 'IN_PROGRESS', 'IN_PROGRESS', 'SUCCESS']],
	['Dress [pause]', ['CREATED', 'IN_PROGRESS', 'PAUSED', 'IN_PROGRESS', 'SUCCESS']],
])('%s is seen in these states as time passes: %j', async (title, expected) => {
	sandbox().configure({ generationMs: 1_000_000 });
	const client = new Client(sandbox());
	const id = await client.start(title);
	const seen = [];
	for (const stepMs of [0, 300_000, 300_000, 300_000, 300_000]) {
		advanceClock(stepMs);
		seen.push(await statusOf(client, id));
	}
	expect(seen).toEqual(expected);
	const [record] = sandbox().stats().operations;
	expect(record?.polls).toBe(5);
	expect(record?.firstSeenTerminalAtMs).toBeGreaterThan((record?.createdAtMs ?? 0) + 1_200_000);
});

it.each([
	['Dress', 'SUCCESS'],
	['Dress [fail]', 'FAILED'],
	['Dress [abort]', 'ABORTED'],
	['Dress [cancel]', 'CANCELLED'],
	['Dress [forever]', 'IN_PROGRESS'],
	['Dress [forever][pause]', 'PAUSED'],
	['Dress [unknown-status]', 'UNDER_REVIEW'],
	['Dress [slow:60000]', 'CREATED'],
	['Dress [red]', 'SUCCESS'],
])('%s ends %s, and only FAILED carries an error text', async (title, status) => {
	const client = new Client(sandbox());
	const reply = await client.operation(await client.start(title));
	expect(at(reply.json, 'status')).toBe(status);
	const error: unknown = status === 'FAILED' ? expect.stringMatching(/\w+ \w+/) : null;
	expect(at(reply.json, 'error')).toEqual(error);
	expect(at(reply.json, 'generated_images')).toHaveLength(status === 'SUCCESS' ? 1 : 0);
});

it('an outcome word can be meant for one image type', async () => {
	const client = new Client(sandbox(), 'unified');
	const statuses = [];
	for (const viewpoint of ['front', 'back']) {
		const reply = await client.create({
			sku_id: 'S-1 [fail:flat_back]',
			image_type: { flat_lay_type: 'flat', viewpoint },
		});
		statuses.push(await statusOf(client, String(at(reply.json, 'operation_id'))));
	}
	expect(statuses).toEqual(['SUCCESS', 'FAILED']);
});

it('outcomes can be set for one operation, and for the next ones by text', async () => {
	const client = new Client(sandbox());
	const running = await client.start('Coat [forever]');
	sandbox().setOutcome({ operationId: running }, { result: 'fail', error: 'Too dark to see.' });
	expect((await client.operation(running)).json).toMatchObject({
		status: 'FAILED',
		error: 'Too dark to see.',
	});
	sandbox().setOutcome({ textContains: 'Hat', times: 1 }, { result: 'abort' });
	expect(await statusOf(client, await client.start('Coat'))).toBe('SUCCESS');
	expect(await statusOf(client, await client.start('Hat'))).toBe('ABORTED');
	expect(await statusOf(client, await client.start('Hat'))).toBe('SUCCESS');
	expect(() => sandbox().setOutcome({ operationId: 'none' }, {})).toThrow(RangeError);
});

it('a concurrency limit makes later operations wait', async () => {
	sandbox().configure({ concurrency: 1 });
	const client = new Client(sandbox());
	const blocking = await client.start('One [slow:60000]');
	const waiting = await client.start('Two [slow:1]');
	advanceClock(1000);
	expect(await statusOf(client, waiting)).toBe('CREATED');
	expect(await statusOf(client, blocking)).toBe('CREATED');
	sandbox().configure({ concurrency: 2 });
	const third = await client.start('Three');
	expect(await statusOf(client, third)).toBe('SUCCESS');
	advanceClock(60_000);
	expect(await statusOf(client, blocking)).toBe('SUCCESS');
	expect(await statusOf(client, waiting)).toBe('SUCCESS');
});

it.each<[Api, Array<string | number>]>([
	['flatLays', ['generated_images', 0]],
	['studio', ['generation_result', 0, 'generated_images', 0]],
	['unified', ['generated_image']],
])('%s shows a picture made from the photos, 960 px on the longest side', async (api, path) => {
	const client = new Client(sandbox(), api);
	const ids = [
		await client.upload(await photo('#ff0000')),
		await client.upload(await photo('#0000ff')),
	];
	const { json } = await client.operation(await client.start('Dress', ids));
	const image = at(json, ...path);
	expect(at(image, 'expires_at') !== undefined).toBe(api !== 'flatLays');
	const file = await fetch(String(at(image, 'url')));
	expect(file.headers.get('content-type')).toBe('image/png');
	const { data, info } = await sharp(Buffer.from(await file.arrayBuffer()))
		.removeAlpha()
		.raw()
		.toBuffer({ resolveWithObject: true });
	expect(Math.max(info.width, info.height)).toBe(960);
	const pixel = (x: number) => {
		const start = (Math.round(info.height / 2) * info.width + Math.round(info.width * x)) * 3;
		return [...data.subarray(start, start + 3)];
	};
	expect([pixel(0.25), pixel(0.75)]).toEqual([
		[255, 0, 0],
		[0, 0, 255],
	]);
});

it('Studio makes every type and variant in order, and shows photos as URLs only', async () => {
	const client = new Client(sandbox(), 'studio');
	const image_types = [
		{ flat_lay_type: 'detail', viewpoint: 'back' },
		{ flat_lay_type: 'ghost_mannequin', viewpoint: 'front' },
	];
	const id = await client.upload();
	const reply = await client.create({
		product_info: { id: 'SKU-7', uploaded_image_ids: [id] },
		image_types,
		number_of_generations: 3,
		output_image_size: { width: 50, height: 40 },
		background_settings: { background_type: 'transparent' },
	});
	const { json } = await client.operation(String(at(reply.json, 'operation_id')));
	expect(at(json, 'product_info')).toEqual({
		id: 'SKU-7',
		image_urls: [`${sandbox().filesUrl}/uploads/${id}.png`],
	});
	const results = [0, 1].map((index) => at(json, 'generation_result', index));
	expect(results.map((result) => at(result, 'image_type'))).toEqual(image_types);
	for (const result of results) expect(at(result, 'generated_images')).toHaveLength(3);
	const file = await fetch(String(at(results[0], 'generated_images', 2, 'url')));
	const made = sharp(Buffer.from(await file.arrayBuffer()));
	expect(await made.metadata()).toMatchObject({ width: 50, height: 40, hasAlpha: true });
	expect([...(await made.raw().toBuffer()).subarray(0, 4)]).toEqual([0, 0, 0, 0]);
});

it('image URLs on this machine are copied; others become a placeholder', async () => {
	const client = new Client(sandbox(), 'unified');
	const uploaded = await client.call('GET', `/uploaded_images/${await client.upload()}`);
	const own = String(at(uploaded.json, 'url'));
	const reply = await client.create({
		product_info: { image_urls: [own, 'https://shop.example/a&b.jpg'] },
		image_type: { flat_lay_type: 'flat', viewpoint: 'front' },
	});
	const { json } = await client.operation(String(at(reply.json, 'operation_id')));
	const copy = await fetch(String(at(json, 'product_info', 'image_urls', 0)));
	expect(Buffer.from(await copy.arrayBuffer())).toEqual(await photo());
	expect((await fetch(String(at(json, 'product_info', 'image_urls', 1)))).status).toBe(404);
	expect((await fetch(String(at(json, 'generated_image', 'url')))).status).toBe(200);
});

it('[no-image] succeeds without a picture', async () => {
	const client = new Client(sandbox());
	expect((await client.operation(await client.start('x [no-image]'))).json).toMatchObject({
		status: 'SUCCESS',
		generated_images: [],
	});
});

it('[expired] gives a dead URL first and a fresh one when the operation is fetched again', async () => {
	const client = new Client(sandbox());
	const id = await client.start('x [expired]');
	const url = async () =>
		String(at((await client.operation(id)).json, 'generated_images', 0, 'url'));
	const stale = await url();
	expect((await fetch(stale)).status).toBe(403);
	expect((await fetch(await url())).status).toBe(200);
	expect((await fetch(stale)).status).toBe(403);
});

it('[no-such-picture] and a deleted picture answer 404', async () => {
	const client = new Client(sandbox());
	for (const title of ['x [no-such-picture]', 'x']) {
		const { json } = await client.operation(await client.start(title));
		const image = at(json, 'generated_images', 0);
		const path = `/generated_images/${String(at(image, 'id'))}`;
		if (title === 'x') expect((await client.call('DELETE', path)).status).toBe(204);
		expect((await fetch(String(at(image, 'url')))).status).toBe(404);
	}
});

it('cached pictures are tiny, and the uploaded bytes are dropped', async () => {
	sandbox().configure({ picture: 'cached' });
	const client = new Client(sandbox());
	const { json } = await client.operation(await client.start('x'));
	const file = await fetch(String(at(json, 'generated_images', 0, 'url')));
	expect((await file.arrayBuffer()).byteLength).toBeLessThan(500);
	const [{ id } = { id: '' }] = sandbox().stats().uploads;
	expect((await fetch(`${sandbox().filesUrl}/uploads/${id}.png`)).status).toBe(404);
});
