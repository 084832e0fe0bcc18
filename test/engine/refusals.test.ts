/** What is refused before anything is sent, and what the node fetches from the web itself. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeParameters } from 'n8n-workflow';

import type { InputItem } from '../support/n8n/host';
import {
	APIS,
	colorOf,
	errorOf,
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
	parameter: string;
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
	parameter: 'binaryPropertyNames',
	code: 'NOT_AN_IMAGE',
	item: () => ({ files: { data: { bytes: bytes as Buffer, mimeType: 'image/png' } } }),
}));

const second = (value: unknown) => `={{ $itemIndex === 1 ? ${JSON.stringify(value)} : 60 }}`;

const BAD_INPUTS: BadInput[] = [
	...NO_IMAGES,
	{
		what: 'an item without the binary field',
		parameter: 'binaryPropertyNames',
		item: (good) => ({ files: { other: good.files?.['data'] ?? { bytes: of('') } } }),
	},
	{
		what: 'an item without any image',
		parameter: 'binaryPropertyNames',
		item: () => ({}),
		parameters: { binaryPropertyNames: '*' },
	},
	{
		what: 'an item with 21 images',
		parameter: 'binaryPropertyNames',
		item: (good) => ({ files: files(21, good.files?.['data']?.bytes ?? of('')) ?? {} }),
		parameters: { binaryPropertyNames: '*' },
	},
	...[0, -1, 10_081, 'abc'].map((value) => ({
		what: `a maximum wait of ${value}`,
		parameter: 'maxWaitMinutes',
		parameters: { maxWaitMinutes: second(value) },
	})),
	{
		what: 'an empty list of uploaded image IDs',
		parameter: 'uploadedImageIds',
		parameters: {
			imageSource: 'uploadedImageIds',
			uploadedImageIds: '={{ $itemIndex === 1 ? "" : "a" }}',
		},
	},
	{
		what: '21 uploaded image IDs',
		parameter: 'uploadedImageIds',
		parameters: {
			imageSource: 'uploadedImageIds',
			uploadedImageIds: '={{ $itemIndex === 1 ? Array(21).fill("a") : ["a"] }}',
		},
	},
	...['http://shop.example/1.jpg', 'ftp://shop.example/1.jpg', 'shop.example/1.jpg'].map((url) => ({
		what: `the image URL ${url}`,
		parameter: 'imageUrls',
		parameters: {
			imageSource: 'imageUrls',
			imageUrls: `={{ $itemIndex === 1 ? "${url}" : "https://shop.example/1.jpg" }}`,
		},
	})),
	{
		what: 'an empty Product ID where items are grouped by it',
		parameter: 'productId',
		parameters: { groupByProductId: true, productId: '={{ $itemIndex === 1 ? "" : "A" }}' },
	},
	{
		what: 'an empty operation ID',
		parameter: 'operationId',
		parameters: { operation: 'wait', operationId: '={{ $itemIndex === 1 ? " , " : "a" }}' },
	},
	{
		what: 'an empty image ID',
		parameter: 'imageId',
		parameters: {
			resource: 'image',
			operation: 'get',
			imageId: '={{ $itemIndex === 1 ? "" : "a" }}',
		},
	},
	{
		what: 'an image type that does not exist',
		parameter: 'imageTypes',
		parameters: {
			api: 'studio',
			imageTypes: '={{ $itemIndex === 1 ? ["side"] : ["flat_front"] }}',
		},
	},
	{
		what: 'a human review that is not offline',
		parameter: 'operationPriority',
		parameters: {
			api: 'unified',
			options: { qaMode: '={{ $itemIndex === 1 ? "human" : "auto" }}' },
		},
	},
];

describe.each(BAD_INPUTS)('$what', ({ parameter, item, parameters, code }) => {
	const run = async (onError: (typeof ON_ERROR)[number]) => {
		const good = await goodItem();
		return await bench().run({
			items: [good, item?.(good) ?? good],
			parameters: parameters ?? {},
			onError,
		});
	};

	it('is refused under Stop by parameter and item, and nothing is sent', async () => {
		const { error, success } = await run('stopWorkflow');
		expect(success).toEqual([]);
		expect(error?.message).toMatch(new RegExp(`\\(${parameter}\\)(:| [^:])`));
		expect(error?.message).toMatch(/\bitem 1\b/i);
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
				message: expect.stringMatching(new RegExp(`\\(${parameter}\\).*item 1\\]`)),
				retryable: false,
			},
		]);
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
		expect(error?.message).toContain('binaryPropertyNames');
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
		expect(text).toContain('maxOperationsPerRun');
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
	['maxProductsInFlight', 0],
	['requestsPerSecond', 101],
	['maxOperationsPerRun', -1],
])('the batching option %s of %s is refused by name', async (name, value) => {
	const { error } = await bench().run({
		items: await products(1),
		parameters: generate({ batching: { [name]: value } }),
	});
	expect(error?.message).toContain(name);
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

	it('that answer 404 fail their item with the status', async () => {
		answer = (_request, response) => {
			response.writeHead(404).end();
		};
		const { failed } = await run(`${origin}/gone.png`);
		expect(errorOf(failed[0])).toMatchObject({
			code: 'IMAGE_NOT_FETCHED',
			message: expect.stringContaining('404'),
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
			message: expect.stringContaining('imageUrl'),
		});
		for (const { headers } of seen) expect(headers).not.toHaveProperty('x-api-key');
	});
});
