/** Answers of the sandbox that are right but for one thing: disguised, damaged, too long or too slow. */
import { at, Client, photo, plainBody, useSandbox } from './sandbox.support';

const sandbox = useSandbox();
const client = () => new Client(sandbox());

async function pictureUrls(api: 'flatLays' | 'studio', body: Record<string, unknown>) {
	const own = new Client(sandbox(), api);
	const id = String(at((await own.create(body)).json, 'operation_id'));
	const look = async () => {
		const { json } = await own.operation(id);
		const results = at(json, 'generation_result') ?? [json];
		return (results as unknown[]).map((result) =>
			(at(result, 'generated_images') as unknown[]).map((image) => String(at(image, 'url'))),
		);
	};
	return { look };
}

async function studioBody(types: string[], more: Record<string, unknown> = {}) {
	const id = await new Client(sandbox(), 'studio').upload();
	const image_types = types.map((viewpoint) => ({ flat_lay_type: 'flat', viewpoint }));
	return { ...plainBody('studio', [id], 'x'), image_types, ...more };
}

describe('a picture of the file host', () => {
	const fetchPicture = async () => {
		const body = plainBody('flatLays', [await client().upload()], 'x');
		const { look } = await pictureUrls('flatLays', body);
		const [[url = ''] = []] = await look();
		return await fetch(url);
	};

	it.each([
		['as binary/octet-stream', { contentType: 'binary/octet-stream' }, 200, undefined],
		['as a page of HTML that calls itself a PNG', { body: '<html>' }, 200, 6],
		['empty', { keepBytes: 0 }, 200, 0],
		['cut after 40 bytes', { keepBytes: 40 }, 200, 40],
		['as 204', { status: 204, keepBytes: 0 }, 204, 0],
	])('comes %s', async (_how, disguise, status, sizeBytes) => {
		sandbox().fault({ route: 'file', effect: { kind: 'disguise', ...disguise } });
		const response = await fetchPicture();
		const bytes = Buffer.from(await response.arrayBuffer());
		expect(response.status).toBe(status);
		const isPng = bytes.subarray(1, 4).toString() === 'PNG';
		if (sizeBytes === undefined) expect(isPng).toBe(true);
		else expect(bytes).toHaveLength(sizeBytes);
		if (status === 200) {
			const type = 'contentType' in disguise ? disguise.contentType : 'image/png';
			expect(response.headers.get('content-type')).toBe(type);
		}
	});

	it('is found below transformations with commas in the path', async () => {
		const id = await client().upload(await photo());
		const url = `${sandbox().filesUrl}/uploads/w_300,h_200,c_fill/${id}.png`;
		expect((await fetch(url)).status).toBe(200);
	});
});

describe('an answer of the API', () => {
	const effectOn = (effect: Parameters<ReturnType<typeof sandbox>['fault']>[0]['effect']) =>
		sandbox().fault({ route: 'create', effect });
	const send = async () =>
		await client().create(plainBody('flatLays', [await client().upload()], 'x'));

	it('drips blanks and ends right', async () => {
		effectOn({ kind: 'drip', everyMs: 1, forMs: 5 });
		const { text, json } = await send();
		expect(text).toMatch(/^ {5}\{/);
		expect(at(json, 'operation_id')).toEqual(expect.any(String));
	});

	it('is compressed, whole', async () => {
		effectOn({ kind: 'gzip', damage: 'none' });
		const { headers, json } = await send();
		expect(headers.get('content-encoding')).toBe('gzip');
		expect(at(json, 'operation_id')).toEqual(expect.any(String));
	});

	it.each(['cut', 'broken'] as const)('is compressed and %s, and took effect', async (damage) => {
		effectOn({ kind: 'gzip', damage });
		// Node's fetch hands out what it could decompress; stricter clients fail.
		expect((await send()).json).toBeUndefined();
		expect(sandbox().stats().createsAccepted).toBe(1);
	});

	it('is as large as it is asked to be', async () => {
		effectOn({ kind: 'huge', sizeBytes: 100_000 });
		const { text, json } = await send();
		expect(text).toHaveLength(100_000);
		expect(at(json, 'operation_id')).toEqual(expect.any(String));
	});

	it('swallows creates with 502 while operations can still be read', async () => {
		sandbox().fault({ route: 'create', when: 'after', effect: { kind: 'status', status: 502 } });
		expect((await send()).status).toBe(502);
		const [created] = sandbox().stats().creates;
		expect((await client().operation(created?.operationId ?? '')).status).toBe(200);
	});
});

it.each([
	['flatLays', 404],
	['studio', 404],
	['unified', 400],
] as const)('%s refuses an image that is gone without naming it: %i', async (api, status) => {
	const own = new Client(sandbox(), api);
	sandbox().configure({ namesUnknownImages: false });
	const reply = await own.create(plainBody(api, ['gone-image'], 'x'));
	expect(reply.status).toBe(status);
	expect(reply.text).not.toContain('gone-image');
});

it('Studio leaves out the pictures of one type, by a word and by a rule', async () => {
	const byWord = await pictureUrls('studio', {
		...(await studioBody(['front', 'back'])),
		product_info: {
			uploaded_image_ids: [await new Client(sandbox(), 'studio').upload()],
			title: '[no-image:flat_back]',
		},
	});
	expect((await byWord.look()).map((urls) => urls.length)).toEqual([1, 0]);
	sandbox().setOutcome({}, { noImageOf: 'flat_front' });
	const byRule = await pictureUrls('studio', await studioBody(['front', 'back']));
	expect((await byRule.look()).map((urls) => urls.length)).toEqual([0, 1]);
});

it('lists renewed pictures in another order', async () => {
	sandbox().setOutcome({}, { reordered: true, expired: true });
	const body = await studioBody(['front'], { number_of_generations: 2 });
	const { look } = await pictureUrls('studio', body);
	const pathsOf = (urls: string[][]) => urls.flat().map((url) => new URL(url).pathname);
	const first = await look();
	const second = await look();
	expect(pathsOf(second)).toEqual(pathsOf(first).reverse());
	expect((await fetch(first.flat()[0] ?? '')).status).toBe(403);
	expect((await fetch(second.flat()[0] ?? '')).status).toBe(200);
});
