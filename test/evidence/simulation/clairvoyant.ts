/**
 * The best a scheduler could do: it knows the server's rate limit and every generation time, never
 * asks too early and never meets a 429. It takes products in input order, creates as early as
 * possible, asks for each operation once, and sends its first request alone as the engine must.
 */
import { Heap } from '../../../nodes/Aiuta/core/heap';

export interface ScheduleCase {
	products: number;
	requestsPerSecond: number;
	burst: number;
	roundTripMs: number;
	/** Generation time of each product, in input order. */
	generationsMs: readonly number[];
}

/** The bound of one rate, one round trip and the longest generation that no schedule can beat. */
export function lowerBoundMs(it: ScheduleCase): number {
	const { products, requestsPerSecond, burst, roundTripMs, generationsMs } = it;
	const msFor = (requests: number) => (Math.max(0, requests - burst) / requestsPerSecond) * 1000;
	return Math.max(
		msFor(3 * products) + roundTripMs,
		Math.max(...generationsMs) + 2 * roundTripMs,
		msFor(2 * products) + Math.min(...generationsMs) + roundTripMs,
	);
}

interface Event {
	atMs: number;
	ready: 'create' | 'poll';
	product: number;
}

/** Play the clairvoyant schedule; milliseconds until the last operation is known to be finished. */
export function clairvoyantMs(it: ScheduleCase): number {
	const { products, requestsPerSecond, burst, roundTripMs, generationsMs } = it;
	const events = new Heap<Event>((a, b) => a.atMs < b.atMs);
	const creates: number[] = [];
	let readyPolls = 0;
	let uploaded = 0;
	let polled = 0;
	let tokens = burst;
	let nowMs = 0;
	const spendUntil = (atMs: number) => {
		tokens = Math.min(burst, tokens + ((atMs - nowMs) / 1000) * requestsPerSecond);
		nowMs = atMs;
	};
	// The first request goes alone.
	tokens -= 1;
	uploaded = 1;
	events.push({ atMs: roundTripMs, ready: 'create', product: 0 });
	spendUntil(roundTripMs);
	while (polled < products) {
		for (let next = events.peek(); next !== undefined && next.atMs <= nowMs; next = events.peek()) {
			events.pop();
			if (next.ready === 'create') creates.push(next.product);
			else readyPolls += 1;
		}
		const hasWork = creates.length > 0 || uploaded < products || readyPolls > 0;
		if (!hasWork) {
			spendUntil(events.peek()?.atMs ?? nowMs);
			continue;
		}
		if (tokens < 1 - 1e-9) {
			const tokenMs = nowMs + ((1 - tokens) / requestsPerSecond) * 1000;
			spendUntil(Math.max(tokenMs, nowMs + 1e-6));
			continue;
		}
		tokens -= 1;
		const product = creates.shift();
		if (product !== undefined) {
			// Asked so that the question arrives right when it is finished, but not before its ID is here.
			const waitMs = Math.max(roundTripMs, generationsMs[product] ?? 0);
			events.push({ atMs: nowMs + waitMs, ready: 'poll', product });
		} else if (uploaded < products) {
			events.push({ atMs: nowMs + roundTripMs, ready: 'create', product: uploaded });
			uploaded += 1;
		} else {
			readyPolls -= 1;
			polled += 1;
		}
	}
	return nowMs + roundTripMs;
}
