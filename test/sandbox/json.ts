import type { FastifyRequest } from 'fastify';

/** Parse a request's JSON body, which the servers keep as bytes; another content type is refused. */
export function parseJson(
	request: FastifyRequest,
): { kind: 'json'; value: unknown } | { kind: 'notJson' } {
	const type = request.headers['content-type'] ?? '';
	if (!/^application\/json\s*(;|$)/i.test(type) || !Buffer.isBuffer(request.body)) {
		return { kind: 'notJson' };
	}
	try {
		const value: unknown = JSON.parse(request.body.toString('utf8'));
		return { kind: 'json', value };
	} catch {
		return { kind: 'notJson' };
	}
}
