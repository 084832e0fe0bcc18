import { Workflow, type IHttpRequestOptions } from 'n8n-workflow';

import { AiutaApi } from '../../credentials/AiutaApi.credentials';
import {
	releaseHost,
	runCredentialTest,
	startServer,
	type LocalServer,
} from '../support/n8n/credentialTest';

const KEY = 'test-key';
const credential = new AiutaApi();

function credentialData(baseUrl: string, api = 'flatLays') {
	return { apiKey: KEY, baseUrl, api };
}

const NO_REDIRECTS = {
	disableFollowRedirect: true,
	followRedirect: false,
	followAllRedirects: false,
	maxRedirects: 0,
};

/** Options as the HTTP Request node hands them over. */
function nodeRequest(uri: string, more: object = {}): IHttpRequestOptions {
	const redirects = { followRedirect: true, followAllRedirects: true, maxRedirects: 21 };
	return { uri, ...redirects, ...more } as unknown as IHttpRequestOptions;
}

describe('authenticate', () => {
	const data = credentialData('https://api.aiuta.com/');

	it('adds the key, keeps the other headers and the body, and forbids redirects', async () => {
		const body = { a: 1 };
		const options: IHttpRequestOptions = {
			url: 'https://api.aiuta.com/v1/sku_items',
			method: 'POST',
			headers: { accept: 'application/json' },
			body,
		};
		const result = await credential.authenticate(data, options);
		expect(result).toEqual({
			...options,
			headers: { accept: 'application/json', 'x-api-key': KEY },
			...NO_REDIRECTS,
		});
		expect(result.body).toBe(body);
		expect(options.headers).toEqual({ accept: 'application/json' });
	});

	it('forbids redirects even when the caller allows them', async () => {
		const result = await credential.authenticate(data, {
			url: 'https://api.aiuta.com/x',
			disableFollowRedirect: false,
		});
		expect(result).toMatchObject(NO_REDIRECTS);
		const ofNode = await credential.authenticate(data, nodeRequest('https://api.aiuta.com/x'));
		expect(ofNode).toMatchObject(NO_REDIRECTS);
	});

	it('trims the whitespace that is pasted along with a key', async () => {
		const result = await credential.authenticate(
			{ ...data, apiKey: ` ${KEY}\n` },
			{ url: 'https://api.aiuta.com/x' },
		);
		expect(result.headers).toEqual({ 'x-api-key': KEY });
	});

	it.each([
		[{ url: '/v1/x', baseURL: 'https://api.aiuta.com' }],
		[{ url: 'x', baseURL: 'https://api.aiuta.com/flat-lays/v1' }],
		[{ url: 'https://API.AIUTA.COM:443/x' }],
		[{ url: 'https://api.aiuta.com/x', baseURL: 'https://other.example' }],
		[nodeRequest('https://api.aiuta.com/v1/x')],
		[nodeRequest('/v1/x', { baseURL: 'https://api.aiuta.com' })],
		[nodeRequest('https://api.aiuta.com/x', { url: '' })],
		[nodeRequest('https://api.aiuta.com/x', { url: 'https://api.aiuta.com/y' })],
	])('adds the key to %j, which stays on the configured origin', async (options) => {
		const result = await credential.authenticate(data, options);
		expect(result.headers).toEqual({ 'x-api-key': KEY });
	});

	it.each([
		[{ url: 'https://example.com/x' }],
		[{ url: 'http://api.aiuta.com/x' }],
		[{ url: 'https://api.aiuta.com:8443/x' }],
		[{ url: 'https://api.aiuta.com@example.com/x' }],
		[{ url: 'https://example.com/x', baseURL: 'https://api.aiuta.com' }],
		[{ url: '//example.com/x', baseURL: 'https://api.aiuta.com' }],
		[{ url: '/x', baseURL: 'https://example.com' }],
		[{ url: '/x' }],
		[{ url: '' }],
		[nodeRequest('https://example.com/x')],
		[nodeRequest('http://api.aiuta.com/x')],
		[nodeRequest('')],
		[nodeRequest('https://api.aiuta.com/x', { url: 'https://example.com/x' })],
		[nodeRequest('https://example.com/x', { url: 'https://api.aiuta.com/x' })],
		[nodeRequest('/x', { baseURL: 'https://example.com' })],
		[nodeRequest('//example.com/x', { baseURL: 'https://api.aiuta.com' })],
	])('refuses to add the key to %j', async (options) => {
		await expect(credential.authenticate(data, options)).rejects.toThrow(/key was not added/);
	});

	it.each([
		['http://api.aiuta.com', /^Base URL .*https/],
		['https://api.aiuta.com?x=1', /^Base URL .*query/],
		['', /^Base URL is empty/],
	])('refuses the base URL %j by name', async (baseUrl, message) => {
		const attempt = credential.authenticate(credentialData(baseUrl), { url: `${baseUrl}/x` });
		await expect(attempt).rejects.toThrow(message);
	});

	it('refuses an empty key by name', async () => {
		const attempt = credential.authenticate(
			{ ...data, apiKey: ' ' },
			{ url: 'https://api.aiuta.com/x' },
		);
		await expect(attempt).rejects.toThrow(/^API Key is empty/);
	});

	it.each([
		['a zero-width space', 'test\u200bkey', /character 5 is U\+200B/],
		['a line break', 'test\nkey', /character 5 is U\+000A/],
		['a space', 'test key', /character 5 is U\+0020/],
		['a letter beyond ASCII', 'testé', /character 5 is U\+00E9/],
		['an emoji', 'test😀', /character 5 is U\+1F600/],
	])('refuses a key with %s: it names the field and says what to do', async (_, apiKey, where) => {
		const attempt = credential.authenticate(
			{ ...data, apiKey },
			{ url: 'https://api.aiuta.com/x' },
		);
		await expect(attempt).rejects.toThrow(/^API Key contains .* paste the key again/);
		await expect(attempt).rejects.toThrow(where);
		await expect(attempt).rejects.not.toThrow('test');
	});

	it('never repeats the key in a refusal', async () => {
		const attempt = credential.authenticate(data, { url: 'https://example.com/x' });
		await expect(attempt).rejects.not.toThrow(KEY);
	});
});

describe('the credential test', () => {
	const servers: LocalServer[] = [];

	async function serverAnswering(status: number, body: unknown, headers = {}) {
		const server = await startServer((_request, response) => {
			response.writeHead(status, { 'content-type': 'application/json', ...headers });
			response.end(JSON.stringify(body));
		});
		servers.push(server);
		return server;
	}

	afterAll(releaseHost);

	afterEach(async () => {
		await Promise.all(servers.splice(0).map(async (server) => await server.close()));
	});

	it.each([
		['flatLays', '/flat-lays/v1/flat_lay_operations/00000000-0000-4000-8000-000000000000'],
		['studio', '/studio/v1/flat_lay_operations/flatlay_op-00000000-0000-4000-8000-000000000000'],
		['unified', '/v1/sku_items?limit=1'],
	])('asks %s once for something that costs nothing, and passes', async (api, path) => {
		const server = await serverAnswering(200, api === 'unified' ? { items: [], total: 0 } : null);
		await expect(runCredentialTest(credentialData(server.baseUrl, api))).resolves.toEqual({
			passed: true,
		});
		expect(server.seen).toEqual([{ path, apiKey: KEY }]);
	});

	it.each(['/', '///', '/flat-lays/v1', '/studio/v1/', '/v1', ' '])(
		'finds the API when the base URL ends with %j',
		async (ending) => {
			const server = await serverAnswering(200, { items: [], total: 0 });
			const data = credentialData(server.baseUrl + ending, 'unified');
			await expect(runCredentialTest(data)).resolves.toEqual({ passed: true });
			expect(server.seen.map(({ path }) => path)).toEqual(['/v1/sku_items?limit=1']);
		},
	);

	it('keeps the path of a proxy', async () => {
		const server = await serverAnswering(200, null);
		await runCredentialTest(credentialData(`${server.baseUrl}/aiuta/studio/v1/`, 'studio'));
		expect(server.seen.map(({ path }) => path)).toEqual([
			'/aiuta/studio/v1/flat_lay_operations/flatlay_op-00000000-0000-4000-8000-000000000000',
		]);
	});

	it.each([
		[401, /refused the key \(401\)/],
		[403, /refused the key \(403\).*one API/],
	])('fails with a clear message when the key is answered %i', async (status, message) => {
		const server = await serverAnswering(status, { detail: 'no' });
		const result = await runCredentialTest(credentialData(server.baseUrl));
		expect(result).toEqual({ passed: false, status, message: expect.stringMatching(message) });
		expect(JSON.stringify(result)).not.toContain(KEY);
	});

	it.each([404, 422])(
		'says of %i, where the host takes it for an error, that the key was not refused',
		async (status) => {
			const server = await serverAnswering(status, { detail: 'no' });
			await expect(runCredentialTest(credentialData(server.baseUrl))).resolves.toEqual({
				passed: false,
				status,
				message: expect.stringContaining('key was not refused'),
			});
		},
	);

	it.each([402, 429, 500, 503])('fails when the answer is %i', async (status) => {
		const server = await serverAnswering(status, {});
		await expect(runCredentialTest(credentialData(server.baseUrl))).resolves.toMatchObject({
			passed: false,
			status,
		});
	});

	it('fails when nothing listens at the base URL', async () => {
		const server = await serverAnswering(200, null);
		await server.close();
		servers.splice(0);
		const result = await runCredentialTest(credentialData(server.baseUrl));
		expect(result).toMatchObject({ passed: false, status: undefined });
	});

	it.each([301, 302, 303, 307, 308])(
		'does not follow a redirect %i, so that the key stays on its origin',
		async (status) => {
			const elsewhere = await serverAnswering(200, null);
			const server = await serverAnswering(status, null, { location: `${elsewhere.baseUrl}/x` });
			await expect(runCredentialTest(credentialData(server.baseUrl))).resolves.toEqual({
				passed: false,
				status,
				message: expect.stringContaining('redirects'),
			});
			expect(elsewhere.seen).toEqual([]);
		},
	);

	it('refuses plain http to another host before anything is sent', async () => {
		const result = await runCredentialTest(credentialData('http://aiuta.invalid'));
		expect(result).toEqual({
			passed: false,
			status: undefined,
			message: expect.stringMatching(/^Base URL .*https/),
		});
	});

	it('refuses a key with an invisible character before anything is sent', async () => {
		const server = await serverAnswering(200, null);
		const data = { ...credentialData(server.baseUrl), apiKey: `${KEY}\u200b!` };
		await expect(runCredentialTest(data)).resolves.toEqual({
			passed: false,
			status: undefined,
			message: expect.stringMatching(/^API Key contains .* paste the key again/),
		});
		expect(server.seen).toEqual([]);
	});

	it.each(['', 'api.aiuta.com', 'https://user:pw@api.aiuta.com', 'https://api.aiuta.com/?a=b'])(
		'refuses the base URL %j with a message that names the field',
		async (baseUrl) => {
			const result = await runCredentialTest(credentialData(baseUrl));
			expect(result).toMatchObject({
				passed: false,
				status: undefined,
				message: expect.stringMatching(/^Base URL /),
			});
		},
	);
});

describe('which statuses the credential test lets pass', () => {
	/** Evaluate the test's setting as a host with these keys in its expressions does. */
	function evaluate(hostKeys: Record<string, { id: string }>): unknown {
		const workflow = new Workflow({
			nodes: [],
			connections: {},
			active: false,
			nodeTypes: {
				getByName: () => ({ description: { properties: [] } }) as never,
				getByNameAndVersion: () => ({ description: { properties: [] } }) as never,
				getKnownTypes: () => ({}),
			},
		});
		const { ignoreHttpStatusErrors } = new AiutaApi().test.request;
		return workflow.expression.getParameterValue(
			ignoreHttpStatusErrors ?? false,
			null,
			0,
			0,
			'Temp',
			[],
			'internal',
			hostKeys,
		);
	}

	it('are none on a host that cannot except the refusals', () => {
		expect(evaluate({})).toBe(false);
	});

	it('are 404 and 422 alone on a host that can', () => {
		const setting = evaluate({ $execution: { id: '1' } }) as { ignore: boolean; except: number[] };
		expect(setting.ignore).toBe(true);
		const passing = Array.from({ length: 300 }, (_, index) => 300 + index).filter(
			(status) => !setting.except.includes(status),
		);
		expect(passing).toEqual([404, 422]);
	});
});
