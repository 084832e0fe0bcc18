import { MINUTE_MS } from './clock';

/** No server may put us to sleep for longer than this. */
export const MAX_RETRY_AFTER_MS = 15 * MINUTE_MS;

/** The three forms of an HTTP date (RFC 9110, section 5.6.7): the current one and two obsolete ones. */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC850_DATE = /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

function httpDateMs(text: string): number {
	if (IMF_FIXDATE.test(text) || RFC850_DATE.test(text)) return Date.parse(text);
	return ASCTIME_DATE.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
}

/**
 * Read a `Retry-After` header (RFC 9110, section 10.2.3): whole seconds or an HTTP date.
 *
 * @returns milliseconds from `nowMs`, within [0, MAX_RETRY_AFTER_MS]; undefined when the header is
 *   absent or malformed, which costs the header its timing and never the caller its retry
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
	if (header === undefined) return undefined;
	const text = header.trim();
	if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS);
	const dateMs = httpDateMs(text);
	if (Number.isNaN(dateMs)) return undefined;
	return Math.min(Math.max(0, dateMs - nowMs), MAX_RETRY_AFTER_MS);
}
