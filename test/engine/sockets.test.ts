/**
 * The fault table on real sockets: what Node.js and n8n's request helper really report when a
 * connection is refused, reset, cut short or silent, and what the node makes of it. Everything but
 * time is real; read timeouts run in real time and are shortened for the requests that stall.
 */
import dns from 'node:dns';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

import * as hostAgents from 'n8n-core/dist/http-proxy';
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { FaultProxy } from '../support/net/faultProxy';
import { startServer, type LocalServer } from '../support/n8n/credentialTest';
import type { InputItem, RunResult } from '../support/n8n/host';
import { selfSigned } from '../support/net/selfSigned';
import {
	APIS,
	colorOf,
	errorOf,
	generate,
	photo,
	products,
	until,
	useBench,
	type Api,
} from './engine.support';
import {
	CALLS,
	cut,
	kindOf,
	ONE_BY_ONE,
	rawAnswer,
	useSockets,
	type CallKind,
} from './sockets.support';
import { BAD_GATEWAY, CODES, HARMLESS, HEALING, LASTING, LOST_CREATES } from './sockets.table';

jest.mock('../../nodes/Aiuta/transport/hostClock', () => ({
	hostClock: jest
		.requireActual<typeof import('../support/time/fastClock')>('../support/time/fastClock')
		.clockAtSpeed(200),
}));

// A test takes a fraction of a second; on a machine that is busy with others, a few.
jest.setTimeout(20_000);

const bench = useBench({ generationMs: 1 });
const sockets = useSockets(bench);

/** A create that needs no upload. */
const CREATE_OF_ID: INodeParameters = {
	operation: 'create',
	imageSource: 'uploadedImageIds',
	uploadedImageIds: 'a',
};

/** Two items that make one call each, one after the other; the first one is to meet the fault. */
interface Scenario {
	items: InputItem[];
	parameters: INodeParameters;
	/** Part of the path of the first item's request, where two of them may be under way. */
	path: string;
}

async function uploadedId(color: string): Promise<string> {
	const { sandbox } = bench();
	const body = new FormData();
	body.append('image_data', new Blob([new Uint8Array(await photo(color))]), 'a.png');
	const response = await fetch(`${sandbox.url}/flat-lays/v1/uploaded_images`, {
		method: 'POST',
		headers: { 'x-api-key': sandbox.apiKeys.flatLays },
		body,
	});
	const answer = (await response.json()) as { id: string };
	return answer.id;
}

async function scenario(call: CallKind, api: Api = 'flatLays'): Promise<Scenario> {
	switch (call) {
		case 'upload': {
			const parameters = { resource: 'image', operation: 'upload', ...ONE_BY_ONE };
			return { items: await products(2), parameters, path: '' };
		}
		case 'create': {
			const create = { operation: 'create', imageSource: 'binary', ...ONE_BY_ONE, api };
			return { items: await products(2), parameters: generate(create), path: '' };
		}
		case 'delete': {
			const ids = [await uploadedId(colorOf(1)), await uploadedId(colorOf(2))];
			const parameters = { resource: 'image', operation: 'delete', imageId: '={{ $json.id }}' };
			return { items: ids.map((id) => ({ json: { id } })), parameters, path: ids[0] ?? '' };
		}
		case 'get':
		case 'download': {
			const parameters = generate({ downloadImages: call === 'download', ...ONE_BY_ONE });
			return { items: await products(2), parameters, path: '' };
		}
	}
}

/** How many creates the sandbox accepts in a scenario in which everything works. */
function createsOf(call: CallKind): number {
	return call === 'upload' || call === 'delete' ? 0 : 2;
}

function itemsOf(items: INodeExecutionData[]): unknown[] {
	return items.map(({ pairedItem }) => pairedItem);
}

function codesOf({ failed }: RunResult): unknown[] {
	return failed.map((item) => errorOf(item)['code']);
}

/** Creates that the sandbox accepted are exactly so many, also a moment later. */
async function expectAccepted(count: number): Promise<void> {
	await until(() => bench().sandbox.stats().createsAccepted >= count);
	const { createsAccepted, duplicates } = bench().sandbox.stats();
	expect(createsAccepted).toBe(count);
	expect(duplicates).toEqual([]);
}

/** The ID of the first product's operation, and its picture, must stand in the failed item. */
function expectIdKept(call: CallKind, failed: Record<string, unknown>): void {
	if (call !== 'get' && call !== 'download') return;
	expect(failed['operation_id']).toEqual(expect.any(String));
	expect(failed['operation_id']).toBe(bench().sandbox.stats().operations[0]?.id);
	if (call === 'download') expect(failed['generated_images']).toHaveLength(1);
}

describe('a fault that goes away with the last retry', () => {
	it.each(HEALING)(
		'($what): the $call on $api succeeds after $retries retries',
		async ({ call, api, fault, retries }) => {
			const { path, ...options } = await scenario(call, api);
			sockets().plant(call, fault, retries, { path });
			const { success, failed } = await sockets().run(options);
			expect(failed).toEqual([]);
			expect(success).toHaveLength(2);
			expect(sockets().sentCount(call)).toBe(retries + 2);
			await expectAccepted(createsOf(call));
		},
	);
});

describe('a fault that outlasts the retries', () => {
	it.each(LASTING)(
		'($what): the $call on $api is sent $tries, and the next item goes on',
		async ({ call, api, fault, faultClass, isAccepted, retries }) => {
			const { path, ...options } = await scenario(call, api);
			sockets().plant(call, fault, retries + 1, { path });
			const result = await sockets().run(options);

			expect(codesOf(result)).toEqual([CODES[call][faultClass]]);
			expect(itemsOf(result.failed)).toEqual([{ item: 0 }]);
			expect(itemsOf(result.success)).toEqual([{ item: 1 }]);
			expectIdKept(call, errorOf(result.failed[0]));
			const ofSecondItem = path === '' ? 1 : 0;
			expect(sockets().sentCount(call, path)).toBe(retries + 1 + ofSecondItem);
			await expectAccepted(createsOf(call) - (call === 'create' && !isAccepted ? 1 : 0));
		},
	);
});

describe('a create that may have been accepted', () => {
	it.each(LOST_CREATES)(
		'($what) is not sent again by Retry On Fail or Executions > Retry',
		async ({ fault, isAccepted }) => {
			const { items, parameters } = await scenario('create');
			sockets().plant('create', fault, 1);
			const retryOnFail = { maxTries: 3 };
			const stopped = await sockets().run({
				items,
				parameters,
				retryOnFail,
				onError: 'stopWorkflow',
			});
			expect(stopped.error?.message).toContain('may have been accepted');
			const retried = await stopped.retry();
			expect(retried.error?.message).toContain('may have been accepted');
			// One of the first product, whose answer was lost, and one of the second.
			expect(sockets().sentCount('create')).toBe(2);
			await expectAccepted(isAccepted ? 2 : 1);
		},
	);

	it('is followed by two trials at most when no create gets an answer, although reads do', async () => {
		const { parameters } = await scenario('create');
		const items = await products(5);
		sockets().plant('create', cut('accepted', 'reset'), 100);
		const result = await sockets().run({ items, parameters });
		const unknown = 'CREATE_OUTCOME_UNKNOWN';
		expect(codesOf(result)).toEqual([unknown, unknown, unknown, 'NOT_STARTED', 'NOT_STARTED']);
		expect(sockets().sentCount('create')).toBe(3);
		await expectAccepted(3);
	});
});

/** Let "localhost" have these addresses for whoever connects to it, whatever this machine says. */
function resolveLocalhost(addresses: dns.LookupAddress[]): void {
	const original = dns.lookup as (...parameters: unknown[]) => void;
	const lookup = (host: string, ...others: unknown[]) => {
		const found = others.at(-1);
		if (host !== 'localhost' || typeof found !== 'function') original(host, ...others);
		else process.nextTick(() => void Reflect.apply(found, undefined, [null, addresses]));
	};
	jest.spyOn(dns, 'lookup').mockImplementation(lookup);
}

describe('a create that never left', () => {
	it.each(APIS)('is sent by the next try of Retry On Fail on %s', async (api) => {
		const { items, parameters } = await scenario('create', api);
		sockets().plant('create', { kind: 'refuse' }, 6);
		const { success, error } = await sockets().run({
			items,
			parameters,
			onError: 'stopWorkflow',
			retryOnFail: { maxTries: 2 },
		});
		expect(error).toBeUndefined();
		expect(success).toHaveLength(2);
		expect(sockets().sentCount('create')).toBe(6 + 2);
		expect(sockets().api.count('create')).toBe(2);
		await expectAccepted(2);
	});

	it('is sent again when both addresses of the host refuse', async () => {
		resolveLocalhost([
			{ address: '127.0.0.1', family: 4 },
			{ address: '::1', family: 6 },
		]);
		const { items, parameters } = await scenario('create');
		sockets().plant('create', { kind: 'refuse' }, 5);
		const baseUrl = sockets().api.url.replace('127.0.0.1', 'localhost');
		const { success } = await sockets().run({ items, parameters, credential: { baseUrl } });
		expect(success).toHaveLength(2);
		expect(sockets().sentCount('create')).toBe(5 + 2);
		await expectAccepted(2);
	});

	it('is sent 6 times when the host has no address', async () => {
		// A label of more than 63 characters: no resolver asks anybody for it (RFC 1035, section 2.3.4).
		const baseUrl = `https://${'a'.repeat(64)}.invalid`;
		const result = await sockets().run({ parameters: CREATE_OF_ID, credential: { baseUrl } });
		expect(codesOf(result)).toEqual(['CREATE_NOT_SENT']);
		expect(errorOf(result.failed[0])['description']).toContain('ENOTFOUND');
		expect(sockets().sentCount('create')).toBe(6);
	});
});

describe('a state that cannot be read because of 502 pages', () => {
	it('is asked for again beyond any count', async () => {
		const { items, parameters } = await scenario('get');
		sockets().plant('get', BAD_GATEWAY, 9);
		const { success } = await sockets().run({ items, parameters });
		expect(success).toHaveLength(2);
		expect(sockets().sentCount('get')).toBe(9 + 2);
		await expectAccepted(2);
	});

	it('is given up at the deadline with the operation ID', async () => {
		const { items } = await scenario('get');
		sockets().plant('get', BAD_GATEWAY, 1_000);
		const parameters = generate({ maxWaitMinutes: 4 });
		const result = await sockets().run({ items: items.slice(0, 1), parameters });
		expect(codesOf(result)).toEqual(['TIMED_OUT']);
		expectIdKept('get', errorOf(result.failed[0]));
		expect(sockets().sentCount('get')).toBeGreaterThan(1);
		await expectAccepted(1);
	});
});

describe('an answer that is complete', () => {
	it.each(CALLS)('and comes byte by byte is as good as any other for the %s', async (call) => {
		const { path: _path, ...options } = await scenario(call);
		sockets().plant(call, { kind: 'drip' }, 2);
		const { success, failed } = await sockets().run(options);
		expect(failed).toEqual([]);
		expect(success).toHaveLength(2);
		expect(sockets().sentCount(call)).toBe(2);
		await expectAccepted(createsOf(call));
	});

	it.each(HARMLESS)(
		'stands although $what follows: a delete is not repeated',
		async ({ fault }) => {
			const { path, ...options } = await scenario('delete');
			sockets().plant('delete', fault, 1, { path });
			const { success } = await sockets().run(options);
			expect(success).toHaveLength(2);
			expect(sockets().sentCount('delete')).toBe(2);
		},
	);
});

describe('a redirect to another origin', () => {
	let other: LocalServer | undefined;

	beforeEach(async () => {
		const picture = await photo(colorOf(3));
		other = await startServer((_request, response) => {
			response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
		});
	});
	afterEach(async () => await other?.close());

	const redirect = () =>
		rawAnswer('307 Temporary Redirect', [`Location: ${other?.baseUrl ?? ''}/elsewhere.png`]);

	it.each(['upload', 'create', 'get', 'delete'] as const)(
		'is not followed by the %s, which is sent once',
		async (call) => {
			const { path, ...options } = await scenario(call);
			sockets().plant(call, redirect(), 1, { path });
			const result = await sockets().run(options);
			expect(other?.seen).toEqual([]);
			expect(codesOf(result)).toEqual([CODES[call].redirect]);
			expect(itemsOf(result.success)).toEqual([{ item: 1 }]);
			expect(sockets().sentCount(call, path)).toBe(path === '' ? 2 : 1);
			expectIdKept(call, errorOf(result.failed[0]));
			await expectAccepted(createsOf(call) - (call === 'create' ? 1 : 0));
		},
	);

	it('is followed by the download, without the key', async () => {
		const { items, parameters } = await scenario('download');
		sockets().plant('download', redirect(), 1);
		const { success } = await sockets().run({ items, parameters });
		expect(success).toHaveLength(2);
		expect(other?.seen).toEqual([{ path: '/elsewhere.png', apiKey: undefined }]);
		expect(sockets().files.seen.map(({ hasKey }) => hasKey)).toEqual([false, false]);
		expect(sockets().api.seen.every(({ hasKey }) => hasKey)).toBe(true);
	});
});

describe('a certificate that nobody vouches for', () => {
	const certificate = selfSigned('localhost');
	let secure: FaultProxy | undefined;
	let baseUrl = '';

	beforeAll(async () => {
		const targetPort = Number(new URL(bench().sandbox.url).port);
		secure = await FaultProxy.start({ targetPort, kindOf, tls: certificate });
		baseUrl = secure.url.replace('127.0.0.1', 'localhost');
	});
	afterEach(() => secure?.reset());
	afterAll(() => secure?.close());

	const WORK: Array<[string, string, INodeParameters]> = [
		['upload', 'CERTIFICATE_REFUSED', { resource: 'image', operation: 'upload' }],
		...APIS.map((api): [string, string, INodeParameters] => [
			`create on ${api}`,
			'CERTIFICATE_REFUSED',
			{ ...CREATE_OF_ID, api },
		]),
		['get', 'STATE_UNKNOWN', { operation: 'get', operationId: 'known-id' }],
		['delete', 'CERTIFICATE_REFUSED', { resource: 'image', operation: 'delete', imageId: 'a' }],
		['download', 'DOWNLOAD_FAILED', { resource: 'generatedImage', operation: 'download' }],
	];

	it.each(WORK)('ends the %s at once with %s: no byte is sent', async (call, code, work) => {
		const imageUrl = `${baseUrl}/generated/a.png`;
		const parameters = call === 'download' ? { ...work, imageUrl } : work;
		const items = await products(1);
		const result = await sockets().run({ items, parameters, credential: { baseUrl } });
		expect(codesOf(result)).toEqual([code]);
		expect(sockets().sent).toHaveLength(1);
		expect(secure?.receivedBytes).toBe(0);
		if (call === 'get') expect(errorOf(result.failed[0])['operation_id']).toBe('known-id');
	});

	it('is all that is wrong with the server: who trusts it is answered', async () => {
		const request = https.get(`${baseUrl}/flat-lays/v1/uploaded_images/a`, {
			ca: certificate.cert,
		});
		const [response] = (await once(request, 'response')) as [http.IncomingMessage];
		response.resume();
		expect(response.statusCode).toBe(401);
		expect(secure?.receivedBytes).toBeGreaterThan(0);
	});
});

describe('a request that is given up at its deadline', () => {
	let server: LocalServer | undefined;

	afterEach(async () => await server?.close());

	it.each([
		['says nothing', false],
		['drips white space', true],
	])('is ended, its connection closed, when the server %s', async (_, isDripping) => {
		let open = 0;
		server = await startServer((request, response) => {
			open += 1;
			if (isDripping) response.writeHead(200, { 'content-type': 'application/json' });
			const drip = setInterval(() => isDripping && response.write(' '), 10);
			request.socket.once('close', () => {
				clearInterval(drip);
				open -= 1;
			});
		});
		const parameters = { operation: 'get', operationId: 'known-id' };
		const { baseUrl } = server;
		const result = await sockets().run({ parameters, credential: { baseUrl } });
		expect(codesOf(result)).toEqual(['STATE_UNKNOWN']);
		expect(errorOf(result.failed[0])['operation_id']).toBe('known-id');
		expect(server.seen.length).toBe(6);
		await until(() => open === 0);
	});
});

describe('the connections', () => {
	it('carry one request each, as n8n opens them', async () => {
		const { items, parameters } = await scenario('download');
		await sockets().run({ items, parameters });
		const { api, files } = sockets();
		expect(api.seen.length).toBeGreaterThanOrEqual(6);
		expect(api.connections).toBe(api.seen.length);
		expect(files.connections).toBe(files.seen.length);
	});

	describe('of a host that keeps them open', () => {
		let agent: http.Agent | undefined;

		beforeEach(() => {
			agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
			jest.spyOn(hostAgents, 'createHttpProxyAgent').mockReturnValue(agent);
		});
		afterEach(() => agent?.destroy());

		it('are used again', async () => {
			const { items, parameters } = await scenario('create');
			await sockets().run({ items, parameters });
			expect(sockets().api.seen.map(({ kind }) => kind)).toContain('create');
			expect(sockets().api.connections).toBe(1);
		});

		it.each([
			['reset', 'flatLays'],
			['close', 'flatLays'],
			['reset', 'studio'],
			['reset', 'unified'],
		] as const)(
			'lose a create when the server ends one by %s as it is used again (%s): it is sent once',
			async (by, api) => {
				const { items, parameters } = await scenario('create', api);
				sockets().plant('create', { kind: 'cutIdle', by }, 1);
				const result = await sockets().run({ items, parameters });
				expect(codesOf(result)).toEqual(['CREATE_OUTCOME_UNKNOWN']);
				expect(itemsOf(result.success)).toEqual([{ item: 1 }]);
				expect(sockets().sentCount('create')).toBe(2);
				await expectAccepted(1);
			},
		);

		it.each([
			['upload', 'reset'],
			['upload', 'close'],
			['get', 'reset'],
			['get', 'close'],
		] as const)('lose a request, but not the %s, when ended by %s', async (call, by) => {
			const { items, parameters } = await scenario(call);
			// The first upload opens the connection.
			const after = call === 'upload' ? 1 : 0;
			sockets().plant(call, { kind: 'cutIdle', by }, 2, { after });
			const { success, failed } = await sockets().run({ items, parameters });
			expect(failed).toEqual([]);
			expect(success).toHaveLength(2);
			expect(sockets().sentCount(call)).toBeGreaterThan(2);
			await expectAccepted(createsOf(call));
		});
	});
});
