import { MINUTE_MS } from './clock';

/** No server may put us to sleep for longer than this. */
export const MAX_RETRY_AFTER_MS = 15 * MINUTE_MS;

const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Read a `Retry-After` header (RFC 9110, section 10.2.3): whole seconds or an HTTP date.
 *
 * @returns milliseconds from `nowMs`, within [0, MAX_RETRY_AFTER_MS]; undefined when the header is
 *   absent or malformed, which costs the header its timing and never the caller its retry
 */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
	const text = header?.trim() ?? '';
	if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS);
	if (!IMF_FIXDATE.test(text)) return undefined;
	const dateMs = Date.parse(text);
	if (Number.isNaN(dateMs)) return undefined;
	return Math.min(Math.max(0, dateMs - nowMs), MAX_RETRY_AFTER_MS);
}
