/** What the processes of the soak run tell each other. Plain data only. */
import type { SoakCall } from './faultMix';

export interface SoakOptions {
	products: number;
	megabytes: number;
	rps: number;
	faultPercent: number;
	seed: number;
	/** Keep a ledger in a data table. */
	ledger?: boolean;
}

/** Asked of a child process. */
export type Request = 'report' | 'end';

/** Memory of a process, in bytes. */
export interface Memory {
	rss: number;
	heapTotal: number;
	heapUsed: number;
	external: number;
	arrayBuffers: number;
}

export interface SandboxReady {
	kind: 'ready';
	url: string;
	apiKey: string;
}

export interface FaultCount {
	call: SoakCall;
	name: string;
	hits: number;
}

export interface SandboxReport {
	kind: 'report';
	/** One for each accepted create, in their order. */
	operations: Array<{ operationId: string; title: string }>;
	/** What the sandbox itself takes for the same product created twice. */
	duplicates: number;
	requests: Record<SoakCall, number>;
	/** Answers 429 of the rate limit and planted ones. */
	throttled: number;
	faults: FaultCount[];
	/** How often the door was shut for a moment. */
	refusals: number;
	uploadedBytes: number;
	distinctPhotos: number;
	readyRss: number;
	maxRss: number;
	endRss: number;
}

export type SandboxMessage = SandboxReady | SandboxReport;

/** What became of one input item. */
export interface ItemReport {
	inputIndex: number;
	productId: string;
	/** Undefined for success. */
	code: string | undefined;
	operationIds: string[];
	pictures: number;
}

export interface LagFigures {
	p50Ms: number;
	p99Ms: number;
	maxMs: number;
}

/** Open resources by kind (`process.getActiveResourcesInfo`). */
export type Handles = Record<string, number>;

/** What the ledger holds at the end. */
export interface LedgerReport {
	rows: number;
	/** Calls of n8n, each a workflow of its own. */
	calls: number;
	/** Every operation ID in a row. */
	operationIds: string[];
	/** Products with more than one operation. */
	twice: string[];
	/** Products of which no row says what became of their create. */
	unknown: string[];
	/** Products whose claim is still open. */
	open: string[];
}

export interface EngineReport {
	kind: 'report';
	items: ItemReport[];
	loggedIds: string[];
	journalIds: string[];
	/** Of the node itself, if the execution failed. */
	error: string | undefined;
	hints: string[];
	durationMs: number;
	cpuSeconds: number;
	before: Memory;
	peak: Memory;
	end: Memory;
	/** After a garbage collection, with the outputs still held. */
	afterGc: Memory;
	lag: LagFigures;
	handlesBefore: Handles;
	handlesAtEnd: Handles;
	handlesSettled: Handles;
	settledAfterMs: number;
	/** Connections that were refused, by the client's own sockets. */
	refusedConnections: number;
	/** Connections that are open after the settling, each with its latest request. */
	openConnections: string[];
	/** Undefined without a ledger. */
	ledger: LedgerReport | undefined;
}

export interface EngineProgress {
	kind: 'progress';
	atMs: number;
	memory: Memory;
	created: number;
}

export type EngineMessage = EngineProgress | EngineReport | { kind: 'prepared'; before: Memory };

export interface EngineJob extends SoakOptions {
	url: string;
	apiKey: string;
}
