/**
 * The only door to the Aiuta API. Sends a request with the credential and turns whatever happens into
 * a value.
 *
 * - The key goes to the configured origin and nowhere else: redirects are not followed, because n8n
 *   does not strip a custom header on the way (observed on n8n 2.40), and the credential itself
 *   refuses any other origin.
 * - Every status is read as data: n8n's helper would repeat a request that was answered 401
 *   (observed on n8n 2.40).
 * - Every answer is read as a stream, within a limit of time and size: the helper has none for an
 *   answer that drips, never ends or unpacks to gigabytes.
 */
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { classifyConnectionError } from '../core/connectionError';
import type { FileBody, HttpOutcome, HttpRequest, Send } from '../core/http';
import { isJsonObject } from '../core/json';
import { destroyOnAbort, isReadable, readChunks } from './readable';
import type { WebPorts } from './webFile';

export const CREDENTIAL_NAME = 'aiutaApi';

/** An operation with all its images is some kilobytes; a list of SKUs, some hundred. */
const MAX_ANSWER_BYTES = 5 * 1024 * 1024;

/**
 * A multipart body of the platform's own FormData: the package may have no dependencies, and
 * `form-data` can be reached from a community node by luck alone.
 */
function multipart({ fieldName, fileName, contentType, bytes }: FileBody): FormData {
	const form = new FormData();
	form.append(fieldName, new Blob([bytes], { type: contentType }), fileName);
	return form;
}

function bodyOf({ body }: HttpRequest): Pick<IHttpRequestOptions, 'body' | 'headers'> {
	const headers = { Accept: 'application/json' };
	switch (body?.kind) {
		case undefined:
			return { headers };
		case 'json':
			return {
				headers: { ...headers, 'Content-Type': 'application/json' },
				body: JSON.stringify(body.json),
			};
		case 'file':
			return { headers, body: multipart(body) };
	}
}

/** Copy response headers to plain lower-case strings. */
export function plainHeaders(headers: unknown): Record<string, string> {
	const plain: Record<string, string> = {};
	if (typeof headers !== 'object' || headers === null) return plain;
	for (const [name, value] of Object.entries(headers)) {
		if (typeof value === 'string' || typeof value === 'number') {
			plain[name.toLowerCase()] = String(value);
		}
	}
	return plain;
}

/** What a request that was given up at its deadline is reported as. */
export const LATE = 'NO_ANSWER_IN_TIME';

/** What stands in a text where the key stood: a server may quote the key it refuses. */
const REDACTED = '[API key]';

/** Read the answer of n8n's helper to its end. Never rejects; what comes too late is destroyed. */
async function outcomeOf(
	answering: Promise<unknown>,
	apiKey: string,
	signal: AbortSignal,
	isCutShort: () => boolean,
): Promise<HttpOutcome> {
	try {
		const response = await answering;
		const { statusCode, headers, body } = isJsonObject(response) ? response : {};
		if (typeof statusCode !== 'number' || !isReadable(body)) {
			return { kind: 'connectionLost', code: 'NO_RESPONSE' };
		}
		destroyOnAbort(body, signal);
		const chunks: Buffer[] = [];
		await readChunks(body, MAX_ANSWER_BYTES, (chunk) => chunks.push(chunk));
		return {
			kind: 'response',
			status: statusCode,
			headers: plainHeaders(headers),
			body: new TextDecoder().decode(Buffer.concat(chunks)).replaceAll(apiKey, REDACTED),
		};
	} catch (error) {
		return classifyConnectionError(error, isCutShort());
	}
}

/**
 * The host with another cancel signal. The helper takes the signal from whom it is called on, not
 * from the options (n8n 2.0 to 2.40); so a request that is given up is really ended.
 */
function withSignal(host: IExecuteFunctions, signal: AbortSignal): IExecuteFunctions {
	const getExecutionCancelSignal = { value: () => signal };
	return Object.create(host, { getExecutionCancelSignal }) as IExecuteFunctions;
}

export interface Access {
	/** As `parseBaseUrl` returned it. */
	baseUrl: string;
	apiKey: string;
}

/**
 * Bind `Send` to one execution of the node. A request without an answer, whole and of bounded size,
 * within `timeoutMs` in all counts as a lost connection.
 *
 * @param access the base URL, and the key so that no answer can carry it into an output or a log
 */
export function createSend(
	{ host, signal: executionSignal, deadlines }: WebPorts,
	{ baseUrl, apiKey }: Access,
): Send {
	const isStopped = () => executionSignal?.aborted === true;
	const send: Send = async (request) => {
		if (isStopped()) return { kind: 'aborted' };
		const isCutShort = () => isStopped() && request.outlivesStop !== true;
		const deadline = deadlines.start(request.timeoutMs, request.outlivesStop);
		const { signal } = deadline;
		const options: IHttpRequestOptions = {
			method: request.method,
			url: `${baseUrl}${request.path}`,
			...bodyOf(request),
			encoding: 'stream',
			timeout: request.timeoutMs,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			abortSignal: signal,
		};
		const answering: Promise<unknown> = host.helpers.httpRequestWithAuthentication.call(
			withSignal(host, signal),
			CREDENTIAL_NAME,
			options,
		);
		const outcome = await deadline.wait(outcomeOf(answering, apiKey, signal, isCutShort));
		if (outcome !== undefined) return outcome;
		return isCutShort() ? { kind: 'aborted' } : { kind: 'connectionLost', code: LATE };
	};
	return send;
}
