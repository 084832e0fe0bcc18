/** Properties that hold for any input, each tried on at least 10,000 cases. */
import { isDeepStrictEqual } from 'util';

import fc from 'fast-check';

import { classify, decide, provesNotAccepted, type Call } from '../../nodes/Aiuta/api/faults';
import { Journal } from '../../nodes/Aiuta/batch/journal';
import type { OperationRecord, Place } from '../../nodes/Aiuta/batch/records';
import { Heap } from '../../nodes/Aiuta/core/heap';
import type { HttpOutcome } from '../../nodes/Aiuta/core/http';
import { MAX_RETRY_AFTER_MS, retryAfterMs } from '../../nodes/Aiuta/core/retryAfter';
import { TokenBucket } from '../../nodes/Aiuta/core/tokenBucket';
import { Pacing } from '../../nodes/Aiuta/schedule/pacing';

const CASES = { numRuns: 10_000 };
const NOW_MS = Date.UTC(2026, 0, 1);

describe('the Retry-After parser', () => {
	it('never asks for a wait outside 0 to 15 minutes, whatever the header says', () => {
		const header = fc.oneof(
			fc.string(),
			fc.integer().map(String),
			fc.double().map(String),
			fc.bigInt().map(String),
			fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
		);
		fc.assert(
			fc.property(header, (text) => {
				const waitMs = retryAfterMs(text, NOW_MS);
				return waitMs === undefined || (waitMs >= 0 && waitMs <= MAX_RETRY_AFTER_MS);
			}),
			CASES,
		);
	});

	it('reads seconds and the HTTP date of the same moment alike', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 900 }), (seconds) => {
				const date = new Date(NOW_MS + seconds * 1000).toUTCString();
				const expectedMs = seconds * 1000;
				return (
					retryAfterMs(String(seconds), NOW_MS) === expectedMs &&
					retryAfterMs(date, NOW_MS) === expectedMs
				);
			}),
			CASES,
		);
	});
});

const body = fc.oneof(fc.string(), fc.json(), fc.constant('{"operation_id":"op"}'));
const anyOutcome: fc.Arbitrary<HttpOutcome> = fc.oneof(
	fc.record({
		kind: fc.constant('response' as const),
		status: fc.integer({ min: 100, max: 599 }),
		headers: fc.constant({}),
		body,
	}),
	fc.record({
		kind: fc.constantFrom(
			'neverOpened' as const,
			'certificateError' as const,
			'connectionLost' as const,
		),
		code: fc.string(),
	}),
	fc.constant<HttpOutcome>({ kind: 'aborted' }),
);
const anyCall = fc.constantFrom<Call>('upload', 'create', 'get', 'delete', 'download');

describe('the fault table', () => {
	it('decides every outcome of every call, and gives up counted retries in the end', () => {
		fc.assert(
			fc.property(
				anyCall,
				anyOutcome,
				fc.integer({ min: 6, max: 100 }),
				(call, outcome, retries) => {
					const classified = classify(call, outcome, () => true);
					if (classified.ok) return true;
					const { kind } = decide(call, classified.fault, retries);
					return kind !== 'retry' && kind !== 'pause';
				},
			),
			CASES,
		);
	});

	it('repeats a create only after proof that it was not accepted', () => {
		fc.assert(
			fc.property(anyOutcome, fc.nat({ max: 10 }), fc.boolean(), (outcome, retries, accepted) => {
				const classified = classify('create', outcome, () => accepted || undefined);
				if (classified.ok) return accepted;
				const { kind } = decide('create', classified.fault, retries);
				const mayRepeat = ['retry', 'wait', 'pause', 'untilDeadline'].includes(kind);
				return !mayRepeat || provesNotAccepted(classified.fault);
			}),
			CASES,
		);
	});

	it('takes nothing for proof but a refusal or a connection that was never made', () => {
		fc.assert(
			fc.property(anyOutcome, (outcome) => {
				const classified = classify('create', outcome, () => false);
				if (classified.ok || !provesNotAccepted(classified.fault)) return true;
				if (outcome.kind === 'response') return outcome.status >= 400 && outcome.status < 500;
				return outcome.kind === 'neverOpened' || outcome.kind === 'certificateError';
			}),
			CASES,
		);
	});
});

const ids = fc.array(fc.string(), { maxLength: 3 });
const someIds = fc.array(fc.string(), { minLength: 1, maxLength: 3 });
const anyRecord: fc.Arbitrary<OperationRecord> = fc.oneof(
	fc.record({ state: fc.constant('intent' as const), imageIds: ids }),
	fc.record({ state: fc.constant('uploaded' as const), imageIds: someIds }),
	fc.record({
		state: fc.constantFrom('created' as const, 'succeeded' as const),
		imageIds: ids,
		operationId: fc.string({ minLength: 1 }),
	}),
	fc.record({
		state: fc.constant('failed' as const),
		imageIds: ids,
		operationId: fc.string({ minLength: 1 }),
		status: fc.string({ minLength: 1 }),
		failureReason: fc.option(fc.string({ minLength: 1 })),
	}),
	fc.record({
		state: fc.constant('unknown' as const),
		imageIds: ids,
		message: fc.string({ minLength: 1 }),
	}),
);
const RECORD_KEYS = ['state', 'imageIds', 'operationId', 'status', 'failureReason', 'message'];
/** The same text for records that differ in the order of their keys only. */
const textOf = (value: OperationRecord | undefined) => JSON.stringify(value, RECORD_KEYS);
const ROOT = 'aiutaJournal';
const PLACE: Place = { itemIndex: 0, api: 'flatLays', imageTypes: [] };
const anyPlace: fc.Arbitrary<Place> = fc.record({
	itemIndex: fc.nat(),
	api: fc.constantFrom('flatLays', 'studio', 'unified'),
	imageTypes: fc.subarray(['flat_front', 'flat_back', 'detail_front']),
});

describe('the journal', () => {
	it('gives back what was written after any number of stores as JSON', () => {
		fc.assert(
			fc.property(anyPlace, anyRecord, fc.nat({ max: 3 }), (place, written, runIndex) => {
				const store: Record<string, unknown> = {};
				new Journal(store, runIndex).at(place).write(written);
				const stored = JSON.parse(JSON.stringify(store)) as Record<string, unknown>;
				const found = new Journal(stored, runIndex).at(place).read();
				const isKept = textOf(found) === textOf(written);
				return isKept && new Journal(stored, runIndex + 1).size === 0;
			}),
			CASES,
		);
	});

	it('never takes a record that it cannot read for permission to create', () => {
		const junk = fc.oneof(
			fc.jsonValue(),
			fc.record({ state: fc.constantFrom('created', 'failed', 'intent', 'new') }),
			fc.record({ state: fc.constantFrom('created', 'succeeded'), operationId: fc.jsonValue() }),
		);
		fc.assert(
			fc.property(junk, (value) => {
				const store = { [ROOT]: { '0': { '0 flatLays': value } } };
				const state = new Journal(store, 0).at(PLACE).read()?.state;
				return state !== undefined && state !== 'uploaded';
			}),
			CASES,
		);
	});

	it('opens whatever the host has kept under its name', () => {
		fc.assert(
			fc.property(fc.jsonValue(), (kept) => {
				const journal = new Journal({ [ROOT]: kept }, 0);
				journal.at(PLACE).write({ state: 'intent', imageIds: [] });
				return journal.at(PLACE).read()?.state === 'intent';
			}),
			CASES,
		);
	});
});

describe('the heap', () => {
	it('hands out by due time, and in order of arrival among equals', () => {
		const due = fc.array(fc.nat({ max: 5 }), { maxLength: 40 });
		fc.assert(
			fc.property(due, fc.nat({ max: 5 }), (times, removed) => {
				const heap = new Heap<{ at: number; sequence: number }>(
					(a, b) => a.at < b.at || (a.at === b.at && a.sequence < b.sequence),
				);
				const all = times.map((at, sequence) => ({ at, sequence }));
				for (const one of all) heap.push(one);
				const taken = heap.removeWhere(({ at }) => at === removed);
				const popped: typeof all = [];
				for (let one = heap.pop(); one !== undefined; one = heap.pop()) popped.push(one);
				const left = all.filter(({ at }) => at !== removed);
				left.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
				return isDeepStrictEqual(popped, left) && taken.length === all.length - left.length;
			}),
			CASES,
		);
	});
});

describe('the token bucket', () => {
	it('hands out no more than rate x time + capacity in any window', () => {
		const steps = fc.array(fc.nat({ max: 500 }), { minLength: 1, maxLength: 60 });
		fc.assert(
			fc.property(
				steps,
				fc.double({ min: 0.1, max: 100, noNaN: true }),
				fc.integer({ min: 1, max: 5 }),
				(gapsMs, rate, capacity) => {
					const bucket = new TokenBucket(rate, capacity, 0);
					const takenAtMs: number[] = [];
					let nowMs = 0;
					for (const gapMs of gapsMs) {
						nowMs += gapMs;
						while (bucket.tryTake(nowMs)) takenAtMs.push(nowMs);
					}
					for (const [first, fromMs] of takenAtMs.entries()) {
						for (let last = first; last < takenAtMs.length; last += 1) {
							const windowMs = (takenAtMs[last] ?? 0) - fromMs;
							const allowed = (rate * windowMs) / 1000 + capacity;
							if (last - first + 1 > allowed + 1e-6) return false;
						}
					}
					return true;
				},
			),
			CASES,
		);
	});

	it('has a token exactly when it said it would, also after one was restored', () => {
		fc.assert(
			fc.property(
				fc.double({ min: 0.1, max: 100, noNaN: true }),
				fc.nat({ max: 2000 }),
				fc.boolean(),
				(rate, pauseMs, isRestored) => {
					const bucket = new TokenBucket(rate, 1, 0);
					bucket.tryTake(0);
					if (isRestored) bucket.restoreOne(pauseMs, 0);
					const waitMs = bucket.msUntilToken(0);
					if (isRestored && waitMs > Math.max(pauseMs, 1000 / rate) + 1) return false;
					if (waitMs > 1 && bucket.tryTake(waitMs - 1.5)) return false;
					return bucket.tryTake(waitMs);
				},
			),
			CASES,
		);
	});
});

const retryAfter = fc.option(
	fc.oneof(
		fc.constantFrom('0', '', 'never', '-5', new Date(NOW_MS - 60_000).toUTCString()),
		fc.integer({ min: 0, max: 5 }).map(String),
	),
	{ nil: undefined },
);
const anyAnswer = fc.record({
	status: fc.constantFrom(200, 200, 200, 404, 429, 502),
	retryAfter,
	afterMs: fc.nat({ max: 3_000 }),
});

function response(status: number, after: string | undefined): HttpOutcome {
	const headers: Record<string, string> = after === undefined ? {} : { 'retry-after': after };
	return { kind: 'response', status, headers, body: '' };
}

describe('the pacing of requests', () => {
	it('lets no more leave than ceiling x time + 1 in any window, whatever the answers are', () => {
		const answers = fc.array(anyAnswer, { minLength: 2, maxLength: 30 });
		fc.assert(
			fc.property(answers, fc.double({ min: 0.2, max: 100, noNaN: true }), (all, ceiling) => {
				const pacing = new Pacing(NOW_MS, () => 0.5);
				pacing.setCeiling(ceiling, NOW_MS);
				const leftAtMs: number[] = [];
				let nowMs = NOW_MS;
				for (const { status, retryAfter: after, afterMs } of all) {
					nowMs = Math.max(nowMs, pacing.freeAtMs(nowMs));
					pacing.take(nowMs);
					leftAtMs.push(nowMs);
					pacing.learn(response(status, after), nowMs, nowMs + afterMs);
					nowMs += afterMs;
				}
				return leftAtMs.every((fromMs, first) =>
					leftAtMs.slice(first).every((atMs, count) => {
						const allowed = (ceiling * (atMs - fromMs)) / 1000 + 1;
						return count + 1 <= allowed + 1e-6;
					}),
				);
			}),
			CASES,
		);
	});

	it('is never held back less by a Retry-After than without one', () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 12 }), retryAfter, (refusals, after) => {
				const heldFor = (header: string | undefined) => {
					const pacing = new Pacing(NOW_MS, () => 0.5);
					pacing.setCeiling(20, NOW_MS);
					for (let n = 0; n < refusals; n += 1) {
						pacing.learn(response(429, header), NOW_MS + n, NOW_MS + n);
					}
					return pacing.pausedUntilMs;
				};
				return heldFor(after) >= heldFor(undefined);
			}),
			CASES,
		);
	});
});
