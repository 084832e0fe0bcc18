/** What is refused before anything is sent, and what the node fetches from the web itself. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeParameters } from 'n8n-workflow';

import type { InputItem } from '../support/n8n/host';
import {
	APIS,
	colorOf,
	errorOf,
	failedItems,
	generate,
	ON_ERROR,
	photo,
	products,
	useBench,
} from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench();

async function goodItem(): Promise<InputItem> {
	return { files: { data: { bytes: await photo(colorOf(1)) } } };
}

function files(count: number, bytes: Buffer): InputItem['files'] {
	return Object.fromEntries(
		Array.from({ length: count }, (_unused, index) => [`photo_${index}`, { bytes }]),
	);
}

interface BadInput {
	what: string;
	/** As the message calls what is wrong. */
	label: string;
	/** The second of two items; the first one is good. */
	item?: (good: InputItem) => InputItem;
	parameters?: INodeParameters;
	code?: string;
}

const of = (text: string) => Buffer.from(text);

const NO_IMAGES: BadInput[] = [
	['an HTML page', of('<!DOCTYPE html><html><body>404</body></html>')],
	['JSON', of('{"error":"not found"}')],
	['a PDF document', of('%PDF-1.7\n%\u00e2\u00e3')],
	['text', of('Front view of the dress')],
	['empty', of('')],
].map(([what, bytes]) => ({
	what: `a file that is ${String(what)}`,
	label: 'in the binary field "data" is',
	code: 'NOT_AN_IMAGE',
	item: () => ({ files: { data: { bytes: bytes as Buffer, mimeType: 'image/png' } } }),
}));

const second = (value: unknown) => `={{ $itemIndex === 1 ? ${JSON.stringify(value)} : 60 }}`;

const BAD_INPUTS: BadInput[] = [
	...NO_IMAGES,
	{
		what: 'an item without the binary field',
		label: 'Input Binary Fields',
		item: (good) => ({ files: { other: good.files?.['data'] ?? { bytes: of('') } } }),
	},
	{
		what: 'an item without any image',
		label: 'Input Binary Fields',
		item: () => ({}),
		parameters: { binaryPropertyNames: '*' },
	},
	{
		what: 'an item with 21 images',
		label: 'Input Binary Fields',
		item: (good) => ({ files: files(21, good.files?.['data']?.bytes ?? of('')) ?? {} }),
		parameters: { binaryPropertyNames: '*' },
	},
	...[0, -1, 10_081, 'abc'].flatMap((value) => {
		const saved = { maxWaitMinutes: second(value) };
		return [
			{ what: `a maximum wait of ${value}`, parameters: { options: saved } },
			{ what: `a maximum wait of ${value}, saved where it was before`, parameters: saved },
		].map((bad) => ({ ...bad, label: 'Max Wait (Minutes)' }));
	}),
	{
		what: 'an empty list of uploaded image IDs',
		label: 'Uploaded Image IDs',
		parameters: {
			imageSource: 'uploadedImageIds',
			uploadedImageIds: '={{ $itemIndex === 1 ? "" : "a" }}',
		},
	},
	{
		what: '21 uploaded image IDs',
		label: 'Uploaded Image IDs',
		parameters: {
			imageSource: 'uploadedImageIds',
			uploadedImageIds: '={{ $itemIndex === 1 ? Array(21).fill("a") : ["a"] }}',
		},
	},
	...['http://shop.example/1.jpg', 'ftp://shop.example/1.jpg', 'shop.example/1.jpg'].map((url) => ({
		what: `the image URL ${url}`,
		label: 'Image URLs',
		parameters: {
			imageSource: 'imageUrls',
			imageUrls: `={{ $itemIndex === 1 ? "${url}" : "https://shop.example/1.jpg" }}`,
		},
	})),
	{
		what: 'an empty Product ID where items are grouped by it',
		label: 'Product ID',
		parameters: { groupByProductId: true, productId: '={{ $itemIndex === 1 ? "" : "A" }}' },
	},
	{
		what: 'an empty operation ID',
		label: 'Operation ID',
		parameters: { operation: 'wait', operationId: '={{ $itemIndex === 1 ? " , " : "a" }}' },
	},
	...['.', '..', 'a/b', '\ud83d'].map((id) => ({
		what: `the image ID ${JSON.stringify(id)}`,
		label: 'Image ID',
		parameters: {
			resource: 'generatedImage',
			operation: 'delete',
			imageId: `={{ $itemIndex === 1 ? ${JSON.stringify(id)} : "a" }}`,
		},
	})),
	{
		what: 'an empty image ID',
		label: 'Image ID',
		parameters: {
			resource: 'image',
			operation: 'get',
			imageId: '={{ $itemIndex === 1 ? "" : "a" }}',
		},
	},
	{
		what: 'an image type that does not exist',
		label: 'Image Types',
		parameters: {
			api: 'studio',
			imageTypes: '={{ $itemIndex === 1 ? ["side"] : ["flat_front"] }}',
		},
	},
	{
		what: 'a human review that is not offline',
		label: 'Operation Priority',
		parameters: {
			api: 'unified',
			options: { qaMode: '={{ $itemIndex === 1 ? "human" : "auto" }}' },
		},
	},
];

describe.each(BAD_INPUTS)('$what', ({ label, item, parameters, code }) => {
	const run = async (onError: (typeof ON_ERROR)[number]) => {
		const good = await goodItem();
		return await bench().run({
			items: [good, item?.(good) ?? good],
			parameters: parameters ?? {},
			onError,
		});
	};

	it('is refused under Stop by label and item, and nothing is sent', async () => {
		const { error, success } = await run('stopWorkflow');
		expect(success).toEqual([]);
		expect(error?.message).toContain(label);
		// Said once: a message that names the item itself would say it twice.
		expect(error?.message.match(/\bitem 1\b/gi)).toHaveLength(1);
		expect(error?.message).not.toMatch(/\([a-z]+[A-Z]\w*\)/);
		expect(error?.description).toContain('Nothing was sent');
		expect(bench().sandbox.stats().requests).toBe(0);
	});

	it('fails its own item under Continue', async () => {
		const { failed, error } = await run('continueErrorOutput');
		expect(error).toBeUndefined();
		const own = failed.filter(({ pairedItem }) => JSON.stringify(pairedItem) === '{"item":1}');
		expect(own.map(errorOf)).toMatchObject([
			{
				code: code ?? 'INVALID_PARAMETER',
				message: expect.stringContaining(label),
				retryable: false,
			},
		]);
	});
});

describe('an item without a photo', () => {
	it('is told which nodes read or download files', async () => {
		const { failed } = await bench().run({
			items: [{}],
			parameters: generate(),
			onError: 'continueErrorOutput',
		});
		expect(errorOf(failed[0])).toMatchObject({
			message: 'Input Binary Fields names "data", but the item has no file',
			description: expect.stringMatching(/Read\/Write Files from Disk.*HTTP Request.*Google Drive/),
		});
	});

	it('is told which binary fields it has', async () => {
		const good = await goodItem();
		const { failed } = await bench().run({
			items: [{ files: { front: good.files?.['data'] ?? { bytes: of('') } } }],
			parameters: generate(),
			onError: 'continueErrorOutput',
		});
		expect(errorOf(failed[0])['message']).toBe(
			'Input Binary Fields names "data", but the files of the item are in front',
		);
	});
});

describe('a file that cannot be used', () => {
	it.each([
		['', /^The file .*in the binary field "data" is broken: it is empty$/],
		['%PDF-1.7\n', /^The file .*in the binary field "data" is no photo: it is a PDF document$/],
	])('of content %j is called by what it is', async (content, message) => {
		const { failed } = await bench().run({
			items: [{ files: { data: { bytes: of(content) } } }],
			parameters: generate(),
			onError: 'continueErrorOutput',
		});
		expect(errorOf(failed[0])['message']).toMatch(message);
	});
});

describe('one bad item in fifty', () => {
	async function fifty(): Promise<InputItem[]> {
		const items = await products(50);
		return items.map((item, index) => (index === 30 ? { json: item.json ?? {} } : item));
	}

	it('means no request at all under Stop', async () => {
		const { error } = await bench().run({
			items: await fifty(),
			parameters: generate(),
			onError: 'stopWorkflow',
		});
		expect(error?.message).toContain('Input Binary Fields');
		expect(error?.message).toMatch(/\bitem 30\b/i);
		expect(bench().sandbox.stats().requests).toBe(0);
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'lets the other forty-nine run under %s',
		async (onError) => {
			const { success, failed } = await bench().run({
				items: await fifty(),
				parameters: generate(),
				onError,
			});
			const finished = success.filter(({ json }) => json['finished'] === true);
			expect(finished).toHaveLength(49);
			expect(finished.map(({ pairedItem }) => pairedItem)).toEqual(
				Array.from({ length: 50 }, (_unused, item) => ({ item })).filter(({ item }) => item !== 30),
			);
			expect(failed).toHaveLength(onError === 'continueErrorOutput' ? 1 : 0);
			expect(bench().sandbox.stats().createsAccepted).toBe(49);
		},
	);
});

describe.each([
	['not a URL', 'api.aiuta.com'],
	['plain http to another machine', 'http://api.aiuta.com'],
	['a URL with a query', 'https://api.aiuta.com?key=1'],
	['a URL with a user name', 'https://user:secret@api.aiuta.com'],
])('a base URL that is %s', (_name, baseUrl) => {
	it.each(ON_ERROR)('is refused under %s and names the field', async (onError) => {
		const { error, success, failed } = await bench().run({
			items: await products(2),
			parameters: generate(),
			credential: { baseUrl },
			onError,
		});
		const messages =
			onError === 'stopWorkflow'
				? [error?.message]
				: [...success, ...failed].map((item) => errorOf(item)['message']);
		expect(messages).toHaveLength(onError === 'stopWorkflow' ? 1 : 2);
		for (const message of messages) {
			expect(message).toContain('Base URL');
			expect(message).not.toContain('secret');
		}
		expect(bench().sandbox.stats().requests).toBe(0);
	});
});

describe('a node that is set to another API than the credential', () => {
	it.each(ON_ERROR)('is refused under %s before anything is sent, both named', async (onError) => {
		const result = await bench().run({
			items: await products(2),
			parameters: generate(),
			credential: { api: 'studio' },
			onError,
		});
		const messages =
			onError === 'stopWorkflow'
				? [result.error?.message]
				: failedItems(result).map((item) => errorOf(item)['message']);
		expect(messages).toHaveLength(onError === 'stopWorkflow' ? 1 : 2);
		for (const message of messages) expect(message).toMatch(/Flat Lays in the node.*Studio in the/);
		expect(bench().sandbox.stats().requests).toBe(0);
	});

	it('is refused by the plan, which is what a run would do', async () => {
		const { success, failed } = await bench().run({
			items: await products(2),
			parameters: { ...generate(), operation: 'plan' },
			credential: { api: 'studio' },
			onError: 'continueErrorOutput',
		});
		expect(failed).toEqual([]);
		expect(success.map(({ json }) => json)).toMatchObject([
			{ action: 'refuse', operations: 0, reason: expect.stringContaining('Flat Lays in the node') },
			{ action: 'refuse' },
		]);
		expect(bench().sandbox.stats().requests).toBe(0);
	});

	it('fails items that are told by their Product IDs', async () => {
		const result = await bench().run({
			items: await products(2),
			parameters: generate({ productId: '={{ "sku-" + $itemIndex }}' }),
			credential: { api: 'studio' },
			onError: 'continueErrorOutput',
		});
		const ids = failedItems(result).map((item) => errorOf(item)['product_id']);
		expect(ids).toEqual(['sku-0', 'sku-1']);
	});

	it('is not doubted where the credential does not say which API its key is for', async () => {
		const { success } = await bench().run({
			items: await products(1),
			parameters: generate({ api: 'studio' }),
			credential: { api: '', apiKey: bench().sandbox.apiKeys.studio },
		});
		expect(success).toHaveLength(1);
	});
});

describe.each(['generateAndWait', 'create', 'plan', 'get', 'wait'])(
	'an API that does not exist, as only a workflow written by hand can name it, on %s',
	(operation) => {
		it('is refused with the values that there are, and nothing is sent', async () => {
			const { error } = await bench().run({
				items: await products(2),
				parameters: generate({ operation, operationId: 'op-1', api: 'flatlays' }),
				onError: 'stopWorkflow',
			});
			expect(error?.message).toBe('API must be one of flatLays, studio, unified');
			expect(bench().sandbox.stats().requests).toBe(0);
		});
	},
);

describe('a limit per day without a ledger', () => {
	it.each(['generateAndWait', 'create', 'plan'])(
		'is refused on %s: nothing would be limited',
		async (operation) => {
			const { error } = await bench().run({
				items: await products(2),
				parameters: generate({
					operation,
					imageSource: 'binary',
					batching: { maxOperationsPerDay: 1 },
				}),
				onError: 'stopWorkflow',
			});
			expect(error?.message).toContain('it needs a ledger');
			expect(bench().sandbox.stats().requests).toBe(0);
		},
	);
});

it.each(['/', '/flat-lays/v1', '/flat-lays/v1/'])(
	'accepts a base URL with %s at its end',
	async (end) => {
		const { success, error } = await bench().run({
			items: [await goodItem()],
			credential: { baseUrl: `${bench().sandbox.url}${end}` },
		});
		expect(error).toBeUndefined();
		expect(success).toHaveLength(1);
	},
);

describe('Max Operations per Run', () => {
	const parameters = (limit: number) =>
		generate({
			api: 'unified',
			imageTypes: ['flat_front', 'flat_back'],
			batching: { maxOperationsPerRun: limit },
		});

	it.each(ON_ERROR)('refuses a larger run under %s before anything is sent', async (onError) => {
		const { error, success, failed } = await bench().run({
			items: await products(3),
			parameters: parameters(5),
			onError,
		});
		const text =
			onError === 'stopWorkflow'
				? error?.message
				: JSON.stringify([...success, ...failed].map(errorOf));
		expect(text).toContain('Max Operations per Run');
		expect(text).toContain('6 operations');
		expect(bench().sandbox.stats().requests).toBe(0);
	});

	it('lets a run through that fits', async () => {
		const { success } = await bench().run({ items: await products(3), parameters: parameters(6) });
		expect(success).toHaveLength(3);
		expect(bench().sandbox.stats().createsAccepted).toBe(6);
	});
});

it.each([
	['maxProductsInFlight', 0, 'Max Products in Flight must be a whole number, 1 to 5000, not 0'],
	['requestsPerSecond', 101, 'Requests per Second must be a number, 0.1 to 100, not 101'],
	['maxOperationsPerRun', -1, 'Max Operations per Run must be a whole number, at least 0, not -1'],
])('the batching option %s of %s is refused by its label', async (name, value, message) => {
	const { error } = await bench().run({
		items: await products(1),
		parameters: generate({ batching: { [name]: value } }),
	});
	expect(error?.message).toBe(message);
	expect(bench().sandbox.stats().requests).toBe(0);
});

describe('image URLs', () => {
	let server: Server | undefined;
	let origin = '';
	const seen: Array<{ url: string; headers: IncomingMessage['headers'] }> = [];
	let answer: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;

	beforeAll(async () => {
		server = createServer((request, response) => {
			seen.push({ url: request.url ?? '', headers: request.headers });
			answer(request, response);
		});
		await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
		origin = `http://127.0.0.1:${(server?.address() as AddressInfo).port}`;
	});
	beforeEach(() => {
		seen.length = 0;
	});
	afterAll(() => {
		server?.closeAllConnections();
		server?.close();
	});

	const run = async (imageUrls: string, api = 'flatLays') =>
		await bench().run({
			parameters: { api, imageSource: 'imageUrls', imageUrls },
			onError: 'continueErrorOutput',
		});

	const redirectTo = (location: string) => {
		answer = (_request, response) => {
			response.writeHead(302, { location }).end();
		};
	};

	it('are fetched by the node and uploaded on Flat Lays, without the key', async () => {
		const bytes = await photo(colorOf(4));
		answer = (_request, response) => {
			response.writeHead(200, { 'content-type': 'image/png' }).end(bytes);
		};
		const { success } = await run(`${origin}/dress%20front.png, ${origin}/b.png`);

		const { uploads, creates, keySeenOn } = bench().sandbox.stats();
		// The same bytes twice: one upload, named twice.
		expect(uploads).toMatchObject([{ contentType: 'image/png', sizeBytes: bytes.length }]);
		expect(success[0]?.json['uploaded_image_ids']).toEqual([uploads[0]?.id, uploads[0]?.id]);
		expect(creates).toHaveLength(1);
		expect(seen.map(({ url }) => url).sort()).toEqual(['/b.png', '/dress%20front.png']);
		for (const { headers } of seen) expect(headers).not.toHaveProperty('x-api-key');
		expect(JSON.stringify(seen)).not.toContain(bench().sandbox.apiKeys.flatLays);
		expect(keySeenOn.files).toBe(0);
		expect(keySeenOn.api).toBeGreaterThan(0);
	});

	it.each(APIS.slice(1))('are passed on as they are on %s', async (api) => {
		const urls = ['https://shop.example/1.jpg?size=large&v=%20', 'https://shop.example/2.jpg'];
		const { success } = await run(urls.join('\n'), api);
		const { uploads, creates } = bench().sandbox.stats();
		expect(uploads).toEqual([]);
		expect(creates.map(({ body }) => body)).toMatchObject([{ product_info: { image_urls: urls } }]);
		expect(success[0]?.json).toMatchObject({ finished: true, uploaded_image_ids: [] });
		expect(seen).toEqual([]);
	});

	it('that lead to a page fail their item, and no operation is created', async () => {
		answer = (_request, response) => {
			response.writeHead(200, { 'content-type': 'image/png' }).end('<!DOCTYPE html><p>Sold out');
		};
		const { failed } = await run(`${origin}/gone.png`);
		expect(errorOf(failed[0])).toMatchObject({
			code: 'NOT_AN_IMAGE',
			message: expect.stringContaining('an HTML page'),
		});
		expect(bench().sandbox.stats().requests).toBe(0);
	});

	it('that answer 404 fail their item, in words and with the status', async () => {
		answer = (_request, response) => {
			response.writeHead(404).end();
		};
		const { failed } = await run(`${origin}/gone.png`);
		expect(errorOf(failed[0])).toMatchObject({
			code: 'IMAGE_NOT_FETCHED',
			message: expect.stringMatching(/: there is nothing at this address$/),
			description: expect.stringContaining('HTTP 404'),
		});
	});

	it('are not followed to plain http on another machine', async () => {
		redirectTo('http://shop.example/1.jpg');
		const { failed } = await run(`${origin}/a.png`);
		expect(errorOf(failed[0])).toMatchObject({
			code: 'IMAGE_NOT_FETCHED',
			message: expect.stringContaining('redirects to an address that does not start with https://'),
		});
		expect(seen).toHaveLength(1);
	});

	it('are followed five times and not more', async () => {
		const bytes = await photo(colorOf(4));
		answer = ({ url = '' }, response) => {
			const left = Number(url.slice(1));
			if (left === 0) response.writeHead(200, { 'content-type': 'image/png' }).end(bytes);
			else response.writeHead(302, { location: `/${left - 1}` }).end();
		};
		const five = await run(`${origin}/5`);
		expect(five.success).toHaveLength(1);
		const six = await run(`${origin}/6`);
		expect(errorOf(six.failed[0])).toMatchObject({
			code: 'IMAGE_NOT_FETCHED',
			message: expect.stringContaining('more than 5 times'),
		});
	});

	it('are given up when the file is larger than the limit', async () => {
		answer = (_request, response) => {
			response.writeHead(200, { 'content-type': 'image/png', 'content-length': 60 * 1024 * 1024 });
			response.write(Buffer.from([0x89, 0x50, 0x4e, 0x47]));
		};
		const { failed } = await run(`${origin}/huge.png`);
		expect(errorOf(failed[0])).toMatchObject({
			code: 'IMAGE_NOT_FETCHED',
			message: expect.stringContaining('larger than 50 MB'),
		});
	});

	it('of pictures to download are held to the same rules', async () => {
		redirectTo('http://shop.example/1.png');
		const download = async (imageUrl: string) =>
			await bench().run({
				parameters: { resource: 'generatedImage', operation: 'download', imageUrl },
				onError: 'continueErrorOutput',
			});
		const followed = await download(`${origin}/a.png`);
		expect(errorOf(followed.failed[0])).toMatchObject({ code: 'DOWNLOAD_FAILED' });
		const plain = await download('http://shop.example/a.png');
		expect(errorOf(plain.failed[0])).toMatchObject({
			code: 'INVALID_PARAMETER',
			message: expect.stringContaining('Image URL'),
		});
		for (const { headers } of seen) expect(headers).not.toHaveProperty('x-api-key');
	});
});
