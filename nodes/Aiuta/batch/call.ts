/**
 * Sends one API call to its end: waits for its turn, judges the answer, repeats what may be repeated.
 * The rules are in `api/faults.ts`; this is the loop around them.
 */
import { describeErrorBody } from '../api/errorBody';
import { failure, type Failure } from '../api/failures';
import { classify, decide, type FaultClass, type Verdict } from '../api/faults';
import type { ApiRequest } from '../api/requests';
import { retryDelayMs } from '../core/backoff';
import type { HttpOutcome } from '../core/http';
import type { RequestKind, Turn } from '../schedule/queue';
import type { Refusal, Run } from './run';
import { ThrottlePatience } from './throttlePatience';

/**
 * A throttled request has had its turn. At the end of the line, its product would be begun last (seen:
 * 20 % on the makespan of 50 products).
 */
const TURN_AGAIN: Turn = { inFront: true };

/** A read without a deadline of its own is repeated this often. */
const MAX_READ_RETRIES = 5;

/** Which line of the scheduler a call waits in. */
const LINE: Readonly<Record<ApiRequest<unknown>['call'], RequestKind>> = {
	upload: 'upload',
	create: 'create',
	get: 'poll',
	delete: 'upload',
};

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

export interface Conditions {
	/** Asked when the request's turn has come; what is held back is not sent at all. */
	mayLeave?: () => boolean | Promise<boolean>;
	/** Told right before the request leaves. */
	beforeSend?: () => void;
	/** Told after a try that provably had no effect, before the next one. */
	onRetry?: () => void;
}

/** `heldBack`: `mayLeave` did not let it go. */
type Unsent = { kind: 'heldBack' } | { kind: 'cancelled' };

export type CallResult<Answer> = { kind: 'ok'; answer: Answer } | Fault | Unsent;

/** It left, and was not answered as it should have been. */
export interface Faulted {
	kind: 'faulted';
	fault: FaultClass;
	outcome: HttpOutcome;
}

export type Attempt<Answer> =
	| { kind: 'ok'; answer: Answer }
	| Faulted
	/** It could not leave in time. */
	| { kind: 'expired' }
	| Unsent;

/** Send a request once, when the scheduler lets it. */
export async function attempt<Answer>(
	run: Run,
	{ call, http, read }: ApiRequest<Answer>,
	{ mayLeave = () => true, beforeSend }: Conditions = {},
	turn: Turn = {},
): Promise<Attempt<Answer>> {
	const { scheduler, send } = run.ports;
	const granted = await scheduler.awaitTurn(run.slot, LINE[call], turn);
	if (granted.kind === 'expired') return granted;
	if (granted.kind === 'stopped') return { kind: 'cancelled' };
	let outcome: HttpOutcome | undefined;
	try {
		if (refusedBefore(run, call) === undefined && (await mayLeave()) && !run.isCancelled) {
			run.budget.noteRequest();
			beforeSend?.();
			outcome = await send(http);
		}
	} catch {
		// Nothing here should throw. What does may have sent something: its outcome is open.
		outcome = { kind: 'connectionLost', code: 'UNEXPECTED' };
	}
	granted.end(outcome);
	if (outcome === undefined) {
		const refused = refusedBefore(run, call);
		if (refused !== undefined) return { kind: 'faulted', ...refused };
		return { kind: run.isCancelled ? 'cancelled' : 'heldBack' };
	}
	const judged = classify(call, outcome, read);
	if (judged.ok) return { kind: 'ok', answer: judged.answer };
	return { kind: 'faulted', fault: judged.fault, outcome };
}

/**
 * The refusal that a read would meet again: the key was refused before anything succeeded. Uploads and
 * creates see that the run is halted, and count as not started.
 */
function refusedBefore(run: Run, call: ApiRequest<unknown>['call']): Refusal | undefined {
	return call === 'get' && !run.slot.hasSucceeded ? run.refusedBy : undefined;
}

/** Describe a fault for a message, at most 300 characters of the answer. */
export function faultOf(fault: FaultClass, outcome: HttpOutcome, verdict: Fault['verdict']): Fault {
	if (outcome.kind !== 'response') {
		const detail =
			outcome.kind === 'aborted' ? undefined : `the connection failed with ${outcome.code}`;
		return { kind: 'fault', fault, verdict, detail, httpStatus: undefined, bodyText: '' };
	}
	const said = describeErrorBody(outcome.body);
	return {
		kind: 'fault',
		fault,
		verdict,
		detail: `Aiuta answered HTTP ${outcome.status}${said === undefined ? '' : `: ${said}`}`,
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
	run.noteRefusal({ fault, outcome }, refusal(fault, faultOf(fault, outcome, 'stop').detail));
}

/** Says whether and when one request may be sent once more. */
class Repeats {
	private retries = 0;

	private readonly patience = new ThrottlePatience();

	constructor(private readonly run: Run) {}

	/** How often it was repeated, throttled tries not counted. */
	get count(): number {
		return this.retries;
	}

	/** Its next turn; undefined when its repeats, or those of the run, are used up. */
	next(verdict: 'wait' | 'retry' | 'untilDeadline'): Turn | undefined {
		const { clock } = this.run.ports;
		if (verdict === 'wait') return this.patience.isOverAt(clock.now()) ? undefined : TURN_AGAIN;
		this.patience.reset();
		const isUsedUp = verdict === 'untilDeadline' && this.retries >= MAX_READ_RETRIES;
		if (isUsedUp || !this.run.budget.tryRetry()) return undefined;
		this.retries += 1;
		return { dueAt: clock.now() + retryDelayMs(this.retries, clock.random()) };
	}
}

/**
 * Send a request until it is answered, refused, used up or stopped.
 *
 * A throttled try does not count as a retry; it is bounded by 15 minutes of nothing else.
 */
export async function callApi<Answer>(
	run: Run,
	request: ApiRequest<Answer>,
	conditions: Conditions = {},
): Promise<CallResult<Answer>> {
	const repeats = new Repeats(run);
	let turn: Turn | undefined = {};
	for (;;) {
		const tried: Attempt<Answer> = await attempt(run, request, conditions, turn);
		// Without a latest time nothing expires.
		if (tried.kind === 'expired') return { kind: 'cancelled' };
		if (tried.kind !== 'faulted') return tried;
		const { fault, outcome } = tried;
		const verdict = decide(request.call, fault, repeats.count);
		switch (verdict.kind) {
			case 'wait':
			case 'retry':
			case 'untilDeadline':
				turn = repeats.next(verdict.kind);
				if (turn === undefined) return faultOf(fault, outcome, 'fail');
				conditions.onRetry?.();
				break;
			case 'pause':
			case 'stop':
				haltOn(run, fault, outcome);
				return faultOf(fault, outcome, 'stop');
			case 'done': {
				const answer = request.read(undefined);
				return answer === undefined ? faultOf(fault, outcome, 'done') : { kind: 'ok', answer };
			}
			case 'cancelled':
				return { kind: 'cancelled' };
			case 'fail':
			case 'missing':
			case 'unknown':
				return faultOf(fault, outcome, verdict.kind);
		}
	}
}
