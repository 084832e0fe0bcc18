/**
 * The way of every request on both hosts: counted on arrival, let through the gate, hit by a planted
 * fault or not, handled, answered. Handlers know nothing of faults; they return answers as values.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import type { Answer } from './answer';
import { pause } from './clock';
import { damaged } from './damage';
import type { Faults } from './faults';
import type { Ledger, OpenRequest } from './ledger';
import type { Fault, RouteKind } from './types';

declare module 'fastify' {
	interface FastifyContextConfig {
		kind?: RouteKind;
	}
}

export const CONTROL_PATH = '/__sandbox';

export type Handler = (request: FastifyRequest) => Promise<Answer> | Answer;

/** What the gateway says before the API sees a request; undefined lets it through. */
export type Gate = (request: FastifyRequest) => Answer | undefined;

type Ending = Answer | 'reset' | 'hang';

export interface PipelineParts {
	host: 'api' | 'files';
	ledger: Ledger;
	faults: Faults;
	gate: Gate;
	/** Aborts when the sandbox closes, so that no delay outlives it. */
	closing: AbortSignal;
}

function statusAnswer(effect: Extract<Fault['effect'], { kind: 'status' }>): Answer {
	const { status, body, contentType, retryAfter } = effect;
	const headers: Record<string, string> =
		retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
	if (typeof body === 'string') {
		return { status, headers, raw: { body, contentType: contentType ?? guessType(body) } };
	}
	return { status, headers, json: body ?? { message: `Planted answer ${status}` } };
}

function guessType(body: string): string {
	return body.trimStart().startsWith('<') ? 'text/html' : 'application/json';
}

async function underFault(
	fault: Fault,
	handle: () => Promise<Answer>,
	closing: AbortSignal,
): Promise<Ending> {
	const { effect } = fault;
	const takesEffect = fault.when === 'after';
	switch (effect.kind) {
		case 'status':
			if (takesEffect) await handle();
			return statusAnswer(effect);
		case 'resetBefore':
			return 'reset';
		case 'resetAfter':
			await handle();
			return 'reset';
		case 'hang':
			if (takesEffect) await handle();
			return 'hang';
		case 'delay': {
			const early = takesEffect ? await handle() : undefined;
			await pause(effect.delayMs, closing);
			return early ?? (await handle());
		}
		case 'body': {
			await handle();
			const { body, contentType = guessType(body) } = effect;
			return { status: 200, raw: { body, contentType } };
		}
		case 'disguise':
		case 'drip':
		case 'gzip':
		case 'huge':
			return damaged(await handle(), effect, closing);
		case 'redirect':
			return { status: effect.status, headers: { location: effect.location } };
	}
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
	const { status, json, raw, headers = {} } = answer;
	reply.code(status).headers(headers);
	if (raw !== undefined) return reply.type(raw.contentType).send(raw.body);
	if (!('json' in answer)) return reply.send();
	return reply.type('application/json').send(JSON.stringify(json));
}

/** Put the pipeline into an app; the result turns a handler into a route of a kind. */
export function installPipeline(app: FastifyInstance, parts: PipelineParts) {
	const { host, ledger, faults, gate, closing } = parts;
	const open = new WeakMap<FastifyRequest, OpenRequest>();

	app.addHook('onRequest', (request, reply, done) => {
		const { method, url, headers } = request;
		if (!url.startsWith(CONTROL_PATH)) {
			const route = request.routeOptions.config.kind ?? 'other';
			const entry = ledger.arrive({ host, route, method, url, headers });
			open.set(request, entry);
			reply.raw.once('close', () => entry.leave(0));
		}
		done();
	});

	const finish = (request: FastifyRequest, reply: FastifyReply, ending: Ending): FastifyReply => {
		if (ending === 'hang') return reply.hijack();
		if (ending === 'reset') {
			reply.hijack();
			open.get(request)?.leave(0);
			request.raw.socket.resetAndDestroy();
			return reply;
		}
		open.get(request)?.leave(ending.status);
		return send(reply, ending);
	};

	app.setNotFoundHandler((request, reply) =>
		finish(request, reply, { status: 404, json: { detail: 'Not Found' } }),
	);
	app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) =>
		finish(request, reply, {
			status: error.statusCode ?? 500,
			json: { detail: error.message },
		}),
	);

	return (
		kind: RouteKind,
		handler: Handler,
	): { config: { kind: RouteKind }; handler: RouteHandlerMethod } => ({
		config: { kind },
		handler: async (request, reply) => {
			const handle = async () => await handler(request);
			const refusal = gate(request);
			if (refusal !== undefined) return finish(request, reply, refusal);
			const fault = faults.take(kind);
			const ending =
				fault === undefined ? await handle() : await underFault(fault, handle, closing);
			return finish(request, reply, ending);
		},
	});
}
