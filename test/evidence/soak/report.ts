/** Prints what a soak run has shown: faults, outcomes, figures, criteria, and one line to quote. */
import { cpus } from 'node:os';

import Table from 'cli-table3';

import { FAULT_KINDS, SOAK_CALLS, type SoakCall } from './faultMix';
import type {
	EngineReport,
	LagFigures,
	LedgerReport,
	Memory,
	SandboxReport,
	SoakOptions,
} from './messages';
import { countOutcomes, describeHandles, judge, type Criterion, type Money } from './verdict';

const MEGABYTE = 1024 * 1024;
const COMPACT = { style: { head: [], border: [], compact: true } };

const inMb = (bytes: number) => `${(bytes / MEGABYTE).toFixed(0)} MB`;

function faultTable({ faults, requests }: SandboxReport, refusedConnections: number): string {
	const table = new Table({ head: ['fault', ...SOAK_CALLS, 'all'], ...COMPACT });
	for (const { name, calls: hit } of FAULT_KINDS) {
		const hitsOf = (call: SoakCall) =>
			faults.find((fault) => fault.name === name && fault.call === call)?.hits ?? 0;
		const counts = SOAK_CALLS.map((call) => (hit.includes(call) ? hitsOf(call) : ''));
		table.push([name, ...counts, SOAK_CALLS.reduce((sum, call) => sum + hitsOf(call), 0)]);
	}
	table.push(['connection refused', '', '', '', '', refusedConnections]);
	const hits = faults.reduce((sum, fault) => sum + fault.hits, 0);
	const calls = SOAK_CALLS.reduce((sum, call) => sum + requests[call], 0) + refusedConnections;
	const share = ((hits + refusedConnections) / calls) * 100;
	table.push(['calls', ...SOAK_CALLS.map((call) => requests[call]), calls]);
	return [
		table.toString(),
		`${hits + refusedConnections} of ${calls} calls failed (${share.toFixed(2)} %).`,
		'Left out are 401, 402 and 403: a refused key or plan ends a run by design.',
		...missingKinds(faults),
	].join('\n');
}

function missingKinds(faults: SandboxReport['faults']): string[] {
	const missing = FAULT_KINDS.map(({ name }) => name).filter(
		(name) => !faults.some((fault) => fault.name === name && fault.hits > 0),
	);
	return missing.length === 0 ? [] : [`Too short a run for: ${missing.join(', ')}.`];
}

function memoryTable({ before, peak, end, afterGc }: EngineReport, sandbox: SandboxReport): string {
	const head = ['memory', 'RSS', 'JS heap', 'of it used', 'external', 'of it buffers'];
	const table = new Table({ head, ...COMPACT });
	const row = (name: string, { rss, heapTotal, heapUsed, external, arrayBuffers }: Memory) =>
		table.push([name, ...[rss, heapTotal, heapUsed, external, arrayBuffers].map(inMb)]);
	row('n8n, input prepared', before);
	row('n8n, at its highest RSS', peak);
	row('n8n, at the end', end);
	row('n8n, end, garbage collected', afterGc);
	table.push(['sandbox, at the start', inMb(sandbox.readyRss), '', '', '', '']);
	table.push(['sandbox, highest', inMb(sandbox.maxRss), '', '', '', '']);
	table.push(['sandbox, at the end', inMb(sandbox.endRss), '', '', '', '']);
	return table.toString();
}

/** What the processes have measured. */
export interface SoakResult {
	sandbox: SandboxReport;
	engine: EngineReport;
	/** Of a process that did nothing meanwhile: what the machine adds. */
	idleLag: LagFigures;
}

function ledgerLine({ rows, calls, twice, unknown }: LedgerReport, products: number): string {
	const each = (count: number) => (count / products).toFixed(2);
	return `ledger: ${rows} rows (${each(rows)} a product), ${calls} calls of n8n (${each(calls)}); ${twice.length} products twice, ${unknown.length} unknown`;
}

function figures(
	{ products }: SoakOptions,
	{ sandbox, engine, idleLag }: SoakResult,
	money: Money,
): string[] {
	const { requests } = sandbox;
	const paced = requests.upload + requests.create + requests.getOperation;
	const { lag, handlesBefore, handlesAtEnd, handlesSettled, settledAfterMs } = engine;
	return [
		...countOutcomes(engine.items).map(([name, count]) => `${name}: ${count}`),
		...(engine.error === undefined ? [] : [`The node failed: ${engine.error}`]),
		'',
		`duration ${(engine.durationMs / 1000).toFixed(0)} s, CPU ${engine.cpuSeconds.toFixed(1)} s`,
		`requests per product ${(paced / products).toFixed(2)}, and ${(requests.file / products).toFixed(2)} downloads; ${sandbox.throttled} answers 429`,
		`photos received ${inMb(sandbox.uploadedBytes)}, ${sandbox.distinctPhotos} different ones`,
		`operations created ${sandbox.operations.length}; of these IDs ${money.known.items} are in the items, ` +
			`${money.known.journal} in the journal, ${money.known.log} in the log; ${money.neverAnswered} accepted but never answered`,
		`event-loop lag p50 ${lag.p50Ms.toFixed(1)}, p99 ${lag.p99Ms.toFixed(1)}, max ${lag.maxMs.toFixed(0)} ms (each value includes the monitor's own 10 ms); ` +
			`of an idle process meanwhile p99 ${idleLag.p99Ms.toFixed(1)}, max ${idleLag.maxMs.toFixed(0)} ms`,
		...(engine.ledger === undefined ? [] : [ledgerLine(engine.ledger, products)]),
		`handles before: ${describeHandles(handlesBefore)}; at the end: ${describeHandles(handlesAtEnd)}; ` +
			`after ${(settledAfterMs / 1000).toFixed(1)} s: ${describeHandles(handlesSettled)}`,
	];
}

function criteriaTable(criteria: readonly Criterion[]): string {
	const table = new Table({ head: ['criterion', 'measured', 'bound', ''], ...COMPACT });
	for (const { name, value, bound, isMet } of criteria) {
		table.push([name, value, bound, isMet ? 'met' : 'MISSED']);
	}
	return table.toString();
}

function quotable(
	options: SoakOptions,
	sandbox: SandboxReport,
	engine: EngineReport,
	criteria: readonly Criterion[],
): string {
	const { products, megabytes, rps, faultPercent, ledger = false } = options;
	const [growth, lag] = criteria;
	const minutes = (engine.durationMs / 60_000).toFixed(1);
	const count = (name: string) => criteria.find((it) => it.name === name)?.value ?? '';
	return (
		`Soak${ledger ? ' with a ledger' : ''}: ${products} products of ${megabytes} MB at ${rps} requests/s, ${faultPercent} % of the calls failing: ` +
		`${minutes} minutes, memory growth ${growth?.value}, event-loop lag p99 ${lag?.value}, ` +
		`${count('products created twice')} created twice, ${count('lost operation IDs')} lost operation IDs, ` +
		`handles left open: ${count('handles left open')} ` +
		`(${sandbox.operations.length} operations; ${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, ${cpus().length} cores)`
	);
}

/** Print the run and tell whether every criterion is met. */
export function printReport(
	options: SoakOptions,
	{ sandbox, engine, idleLag }: SoakResult,
	say: (text: string) => void,
): boolean {
	const { money, criteria } = judge(options.products, sandbox, engine);
	say(faultTable(sandbox, engine.refusedConnections));
	for (const line of figures(options, { sandbox, engine, idleLag }, money)) say(line);
	say(memoryTable(engine, sandbox));
	say(criteriaTable(criteria));
	for (const id of money.lostIds.slice(0, 20)) say(`lost: ${id}`);
	for (const product of money.duplicates.slice(0, 20)) say(`created twice: ${product}`);
	for (const connection of engine.openConnections) say(`still open: ${connection}`);
	say(quotable(options, sandbox, engine, criteria));
	return criteria.every(({ isMet }) => isMet) && engine.error === undefined;
}
