/** What is a picture, what it is called, and what is stored of it: judged by its bytes. */
import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { createFetchPicture, withPictureLink } from '../../nodes/Aiuta/transport/pictures';
import { noisePicture } from '../support/pictureBytes';
import {
	readByEvents,
	readByIteration,
	streamOf,
	TransportBench,
	type HostAnswer,
} from './transport.support';

const URL_PNG = 'https://files.example/a/b.png';

type Format = 'png' | 'jpeg' | 'webp' | 'gif';

const encoded = async (format: Format, size = 32) => await noisePicture(format, size);

const text = (value: string) => new TextEncoder().encode(value);

async function fetched(
	answer: HostAnswer,
	{ store = readByIteration, url = URL_PNG } = {},
): Promise<{ outcome: unknown; bench: TransportBench }> {
	const bench = new TransportBench(async () => await Promise.resolve(answer), store);
	const outcome = await createFetchPicture(bench.ports)(url, 'P1');
	return { outcome, bench };
}

describe('a generated picture', () => {
	it.each<[Format, string, string]>([
		['png', 'binary/octet-stream', 'P1.png'],
		['jpeg', 'application/octet-stream', 'P1.jpg'],
		['webp', 'image/png', 'P1.webp'],
		['gif', 'text/plain', 'P1.gif'],
		['png', '', 'P1.png'],
	])('in %s served as "%s" is stored as %s, whole', async (format, contentType, name) => {
		const bytes = await encoded(format);
		const headers = { 'content-type': contentType };
		const { outcome, bench } = await fetched({ headers, body: streamOf(bytes) });
		expect(outcome).toMatchObject({ kind: 'picture' });
		expect([...bench.stored.keys()]).toEqual([name]);
		const stored = bench.stored.get(name);
		expect(stored?.mimeType).toBe(`image/${format}`);
		expect(stored?.bytes.equals(bytes)).toBe(true);
	});

	const SIZES = [1, 2, 3, 100, 511, 512, 513, 5_000, 1_000_000];

	it.each([
		['by iteration', readByIteration],
		['by events', readByEvents],
	])('arrives byte for byte, however it comes in pieces, where n8n reads %s', async (_, store) => {
		const bytes = await encoded('png', 40);
		for (const pieceBytes of SIZES) {
			const { outcome, bench } = await fetched({ body: streamOf(bytes, pieceBytes) }, { store });
			expect(outcome).toMatchObject({ kind: 'picture' });
			expect(bench.stored.get('P1.png')?.bytes.equals(bytes)).toBe(true);
		}
	});

	it('arrives whole from a connection whose pieces come late', async () => {
		const bytes = await encoded('png', 40);
		const body = new PassThrough();
		const writing = (async () => {
			for (let start = 0; start < bytes.length; start += 300) {
				body.write(bytes.slice(start, start + 300));
				await new Promise((resolve) => setImmediate(resolve));
			}
			body.end();
		})();
		const { outcome, bench } = await fetched({ body }, { store: readByEvents });
		await writing;
		expect(outcome).toMatchObject({ kind: 'picture' });
		expect(bench.stored.get('P1.png')?.bytes.equals(bytes)).toBe(true);
	});

	it('of a format that is not known is what its host says, if that is an image', async () => {
		const body = () => streamOf(new Uint8Array([1, 0, 255, 4, 5, 6, 7, 8]));
		const known = await fetched(
			{ headers: { 'content-type': 'image/new' }, body: body() },
			{ url: 'https://files.example/a.new' },
		);
		expect([...known.bench.stored.keys()]).toEqual(['P1.new']);
		const headers = { 'content-type': 'application/octet-stream' };
		const unknown = await fetched({ headers, body: body() });
		expect(unknown.outcome).toMatchObject({ kind: 'notAnImage' });
	});
});

describe('what is no picture, whatever its host calls it', () => {
	const IMAGE = { 'content-type': 'image/png' };

	it.each<[string, Uint8Array, number]>([
		['nothing', new Uint8Array(), 200],
		['nothing, with a 204', new Uint8Array(), 204],
		['an HTML page', text('<!doctype html><title>Sorry</title>'), 200],
		['an error in XML', text('<?xml version="1.0"?><Error/>'), 200],
		['JSON', text('{"error":"gone"}'), 200],
		['a PDF', text('%PDF-1.7 ...'), 200],
	])('%s is not stored', async (_, bytes, status) => {
		const { outcome, bench } = await fetched({ status, headers: IMAGE, body: streamOf(bytes) });
		expect(outcome).toMatchObject({ kind: 'notAnImage' });
		expect(bench.stored.size).toBe(0);
	});

	it.each<Format>(['png', 'jpeg', 'webp', 'gif'])(
		'a %s without its end is not one, its host calling that the whole',
		async (format) => {
			const bytes = await encoded(format);
			const half = bytes.slice(0, Math.floor(bytes.length / 2));
			const { outcome } = await fetched({ headers: IMAGE, body: streamOf(half) });
			expect(outcome).toMatchObject({ kind: 'notAnImage' });
		},
	);

	it('more than 100 MB is given up, whether the host says so or not', async () => {
		const megabyte = randomBytes(1024 * 1024);
		let sent = 0;
		async function* endless() {
			yield Buffer.from(await encoded('png'));
			for (; ; sent += 1) yield megabyte;
		}
		const forget = async (stream: Readable) => {
			stream.resume();
			await finished(stream);
			return Buffer.alloc(0);
		};
		const body = Readable.from(endless(), { objectMode: false });
		const { outcome } = await fetched({ headers: IMAGE, body }, { store: forget });
		expect(outcome).toEqual({ kind: 'notAnImage', detail: 'it is larger than 100 MB' });
		expect(sent).toBeLessThan(110);
		const stated = await fetched({
			headers: { ...IMAGE, 'content-length': String(200 * 1024 * 1024) },
			body: streamOf(await encoded('png')),
		});
		expect(stated.outcome).toEqual({ kind: 'notAnImage', detail: 'it is larger than 100 MB' });
	});
});

describe('a picture that breaks off or never ends', () => {
	it('is a lost connection when its stream breaks', async () => {
		const bytes = await encoded('png');
		const body = new PassThrough();
		body.write(bytes.slice(0, 600));
		setImmediate(() => body.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })));
		const { outcome } = await fetched({ body });
		expect(outcome).toEqual({ kind: 'connectionLost', code: 'ECONNRESET' });
	});

	it.each([
		['before its first byte', 0],
		['in its middle', 600],
	])('is given up after two minutes in all: %s', async (_, sentBytes) => {
		const body = new PassThrough();
		body.write((await encoded('png')).slice(0, sentBytes));
		const bench = new TransportBench(async () => await Promise.resolve({ body }));
		const startMs = bench.clock.now();
		const outcome = await bench.clock.run(createFetchPicture(bench.ports)(URL_PNG, 'P1'));
		expect(outcome).toEqual({ kind: 'connectionLost', code: 'NO_ANSWER_IN_TIME' });
		expect(bench.clock.now() - startMs).toBeLessThanOrEqual(122_000);
		expect(body.destroyed).toBe(true);
	});
});

describe('a link to a stored picture', () => {
	const STORED = { data: 'filesystem-v2', mimeType: 'image/png', id: 'filesystem-v2:a' };

	function hostWith(helpers: object): IExecuteFunctions {
		return { helpers } as unknown as IExecuteFunctions;
	}

	const item = (picture: IBinaryData) => ({
		json: { status: 'SUCCESS' },
		binary: { data: picture },
	});

	it('is the signed one that n8n makes, for a day', () => {
		const createBinarySignedUrl = jest.fn(() => 'https://n8n.example/signed');
		const host = hostWith({ createBinarySignedUrl });
		expect(withPictureLink(host, item(STORED))).toEqual({
			...item(STORED),
			json: { status: 'SUCCESS', picture_url: 'https://n8n.example/signed' },
		});
		expect(createBinarySignedUrl).toHaveBeenCalledWith(STORED, '1d');
	});

	it('is left out where n8n cannot make one', () => {
		const refusing = hostWith({
			createBinarySignedUrl: () => {
				throw new Error('URL signing is not available in memory mode');
			},
		});
		const inline = { data: 'AAAA', mimeType: 'image/png' };
		expect(withPictureLink(refusing, item(STORED))).toEqual(item(STORED));
		expect(withPictureLink(hostWith({}), item(STORED))).toEqual(item(STORED));
		expect(withPictureLink(refusing, item(inline))).toEqual(item(inline));
		expect(withPictureLink(refusing, { json: {} })).toEqual({ json: {} });
	});
});
