/**
 * Reads files from the web without the key: source images that the user names by URL, and generated
 * pictures. https only (loopback hosts may use http), at most five redirects, each hop checked.
 */
import type { IExecuteFunctions } from 'n8n-workflow';

import { isLoopbackHost } from '../api/baseUrl';
import type { Clock } from '../core/clock';
import { classifyConnectionError } from '../core/connectionError';
import type { HttpOutcome } from '../core/http';
import { waitMs } from '../core/wait';
import { hostClock } from './hostClock';
import { plainHeaders } from './send';

/** Node's Readable, by way of n8n's types: a community node may import nothing of Node's. */
type Readable = Exclude<Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0], Buffer>;

const MAX_REDIRECTS = 5;
/** Until the answer begins. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Until its last byte: a stream that stalls must not hold a product for ever. */
const BODY_TIMEOUT_MS = 120_000;

export type WebFile =
	| { kind: 'file'; stream: Readable; contentType: string; lengthBytes: number | undefined }
	/** The URL may not be fetched; `reason` completes "the URL ...". */
	| { kind: 'refusedUrl'; reason: string }
	| HttpOutcome;

export interface WebPorts {
	host: IExecuteFunctions;
	clock: Clock;
	signal: AbortSignal | undefined;
}

/** The ports for reading files from the web, which need no credential. */
export function webPorts(host: IExecuteFunctions): WebPorts {
	return { host, clock: hostClock, signal: host.getExecutionCancelSignal() };
}

/** Say why a URL may not be fetched, undefined when it may. */
export function urlProblem(url: string): string | undefined {
	if (!URL.canParse(url)) return 'is not a complete address';
	const { protocol, hostname, username, password } = new URL(url);
	if (username !== '' || password !== '') return 'contains a user name or password';
	if (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))) return undefined;
	return 'does not start with https://';
}

function isReadable(value: unknown): value is Readable {
	return typeof value === 'object' && value !== null && 'pipe' in value && 'destroy' in value;
}

/** A redirect may not lead from the web to this machine. */
function hopProblem(fromUrl: string, toUrl: string): string | undefined {
	const problem = urlProblem(toUrl);
	if (problem !== undefined) return `redirects to an address that ${problem}`;
	const staysOutside =
		isLoopbackHost(new URL(fromUrl).hostname) || !isLoopbackHost(new URL(toUrl).hostname);
	return staysOutside ? undefined : 'redirects to this machine';
}

/** Open a URL and follow its redirects. Never rejects; the caller consumes or destroys the stream. */
export async function openWebFile({ host, signal }: WebPorts, url: string): Promise<WebFile> {
	const problem = urlProblem(url);
	if (problem !== undefined) return { kind: 'refusedUrl', reason: problem };
	let currentUrl = url;
	for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
		const answer = await request(host, currentUrl, signal);
		if (answer.kind !== 'answer') return answer;
		const { status, headers, stream } = answer;
		if (status >= 200 && status < 300) {
			const length = Number(headers['content-length']);
			const contentType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
			const lengthBytes = Number.isFinite(length) ? length : undefined;
			return { kind: 'file', stream, contentType, lengthBytes };
		}
		stream.destroy();
		const location = headers['location'];
		if (status < 300 || status >= 400 || location === undefined) {
			return { kind: 'response', status, headers, body: '' };
		}
		if (!URL.canParse(location, currentUrl)) {
			return { kind: 'refusedUrl', reason: 'redirects to something that is not an address' };
		}
		const nextUrl = new URL(location, currentUrl).href;
		const hop = hopProblem(currentUrl, nextUrl);
		if (hop !== undefined) return { kind: 'refusedUrl', reason: hop };
		currentUrl = nextUrl;
	}
	return { kind: 'refusedUrl', reason: `redirects more than ${MAX_REDIRECTS} times` };
}

type Answer =
	| { kind: 'answer'; status: number; headers: Record<string, string>; stream: Readable }
	| HttpOutcome;

async function request(
	host: IExecuteFunctions,
	url: string,
	signal: AbortSignal | undefined,
): Promise<Answer> {
	try {
		const response: unknown = await host.helpers.httpRequest({
			method: 'GET',
			url,
			encoding: 'stream',
			timeout: ANSWER_TIMEOUT_MS,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			...(signal === undefined ? {} : { abortSignal: signal }),
		});
		if (typeof response === 'object' && response !== null) {
			const { statusCode, headers, body } = response as Record<string, unknown>;
			if (typeof statusCode === 'number' && isReadable(body)) {
				const answer = { status: statusCode, headers: plainHeaders(headers), stream: body };
				return { kind: 'answer', ...answer };
			}
		}
		return { kind: 'connectionLost', code: 'NO_RESPONSE' };
	} catch (error) {
		return classifyConnectionError(error, signal?.aborted === true);
	}
}

/**
 * Consume a stream, destroying it if it takes longer than two minutes in all or the run is stopped.
 * What `consume` throws, and what the destroyed stream makes it throw, is passed on.
 */
export async function consumeInTime<T>(
	{ clock, signal }: WebPorts,
	stream: Readable,
	consume: (stream: Readable) => Promise<T>,
): Promise<T> {
	let isDone = false;
	const isAborted = () => signal?.aborted === true;
	const watch = waitMs(clock, BODY_TIMEOUT_MS, () => isDone || isAborted()).then(() => {
		if (!isDone) stream.destroy(Object.assign(new Error('stalled'), { code: 'ESTALLED' }));
	});
	try {
		return await consume(stream);
	} finally {
		isDone = true;
		// The watch ends by itself within a second; it never rejects.
		void watch;
	}
}
