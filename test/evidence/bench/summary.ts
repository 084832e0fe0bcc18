/** Medians over the runs, the serial system's figures beyond what was measured, and ratios. */
import { boundsOf, generationTimesMs } from './draws';
import { SYSTEM_NAMES, type CellRun, type Comparison, type SystemName } from './results';
import { extrapolatedMs, median, spreadOf, type Spread } from './statistics';

/** Figures of one system with so many products at one rate. */
export interface Summary {
	system: SystemName;
	requestsPerSecond: number;
	products: number;
	runs: number;
	/** Continued from the system's own smaller figures instead of measured. */
	isExtrapolated: boolean;
	makespanMs: Spread;
	overLowerBound: number;
	overClairvoyant: number;
	/** What only a measurement gives. */
	measured: Measured | undefined;
}

export interface Measured {
	requestsPerProduct: number;
	detectionDelayMs: number;
	/** Of the run that had most. */
	throttled: number;
	peakRssBytes: number;
	/** From the first execution in this server, whose memory is not given back in between. */
	rssGrowthBytes: number;
	cpuSeconds: number;
}

function cellsAt(
	{ cells }: Comparison,
	system: SystemName,
	requestsPerSecond: number,
	products?: number,
): CellRun[] {
	return cells.filter(
		(cell) =>
			cell.system === system &&
			cell.requestsPerSecond === requestsPerSecond &&
			(products === undefined || cell.products === products),
	);
}

function summaryOf(cells: readonly CellRun[], one: CellRun, idleRssBytes: number): Summary {
	const medianOf = (read: (figures: CellRun['figures']) => number) =>
		median(cells.map(({ figures }) => read(figures)));
	const { system, requestsPerSecond, products } = one;
	return {
		system,
		requestsPerSecond,
		products,
		runs: cells.length,
		isExtrapolated: false,
		makespanMs: spreadOf(cells.map(({ figures }) => figures.makespanMs)),
		overLowerBound: medianOf((it) => it.makespanMs / it.lowerBoundMs),
		overClairvoyant: medianOf((it) => it.makespanMs / it.clairvoyantMs),
		measured: {
			requestsPerProduct: medianOf((it) => it.requestsPerProduct),
			detectionDelayMs: medianOf((it) => it.detectionDelayMs),
			throttled: Math.max(...cells.map(({ figures }) => figures.throttled)),
			peakRssBytes: medianOf((it) => it.peakRssBytes),
			rssGrowthBytes: medianOf((it) => it.peakRssBytes) - idleRssBytes,
			cpuSeconds: medianOf((it) => it.cpuSeconds),
		},
	};
}

function extrapolatedSummary(
	comparison: Comparison,
	requestsPerSecond: number,
	products: number,
): Summary | undefined {
	const cells = cellsAt(comparison, 'serial', requestsPerSecond);
	if (cells.length === 0 || cells.some((cell) => cell.products > products)) return undefined;
	const { runs, seed, generation } = comparison.settings;
	const makespanMs = extrapolatedMs(
		cells.map((cell) => ({ products: cell.products, makespanMs: cell.figures.makespanMs })),
		products,
	);
	const bounds = Array.from({ length: runs }, (_, run) =>
		boundsOf(generationTimesMs(generation, seed, products, run), requestsPerSecond),
	);
	return {
		system: 'serial',
		requestsPerSecond,
		products,
		runs: 0,
		isExtrapolated: true,
		makespanMs: { median: makespanMs, min: makespanMs, max: makespanMs },
		overLowerBound: makespanMs / median(bounds.map(({ lowerBoundMs }) => lowerBoundMs)),
		overClairvoyant: makespanMs / median(bounds.map(({ clairvoyantMs }) => clairvoyantMs)),
		measured: undefined,
	};
}

/** Summarize one system with so many products at one rate; undefined where it was not measured. */
export function summarize(
	comparison: Comparison,
	system: SystemName,
	requestsPerSecond: number,
	products: number,
): Summary | undefined {
	const cells = cellsAt(comparison, system, requestsPerSecond, products);
	const [one] = cells;
	if (one !== undefined) {
		const before = cellsAt(comparison, system, requestsPerSecond).map(
			({ figures }) => figures.rssBeforeBytes,
		);
		return summaryOf(cells, one, Math.min(...before));
	}
	return system === 'serial'
		? extrapolatedSummary(comparison, requestsPerSecond, products)
		: undefined;
}

/** All summaries of one rate, by products and then by system. */
export function summariesAt(comparison: Comparison, requestsPerSecond: number): Summary[] {
	return comparison.settings.sizes.flatMap((products) =>
		SYSTEM_NAMES.flatMap(
			(system) => summarize(comparison, system, requestsPerSecond, products) ?? [],
		),
	);
}

/** How many times the node's makespan another system takes. */
export interface Ratio {
	/** Median over the runs in which both were measured, with the same generation times. */
	value: number;
	isExtrapolated: boolean;
}

/** Compare a system with the node; undefined where one of them is missing. */
export function ratioToNode(
	comparison: Comparison,
	system: SystemName,
	requestsPerSecond: number,
	products: number,
): Ratio | undefined {
	const node = cellsAt(comparison, 'node', requestsPerSecond, products);
	const other = cellsAt(comparison, system, requestsPerSecond, products);
	const paired = other.flatMap(({ run, figures }) => {
		const twin = node.find((cell) => cell.run === run);
		return twin === undefined ? [] : [figures.makespanMs / twin.figures.makespanMs];
	});
	if (paired.length > 0) return { value: median(paired), isExtrapolated: false };
	const summary = summarize(comparison, system, requestsPerSecond, products);
	if (summary === undefined || node.length === 0) return undefined;
	const nodeMs = median(node.map(({ figures }) => figures.makespanMs));
	return { value: summary.makespanMs.median / nodeMs, isExtrapolated: summary.isExtrapolated };
}
