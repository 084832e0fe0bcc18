/**
 * A server that refuses one request with 429s while it serves all others, and the rule for it: the node
 * waits a quarter of an hour for each request for itself, whatever others meet meanwhile.
 */
import type { HttpOutcome, HttpRequest } from '../../../nodes/Aiuta/core/http';
import { MINUTE_MS, SECOND_MS } from '../../../nodes/Aiuta/core/clock';
import type { Random } from '../../support/random';
import { readCreate } from './bodies';
import type { SimulatedCall } from './faults';
import type { SimulatedProduct } from './scenario';
import { callOf, type SimulatedServer } from './server';

const PATIENCE_MS = 15 * MINUTE_MS;
/** Its next turn may come so much later: behind the pause for the last 429, and for those of others. */
const TURN_MS = 2 * MINUTE_MS;

export interface RefusedRequest {
	call: SimulatedCall;
	/** Of all requests of this kind that ask for different things, the how manieth; from 1. */
	number: number;
	/** From its first try on. */
	forMs: number;
}

/** Draw which request is refused, and whether the node's patience outlasts it. */
export function refusedRequestOf(random: Random): RefusedRequest {
	return {
		call: random.pick(['create', 'create', 'upload', 'get']),
		number: random.int(1, 4),
		forMs: random.pick([5, 14, 60]) * MINUTE_MS,
	};
}

/** What a request asks for, the same in every try: the operation that is to be, or the photo. */
export function subjectOf(server: SimulatedServer, request: HttpRequest): string {
	const { body, path } = request;
	if (body?.kind === 'file') return new TextDecoder().decode(body.bytes);
	if (body?.kind === 'json') return readCreate(server.settings.api, body.json).operationKey;
	return server.operations.get(path.split('/').pop() ?? '')?.operationKey ?? path;
}

/** Refuses one request, as long as it is to be refused. */
export class OneRefused {
	private readonly subjects = new Set<string>();

	private untilMs: number | undefined;

	constructor(private readonly refused: RefusedRequest | undefined) {}

	/** The 429 for this request, undefined where it is not the one. */
	refusal(server: SimulatedServer, request: HttpRequest, nowMs: number): HttpOutcome | undefined {
		const { refused, subjects } = this;
		if (refused === undefined || callOf(request) !== refused.call) return undefined;
		const subject = subjectOf(server, request);
		subjects.add(subject);
		if ([...subjects].indexOf(subject) !== refused.number - 1) return undefined;
		this.untilMs ??= nowMs + refused.forMs;
		if (nowMs >= this.untilMs) return undefined;
		return { kind: 'response', status: 429, headers: {}, body: '{"detail":"Too Many Requests"}' };
	}
}

/** Watches how long one run goes on with requests that meet nothing but 429s. */
export class PatienceWatch {
	private readonly sinceMs = new Map<string, number>();

	private readonly longestMs = new Map<string, number>();

	constructor(private readonly report: (rule: string) => void) {}

	/** Take an answer into account, as the caller sees it. */
	note(call: SimulatedCall, subject: string, outcome: HttpOutcome, nowMs: number): void {
		const request = `${call} ${subject}`;
		if (outcome.kind !== 'response' || outcome.status !== 429) {
			this.sinceMs.delete(request);
			return;
		}
		const sinceMs = this.sinceMs.get(request) ?? nowMs;
		const forMs = nowMs - sinceMs;
		this.sinceMs.set(request, sinceMs);
		this.longestMs.set(subject, Math.max(forMs, this.longestMs.get(subject) ?? 0));
		// Products may share a photo: for each of them it is uploaded anew.
		const isTooLong = call !== 'upload' && forMs > PATIENCE_MS + TURN_MS;
		if (isTooLong) this.report(`${request} sent after ${forMs} ms of 429s`);
	}

	/** Whether a request for this product has met nothing else for long enough to be given up. */
	isUsedUp({ key, photos, background }: SimulatedProduct): boolean {
		return [...this.longestMs].some(([subject, forMs]) => {
			const isOwn = subject.split('/')[0] === key || [...photos, background].includes(subject);
			return isOwn && forMs >= PATIENCE_MS - SECOND_MS;
		});
	}
}
