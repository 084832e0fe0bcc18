/** What the benchmark measures, as it stands in its JSON file; the tables and the plot are made from it. */
import type { GenerationTimes } from './draws';

/** The ways of doing the same job, in the order of the columns. */
export const SYSTEM_NAMES = ['node', 'handBuilt', 'serial', 'ledger'] as const;

export type SystemName = (typeof SYSTEM_NAMES)[number];

export const SYSTEM_TITLES: Readonly<Record<SystemName, string>> = {
	node: 'a: this node',
	handBuilt: 'b: HTTP Request, Wait, If',
	serial: 'c: serial node',
	ledger: 'd: this node with a ledger',
};

/** Where and when a section was measured. */
export interface Machine {
	date: string;
	nodeVersion: string;
	n8nVersion: string;
	n8nNodeVersion: string;
	cores: number;
	cpu: string;
}

/** Figures of one execution of one system. */
export interface CellFigures {
	/** From the start of the first node that has the photos to the end of the last, by the run data. */
	makespanMs: number;
	lowerBoundMs: number;
	clairvoyantMs: number;
	requestsPerProduct: number;
	/** Mean time from the end of a generation to the first answer that said so. */
	detectionDelayMs: number;
	throttled: number;
	/** Of the process that runs the engine, before the execution and its peak during it. */
	rssBeforeBytes: number;
	peakRssBytes: number;
	cpuSeconds: number;
}

export interface CellRun {
	system: SystemName;
	requestsPerSecond: number;
	products: number;
	run: number;
	figures: CellFigures;
}

/** An execution that failed: it has no figures. */
export interface FailedRun extends Omit<CellRun, 'figures'> {
	/** HTTP status of the answer that ended it, or the message. */
	reason: string;
}

export interface Comparison {
	machine: Machine;
	settings: {
		seed: number;
		runs: number;
		sizes: readonly number[];
		rates: readonly number[];
		generation: { distribution: 'lognormal' } & GenerationTimes;
		/** Size of each photo and of each generated picture. */
		pictureBytes: number;
	};
	cells: CellRun[];
	failures: FailedRun[];
}

export interface ScaleRun {
	machine: Machine;
	settings: {
		seed: number;
		sizes: readonly number[];
		requestsPerSecond: number;
		generation: { distribution: 'uniform'; minMs: number; maxMs: number };
	};
	cells: CellRun[];
}

export interface StartUp {
	machine: Machine;
	/** Median time to load the built node in a new process. */
	requireAloneMs: number;
	/** The same where n8n-workflow is loaded already, as in n8n. */
	requireInHostMs: number;
	loads: number;
	tarballBytes: number;
	unpackedBytes: number;
	files: number;
}

export interface BenchResults {
	comparison?: Comparison;
	scale?: ScaleRun;
	startUp?: StartUp;
}
