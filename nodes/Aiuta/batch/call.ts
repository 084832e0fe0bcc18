/**
 * Sends one API call to its end: waits for its turn, judges the answer, repeats what may be repeated.
 * The rules are in `api/retryPolicy.ts`; this is the loop around them.
 */
import { describeErrorBody } from '../api/errorBody';
import { failure, type Failure } from '../api/failures';
import { classify, decide, type Call, type FaultClass, type Verdict } from '../api/faults';
import { retryDelayMs } from '../core/backoff';
import { MINUTE_MS } from '../core/clock';
import type { HttpOutcome, HttpRequest } from '../core/http';
import type { Refusal, Run } from './run';
import type { RequestKind, Turn } from '../schedule/queue';

/** A 429 is waited out for this long without any success in between. */
export const MAX_THROTTLED_MS = 15 * MINUTE_MS;

/**
 * A throttled request has had its turn. At the end of the line, its product would be begun last (seen:
 * 20 % on the makespan of 50 products).
 */
const TURN_AGAIN: Turn = { inFront: true };

/** A read without a deadline of its own is repeated this often. */
const MAX_READ_RETRIES = 5;

export interface Fault {
	kind: 'fault';
	fault: FaultClass;
	/** What ended it: never `retry`, `pause` or `wait`. */
	verdict: Exclude<Verdict['kind'], 'retry' | 'pause' | 'wait' | 'cancelled'>;
	/** What the server or the connection said, for a message. */
	detail: string | undefined;
	httpStatus: number | undefined;
	/** The answer's body, unbounded; for matching, not for messages. */
	bodyText: string;
}

export type CallResult =
	| { kind: 'ok'; status: number; body: unknown }
	| Fault
	/** `request` found nothing to send. */
	| { kind: 'skipped' }
	| { kind: 'cancelled' };

export interface CallSpec {
	call: Call;
	queue: RequestKind;
	/** Make the request when its turn has come, or return undefined to send nothing. */
	request: () => Promise<HttpRequest | undefined>;
	/** Whether a 2xx JSON body is a proper answer. */
	accepts: (body: unknown) => boolean;
	/** Told right before the request leaves. */
	beforeSend?: () => void;
	/** Told after a try that provably had no effect, before the next one. */
	onRetry?: () => void;
}

export type Attempt =
	| { kind: 'ok'; status: number; body: unknown }
	| { kind: 'faulted'; fault: FaultClass; outcome: HttpOutcome }
	| { kind: 'skipped' }
	/** It could not leave in time. */
	| { kind: 'expired' }
	| { kind: 'cancelled' };

/** Send a call once, when the scheduler lets it. A 2xx to any GET reopens the create gate. */
export async function attempt(run: Run, spec: CallSpec, turn: Turn = {}): Promise<Attempt> {
	const { scheduler, send } = run.ports;
	let refused: Refusal | undefined;
	const granted = await scheduler.perform(
		run.slot,
		spec.queue,
		async () => {
			// Refused before anything succeeded: to read an operation would be refused in the same way.
			// Uploads and creates see the run's halt themselves and count as not started.
			const isHopeless = spec.call === 'get' && !run.slot.hasSucceeded;
			refused = isHopeless ? run.refusedBy : undefined;
			if (refused !== undefined) return undefined;
			const request = await spec.request();
			if (request === undefined || run.isCancelled) return undefined;
			run.budget.noteRequest();
			spec.beforeSend?.();
			return await send(request);
		},
		turn,
	);
	if (refused !== undefined) return { kind: 'faulted', ...refused };
	if (granted.kind === 'expired') return granted;
	if (granted.kind === 'stopped') return { kind: 'cancelled' };
	if (granted.kind === 'skipped') return run.isCancelled ? { kind: 'cancelled' } : granted;
	const classified = classify(spec.call, granted.outcome, spec.accepts);
	if (!classified.ok) {
		return { kind: 'faulted', fault: classified.fault, outcome: granted.outcome };
	}
	if (spec.call === 'get') run.gate.open();
	return { kind: 'ok', status: classified.status, body: classified.body };
}

/** Describe a fault for a message, at most 300 characters of the answer. */
export function faultOf(fault: FaultClass, outcome: HttpOutcome, verdict: Fault['verdict']): Fault {
	if (outcome.kind !== 'response') {
		const detail = outcome.kind === 'aborted' ? undefined : outcome.code;
		return { kind: 'fault', fault, verdict, detail, httpStatus: undefined, bodyText: '' };
	}
	const said = describeErrorBody(outcome.body);
	return {
		kind: 'fault',
		fault,
		verdict,
		detail: `HTTP ${outcome.status}${said === undefined ? '' : `: ${said}`}`,
		httpStatus: outcome.status,
		bodyText: outcome.body,
	};
}

/** The failure that a refused key or plan is reported as. */
export function refusal(fault: FaultClass, detail: string | undefined): Failure {
	const code = fault === 'paymentRequired' ? 'PAYMENT_REQUIRED' : 'KEY_REFUSED';
	return failure(code, undefined, { detail: detail ?? fault });
}

/** Stop new work after a refusal of the key or the plan: repeating it can only be refused again. */
export function haltOn(run: Run, fault: FaultClass, outcome: HttpOutcome): void {
	run.refusedBy ??= { fault, outcome };
	run.stopStarting(refusal(fault, faultOf(fault, outcome, 'stop').detail));
}

/**
 * Send a call until it is answered, refused, used up or stopped.
 *
 * A throttled try does not count as a retry; it is bounded by 15 minutes without a success.
 */
export async function callApi(run: Run, spec: CallSpec): Promise<CallResult> {
	const { clock, scheduler } = run.ports;
	let retries = 0;
	let turn: Turn = {};
	for (;;) {
		const tried = await attempt(run, spec, turn);
		// Without a latest time nothing expires.
		if (tried.kind === 'expired') return { kind: 'cancelled' };
		if (tried.kind !== 'faulted') return tried;
		const { fault, outcome } = tried;
		const verdict = decide(spec.call, fault, retries);
		switch (verdict.kind) {
			case 'wait':
				if (scheduler.throttledForMs >= MAX_THROTTLED_MS) return faultOf(fault, outcome, 'fail');
				spec.onRetry?.();
				turn = TURN_AGAIN;
				break;
			case 'retry':
			case 'untilDeadline':
				if (verdict.kind === 'untilDeadline' && retries >= MAX_READ_RETRIES) {
					return faultOf(fault, outcome, 'fail');
				}
				if (!run.budget.tryRetry()) return faultOf(fault, outcome, 'fail');
				spec.onRetry?.();
				retries += 1;
				turn = { dueAt: clock.now() + retryDelayMs(retries, clock.random()) };
				break;
			case 'pause':
			case 'stop': {
				haltOn(run, fault, outcome);
				return faultOf(fault, outcome, 'stop');
			}
			case 'done':
				return { kind: 'ok', status: 204, body: undefined };
			case 'cancelled':
				return { kind: 'cancelled' };
			case 'fail':
			case 'missing':
			case 'unknown':
				return faultOf(fault, outcome, verdict.kind);
		}
	}
}
