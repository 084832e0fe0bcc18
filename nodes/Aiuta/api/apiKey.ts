/** What can be an API key: the rule for the credential's field, before anything is sent. */

export type ParsedApiKey = { ok: true; apiKey: string } | { ok: false; message: string };

/** What a key may consist of: the visible characters of ASCII (RFC 9110, section 5.5, without spaces). */
const NOT_IN_A_KEY = /[^\x21-\x7e]/u;

/**
 * Check the API Key field of the credential. White space around it, pasted along, is taken off; a
 * character within it that cannot travel in a header is refused, because the host would fail on it
 * in a way that looks like a lost connection. Messages name the field and never repeat the key.
 */
export function parseApiKey(input: unknown): ParsedApiKey {
	const apiKey = typeof input === 'string' ? input.trim() : '';
	if (apiKey === '') return { ok: false, message: 'API Key is empty' };
	const stranger = NOT_IN_A_KEY.exec(apiKey);
	if (stranger === null) return { ok: true, apiKey };
	const codePoint = (stranger[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
	const where = `its character ${stranger.index + 1} is U+${codePoint}`;
	return {
		ok: false,
		message: `API Key contains a character that no key has (${where}, often an invisible one that was copied along): paste the key again`,
	};
}
