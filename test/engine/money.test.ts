/** What costs money or gives the key away, fault by fault, over real connections. */
import type { INodeParameters } from 'n8n-workflow';

import type { FaultEffect, RouteKind } from '../sandbox';
import { startServer, type LocalServer } from '../support/n8n/credentialTest';
import { CLOCK_SPEED, hostClock, sleepersNow } from '../support/time/fastClock';
import type { RunResult } from '../support/n8n/host';
import {
	APIS,
	errorOf,
	failedItems,
	generate,
	ON_ERROR,
	products,
	until,
	useBench,
} from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench();

const ONE_BY_ONE: INodeParameters = { batching: { maxProductsInFlight: 1 } };
const CREATE = generate({ operation: 'create', imageSource: 'binary' });

function fault(route: RouteKind, effect: FaultEffect, times?: number): void {
	bench().sandbox.fault({ route, effect, ...(times === undefined ? {} : { times }) });
}

/** The error of a stopped run, or the messages of its failed items. */
function said(result: RunResult): string {
	return [
		result.error?.message ?? '',
		result.error?.description ?? '',
		...failedItems(result).map((item) => JSON.stringify(errorOf(item))),
	].join('\n');
}

describe('a refused key', () => {
	const WORK: Array<[string, INodeParameters]> = [
		...APIS.map((api): [string, INodeParameters] => [
			`Generate and Wait on ${api}`,
			generate({ api }),
		]),
		['Create Operation', CREATE],
		[
			'Create Operation with image IDs',
			{ operation: 'create', imageSource: 'uploadedImageIds', uploadedImageIds: 'a' },
		],
		['Get Operation', { operation: 'get', operationId: 'a, b, c' }],
		['Wait for Operation', { operation: 'wait', operationId: 'a, b, c' }],
		['uploads', { resource: 'image', operation: 'upload' }],
		['reading images', { resource: 'image', operation: 'get', imageId: 'a' }],
		['deleting images', { resource: 'image', operation: 'delete', imageId: 'a' }],
		['deleting pictures', { resource: 'generatedImage', operation: 'delete', imageId: 'a' }],
	];

	describe.each(WORK)('of %s', (_name, parameters) => {
		it.each(ON_ERROR)('costs one request for twenty items under %s', async (onError) => {
			const result = await bench().run({
				items: await products(20),
				parameters,
				credential: { apiKey: 'not-the-key' },
				onError,
			});
			expect(bench().sandbox.stats().requests).toBe(1);
			expect(said(result)).toContain('Aiuta refused the API key');
			expect(said(result)).toContain('Aiuta API credential');
			expect(said(result)).not.toContain('not-the-key');
			if (onError !== 'stopWorkflow') {
				const perItem = parameters['operationId'] === undefined ? 1 : 3;
				expect(failedItems(result)).toHaveLength(20 * perItem);
			}
		});
	});

	it('is refused once under Retry On Fail, each time it is tried', async () => {
		await bench().run({
			items: await products(20),
			parameters: generate(),
			credential: { apiKey: 'not-the-key' },
			retryOnFail: { maxTries: 3 },
		});
		expect(bench().sandbox.stats().requests).toBe(3);
	});

	it('after operations exist starts nothing new and keeps their IDs', async () => {
		const effect: FaultEffect = { kind: 'status', status: 401 };
		bench().sandbox.fault({ route: 'create', after: 2, effect });
		const result = await bench().run({
			items: await products(6),
			parameters: { ...CREATE, ...ONE_BY_ONE },
			onError: 'continueErrorOutput',
		});
		expect(result.success).toHaveLength(2);
		expect(result.failed.map((item) => errorOf(item)['code'])).toEqual([
			'KEY_REFUSED',
			'NOT_STARTED',
			'NOT_STARTED',
			'NOT_STARTED',
		]);
		const { routes } = bench().sandbox.stats();
		expect(routes.create.requests).toBe(3);
		expect(routes.upload.requests).toBe(3);
	});
});

it('402 stops further creates, names the plan and counts as not accepted', async () => {
	fault('create', { kind: 'status', status: 402, body: { message: 'Balance is 0' } });
	const { failed } = await bench().run({
		items: await products(5),
		parameters: { ...generate(), ...ONE_BY_ONE },
		onError: 'continueErrorOutput',
	});
	expect(bench().sandbox.stats().routes.create.requests).toBe(1);
	expect(failed.map(errorOf)).toMatchObject([
		{
			code: 'PAYMENT_REQUIRED',
			description: expect.stringMatching(/plan.*Balance is 0/),
		},
		...Array.from({ length: 4 }, () => ({ code: 'NOT_STARTED' })),
	]);
});

describe('a redirect', () => {
	let thief: LocalServer | undefined;

	beforeEach(async () => {
		thief = await startServer((_request, response) => response.end('{"id":"x","url":"y"}'));
	});
	afterEach(async () => await thief?.close());

	it.each(['upload', 'create', 'getOperation'] as const)(
		'of %s is not followed: the key goes to the configured origin and nowhere else',
		async (route) => {
			const location = `${thief?.baseUrl ?? ''}/collect`;
			fault(route, { kind: 'redirect', status: 307, location });
			const { failed } = await bench().run({
				items: await products(1),
				parameters: generate(),
				onError: 'continueErrorOutput',
			});
			expect(thief?.seen).toEqual([]);
			const code = { upload: 'REDIRECTED', create: 'CREATE_OUTCOME_UNKNOWN' }[String(route)];
			expect(errorOf(failed[0])['code']).toBe(code ?? 'STATE_UNKNOWN');
			if (route === 'getOperation') {
				expect(errorOf(failed[0])['operation_id']).toBe(bench().sandbox.stats().operations[0]?.id);
			}
		},
	);

	it('of a picture is followed without the key', async () => {
		fault('file', { kind: 'redirect', status: 302, location: `${thief?.baseUrl ?? ''}/p.png` });
		await bench().run({ items: await products(1), parameters: generate() });
		expect(thief?.seen.length).toBeGreaterThan(0);
		for (const { apiKey } of thief?.seen ?? []) expect(apiKey).toBeUndefined();
	});
});

describe('a create whose answer is lost', () => {
	const LOST: Array<[string, FaultEffect]> = [
		['reset before it was read', { kind: 'resetBefore' }],
		['reset after it took effect', { kind: 'resetAfter' }],
		['HTTP 500', { kind: 'status', status: 500 }],
		['HTTP 502 with a page', { kind: 'status', status: 502, body: '<html>Bad gateway</html>' }],
		['a page instead of JSON', { kind: 'body', body: '<html>Welcome</html>' }],
		['JSON null', { kind: 'body', body: 'null' }],
		['half of the JSON', { kind: 'body', body: '{"operation_id": "ab' }],
		['an answer without an ID', { kind: 'body', body: '{}' }],
	];

	it.each(LOST)('(%s) is sent once and may have been accepted', async (_name, effect) => {
		fault('create', effect, 1);
		const { success, failed } = await bench().run({
			items: await products(3),
			parameters: { ...generate(), ...ONE_BY_ONE },
			onError: 'continueErrorOutput',
		});
		expect(failed.map(errorOf)).toMatchObject([
			{
				code: 'CREATE_OUTCOME_UNKNOWN',
				product_id: 'P0',
				retryable: false,
				description: expect.stringContaining('not sent again'),
			},
		]);
		// The others went on, one at a time until one was accepted.
		expect(success.map(({ json }) => json['product_id'])).toEqual(['P1', 'P2']);
		const { routes, duplicates } = bench().sandbox.stats();
		expect(routes.create.requests).toBe(3);
		expect(duplicates).toEqual([]);
	});
});

it.each([408, 425])('a create answered %i was not processed and is sent again', async (status) => {
	fault('create', { kind: 'status', status }, 1);
	const { success } = await bench().run({ items: await products(1), parameters: generate() });
	expect(success).toHaveLength(1);
	expect(bench().sandbox.stats().createsAccepted).toBe(1);
});

it('an operation ID outlives whatever its polls meet', async () => {
	fault('getOperation', { kind: 'status', status: 500 }, 2);
	fault('getOperation', { kind: 'body', body: '<html>' }, 1);
	fault('getOperation', { kind: 'resetBefore' }, 1);
	const { success, error } = await bench().run({
		items: await products(1),
		parameters: generate(),
	});
	expect(error).toBeUndefined();
	expect(success[0]?.json['operation_id']).toBe(bench().sandbox.stats().operations[0]?.id);
	expect(bench().sandbox.stats().routes.getOperation.requests).toBe(5);
});

describe('429', () => {
	const throttled = (retryAfter?: number): FaultEffect => ({
		kind: 'status',
		status: 429,
		...(retryAfter === undefined ? {} : { retryAfter }),
	});

	it.each(['upload', 'create', 'getOperation'] as const)(
		'of %s is waited out as long as Retry-After says',
		async (route) => {
			fault(route, throttled(4), 2);
			const { success, hints } = await bench().run({
				items: await products(2),
				parameters: generate(),
			});
			expect(success).toHaveLength(2);
			expect(hints.join()).toContain('slowed down by the rate limit');
			const { requestLog, createsAccepted } = bench().sandbox.stats();
			expect(createsAccepted).toBe(2);
			const refused = requestLog.filter(({ status }) => status === 429);
			expect(refused).toHaveLength(2);
			for (const { endedAtMs } of refused) {
				const next = requestLog.find(({ startedAtMs }) => startedAtMs > endedAtMs);
				// A request that had left before the refusal was read does not count.
				const gapMs = ((next?.startedAtMs ?? Infinity) - endedAtMs) * CLOCK_SPEED;
				expect(gapMs > 3_000 || gapMs < 2_000).toBe(true);
			}
		},
	);

	it('of a real rate limit slows the run down, and everything is made once', async () => {
		bench().sandbox.configure({
			rateLimit: { requestsPerSecond: 60, burst: 3, retryAfter: true },
		});
		const { success } = await bench().run({
			items: await products(8),
			parameters: CREATE,
		});
		expect(success).toHaveLength(8);
		const { createsAccepted, duplicates } = bench().sandbox.stats();
		expect(createsAccepted).toBe(8);
		expect(duplicates).toEqual([]);
	});
});

it.each<[string, FaultEffect]>([
	['500', { kind: 'status', status: 500 }],
	['503', { kind: 'status', status: 503 }],
	['a reset', { kind: 'resetAfter' }],
	['a page', { kind: 'body', body: '<html>Welcome</html>' }],
])('an upload that meets %s is repeated, being free', async (_name, effect) => {
	fault('upload', effect, 2);
	const { success } = await bench().run({ items: await products(1), parameters: generate() });
	expect(success).toHaveLength(1);
	expect(bench().sandbox.stats().routes.upload.requests).toBe(3);
	expect(bench().sandbox.stats().createsAccepted).toBe(1);
});

it('an upload is given up after three repetitions, and nothing is created', async () => {
	fault('upload', { kind: 'status', status: 500 });
	const { error } = await bench().run({ items: await products(1), parameters: generate() });
	expect(error?.description).toContain('HTTP 500');
	expect(bench().sandbox.stats().routes.upload.requests).toBe(4);
	expect(bench().sandbox.stats().routes.create.requests).toBe(0);
});

it('a server that cannot be reached is named with the Base URL', async () => {
	const gone = await startServer(() => undefined);
	await gone.close();
	const { error } = await bench().run({
		items: await products(1),
		parameters: generate(),
		credential: { baseUrl: gone.baseUrl },
	});
	expect(error?.message).toBe('The Aiuta API could not be reached');
	expect(error?.description).toMatch(/Base URL.*ECONNREFUSED/);
});

describe('the key', () => {
	const SECRET = 'aiuta-4fZr9QpK';

	it('appears in no output, error, log or stored run, whatever a server says', async () => {
		const { sandbox, log } = bench();
		sandbox.configure({ apiKeys: { ...sandbox.apiKeys, flatLays: SECRET } });
		const runs: RunResult[] = [];
		const quoting: FaultEffect = {
			kind: 'status',
			status: 400,
			body: { message: `The key ${SECRET} is blocked` },
		};
		const effects: Array<[RouteKind, FaultEffect] | undefined> = [
			undefined,
			['upload', quoting],
			['create', quoting],
			['getOperation', quoting],
			['create', { kind: 'resetAfter' }],
			['upload', { ...quoting, status: 401 }],
		];
		for (const onError of ON_ERROR) {
			for (const effect of effects) {
				sandbox.clearFaults();
				if (effect !== undefined) fault(...effect);
				const items = await products(2);
				runs.push(await bench().run({ items, parameters: generate(), onError }));
			}
		}
		expect(runs).toHaveLength(18);
		expect(JSON.stringify(runs)).not.toContain(SECRET);
		expect(JSON.stringify(log)).not.toContain(SECRET);
		expect(log.filter(({ level }) => level === 'error').length).toBeGreaterThan(5);
		const { keySeenOn, keyInUrl } = sandbox.stats();
		expect(keySeenOn.api).toBeGreaterThan(18);
		expect(keySeenOn.files).toBe(0);
		expect(keyInUrl).toBe(0);
	});
});

describe('what a run says about itself', () => {
	it('is a hint that sums up', async () => {
		const titles = ['[fail]', '[forever]', ''];
		const { hints } = await bench().run({
			items: await products(4, (index) => titles[index] ?? ''),
			parameters: generate({ maxWaitMinutes: 0.5, onTimeout: 'unfinished' }),
			onError: 'continueErrorOutput',
		});
		expect(hints).toHaveLength(1);
		expect(hints[0]).toMatch(/^Aiuta: 2 of 4 finished, 1 failed, 1 still running, \d+ s/);
	});

	it('is a line in the log for each operation as it is created', async () => {
		await bench().run({ items: await products(3), parameters: CREATE });
		const { creates } = bench().sandbox.stats();
		const lines = bench().log.filter(({ level }) => level === 'info');
		expect(lines).toHaveLength(3);
		for (const { operationId } of creates) {
			expect(lines.filter(({ message }) => message.includes(operationId))).toHaveLength(1);
		}
		expect(lines.map(({ message }) => /product (P\d)/.exec(message)?.[1]).sort()).toEqual([
			'P0',
			'P1',
			'P2',
		]);
	});

	it('is one entry of custom data with the IDs that fit', async () => {
		const { run } = await bench().run({ items: await products(20), parameters: CREATE });
		const { metadata } = run.data.resultData;
		expect(Object.keys(metadata ?? {})).toEqual(['aiuta']);
		const text = metadata?.['aiuta'] ?? '';
		expect(text.length).toBeLessThanOrEqual(512);
		expect(text).toMatch(/^20 of 20 done/);
		const shown = text.match(/[0-9a-f-]{36}/g) ?? [];
		expect(shown.length).toBeGreaterThan(5);
		const ids = bench()
			.sandbox.stats()
			.operations.map(({ id }) => id);
		for (const id of shown) expect(ids).toContain(id);
	});
});

describe('after the last execution', () => {
	it('no timer of the node is left', async () => {
		await bench().run({ items: await products(3), parameters: generate() });
		// Nothing else sleeps on this clock, which is the node's only way to a timer.
		await until(() => sleepersNow() === 0);
		const probe = hostClock.sleep(40);
		expect(sleepersNow()).toBe(1);
		await probe;
	});

	it('what was learned of the rate is forgotten with the scheduler', async () => {
		fault('upload', { kind: 'status', status: 429 }, 1);
		const first = await bench().run({ items: await products(2), parameters: CREATE });
		expect(first.hints.join()).toContain('slowed down');
		await until(() => sleepersNow() === 0);
		const later = await bench().run({ items: await products(2), parameters: CREATE });
		expect(later.hints.join()).not.toContain('slowed down');
	});
});
