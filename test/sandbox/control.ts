/** The control calls over HTTP, for tests in another process. No key; the listener is loopback only. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { controlSchemas } from './controlSchemas';
import type { Checked } from './generations/validation';
import type { Sandbox } from './index';
import { parseJson } from './json';
import { CONTROL_PATH } from './pipeline';

export interface ControlTarget extends Pick<
	Sandbox,
	'stats' | 'reset' | 'fault' | 'clearFaults' | 'setOutcome' | 'clearOutcomes' | 'configure'
> {
	listFaults(): unknown;
	removeFault(id: string): boolean;
	settings(): unknown;
}

function read<Body>(
	request: FastifyRequest,
	reply: FastifyReply,
	check: (body: unknown) => Checked<Body>,
): Body | undefined {
	const body = parseJson(request);
	const checked = check(body.kind === 'json' ? body.value : undefined);
	if (checked.kind === 'valid') return checked.body;
	reply.code(422).send({ detail: checked.errors });
	return undefined;
}

/** Run a change; a RangeError (a value that makes no sense) becomes 422. */
function change(reply: FastifyReply, action: () => unknown): unknown {
	try {
		return reply.send(action() ?? { done: true });
	} catch (error) {
		if (error instanceof RangeError) return reply.code(422).send({ detail: error.message });
		throw error;
	}
}

/** Register the control routes on the API's listener. */
export function addControlRoutes(app: FastifyInstance, target: ControlTarget): void {
	app.get<{ Querystring: { log?: string } }>(`${CONTROL_PATH}/stats`, (request, reply) => {
		const { requestLog, ...stats } = target.stats();
		return reply.send(request.query.log === undefined ? stats : { ...stats, requestLog });
	});
	app.post(`${CONTROL_PATH}/reset`, (_request, reply) => change(reply, () => target.reset()));

	app.get(`${CONTROL_PATH}/faults`, (_request, reply) => reply.send(target.listFaults()));
	app.post(`${CONTROL_PATH}/faults`, (request, reply) => {
		const fault = read(request, reply, controlSchemas.fault);
		return fault === undefined ? reply : reply.send({ id: target.fault(fault).id });
	});
	app.delete(`${CONTROL_PATH}/faults`, (_request, reply) =>
		change(reply, () => target.clearFaults()),
	);
	app.delete<{ Params: { id: string } }>(`${CONTROL_PATH}/faults/:id`, (request, reply) =>
		reply.send({ removed: target.removeFault(request.params.id) }),
	);

	app.post(`${CONTROL_PATH}/outcomes`, (request, reply) => {
		const rule = read(request, reply, controlSchemas.outcome);
		if (rule === undefined) return reply;
		return change(reply, () => target.setOutcome(rule.target, rule.outcome));
	});
	app.delete(`${CONTROL_PATH}/outcomes`, (_request, reply) =>
		change(reply, () => target.clearOutcomes()),
	);

	app.get(`${CONTROL_PATH}/options`, (_request, reply) => reply.send(target.settings()));
	app.post(`${CONTROL_PATH}/options`, (request, reply) => {
		const settings = read(request, reply, controlSchemas.settings);
		if (settings === undefined) return reply;
		return change(reply, () => {
			target.configure(settings);
			return target.settings();
		});
	});
}
