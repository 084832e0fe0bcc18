/** Planted faults, the rate limit, the ledger, and the control calls of the sandbox. */
import { startSandbox } from '../sandbox';
import { advanceClock, at, Client, photo, plainBody, useSandbox } from './sandbox.support';

const sandbox = useSandbox();
const client = () => new Client(sandbox());

/** Let the event loop turn until something has happened. */
async function until(happened: () => boolean): Promise<void> {
	while (!happened()) await new Promise((resolve) => setImmediate(resolve));
}

describe('faults', () => {
	it('hit the requests after the skipped ones, as often as asked', async () => {
		const fault = sandbox().fault({
			route: 'getOperation',
			after: 1,
			times: 2,
			effect: { kind: 'status', status: 503, retryAfter: 7, body: '<b>down</b>' },
		});
		const replies = [];
		for (let count = 0; count < 4; count += 1) replies.push(await client().operation('x'));
		expect(replies.map(({ status }) => status)).toEqual([200, 503, 503, 200]);
		expect(replies[1]?.headers.get('retry-after')).toBe('7');
		expect(replies[1]?.headers.get('content-type')).toContain('text/html');
		expect(fault.hits()).toBe(2);
		expect((await client().call('GET', '/uploaded_images/x')).status).toBe(404);
	});

	it.each([
		['a status before the effect', { kind: 'status', status: 500 }, 'before', 0],
		['a status after the effect', { kind: 'status', status: 500 }, 'after', 1],
		['a reset before the effect', { kind: 'resetBefore' }, undefined, 0],
		['a reset after the effect', { kind: 'resetAfter' }, undefined, 1],
		['a malformed body', { kind: 'body', body: '{"operation_id":' }, undefined, 1],
		['a redirect', { kind: 'redirect', status: 307, location: 'http://x.example' }, undefined, 0],
	] as const)('%s leaves the right number of creates', async (_name, effect, when, creates) => {
		const id = await client().upload();
		sandbox().fault({ route: 'create', effect, ...(when === undefined ? {} : { when }) });
		const sent = client().create(plainBody('flatLays', [id], 'x'));
		if (effect.kind === 'resetBefore' || effect.kind === 'resetAfter') {
			await expect(sent).rejects.toThrow('fetch failed');
			expect(sandbox().stats().routes.create.statuses).toEqual({ '0': 1 });
		} else if (effect.kind === 'body') {
			expect(await sent).toMatchObject({ status: 200, text: effect.body });
		} else {
			expect((await sent).status).toBe(effect.status);
		}
		expect(sandbox().stats().createsAccepted).toBe(creates);
	});

	it('reset an upload before its body is read', async () => {
		sandbox().fault({ route: 'upload', times: 1, effect: { kind: 'resetBefore' } });
		await expect(client().upload()).rejects.toThrow('fetch failed');
		expect(sandbox().stats().uploads).toHaveLength(0);
		await client().upload();
		expect(sandbox().stats().uploads).toHaveLength(1);
	});

	it('a delay answers late, a hang not at all', async () => {
		const delay = sandbox().fault({
			route: 'getOperation',
			effect: { kind: 'delay', delayMs: 20 },
		});
		const before = performance.now();
		expect((await client().operation('x')).status).toBe(200);
		expect(performance.now() - before).toBeGreaterThanOrEqual(19);
		delay.clear();
		sandbox().fault({ route: 'getOperation', effect: { kind: 'hang' } });
		const signal = AbortSignal.timeout(20);
		await expect(client().call('GET', '/flat_lay_operations/x', { signal })).rejects.toThrow(
			'timeout',
		);
	});

	it('reach the file host, and can be cleared', async () => {
		const url = `${sandbox().filesUrl}/uploads/${await client().upload()}.png`;
		sandbox().fault({ route: 'file', effect: { kind: 'status', status: 502 } });
		expect((await fetch(url)).status).toBe(502);
		sandbox().clearFaults();
		expect((await fetch(url)).status).toBe(200);
	});
});

describe('rate limit', () => {
	it('refuses above the burst, without effect, and says when to come back', async () => {
		const id = await client().upload();
		sandbox().configure({
			rateLimit: { requestsPerSecond: 0.01, burst: 2, retryAfter: true },
		});
		const body = plainBody('flatLays', [id], 'x');
		const replies = [];
		for (let count = 0; count < 4; count += 1) replies.push(await client().create(body));
		expect(replies.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
		expect(Number(replies[2]?.headers.get('retry-after'))).toBeGreaterThan(90);
		const stats = sandbox().stats();
		expect(stats.createsAccepted).toBe(2);
		expect(stats.throttled).toBe(2);
		sandbox().configure({ rateLimit: null });
		expect((await client().create(body)).status).toBe(200);
	});

	it('gives a token back after its time', async () => {
		sandbox().configure({ rateLimit: { requestsPerSecond: 0.001, burst: 1 } });
		await client().operation('x');
		expect((await client().operation('x')).status).toBe(429);
		advanceClock(1_000_000);
		expect((await client().operation('x')).status).toBe(200);
		expect((await client().operation('x')).status).toBe(429);
	});
});

describe('ledger', () => {
	it('counts creates per product, however often the photos were uploaded', async () => {
		const [red, blue] = [await photo('#ff0000'), await photo('#0000ff')];
		const first = await client().start('Dress', [await client().upload(red)]);
		await client().start('Dress', [await client().upload(blue)]);
		await client().start('Skirt', [await client().upload(red)]);
		expect(sandbox().stats().duplicates).toEqual([]);
		const again = await client().start('Dress', [await client().upload(red)]);
		expect(sandbox().stats().duplicates).toMatchObject([{ operationIds: [first, again] }]);
	});

	it('tells where the key was seen, in whatever place', async () => {
		await client().operation('x');
		await fetch(`${sandbox().filesUrl}/uploads/x.png`);
		expect(sandbox().stats().keySeenOn).toEqual({ api: 1, files: 0 });
		await fetch(`${sandbox().filesUrl}/x`, { headers: { 'x-api-key': 'any' } });
		await fetch(`${sandbox().filesUrl}/x`, {
			headers: { cookie: `k=${sandbox().apiKeys.studio}` },
		});
		await fetch(`${sandbox().filesUrl}/x?key=${sandbox().apiKeys.studio}`);
		expect(sandbox().stats()).toMatchObject({ keySeenOn: { api: 1, files: 3 }, keyInUrl: 1 });
	});

	it('counts requests at the same time, paths that do not exist, and polls', async () => {
		const id = await client().start('x');
		sandbox().fault({ route: 'getOperation', when: 'after', effect: { kind: 'hang' } });
		const abort = new AbortController();
		const polls = [1, 2, 3].map(async () => {
			const init = { signal: abort.signal };
			return await client().call('GET', `/flat_lay_operations/${id}`, init);
		});
		await until(() => sandbox().stats().operations[0]?.polls === 3);
		abort.abort();
		await Promise.allSettled(polls);
		await until(() => sandbox().stats().routes.getOperation.statuses['0'] === 3);
		await client().call('GET', '/nonsense');
		const stats = sandbox().stats();
		expect(stats.maxConcurrentRequests).toBe(3);
		expect(stats.routes.getOperation).toMatchObject({ requests: 3, maxConcurrent: 3 });
		expect(stats.routes.other).toMatchObject({ requests: 1, statuses: { '404': 1 } });
		expect(stats.operations).toMatchObject([{ id, polls: 3, status: 'SUCCESS' }]);
		expect(stats.requestLog.map(({ route }) => route)).toContain('upload');
	});
});

describe('control calls', () => {
	const control = async (method: string, path: string, body?: unknown) =>
		await client().raw(`${sandbox().url}/__sandbox/${path}`, {
			method,
			...(body === undefined
				? {}
				: { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
		});

	it('plant, list and remove faults without a key', async () => {
		const fault = { route: 'getOperation', effect: { kind: 'status', status: 418 } };
		const planted = await control('POST', 'faults', fault);
		expect((await client().operation('x')).status).toBe(418);
		expect((await control('GET', 'faults')).json).toMatchObject([{ ...fault, hits: 1 }]);
		await control('DELETE', `faults/${String(at(planted.json, 'id'))}`);
		expect((await client().operation('x')).status).toBe(200);
	});

	it('set outcomes and options, and reset everything', async () => {
		await control('POST', 'outcomes', { target: {}, outcome: { result: 'fail' } });
		await control('POST', 'options', { forbiddenKeys: [sandbox().apiKeys.flatLays] });
		expect((await client().operation('x')).status).toBe(403);
		await control('POST', 'options', { forbiddenKeys: [] });
		const failed = await client().operation(await client().start('x'));
		expect(at(failed.json, 'status')).toBe('FAILED');
		expect((await control('GET', 'stats')).json).toMatchObject({ createsAccepted: 1 });
		await control('POST', 'reset');
		expect((await control('GET', 'stats')).json).toMatchObject({ requests: 0, operations: [] });
		expect((await control('GET', 'stats?log=1')).json).toMatchObject({ requestLog: [] });
	});

	it.each([
		['faults', { route: 'creates', effect: { kind: 'hang' } }],
		['faults', { route: 'create', effect: { kind: 'status' } }],
		['outcomes', { target: {}, outcome: { result: 'succeed' } }],
		['outcomes', { target: { operationId: 'none' }, outcome: {} }],
		['options', { generationSeconds: 1 }],
		['options', { concurrency: 0 }],
	])('refuse a mistake in %s', async (path, body) => {
		expect((await control('POST', path, body)).status).toBe(422);
	});
});

it('closes at once, with requests hanging and connections open', async () => {
	const own = await startSandbox();
	own.fault({ route: 'getOperation', effect: { kind: 'hang' } });
	own.fault({ route: 'getImage', effect: { kind: 'delay', delayMs: 60_000 } });
	const hanging = [
		new Client(own).operation('x'),
		new Client(own).call('GET', '/uploaded_images/x'),
	].map(async (request) => await request.catch(() => 'cut'));
	await until(() => own.stats().requests === 2);
	await own.close();
	expect((await Promise.all(hanging))[0]).toBe('cut');
	await expect(fetch(own.url)).rejects.toThrow('fetch failed');
});

it('refuses options that make no sense', async () => {
	await expect(startSandbox({ generationMs: -1 })).rejects.toThrow(RangeError);
	await expect(startSandbox({ rateLimit: { requestsPerSecond: 0, burst: 1 } })).rejects.toThrow(
		'rateLimit',
	);
});

it('draws the same generation times from the same seed, within the range', async () => {
	const times = async (seed: number) => {
		const own = await startSandbox({ seed, generationMs: { minMs: 100, maxMs: 900 } });
		for (const title of ['a', 'b', 'c']) await new Client(own).start(title);
		await own.close();
		return own.stats().operations.map(({ generationMs }) => generationMs);
	};
	const drawn = await times(3);
	expect(await times(3)).toEqual(drawn);
	expect(await times(4)).not.toEqual(drawn);
	expect(Math.min(...drawn)).toBeGreaterThanOrEqual(100);
	expect(Math.max(...drawn)).toBeLessThanOrEqual(900);
});
