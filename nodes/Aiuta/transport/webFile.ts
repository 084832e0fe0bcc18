/**
 * Reads files from the web without the key: source images that the user names by URL, and generated
 * pictures. https only (loopback hosts may use http), at most five redirects, each hop checked.
 */
import type { IExecuteFunctions } from 'n8n-workflow';

import { isLoopbackHost } from '../api/baseUrl';
import { classifyConnectionError } from '../core/connectionError';
import type { HttpOutcome } from '../core/http';
import { MINUTE_MS, SECOND_MS, type Clock } from '../core/clock';
import { Deadlines } from './deadlines';
import { hostClock } from './hostClock';
import { ImageHosts } from './imageHosts';
import { destroyOnAbort, isReadable, type Readable } from './readable';
import { LATE, plainHeaders } from './send';

const MAX_REDIRECTS = 5;
/** Until the answer begins. */
const ANSWER_TIMEOUT_MS = 30 * SECOND_MS;
/** From the first request to the last byte: a file that drips must not hold a product for ever. */
const FILE_TIMEOUT_MS = 2 * MINUTE_MS;

export interface OpenFile {
	kind: 'file';
	stream: Readable;
	/** In lower case, without parameters; empty when the host does not say. */
	contentType: string;
	lengthBytes: number | undefined;
}

export type WebFile =
	| OpenFile
	/** The URL may not be fetched; `reason` completes "the URL ...". */
	| { kind: 'refusedUrl'; reason: string }
	| HttpOutcome;

export interface WebPorts {
	host: IExecuteFunctions;
	clock: Clock;
	/** Fires when the execution is stopped. */
	signal: AbortSignal | undefined;
	deadlines: Deadlines;
	imageHosts: ImageHosts;
}

/** One for each call of the node, so that all its requests share what they learn. */
const portsOf = new WeakMap<IExecuteFunctions, WebPorts>();

/** What leads to the network, for one call of the node. */
export function webPorts(host: IExecuteFunctions): WebPorts {
	const known = portsOf.get(host);
	if (known !== undefined) return known;
	const signal = host.getExecutionCancelSignal();
	const ports: WebPorts = {
		host,
		clock: hostClock,
		signal,
		deadlines: new Deadlines(hostClock, signal),
		imageHosts: new ImageHosts(hostClock),
	};
	portsOf.set(host, ports);
	return ports;
}

/** Say why a URL may not be fetched, undefined when it may. */
export function urlProblem(url: string): string | undefined {
	if (!URL.canParse(url)) return 'is not a complete address';
	const { protocol, hostname, username, password } = new URL(url);
	if (username !== '' || password !== '') return 'contains a user name or password';
	if (protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname))) return undefined;
	return 'does not start with https://';
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
async function openWebFile(
	host: IExecuteFunctions,
	url: string,
	signal: AbortSignal,
): Promise<WebFile> {
	const problem = urlProblem(url);
	if (problem !== undefined) return { kind: 'refusedUrl', reason: problem };
	let currentUrl = url;
	for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
		const answer = await request(host, currentUrl, signal);
		if (answer.kind !== 'answer') return answer;
		const { status, headers, stream } = answer;
		if (status >= 200 && status < 300) {
			const length = Number(headers['content-length']);
			const contentType = (headers['content-type'] ?? '').replace(/;.*/s, '').trim().toLowerCase();
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

async function request(host: IExecuteFunctions, url: string, signal: AbortSignal): Promise<Answer> {
	try {
		const response: unknown = await host.helpers.httpRequest({
			method: 'GET',
			url,
			encoding: 'stream',
			timeout: ANSWER_TIMEOUT_MS,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			abortSignal: signal,
		});
		if (typeof response === 'object' && response !== null) {
			const { statusCode, headers, body } = response as Record<string, unknown>;
			if (typeof statusCode === 'number' && isReadable(body)) {
				destroyOnAbort(body, signal);
				const answer = { status: statusCode, headers: plainHeaders(headers), stream: body };
				return { kind: 'answer', ...answer };
			}
		}
		return { kind: 'connectionLost', code: 'NO_RESPONSE' };
	} catch (error) {
		return classifyConnectionError(error, false);
	}
}

/** Open a URL and consume what is there. Never rejects. */
async function openAndConsume<T>(
	host: IExecuteFunctions,
	url: string,
	signal: AbortSignal,
	consume: (file: OpenFile) => Promise<T>,
): Promise<T | Exclude<WebFile, OpenFile>> {
	const answer = await openWebFile(host, url, signal);
	if (answer.kind !== 'file') return answer;
	try {
		return await consume(answer);
	} catch (error) {
		return classifyConnectionError(error, false);
	} finally {
		answer.stream.destroy();
	}
}

/**
 * Open a URL, follow its redirects and consume what is there, within two minutes in all.
 *
 * @param consume what it throws counts as a lost connection
 */
export async function readWebFile<T extends { kind: string }>(
	{ host, signal: executionSignal, deadlines }: WebPorts,
	url: string,
	consume: (file: OpenFile) => Promise<T>,
): Promise<T | Exclude<WebFile, OpenFile>> {
	const deadline = deadlines.start(FILE_TIMEOUT_MS);
	const outcome = await deadline.wait(openAndConsume(host, url, deadline.signal, consume));
	const isStopped = executionSignal?.aborted === true;
	if (isStopped && (outcome === undefined || outcome.kind === 'connectionLost')) {
		return { kind: 'aborted' };
	}
	return outcome ?? { kind: 'connectionLost', code: LATE };
}
