/**
 * Stands between n8n and the sandbox and tells, to the millisecond, which request has arrived and which
 * answer has been handed over whole. The sandbox counts what it accepted; only here is it seen whether
 * the answer left.
 */
import {
	createServer,
	request as httpRequest,
	type IncomingMessage,
	type ServerResponse,
} from 'node:http';

import { at } from '../../support/n8n/n8nValues';

export type CallKind = 'upload' | 'create' | 'poll' | 'other';

/** The answer to a create, seen from the wire. */
export interface CreateAnswer {
	operationId: string;
	/** When the last byte was handed to the system; undefined when it could not be. */
	handedOverAtMs: number | undefined;
}

export interface Relay {
	/** The address for the credential. */
	readonly url: string;
	/** Requests that have arrived since the last reset, by kind. */
	readonly arrived: Readonly<Record<CallKind, number>>;
	/** The kind of the latest request. */
	readonly latest: CallKind;
	readonly createAnswers: readonly CreateAnswer[];
	/** Call back at once, in the same tick, when so many requests have arrived. */
	onArrival: (count: number, listener: () => void) => void;
	/** Forget everything, the listener included. */
	reset: () => void;
	close: () => Promise<void>;
}

/** Tell calls apart by method and path, as all three specs name them. */
export function callKind(method: string, path: string): CallKind {
	if (method === 'POST' && path.endsWith('/uploaded_images')) return 'upload';
	if (method === 'POST' && path.endsWith('/flat_lay_operations')) return 'create';
	if (method === 'GET' && /\/flat_lay_operations\/[^/]+$/.test(path)) return 'poll';
	return 'other';
}

function operationIdIn(body: Buffer): string | undefined {
	const value: unknown = JSON.parse(body.toString());
	const id = at(value, 'operation_id');
	return typeof id === 'string' ? id : undefined;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of message) chunks.push(Buffer.from(chunk as Uint8Array));
	return Buffer.concat(chunks);
}

function emptyCounts(): Record<CallKind, number> {
	return { upload: 0, create: 0, poll: 0, other: 0 };
}

/** Start a relay to an origin on a free loopback port. */
export async function startRelay(target: string): Promise<Relay> {
	let arrived = emptyCounts();
	let latest: CallKind = 'other';
	let createAnswers: CreateAnswer[] = [];
	let awaited: { count: number; listener: () => void } | undefined;

	const total = () => Object.values(arrived).reduce((sum, count) => sum + count, 0);

	const answer = async (kind: CallKind, from: IncomingMessage, to: ServerResponse) => {
		const body = await bodyOf(from);
		const operationId =
			kind === 'create' && (from.statusCode ?? 500) < 300 ? operationIdIn(body) : undefined;
		if (operationId !== undefined) {
			const noted: CreateAnswer = { operationId, handedOverAtMs: undefined };
			createAnswers.push(noted);
			to.once('finish', () => {
				noted.handedOverAtMs = Date.now();
			});
		}
		to.writeHead(from.statusCode ?? 502, from.headers);
		to.end(body);
	};

	const server = createServer((request, response) => {
		const { method = 'GET', url = '/', headers } = request;
		latest = callKind(method, url.split('?')[0] ?? url);
		arrived[latest] += 1;
		const kind = latest;
		const onward = httpRequest(`${target}${url}`, { method, headers }, (from) => {
			answer(kind, from, response).catch(() => response.destroy());
		});
		onward.once('error', () => response.destroy());
		// A request that was cut short must look cut short to the sandbox as well.
		request.once('close', () => {
			if (!request.complete) onward.destroy();
		});
		response.once('error', () => response.destroy());
		request.pipe(onward);
		if (awaited !== undefined && total() >= awaited.count) {
			const { listener } = awaited;
			awaited = undefined;
			listener();
		}
	});
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	return {
		url: `http://127.0.0.1:${port}`,
		get arrived() {
			return arrived;
		},
		get latest() {
			return latest;
		},
		get createAnswers() {
			return createAnswers;
		},
		onArrival: (count, listener) => {
			awaited = { count, listener };
		},
		reset: () => {
			arrived = emptyCounts();
			latest = 'other';
			createAnswers = [];
			awaited = undefined;
		},
		close: async () =>
			await new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
