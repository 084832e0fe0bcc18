/**
 * Where the API key may travel. Turns what a user typed as base URL into the address requests are
 * built on, and says whether a request stays on its origin. Knows nothing of n8n; the rules are
 * those of the credential in the project's public contract.
 */

export type ParsedBaseUrl =
	{ ok: true; origin: string; baseUrl: string } | { ok: false; message: string };

/** The base paths of the three generations (`servers` in their specs), as they may end a pasted URL. */
const GENERATION_PATH_AT_END = /\/+(?:flat-lays\/+|studio\/+)?v1$/;
const TRAILING_SLASHES = /\/+$/;
const SCHEME_AND_AUTHORITY = /^https?:\/\/[^/]/i;
const LOOPBACK_IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Says whether `hostname`, as the WHATWG `URL` spells it, is this machine (RFC 6761, RFC 1122, RFC 4291). */
export function isLoopbackHost(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || LOOPBACK_IPV4.test(hostname);
}

function tryParse(url: string, base?: string): URL | undefined {
	try {
		return new URL(url, base);
	} catch {
		return undefined;
	}
}

function refuse(reason: string): ParsedBaseUrl {
	return { ok: false, message: `Base URL ${reason}` };
}

/**
 * Validate the Base URL field of the credential.
 *
 * Accepted: an absolute http(s) URL without user name, query and fragment; plain http for loopback
 * hosts only, because the key would travel in clear text. `baseUrl` comes without trailing slashes
 * and without a generation's base path at its end; a path in front of that (a proxy) stays.
 * Messages name the field and never repeat the input, which may hold a pasted secret.
 */
export function parseBaseUrl(input: string): ParsedBaseUrl {
	const text = input.trim();
	if (text === '') return refuse('is empty: enter https://api.aiuta.com');
	const url = SCHEME_AND_AUTHORITY.test(text) ? tryParse(text) : undefined;
	if (url === undefined) {
		return refuse('must be a complete address that starts with https://');
	}
	if (url.username !== '' || url.password !== '') {
		return refuse('must not contain a user name or a password');
	}
	if (text.includes('?') || text.includes('#')) {
		return refuse('must not contain a query or a fragment (nothing after "?" or "#")');
	}
	if (url.protocol !== 'https:' && !isLoopbackHost(url.hostname)) {
		return refuse(
			'must start with https://: over plain http the API key would travel unencrypted (http is accepted for localhost only)',
		);
	}
	const path = url.pathname
		.replace(TRAILING_SLASHES, '')
		.replace(GENERATION_PATH_AT_END, '')
		.replace(TRAILING_SLASHES, '');
	return { ok: true, origin: url.origin, baseUrl: `${url.origin}${path}` };
}

/**
 * Say whether `url` (absolute, or relative to `baseUrl`) stays on the origin of `baseUrl`: same
 * scheme, host and port (RFC 6454). Anything that cannot be parsed does not.
 */
export function sameOrigin(url: string, baseUrl: string): boolean {
	const base = tryParse(baseUrl);
	const target = tryParse(url, baseUrl);
	return base !== undefined && target !== undefined && target.origin === base.origin;
}
