/**
 * What one HTTP exchange looks like to everything above the transport: requests as data, answers and
 * failures as values. Nothing here throws.
 */
import type { JsonObject } from './json';

export interface FileBody {
	kind: 'file';
	/** Name of the multipart field. */
	fieldName: string;
	fileName: string;
	contentType: string;
	bytes: Uint8Array;
}

export interface HttpRequest {
	method: 'GET' | 'POST' | 'DELETE';
	/** Path and query below the base URL, beginning with a slash. */
	path: string;
	body?: { kind: 'json'; json: JsonObject } | FileBody;
	timeoutMs: number;
	/** Its answer is waited for although the execution is stopped meanwhile. */
	outlivesStop?: boolean;
}

export type HttpOutcome =
	| {
			kind: 'response';
			status: number;
			/** Names in lower case. */
			headers: Record<string, string>;
			/** The body as text, whatever its type. */
			body: string;
	  }
	/** The connection was never opened: the server cannot have seen the request. */
	| { kind: 'neverOpened'; code: string }
	| { kind: 'certificateError'; code: string }
	/** Anything else that ended the exchange: the server may have acted on the request. */
	| { kind: 'connectionLost'; code: string }
	/** The run was stopped while the request was on its way. */
	| { kind: 'aborted' };

/** Sends one request to the API with the key and reports what became of it; never rejects. */
export type Send = (request: HttpRequest) => Promise<HttpOutcome>;
