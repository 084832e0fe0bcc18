/** Every exchange with the network has a limit in all, and every answer one of size. */
import { PassThrough, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

import type { HttpOutcome } from '../../nodes/Aiuta/core/http';
import { urlSource } from '../../nodes/Aiuta/transport/pictures';
import { createSend } from '../../nodes/Aiuta/transport/send';
import { streamOf, TransportBench, type Answering } from './transport.support';

const ACCESS = { baseUrl: 'https://api.aiuta.com', apiKey: 'the-key' };
const LATE: HttpOutcome = { kind: 'connectionLost', code: 'NO_ANSWER_IN_TIME' };

const never = async <T>() => await new Promise<T>(() => undefined);
const json = (value: unknown) => streamOf(new TextEncoder().encode(JSON.stringify(value)));

function sendOf(bench: TransportBench, timeoutMs = 30_000) {
	return createSend(bench.ports, ACCESS)({ method: 'GET', path: '/x', timeoutMs });
}

/** White space, a byte a second, for ever. */
function dripping(bench: TransportBench): Readable {
	async function* drip() {
		for (;;) {
			await bench.clock.sleep(1_000);
			yield Buffer.from(' ');
		}
	}
	return Readable.from(drip(), { objectMode: false });
}

describe('a request to the API', () => {
	it('is answered as it comes, with no timer left a second later', async () => {
		const bench = new TransportBench(async () => await Promise.resolve({ body: json({ a: 1 }) }));
		expect(await sendOf(bench)).toMatchObject({ kind: 'response', status: 200, body: '{"a":1}' });
		await bench.clock.advance(1_000);
		expect(bench.clock.pending).toBe(0);
	});

	const SILENCES: Array<[string, (bench: TransportBench) => Answering]> = [
		['never answers', () => never],
		['answers with a head and no body', () => async () => ({ body: new PassThrough() })],
		['drips white space', (bench) => async () => ({ body: dripping(bench) })],
	];

	it.each(SILENCES)('counts as lost at its deadline when the server %s', async (_, answering) => {
		for (const timeoutMs of [30_000, 60_000, 120_000]) {
			const bench: TransportBench = new TransportBench(async (options) =>
				answering(bench)(options),
			);
			const startMs = bench.clock.now();
			expect(await bench.clock.run(sendOf(bench, timeoutMs))).toEqual(LATE);
			const tookMs = bench.clock.now() - startMs;
			expect(tookMs).toBeGreaterThanOrEqual(timeoutMs);
			expect(tookMs).toBeLessThanOrEqual(timeoutMs + 2_000);
			expect(bench.asked[0]?.abortSignal?.aborted).toBe(true);
		}
	});

	it('that outlives a stop is answered as if nothing had been stopped, and lost at its deadline', async () => {
		const create = { method: 'POST', path: '/x', timeoutMs: 60_000, outlivesStop: true } as const;
		const answered: TransportBench = new TransportBench(async () => {
			await answered.clock.sleep(20_000);
			return { body: json({ a: 1 }) };
		});
		const silent: TransportBench = new TransportBench(never);
		for (const [bench, expected] of [
			[answered, { kind: 'response', status: 200 }],
			[silent, LATE],
		] as const) {
			const sending = createSend(bench.ports, ACCESS)(create);
			await bench.clock.advance(5_000);
			bench.controller.abort();
			expect(await bench.clock.run(sending)).toMatchObject(expected);
		}
	});

	it.each(SILENCES)('is given up within a second of a stop when the server %s', async (_, make) => {
		const bench: TransportBench = new TransportBench(async (options) => make(bench)(options));
		const sending = sendOf(bench);
		await bench.clock.advance(5_000);
		bench.controller.abort();
		const stoppedMs = bench.clock.now();
		expect(await bench.clock.run(sending)).toEqual({ kind: 'aborted' });
		expect(bench.clock.now() - stoppedMs).toBeLessThanOrEqual(1_000);
	});

	it('destroys an answer that comes after its deadline, and nothing else comes of it', async () => {
		const body = new PassThrough();
		const bench: TransportBench = new TransportBench(async () => {
			await bench.clock.sleep(90_000);
			return { body };
		});
		expect(await bench.clock.run(sendOf(bench))).toEqual(LATE);
		await bench.clock.advance(120_000);
		expect(body.destroyed).toBe(true);
	});

	it('that the host rejects after the deadline leaves no unhandled rejection', async () => {
		const bench: TransportBench = new TransportBench(async () => {
			await bench.clock.sleep(90_000);
			throw new Error('late');
		});
		expect(await bench.clock.run(sendOf(bench))).toEqual(LATE);
		await bench.clock.advance(120_000);
	});

	it('takes an answer of at most 5 MB', async () => {
		const megabyte = Buffer.alloc(1024 * 1024, 'a');
		let sent = 0;
		async function* endless() {
			for (; ; sent += 1) yield await Promise.resolve(megabyte);
		}
		const body = Readable.from(endless(), { objectMode: false });
		const bench = new TransportBench(async () => await Promise.resolve({ body }));
		expect(await sendOf(bench)).toEqual({ kind: 'connectionLost', code: 'TOO_LARGE' });
		expect(sent).toBeLessThan(12);
		expect(body.destroyed).toBe(true);
	});

	it('is lost when the answer breaks off or cannot be unpacked', async () => {
		const body = createGzip();
		body.end('x');
		body.once('readable', () =>
			body.destroy(Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' })),
		);
		const bench = new TransportBench(async () => await Promise.resolve({ body }));
		expect(await sendOf(bench)).toEqual({ kind: 'connectionLost', code: 'Z_BUF_ERROR' });
	});
});

describe('photos by URL', () => {
	const refused = () =>
		Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' });
	const png = () => streamOf(Buffer.from('\x89PNG and more', 'latin1'));

	/** `good` hosts answer at once, `dead` ones say nothing, `shut` ones refuse the connection. */
	const answering: Answering = async ({ url }) => {
		if (url.includes('shut')) throw refused();
		return url.includes('dead') ? await never() : { body: png() };
	};

	it('of a good host do not wait for those of a dead one', async () => {
		const bench = new TransportBench(answering);
		const urls = [...Array.from({ length: 12 }, (_, n) => `https://dead.example/${n}.png`)];
		for (const url of urls) void urlSource(bench.ports, url).open();
		const startMs = bench.clock.now();
		const good = urlSource(bench.ports, 'https://good.example/a.png').open();
		expect(await bench.clock.run(good)).toMatchObject({ kind: 'opened' });
		expect(bench.clock.now()).toBe(startMs);
	});

	it('of a host that is down fail at once after three that were not answered', async () => {
		const bench = new TransportBench(answering);
		const opening = Array.from({ length: 5_000 }, async (_, n) =>
			urlSource(bench.ports, `https://dead.example/${n}.png`).open(),
		);
		const startMs = bench.clock.now();
		const opened = await bench.clock.run(Promise.all(opening));
		// Four at once are given up after two minutes; nobody asks for the others.
		expect(bench.clock.now() - startMs).toBeLessThanOrEqual(125_000);
		expect(bench.asked).toHaveLength(4);
		expect(opened.at(-1)).toMatchObject({
			kind: 'failed',
			failure: { message: expect.stringContaining('dead.example did not answer') },
		});
	});

	it('of a host that is down are tried again after a minute, one at first', async () => {
		let isUp = false;
		const bench = new TransportBench(async () => {
			if (!isUp) throw refused();
			return await Promise.resolve({ body: png() });
		});
		const open = async (n: number) =>
			await bench.clock.run(urlSource(bench.ports, `https://shut.example/${n}.png`).open());
		for (let n = 0; n < 10; n += 1) expect((await open(n)).kind).toBe('failed');
		expect(bench.asked).toHaveLength(3);
		isUp = true;
		await bench.clock.advance(30_000);
		expect((await open(10)).kind).toBe('failed');
		await bench.clock.advance(30_000);
		expect((await open(11)).kind).toBe('opened');
		expect((await open(12)).kind).toBe('opened');
	});

	it('of a host that answers with errors are all asked for', async () => {
		const bench = new TransportBench(
			async () => await Promise.resolve({ status: 404, body: streamOf(new Uint8Array()) }),
		);
		for (let n = 0; n < 10; n += 1) {
			await bench.clock.run(urlSource(bench.ports, `https://good.example/${n}.png`).open());
		}
		expect(bench.asked).toHaveLength(10);
	});

	it('of more than 50 MB are not taken', async () => {
		const megabyte = Buffer.alloc(1024 * 1024);
		async function* endless() {
			for (;;) yield await Promise.resolve(megabyte);
		}
		const body = Readable.from(endless(), { objectMode: false });
		const bench = new TransportBench(async () => await Promise.resolve({ body }));
		const opened = await urlSource(bench.ports, 'https://good.example/a.png').open();
		expect(opened).toMatchObject({
			kind: 'failed',
			failure: { message: expect.stringContaining('larger than 50 MB') },
		});
	});
});
