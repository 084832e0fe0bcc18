/**
 * Watches every request that one run sends, and says which rule it breaks. It knows the rules from
 * the contract and nothing of how the engine keeps them.
 */
import { parseJson } from '../../../nodes/Aiuta/core/json';
import type { HttpOutcome } from '../../../nodes/Aiuta/core/http';
import type { SimulatedCall } from './faults';
import { mayMissImages } from './goneImages';

/** Statuses that rule out that a create was accepted. */
const NOT_ACCEPTED = new Set([
	400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 422, 425, 429,
]);
const REFUSALS = new Set([401, 402, 403]);
/** After a 429 nothing leaves for so long, whatever its Retry-After says. */
const LEAST_SILENCE_MS = 250;

/** Whether the caller cannot know if this create was accepted. */
export function isAmbiguous(outcome: HttpOutcome): boolean {
	if (outcome.kind === 'neverOpened' || outcome.kind === 'certificateError') return false;
	if (outcome.kind !== 'response') return true;
	return !NOT_ACCEPTED.has(outcome.status) && operationIdIn(outcome) === undefined;
}

/**
 * Whether a create that ended so is a failed product at once: nothing that is tried again.
 *
 * @param hasOldImages whether it names images that an earlier try has uploaded: those may be gone, and
 *   are uploaded again
 */
function isFailure(outcome: HttpOutcome, hasOldImages: boolean): boolean {
	if (outcome.kind === 'neverOpened') return false;
	if (outcome.kind !== 'response') return true;
	if ([408, 425, 429].includes(outcome.status)) return false;
	if (hasOldImages && mayMissImages(outcome)) return false;
	return operationIdIn(outcome) === undefined;
}

/** The operation ID in an answer that reached the caller. */
export function operationIdIn(outcome: HttpOutcome): string | undefined {
	if (outcome.kind !== 'response' || outcome.status < 200 || outcome.status > 299) return undefined;
	const parsed = parseJson(outcome.body);
	if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
	const id: unknown = Reflect.get(parsed.value, 'operation_id');
	return typeof id === 'string' && id !== '' ? id : undefined;
}

/** Whether Aiuta has heard this create: accepted or refused it, and not the gateway before it. */
function isAnswered(outcome: HttpOutcome): boolean {
	if (outcome.kind !== 'response' || [408, 425, 429].includes(outcome.status)) return false;
	return NOT_ACCEPTED.has(outcome.status) || operationIdIn(outcome) !== undefined;
}

/** One scheduler's traffic: ceiling x t + burst in any window, and silence when the server asks for it. */
export class RateWatch {
	/** Until when the server asked for silence, as far as this scheduler knows. */
	private silentUntilMs = 0;

	private tokens: number;

	private atMs = 0;

	constructor(
		private readonly requestsPerSecond: number,
		private readonly burst: number,
	) {
		this.tokens = burst;
	}

	/** Count a request; the rule that it breaks, undefined when it breaks none. */
	note(nowMs: number): string | undefined {
		// A bucket that must never run dry.
		const gained = ((nowMs - this.atMs) / 1000) * this.requestsPerSecond;
		this.tokens = Math.min(this.burst, this.tokens + gained) - 1;
		this.atMs = nowMs;
		if (nowMs < this.silentUntilMs) return 'request too soon after a 429';
		return this.tokens > -1e-6 ? undefined : 'more than ceiling x t + burst';
	}

	/** Take note of the server's wish to be left alone. */
	noteAnswer(outcome: HttpOutcome, nowMs: number): void {
		if (outcome.kind !== 'response' || outcome.status !== 429) return;
		const seconds = Number(outcome.headers['retry-after']);
		const askedMs = seconds > 0 ? seconds * 1000 : 0;
		const silentMs = Math.max(LEAST_SILENCE_MS, askedMs);
		this.silentUntilMs = Math.max(this.silentUntilMs, nowMs + silentMs);
	}
}

export class RunWatch {
	private outstanding = 0;

	private hasSucceeded = false;

	private isRefused = false;

	private createsOut = 0;

	private unknownInARow = 0;

	private hasFailed = false;

	constructor(
		private readonly isStopped: () => boolean,
		private readonly stopOnFailure: boolean,
		private readonly report: (rule: string) => void,
	) {}

	/** Check a request that is about to leave. */
	begin(call: SimulatedCall): void {
		if (this.isStopped()) this.report(`${call} sent after the stop`);
		if (call === 'download') return;
		if (!this.hasSucceeded && this.outstanding > 0) {
			this.report(`${call} sent beside another request before the first success`);
		}
		if (this.isRefused && (call === 'upload' || call === 'create')) {
			this.report(`${call} sent after the key or the plan was refused`);
		}
		if (this.hasFailed && this.stopOnFailure && (call === 'upload' || call === 'create')) {
			this.report(`${call} sent after a failure under On Error = Stop`);
		}
		if (call === 'create') {
			if (this.unknownInARow > 0 && this.createsOut > 0) {
				this.report('create sent beside another after an unknown outcome');
			}
			if (this.unknownInARow >= 3) this.report('create sent after three unknown outcomes in a row');
			this.createsOut += 1;
		}
		this.outstanding += 1;
	}

	/** Take an outcome into account as the caller sees it. */
	end(call: SimulatedCall, outcome: HttpOutcome, hasOldImages: boolean): void {
		if (call === 'download') return;
		this.outstanding -= 1;
		if (outcome.kind === 'response') {
			if (outcome.status >= 200 && outcome.status < 300) this.hasSucceeded = true;
			if (REFUSALS.has(outcome.status)) this.isRefused = true;
		}
		if (call === 'create') {
			this.createsOut -= 1;
			if (isAmbiguous(outcome)) this.unknownInARow += 1;
			if (isAnswered(outcome)) this.unknownInARow = 0;
			if (isFailure(outcome, hasOldImages)) this.hasFailed = true;
		}
	}
}
