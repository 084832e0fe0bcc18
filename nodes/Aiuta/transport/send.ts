/**
 * The only door to the Aiuta API. Sends a request with the credential and turns whatever happens into
 * a value.
 *
 * - The key goes to the configured origin and nowhere else: redirects are not followed, because n8n
 *   does not strip a custom header on the way (observed on n8n 2.40), and the credential itself
 *   refuses any other origin.
 * - Every status is read as data: n8n's helper would repeat a request that was answered 401
 *   (observed on n8n 2.40).
 */
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';

import { classifyConnectionError } from '../core/connectionError';
import type { FileBody, HttpOutcome, HttpRequest, Send } from '../core/http';
import { isJsonObject } from '../core/json';

export const CREDENTIAL_NAME = 'aiutaApi';

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

/** What stands in a text where the key stood: a server may quote the key it refuses. */
const REDACTED = '[API key]';

function toOutcome(response: unknown, apiKey: string): HttpOutcome {
	if (!isJsonObject(response) || typeof response['statusCode'] !== 'number') {
		return { kind: 'connectionLost', code: 'NO_RESPONSE' };
	}
	const body: unknown = response['body'];
	return {
		kind: 'response',
		status: response['statusCode'],
		headers: plainHeaders(response['headers']),
		body: textOf(body).replaceAll(apiKey, REDACTED),
	};
}

function textOf(body: unknown): string {
	if (typeof body === 'string') return body;
	return body === undefined ? '' : JSON.stringify(body);
}

export interface Access {
	/** As `parseBaseUrl` returned it. */
	baseUrl: string;
	apiKey: string;
}

/**
 * Bind `Send` to one execution of the node.
 *
 * @param access the base URL, and the key so that no answer can carry it into an output or a log
 * @param signal fires when the execution is stopped; ends requests that are on their way
 */
export function createSend(
	host: IExecuteFunctions,
	{ baseUrl, apiKey }: Access,
	signal: AbortSignal | undefined,
): Send {
	return async (request) => {
		const isAborted = () => signal?.aborted === true;
		if (isAborted()) return { kind: 'aborted' };
		const options: IHttpRequestOptions = {
			method: request.method,
			url: `${baseUrl}${request.path}`,
			...bodyOf(request),
			encoding: 'text',
			timeout: request.timeoutMs,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			disableFollowRedirect: true,
			...(signal === undefined ? {} : { abortSignal: signal }),
		};
		try {
			const response: unknown = await host.helpers.httpRequestWithAuthentication.call(
				host,
				CREDENTIAL_NAME,
				options,
			);
			return toOutcome(response, apiKey);
		} catch (error) {
			return classifyConnectionError(error, isAborted());
		}
	};
}
