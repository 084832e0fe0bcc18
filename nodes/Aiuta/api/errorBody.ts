/** Turns the API's error bodies into one readable sentence of bounded length. */
import { isJsonObject, nonEmptyString, parseJson } from '../core/json';

/** At most this much of a body goes into a message (batch-wide errors quote many of them). */
export const MAX_DETAIL_LENGTH = 300;

function shorten(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length <= MAX_DETAIL_LENGTH ? line : `${line.slice(0, MAX_DETAIL_LENGTH - 1)}…`;
}

/** One entry of FastAPI's `HTTPValidationError.detail`: `body.product_title: field required`. */
function validationSentence(entry: unknown): string | undefined {
	if (!isJsonObject(entry)) return undefined;
	const message = nonEmptyString(entry['msg']);
	if (message === undefined) return undefined;
	const location = Array.isArray(entry['loc']) ? entry['loc'].map(String) : [];
	const field = (location[0] === 'body' ? location.slice(1) : location).join('.');
	return field === '' ? message : `${field}: ${message}`;
}

function detailOf(body: unknown): string | undefined {
	if (!isJsonObject(body)) return undefined;
	const { detail, code, message } = body;
	if (Array.isArray(detail)) {
		const sentences = detail.flatMap((entry) => validationSentence(entry) ?? []);
		if (sentences.length > 0) return sentences.join('; ');
	}
	const apiMessage = nonEmptyString(message) ?? nonEmptyString(detail);
	const apiCode = nonEmptyString(code);
	if (apiMessage === undefined) return apiCode;
	return apiCode === undefined ? apiMessage : `${apiMessage} (${apiCode})`;
}

/**
 * Describe an error body: the 422 of all generations (`detail[].loc/msg`), Unified's `ApiError`
 * (`code`, `message`), a gateway's `message`, plain text; markup is not quoted.
 *
 * @returns at most 300 characters, undefined when the body says nothing to a reader
 */
export function describeErrorBody(body: string): string | undefined {
	const parsed = parseJson(body);
	const text = parsed.ok ? (detailOf(parsed.value) ?? nonEmptyString(parsed.value)) : body;
	if (text === undefined || text.trim() === '' || text.trimStart().startsWith('<'))
		return undefined;
	return shorten(text);
}
