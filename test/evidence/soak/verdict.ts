/** Judges a soak run: what was created twice, what got lost, and which criteria were missed. */
import { handlesBeyond } from './gauges';
import type { EngineReport, Handles, ItemReport, LedgerReport, SandboxReport } from './messages';

/** The one failure that says an operation may exist without an ID. */
const UNKNOWN = 'CREATE_OUTCOME_UNKNOWN';
const MEGABYTE = 1024 * 1024;
const TIMEOUT_FAULT = 'timeout';
const SOCKET = 'TCPSocketWrap';

export const MAX_RSS_GROWTH_BYTES = 150 * MEGABYTE;
export const MAX_LAG_P99_MS = 100;

export interface Money {
	/** Products with more than one accepted create. */
	duplicates: string[];
	/** Operations that are known nowhere and whose product does not say so. */
	lostIds: string[];
	/** Accepted, but the answer never came; the product's item says so. */
	neverAnswered: number;
	/** Of the operations of the sandbox, how many IDs each place knows. */
	known: { items: number; journal: number; log: number };
}

/** Compare what the sandbox has created with what the run knows. */
export function accountFor(
	operations: SandboxReport['operations'],
	{ items, journalIds, loggedIds }: Pick<EngineReport, 'items' | 'journalIds' | 'loggedIds'>,
): Money {
	const places = {
		items: new Set(items.flatMap(({ operationIds }) => operationIds)),
		journal: new Set(journalIds),
		log: new Set(loggedIds),
	};
	const unknown = new Set(
		items.flatMap(({ code, productId }) => (code === UNKNOWN ? [productId] : [])),
	);
	const seen = new Set<string>();
	const duplicates = new Set<string>();
	const known = { items: 0, journal: 0, log: 0 };
	const lostIds: string[] = [];
	let neverAnswered = 0;
	for (const { operationId, title } of operations) {
		if (seen.has(title)) duplicates.add(title);
		seen.add(title);
		let isKnown = false;
		for (const place of ['items', 'journal', 'log'] as const) {
			if (!places[place].has(operationId)) continue;
			known[place] += 1;
			isKnown = true;
		}
		if (isKnown) continue;
		// One item accounts for one operation; a second one of the same product is a duplicate anyway.
		if (unknown.delete(title)) neverAnswered += 1;
		else lostIds.push(operationId);
	}
	return { duplicates: [...duplicates], lostIds, neverAnswered, known };
}

/** Count outcomes: `success`, or the code of the failure; the most frequent first. */
export function countOutcomes(items: readonly ItemReport[]): Array<[string, number]> {
	const counts = new Map<string, number>();
	for (const { code = 'success' } of items) counts.set(code, (counts.get(code) ?? 0) + 1);
	return [...counts].sort(([, a], [, b]) => b - a);
}

/** Say what is wrong with the items: every input must come out exactly once. */
export function itemProblems(products: number, items: readonly ItemReport[]): string[] {
	const counts = new Map<number, number>();
	for (const { inputIndex } of items) counts.set(inputIndex, (counts.get(inputIndex) ?? 0) + 1);
	const missing = Array.from({ length: products }, (_, index) => index).filter(
		(index) => !counts.has(index),
	);
	const repeated = [...counts].filter(([index, count]) => count > 1 || index < 0);
	const withoutPicture = items.filter(({ code, pictures }) => code === undefined && pictures !== 1);
	return [
		...(missing.length > 0 ? [`${missing.length} input items did not come out`] : []),
		...(repeated.length > 0 ? [`${repeated.length} came out more than once`] : []),
		...(withoutPicture.length > 0 ? [`${withoutPicture.length} successes have no picture`] : []),
	];
}

export interface Criterion {
	name: string;
	value: string;
	bound: string;
	isMet: boolean;
}

/** Describe handles as `kind x count`. */
export function describeHandles(handles: Handles): string {
	const parts = Object.entries(handles).map(([kind, count]) => `${kind} x ${count}`);
	return parts.length === 0 ? 'none' : parts.join(', ');
}

/** Hold a run against the criteria. */
export function judge(
	products: number,
	sandbox: SandboxReport,
	engine: EngineReport,
): { money: Money; criteria: Criterion[] } {
	const money = accountFor(sandbox.operations, engine);
	const growthBytes = engine.peak.rss - engine.before.rss;
	const { p99Ms } = engine.lag;
	const left = handlesBeyond(engine.handlesBefore, engine.handlesSettled);
	const timedOut = sandbox.faults
		.filter(({ name }) => name.startsWith(TIMEOUT_FAULT))
		.reduce((sum, { hits }) => sum + hits, 0);
	const problems = itemProblems(products, engine.items);
	const duplicates = Math.max(money.duplicates.length, sandbox.duplicates);
	const criteria: Criterion[] = [
		{
			name: 'growth of memory (RSS)',
			value: `${(growthBytes / MEGABYTE).toFixed(0)} MB`,
			bound: `at most ${MAX_RSS_GROWTH_BYTES / MEGABYTE} MB`,
			isMet: growthBytes <= MAX_RSS_GROWTH_BYTES,
		},
		{
			name: 'event-loop lag, p99',
			value: `${p99Ms.toFixed(1)} ms`,
			bound: `at most ${MAX_LAG_P99_MS} ms`,
			isMet: p99Ms <= MAX_LAG_P99_MS,
		},
		exactly0('products created twice', duplicates),
		exactly0('lost operation IDs', money.lostIds.length),
		{
			name: 'handles left open',
			value: describeHandles(left),
			bound: `none but the sockets of ${timedOut} requests that timed out`,
			isMet: Object.keys(beyondTimedOut(left, timedOut)).length === 0,
		},
		{
			name: 'items in = items out',
			value: problems.length === 0 ? `${engine.items.length}` : problems.join('; '),
			bound: `${products}, each once`,
			isMet: problems.length === 0 && engine.items.length === products,
		},
		...(engine.ledger === undefined ? [] : judgeLedger(engine.ledger, sandbox, money)),
	];
	return { money, criteria };
}

/**
 * Leave out the sockets that are not the node's: the axios of n8n-core 2.8.1 keeps the socket of a request
 * that timed out until the server closes it (seen with axios 1.12 alone; the one of n8n 2.40 does not).
 */
function beyondTimedOut(left: Handles, timedOut: number): Handles {
	return handlesBeyond({ [SOCKET]: timedOut }, left);
}

/** The ledger must know every operation whose create was answered, and leave nothing open. */
function judgeLedger(
	{ operationIds, twice, open }: LedgerReport,
	{ operations }: SandboxReport,
	{ neverAnswered }: Money,
): Criterion[] {
	const known = new Set(operationIds);
	const unheardOf = operations.filter(({ operationId }) => !known.has(operationId)).length;
	return [
		exactly0('operation IDs missing in the ledger', unheardOf - neverAnswered),
		exactly0('products twice in the ledger', twice.length),
		exactly0('claims left open in the ledger', open.length),
	];
}

function exactly0(name: string, count: number): Criterion {
	return { name, value: String(count), bound: '0', isMet: count === 0 };
}
