/** The gateway in front of the API: keys first, then the rate limit. */
import type { FastifyRequest } from 'fastify';
import { gateway, type Answer } from './answer';
import { API_SHAPES } from './generations';
import type { Gate } from './pipeline';
import type { Settings } from './settings';

function keyRefusal(request: FastifyRequest, settings: Settings): Answer | undefined {
	const { apiKeys, forbiddenKeys } = settings.current;
	const key = request.headers['x-api-key'];
	if (typeof key === 'string' && forbiddenKeys.includes(key)) return gateway(403, 'Forbidden');
	const owner = API_SHAPES.find(({ generation }) => apiKeys[generation] === key);
	if (owner === undefined) return gateway(401, 'Unauthorized');
	const isItsOwn = request.url.startsWith(`${owner.basePath}/`);
	return isItsOwn ? undefined : gateway(403, 'Forbidden');
}

/** Refuse a request without a valid key (401, 403) or above the rate limit (429). */
export function apiGate(settings: Settings): Gate {
	return (request) => {
		const refusal = keyRefusal(request, settings);
		if (refusal !== undefined) return refusal;
		const waitMs = settings.bucket?.takeOrWaitMs() ?? 0;
		if (waitMs === 0) return undefined;
		const throttled = gateway(429, 'Too Many Requests');
		if (settings.current.rateLimit?.retryAfter !== true) return throttled;
		return { ...throttled, headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) } };
	};
}
