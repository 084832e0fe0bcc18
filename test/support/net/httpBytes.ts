/** Where an HTTP/1.1 message ends in a stream of bytes (RFC 9112, section 6.3); no more than that. */

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '\r\n0\r\n\r\n';

/** Split a message into its head, blank line included, and what has arrived of its body. */
export function splitMessage(message: Buffer): { head: Buffer; body: Buffer } {
	const end = message.indexOf(HEAD_END);
	const headBytes = end < 0 ? message.length : end + HEAD_END.length;
	return { head: message.subarray(0, headBytes), body: message.subarray(headBytes) };
}

/** Find the index just after the first message; undefined while it is not complete. */
export function messageEnd(bytes: Buffer): number | undefined {
	if (bytes.indexOf(HEAD_END) < 0) return undefined;
	const { head, body } = splitMessage(bytes);
	const text = head.toString('latin1');
	if (/^transfer-encoding: *chunked/im.test(text)) {
		const last = bytes.indexOf(LAST_CHUNK, head.length - 2);
		return last < 0 ? undefined : last + LAST_CHUNK.length;
	}
	const bodyBytes = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? 0);
	return body.length < bodyBytes ? undefined : head.length + bodyBytes;
}
