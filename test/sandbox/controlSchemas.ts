/** Checks of the control calls' bodies, so that a typo in a test fails loudly. */
import { bodyCheck } from './generations/validation';
import {
	ROUTE_KINDS,
	type Fault,
	type Outcome,
	type OutcomeTarget,
	type SandboxSettings,
} from './types';

const text = { type: 'string' };
const flag = { type: 'boolean' };
const count = { type: 'integer', minimum: 0 };
const amount = { type: 'number', minimum: 0 };
const status = { type: 'integer', minimum: 200, maximum: 599 };

const closed = (properties: Record<string, unknown>, required: string[] = []) => ({
	type: 'object',
	properties,
	required,
	additionalProperties: false,
});

const effect = (kind: string, fields: Record<string, unknown> = {}, required: string[] = []) =>
	closed({ kind: { const: kind }, ...fields }, ['kind', ...required]);

const faultSchema = closed(
	{
		route: { enum: ROUTE_KINDS },
		after: count,
		times: count,
		when: { enum: ['before', 'after'] },
		effect: {
			oneOf: [
				effect(
					'status',
					{ status, retryAfter: { type: ['string', 'number'] }, body: {}, contentType: text },
					['status'],
				),
				effect('resetBefore'),
				effect('resetAfter'),
				effect('hang'),
				effect('delay', { delayMs: amount }, ['delayMs']),
				effect('body', { body: text, contentType: text }, ['body']),
				effect('disguise', { contentType: text, keepBytes: count, body: text, status }),
				effect('drip', { everyMs: amount, forMs: amount }, ['everyMs', 'forMs']),
				effect('gzip', { damage: { enum: ['none', 'cut', 'broken'] } }, ['damage']),
				effect('huge', { sizeBytes: count }, ['sizeBytes']),
				effect('redirect', { status, location: text }, ['status', 'location']),
			],
		},
	},
	['route', 'effect'],
);

const outcomeSchema = closed(
	{
		target: closed({ operationId: text, textContains: text, imageType: text, times: count }),
		outcome: closed({
			result: { enum: ['success', 'fail', 'abort', 'cancel', 'forever', 'unknownStatus'] },
			pause: flag,
			noImage: flag,
			noImageOf: text,
			reordered: flag,
			expired: flag,
			noSuchPicture: flag,
			generationMs: amount,
			error: text,
			status: text,
		}),
	},
	['target', 'outcome'],
);

const settingsSchema = closed({
	apiKeys: closed({ flatLays: text, studio: text, unified: text }, [
		'flatLays',
		'studio',
		'unified',
	]),
	forbiddenKeys: { type: 'array', items: text },
	skuCount: count,
	generationMs: {
		anyOf: [
			amount,
			closed({ minMs: amount, maxMs: amount }, ['minMs', 'maxMs']),
			closed({ listMs: { type: 'array', items: amount, minItems: 1 } }, ['listMs']),
		],
	},
	concurrency: { type: ['integer', 'null'] },
	rateLimit: {
		anyOf: [
			closed({ requestsPerSecond: amount, burst: amount, retryAfter: flag }, [
				'requestsPerSecond',
				'burst',
			]),
			{ type: 'null' },
		],
	},
	picture: { enum: ['compose', 'cached'] },
	cachedPictureBytes: { type: 'integer', minimum: 0 },
	namesUnknownImages: flag,
});

export const controlSchemas = {
	fault: bodyCheck<Fault>(faultSchema),
	outcome: bodyCheck<{ target: OutcomeTarget; outcome: Outcome }>(outcomeSchema),
	settings: bodyCheck<Partial<SandboxSettings>>(settingsSchema),
};
