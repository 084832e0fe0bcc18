/**
 * The seeded mix of faults: which calls fail and how. Every kind of the fault table that a server can
 * bring about is dealt in turn, so that all of them occur in a long run.
 *
 * Left out are 401, 402 and 403: the node stops creating on them by design, and the run would end.
 */
import type { Fault, FaultEffect } from '../../sandbox';
import { Random } from '../../support/random';

export const SOAK_CALLS = ['upload', 'create', 'getOperation', 'file'] as const;

export type SoakCall = (typeof SOAK_CALLS)[number];

export interface FaultKind {
	name: string;
	calls: readonly SoakCall[];
	effect: FaultEffect;
	/** The request takes effect before it fails. */
	takesEffect?: boolean;
	/** Lasts until the node's own time limit (30 to 120 s): only in the first half of a run. */
	isLong?: boolean;
}

/** One call that will fail: the `position`th of its kind, counted from 0. */
export interface PlannedFault {
	call: SoakCall;
	position: number;
	name: string;
	fault: Fault;
}

export interface MixOptions {
	products: number;
	/** Share of the calls that fail, in percent. */
	percent: number;
	seed: number;
}

const EVERY: readonly SoakCall[] = SOAK_CALLS;
const API: readonly SoakCall[] = ['upload', 'create', 'getOperation'];
const POSTS: readonly SoakCall[] = ['upload', 'create'];
const HTML = '<!doctype html><title>Bad gateway</title>';
/** Of the past whenever it arrives, which says "now" (RFC 9110, section 10.2.3). */
const PAST_DATE = 'Thu, 01 Jan 2026 00:00:00 GMT';

const status = (code: number, calls: readonly SoakCall[]): FaultKind => ({
	name: String(code),
	calls,
	effect: { kind: 'status', status: code },
});

const statusAfterEffect = (code: number): FaultKind => ({
	...status(code, POSTS),
	name: `${code} after taking effect`,
	takesEffect: true,
});

const throttled = (name: string, retryAfter: string | number): FaultKind => ({
	name: `429, Retry-After ${name}`,
	calls: EVERY,
	effect: { kind: 'status', status: 429, retryAfter },
});

/** All kinds but the refused connection, which no server can plan (see `refusals.ts`). */
export const FAULT_KINDS: readonly FaultKind[] = [
	{ name: 'reset before taking effect', calls: EVERY, effect: { kind: 'resetBefore' } },
	{ name: 'reset after taking effect', calls: API, effect: { kind: 'resetAfter' } },
	{ name: 'slow answer (2 s)', calls: EVERY, effect: { kind: 'delay', delayMs: 2000 } },
	{ name: 'timeout before taking effect', calls: EVERY, effect: { kind: 'hang' }, isLong: true },
	{
		name: 'timeout after taking effect',
		calls: POSTS,
		effect: { kind: 'hang' },
		takesEffect: true,
		isLong: true,
	},
	...[500, 502, 503, 504].map((code) => status(code, EVERY)),
	...[500, 502, 503, 504].map(statusAfterEffect),
	{ ...status(429, EVERY), name: '429 without Retry-After' },
	throttled('in seconds', 1),
	throttled('as a date', PAST_DATE),
	throttled('unreadable', 'soon'),
	status(408, EVERY),
	status(425, EVERY),
	{ name: 'HTML with 200', calls: EVERY, effect: { kind: 'body', body: HTML } },
	{ name: 'bad JSON with 200', calls: API, effect: { kind: 'body', body: '{"id": "' } },
	{ name: 'null with 200', calls: API, effect: { kind: 'body', body: 'null' } },
	{ name: '307', calls: API, effect: { kind: 'redirect', status: 307, location: '/elsewhere' } },
	{ name: '302', calls: ['file'], effect: { kind: 'redirect', status: 302, location: '/gone' } },
	status(400, API),
	status(404, EVERY),
	status(409, API),
	status(410, ['file']),
	status(413, ['upload']),
	status(415, ['upload']),
	status(422, POSTS),
];

const SHORT_STALL = 'slow answer (2 s)';
/** The first call of a run goes alone: a fault there would say nothing of a batch. */
const FIRST_POSITION = 5;
/** More calls of a kind than these for a product do not come about. */
const CALLS_PER_PRODUCT: Readonly<Record<SoakCall, number>> = {
	upload: 2,
	create: 2,
	getOperation: 6,
	file: 2,
};

/** Hands out the kinds of one call one after the other, shuffled anew for each round. */
class Deck {
	private left: FaultKind[] = [];

	private readonly kinds: readonly FaultKind[];

	constructor(
		call: SoakCall,
		private readonly random: Random,
	) {
		this.kinds = FAULT_KINDS.filter(({ calls }) => calls.includes(call));
	}

	next(mayBeLong: boolean): FaultKind {
		if (this.left.length === 0) {
			this.left = this.kinds
				.map((kind) => ({ kind, order: this.random.next() }))
				.sort((a, b) => a.order - b.order)
				.map(({ kind }) => kind);
		}
		const kind = this.left.pop();
		if (kind !== undefined && (mayBeLong || kind.isLong !== true)) return kind;
		const stall = this.kinds.find(({ name }) => name === SHORT_STALL);
		if (stall === undefined) throw new Error('every call can be stalled');
		return stall;
	}
}

function planCall(call: SoakCall, options: MixOptions, random: Random): PlannedFault[] {
	const { products, percent } = options;
	const deck = new Deck(call, random);
	const callsPerFault = 100 / percent;
	const endPosition = products * CALLS_PER_PRODUCT[call];
	const planned: PlannedFault[] = [];
	for (let start = 0; start < endPosition; start += callsPerFault) {
		const position = Math.floor(random.between(start, start + callsPerFault));
		const isTaken = planned.at(-1)?.position === position;
		if (position < FIRST_POSITION || isTaken) continue;
		const { name, effect, takesEffect } = deck.next(position < products / 2);
		const fault: Fault = {
			route: call,
			// A request that an earlier fault hits is not seen by the later ones.
			after: position - planned.length,
			times: 1,
			when: takesEffect === true ? 'after' : 'before',
			effect,
		};
		planned.push({ call, position, name, fault });
	}
	return planned;
}

/**
 * Plan the faults of a run: one in each stretch of 100 / `percent` calls of every kind, at a random
 * place in it. To be planted in the order given.
 */
export function planFaults(options: MixOptions): PlannedFault[] {
	if (options.percent <= 0) return [];
	return SOAK_CALLS.flatMap((call, index) =>
		planCall(call, options, new Random(options.seed * SOAK_CALLS.length + index)),
	);
}
