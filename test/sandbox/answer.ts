/** Answers as values: handlers return them, the pipeline sends them (or breaks them, for a fault). */
import type { Readable } from 'node:stream';

export interface Answer {
	status: number;
	/** Sent as JSON, `null` included; left out for an empty body. */
	json?: unknown;
	/** Sent as it is instead of `json`. */
	raw?: { body: string | Buffer | Readable; contentType: string };
	headers?: Record<string, string>;
}

export interface FieldError {
	loc: Array<string | number>;
	msg: string;
	type: string;
}

/** Answer with a JSON body. */
export function ok(json: unknown, status = 200): Answer {
	return { status, json };
}

/** Answer 204 without a body. */
export function noContent(): Answer {
	return { status: 204 };
}

/** Answer 422 in the shape of the spec's HTTPValidationError. */
export function invalid(...detail: FieldError[]): Answer {
	return { status: 422, json: { detail } };
}

/** Make one entry of a 422: `loc` is the path below the body. */
export function fieldError(
	path: Array<string | number>,
	msg: string,
	type = 'value_error',
): FieldError {
	return { loc: ['body', ...path], msg, type };
}

/** Answer 404 in the shape the image routes use. */
export function notFound(detail: string): Answer {
	return { status: 404, json: { detail } };
}

/** Answer in the shape of the Unified spec's ApiError. */
export function apiError(
	status: number,
	code: string,
	message: string,
	details: Record<string, unknown> | null = null,
): Answer {
	return { status, json: { code, message, details } };
}

/** Answer as the gateway in front of the API does (401, 403, 429). */
export function gateway(status: number, message: string): Answer {
	return { status, json: { message } };
}
