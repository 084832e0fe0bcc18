/** The sandbox refuses what the published specifications do not allow. */
import { at, BASE_PATHS, Client, photo, plainBody, useSandbox, type Api } from './sandbox.support';

const sandbox = useSandbox({ forbiddenKeys: ['other-plan'] });
const APIS = Object.keys(BASE_PATHS) as Api[];
const flatFront = { flat_lay_type: 'flat', viewpoint: 'front' };

async function form(field: string, fileName?: string): Promise<FormData> {
	const made = new FormData();
	const blob = new Blob([new Uint8Array(await photo())], { type: 'image/png' });
	if (fileName === undefined) made.append(field, 'text');
	else made.append(field, blob, fileName);
	return made;
}

describe('keys', () => {
	it.each([
		['missing', {}, 401],
		['wrong', { 'x-api-key': 'nonsense' }, 401],
		['forbidden', { 'x-api-key': 'other-plan' }, 403],
	])('a %s key is refused with a message', async (_name, headers, status) => {
		const client = new Client(sandbox());
		const url = `${sandbox().url}/v1/sku_items`;
		const reply = await client.raw(url, { headers });
		expect(reply.status).toBe(status);
		expect(at(reply.json, 'message')).toEqual(expect.any(String));
	});

	it.each(APIS)('the key of %s is refused by the others', async (api) => {
		const headers = { 'x-api-key': sandbox().apiKeys[api] };
		for (const other of APIS) {
			const reply = await new Client(sandbox(), other).call('GET', '/uploaded_images/x', {
				headers,
			});
			expect(reply.status).toBe(other === api ? 404 : 403);
		}
	});
});

describe.each(APIS)('uploads of %s', (api) => {
	const client = () => new Client(sandbox(), api);

	it.each([
		['no part', async () => new FormData(), 'image_data'],
		['another field', async () => await form('file', 'a.png'), 'file'],
		['text instead of a file', async () => await form('image_data'), 'image_data'],
		['an empty file name', async () => await form('image_data', ''), 'image_data'],
	])('%s is refused', async (_name, make, field) => {
		const reply = await client().uploadForm(await make());
		expect(reply.status).toBe(422);
		expect(at(reply.json, 'detail', 0, 'loc')).toEqual(['body', field]);
		expect(sandbox().stats().uploads).toHaveLength(0);
	});

	it('a second field beside the image is refused', async () => {
		const made = await form('image_data', 'a.png');
		made.append('note', 'hello');
		const reply = await client().uploadForm(made);
		expect(reply.status).toBe(422);
		expect(at(reply.json, 'detail', 0)).toMatchObject({
			loc: ['body', 'note'],
			type: 'extra_forbidden',
		});
	});

	it('bytes that are no picture, and a truncated picture, are refused', async () => {
		for (const bytes of [Buffer.from('<html></html>'), (await photo()).subarray(0, 60)]) {
			const made = new FormData();
			made.append('image_data', new Blob([new Uint8Array(bytes)]), 'a.png');
			const reply = await client().uploadForm(made);
			expect(reply.status).toBe(422);
			expect(at(reply.json, 'detail', 0, 'loc')).toEqual(['body', 'image_data']);
		}
	});

	it('a body that is not multipart is refused', async () => {
		const reply = await client().call('POST', '/uploaded_images', { body: 'x' });
		expect(reply.status).toBe(422);
	});

	it('the same bytes get a new ID each time, can be read, and are gone after a delete', async () => {
		const [one, other] = [await client().upload(), await client().upload()];
		expect(one).not.toBe(other);
		const read = await client().call('GET', `/uploaded_images/${one}`);
		expect(read.json).toMatchObject({ id: one, owner_type: 'user' });
		expect(at(read.json, 'expires_at') !== undefined).toBe(api !== 'flatLays');
		const file = await fetch(String(at(read.json, 'url')));
		expect(Buffer.from(await file.arrayBuffer())).toEqual(await photo());

		expect((await client().call('DELETE', `/uploaded_images/${one}`)).status).toBe(204);
		expect((await client().call('DELETE', `/uploaded_images/${one}`)).status).toBe(404);
		expect((await client().call('GET', `/uploaded_images/${one}`)).status).toBe(404);
	});
});

it('keeps file names and content types of uploads as sent', async () => {
	const made = new FormData();
	made.append(
		'image_data',
		new Blob([new Uint8Array(await photo())], { type: 'image/png' }),
		'Кофта é.png',
	);
	await new Client(sandbox()).uploadForm(made);
	expect(sandbox().stats().uploads).toMatchObject([
		{ fileName: 'Кофта é.png', contentType: 'image/png' },
	]);
});

describe.each(APIS)('creates of %s', (api) => {
	const client = () => new Client(sandbox(), api);

	it('the plainest body is accepted with the status of the specification', async () => {
		const reply = await client().create(plainBody(api, [await client().upload()], 'Dress'));
		expect(reply.status).toBe(api === 'unified' ? 201 : 200);
		expect(reply.json).toEqual({ operation_id: expect.any(String) as string });
	});

	it.each([0, 21])('%i image IDs are refused', async (count) => {
		const id = await client().upload();
		const reply = await client().create(plainBody(api, Array<string>(count).fill(id), 'x'));
		expect(reply.status).toBe(422);
	});

	it('an unknown field, a wrong type and a body that is not JSON are refused', async () => {
		const body = plainBody(api, [await client().upload()], 'Dress');
		expect((await client().create({ ...body, colour: 'red' })).json).toMatchObject({
			detail: [{ loc: ['body', 'colour'], type: 'extra_forbidden' }],
		});
		expect((await client().create({ ...body, operation_priority: null })).status).toBe(422);
		expect((await client().create(plainBody(api, [5], 'x'))).status).toBe(422);
		const headers = { 'content-type': 'text/plain' };
		const asText = await client().call('POST', '/flat_lay_operations', {
			headers,
			body: JSON.stringify(body),
		});
		expect(asText.status).toBe(422);
		expect(sandbox().stats().createsAccepted).toBe(0);
	});

	it('images that are not known here are refused, those of another generation included', async () => {
		const elsewhere = new Client(sandbox(), api === 'studio' ? 'unified' : 'studio');
		for (const id of ['no-such-image', await elsewhere.upload()]) {
			const reply = await client().create(plainBody(api, [id], 'x'));
			if (api === 'unified') {
				expect(reply.status).toBe(400);
				expect(reply.json).toMatchObject({ code: 'IMAGE_NOT_FOUND', details: { image_ids: [id] } });
			} else {
				const field =
					api === 'flatLays'
						? ['uploaded_product_image_ids']
						: ['product_info', 'uploaded_image_ids'];
				expect(reply.status).toBe(422);
				expect(at(reply.json, 'detail', 0, 'loc')).toEqual(['body', ...field]);
			}
		}
	});

	it('an unknown operation is answered as specified', async () => {
		const reply = await client().operation('00000000-0000-4000-8000-000000000000');
		expect(reply.status).toBe(api === 'unified' ? 404 : 200);
		if (api === 'unified') expect(reply.json).toMatchObject({ code: 'OPERATION_NOT_FOUND' });
		else expect(reply.text).toBe('null');
	});

	it('a generated image that is not known cannot be deleted', async () => {
		const reply = await client().call('DELETE', '/generated_images/nothing');
		expect(reply.status).toBe(404);
		expect(at(reply.json, 'detail')).toEqual(expect.any(String));
	});
});

it.each<[string, Record<string, unknown>, string[]]>([
	['no image type', { image_types: [] }, ['image_types']],
	['a repeated image type', { image_types: [flatFront, flatFront] }, ['image_types']],
	['no generations', { number_of_generations: 0 }, ['number_of_generations']],
	['five generations', { number_of_generations: 5 }, ['number_of_generations']],
	[
		'a colour without its background type',
		{ background_settings: { background_type: 'arbitrary', reference_color: '#80ff00' } },
		['background_settings', 'reference_color'],
	],
	[
		'a background type without its colour',
		{ background_settings: { background_type: 'reference_color' } },
		['background_settings', 'reference_color'],
	],
	[
		'a reference image',
		{ background_settings: { background_type: 'reference_image' } },
		['background_settings', 'background_type'],
	],
	['a size without height', { output_image_size: { width: 10 } }, ['output_image_size', 'height']],
	[
		'both kinds of images',
		{ product_info: { uploaded_image_ids: ['a'], image_urls: ['https://a.example/b'] } },
		['product_info'],
	],
	['neither kind of images', { product_info: { title: 'x' } }, ['product_info']],
])('Studio refuses %s', async (_name, change, loc) => {
	const client = new Client(sandbox(), 'studio');
	const body = plainBody('studio', [await client.upload()], 'x');
	const reply = await client.create({ ...body, ...change });
	expect(reply.status).toBe(422);
	expect(at(reply.json, 'detail', 0, 'loc')).toEqual(['body', ...loc]);
});

it.each<[string, Record<string, unknown>, number]>([
	['product and SKU together', { sku_id: 'S-1' }, 422],
	['neither product nor SKU', { product_info: null }, 422],
	['human review online', { qa_mode: 'human', operation_priority: 'online' }, 422],
	['human review with the default priority', { qa_mode: 'human' }, 422],
	['an unknown SKU', { product_info: null, sku_id: 'unknown-1' }, 404],
	['a SKU that is not ready', { product_info: null, sku_id: 'not-ready-1' }, 409],
	[
		'a background image without ID',
		{ background_settings: { background_type: 'reference_image' } },
		422,
	],
	[
		'a background image that is not known',
		{ background_settings: { background_type: 'reference_image', reference_image_id: 'x' } },
		400,
	],
	[
		'an unknown gender',
		{ product_info: { image_urls: ['https://a.example/b'], gender: 'x' } },
		422,
	],
])('Unified refuses %s', async (_name, change, status) => {
	const client = new Client(sandbox(), 'unified');
	const body = plainBody('unified', [await client.upload()], 'x');
	expect((await client.create({ ...body, ...change })).status).toBe(status);
	expect(sandbox().stats().createsAccepted).toBe(0);
});

it('Unified accepts human review offline, a SKU alone, and a known background image', async () => {
	const client = new Client(sandbox(), 'unified');
	const id = await client.upload();
	const body = plainBody('unified', [id], 'x');
	const background_settings = { background_type: 'reference_image', reference_image_id: id };
	const bodies = [
		{ ...body, qa_mode: 'human', operation_priority: 'offline' },
		{ sku_id: 'S-1', image_type: flatFront },
		{ ...body, background_settings },
	];
	for (const accepted of bodies) expect((await client.create(accepted)).status).toBe(201);
});

it('Unified lists the SKU items page by page, and checks the bounds of a page', async () => {
	const client = new Client(sandbox(), 'unified');
	sandbox().configure({ skuCount: 12 });
	const pages: unknown[][] = [];
	const nextOffsets: unknown[] = [];
	for (const offset of [0, 5, 10]) {
		const { json } = await client.call('GET', `/sku_items?offset=${offset}&limit=5`);
		pages.push(at(json, 'items') as unknown[]);
		nextOffsets.push(at(json, 'next_offset'));
		expect(at(json, 'total')).toBe(12);
	}
	expect(nextOffsets).toEqual([5, 10, null]);
	expect(pages.map((page) => page.length)).toEqual([5, 5, 2]);
	expect(new Set(pages.flat().map((item) => at(item, 'sku_id'))).size).toBe(12);
	expect(at((await client.call('GET', '/sku_items')).json, 'items')).toHaveLength(10);
	expect((await client.call('GET', '/sku_items?search=dress')).status).toBe(422);
	expect((await client.call('GET', '/sku_items?limit=501')).status).toBe(422);
	expect((await new Client(sandbox(), 'studio').call('GET', '/sku_items')).status).toBe(404);
});
