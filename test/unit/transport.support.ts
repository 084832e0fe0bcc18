/** What the tests of the transport share: a host that answers with streams, and a clock of slices. */
import { Readable } from 'node:stream';

import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { Deadlines } from '../../nodes/Aiuta/transport/deadlines';
import { ImageHosts } from '../../nodes/Aiuta/transport/imageHosts';
import type { WebPorts } from '../../nodes/Aiuta/transport/webFile';
import { FakeClock } from '../support/time/fakeClock';

export interface HostAnswer {
	status?: number;
	headers?: Record<string, string>;
	body: Readable;
}

export type Answering = (options: IHttpRequestOptions) => Promise<HostAnswer>;

/** Bytes as a stream, in pieces of this size. */
export function streamOf(bytes: Uint8Array, pieceBytes = 64 * 1024): Readable {
	const pieces: Buffer[] = [];
	for (let start = 0; start < bytes.length; start += pieceBytes) {
		pieces.push(Buffer.from(bytes.slice(start, start + pieceBytes)));
	}
	return Readable.from(pieces, { objectMode: false });
}

export class TransportBench {
	readonly clock = new FakeClock();

	readonly controller = new AbortController();

	/** Options of every request, in order. */
	readonly asked: IHttpRequestOptions[] = [];

	/** What was stored as binary data, by file name. */
	readonly stored = new Map<string, { bytes: Buffer; mimeType: string | undefined }>();

	readonly ports: WebPorts;

	constructor(
		answering: Answering,
		store: (stream: Readable) => Promise<Buffer> = readByIteration,
	) {
		const answer = async (options: IHttpRequestOptions) => {
			this.asked.push(options);
			const { status = 200, headers = {}, body } = await answering(options);
			return { statusCode: status, headers, body };
		};
		const prepareBinaryData = async (data: Buffer | Readable, name: string, mimeType?: string) => {
			const bytes = Buffer.isBuffer(data) ? data : await store(data);
			this.stored.set(name, { bytes, mimeType });
			return { data: '', mimeType: mimeType ?? '', fileName: name };
		};
		const helpers = {
			httpRequest: answer,
			httpRequestWithAuthentication: async (_name: string, options: IHttpRequestOptions) =>
				await answer(options),
			prepareBinaryData,
		};
		const { clock } = this;
		const { signal } = this.controller;
		this.ports = {
			host: { helpers } as unknown as IExecuteFunctions,
			clock,
			signal,
			deadlines: new Deadlines(clock, signal),
			imageHosts: new ImageHosts(clock),
		};
	}
}

/** As n8n writes a file. */
export async function readByIteration(stream: Readable): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

/** As n8n reads into memory, for its database or without a store. */
export async function readByEvents(stream: Readable): Promise<Buffer> {
	return await new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		stream.on('data', (chunk: Buffer) => chunks.push(chunk));
		stream.on('end', () => resolve(Buffer.concat(chunks)));
		stream.once('error', reject);
	});
}
