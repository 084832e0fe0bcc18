/**
 * Shows how a run gets on, from the HTTP answers that this process receives: the same for the sandbox
 * and for the live API, and nothing in the node has to know of it.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** Node publishes here when the head of an answer to an HTTP request has arrived. */
const ANSWERED = 'http.client.response.finish';
const TERMINAL_EVERY_MS = 100;
const LINES_EVERY_MS = 1000;

export interface Counts {
	uploads: number;
	creates: number;
	checks: number;
	pictures: number;
}

type Step = keyof Counts;

/** Tell which step of the work an answered request was; undefined for anything else. */
export function stepOf(
	apiHost: string,
	request: { host: string; method: string; path: string },
): Step | undefined {
	const { host, method, path } = request;
	if (host !== apiHost) return method === 'GET' ? 'pictures' : undefined;
	if (method === 'POST' && path.endsWith('/uploaded_images')) return 'uploads';
	if (method === 'POST' && path.endsWith('/flat_lay_operations')) return 'creates';
	return path.includes('/flat_lay_operations/') ? 'checks' : undefined;
}

function describe(counts: Counts, products: number, elapsedMs: number): string {
	const { uploads, creates, checks, pictures } = counts;
	return [
		`photos uploaded: ${uploads}`,
		`operations created: ${creates} of ${products}`,
		`status checks: ${checks}`,
		`pictures: ${pictures}`,
		`${Math.round(elapsedMs / 1000)} s`,
	].join(', ');
}

export interface Progress {
	/** Show the last state and stop watching; calling it again does nothing. */
	stop(): void;
}

/**
 * Watch a run and show it on stdout: one line that changes on a terminal, else a line whenever
 * something has changed, at most one a second.
 */
export function showProgress(baseUrl: string, products: number): Progress {
	const apiHost = new URL(baseUrl).host;
	const counts: Counts = { uploads: 0, creates: 0, checks: 0, pictures: 0 };
	const startedMs = Date.now();
	const { isTTY } = process.stdout;
	let shown = '';
	const onAnswer = (message: unknown) => {
		const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
		const { statusCode = 0 } = response;
		if (statusCode < 200 || statusCode > 299) return;
		const host = String(request.getHeader('host') ?? '');
		const step = stepOf(apiHost, { host, method: request.method, path: request.path });
		if (step !== undefined) counts[step] += 1;
	};
	const show = () => {
		const line = describe(counts, products, Date.now() - startedMs);
		const state = JSON.stringify(counts);
		if (isTTY) process.stdout.write(`\r\x1b[K  ${line}`);
		else if (state !== shown) process.stdout.write(`  ${line}\n`);
		shown = state;
	};
	let isStopped = false;
	subscribe(ANSWERED, onAnswer);
	const timer = setInterval(show, isTTY ? TERMINAL_EVERY_MS : LINES_EVERY_MS);
	return {
		stop: () => {
			if (isStopped) return;
			isStopped = true;
			clearInterval(timer);
			unsubscribe(ANSWERED, onAnswer);
			show();
			if (isTTY) process.stdout.write('\n');
		},
	};
}
