/** The panels of the benchmark's plot: their axes, their lines, and what they say. */
import type { LineSeriesOption } from 'echarts';

import type { Comparison, ScaleRun, SystemName } from './results';
import { ratioToNode, summarize } from './summary';

export const COLORS: Readonly<Record<SystemName, string>> = {
	node: '#0068b5',
	handBuilt: '#d1600a',
	serial: '#5b5f66',
	ledger: '#2a8a4a',
};
export const BOUND_COLOR = '#9aa0a8';
const MEMORY_COLOR = '#7a3e9d';
const PAPER = '#ffffff';
const SYMBOLS = ['circle', 'diamond', 'triangle', 'rect'];
const SYMBOL_SIZE = 7;
/** Below the lowest line: the node's own, at 1. */
const LABEL_DISTANCE_PX = 14;
const RATIO_TICKS = [0.5, 1, 2, 5, 10, 20, 50, 100];
const MEGABYTE = 1024 * 1024;

/** Names in the legend; series of the same name share an entry. */
export const NAMES: Readonly<Record<SystemName, string>> = {
	node: 'this node',
	handBuilt: 'HTTP Request, Wait and If nodes',
	serial: 'serial node',
	ledger: 'this node with a ledger',
};
export const BOUND_NAME = 'lower bound';

export interface Point {
	x: number;
	y: number;
	isExtrapolated: boolean;
	label?: { text: string; position: 'top' | 'bottom' };
}

export interface Axis {
	name: string;
	color?: string;
	/** Where the axis begins and what is written along it; chosen by the chart where left out. */
	range?: { ends: { min: number; max?: number }; ticks: readonly number[] };
}

/** What one panel shows; the plot puts it in its place. */
export interface Panel {
	title: string;
	/** What the line beside it shows, where the legend does not say it. */
	left: Axis;
	right?: Axis;
	sizes: readonly number[];
	series: Array<LineSeriesOption & { isRight?: boolean }>;
}

type Drawn = LineSeriesOption & { lineStyle: { color: string; width: number } };

/** A line through points. */
export function line(
	name: string,
	color: string,
	points: readonly Point[],
	symbol = 'circle',
): Drawn {
	return {
		type: 'line' as const,
		name,
		symbol,
		symbolSize: SYMBOL_SIZE,
		lineStyle: { color, width: 2 },
		itemStyle: { color },
		data: points.map(({ x, y, isExtrapolated, label }) => ({
			value: [x, y],
			...(isExtrapolated
				? { itemStyle: { color: PAPER, borderColor: color, borderWidth: 2 } }
				: {}),
			label: {
				show: label !== undefined,
				formatter: label?.text ?? '',
				position: label?.position ?? 'top',
				color,
				fontSize: 11,
				distance: LABEL_DISTANCE_PX,
			},
		})),
	};
}

/** A line whose extrapolated end is dashed and has hollow points. */
function lines(
	name: string,
	color: string,
	points: readonly Point[],
	symbol = 'circle',
): LineSeriesOption[] {
	const measured = points.filter(({ isExtrapolated }) => !isExtrapolated);
	const continued = points.filter(({ isExtrapolated }) => isExtrapolated);
	const [last] = measured.slice(-1);
	const dashed = line(
		name,
		color,
		[
			...(last === undefined ? [] : [{ x: last.x, y: last.y, isExtrapolated: false }]),
			...continued,
		],
		symbol,
	);
	return [
		line(name, color, measured, symbol),
		...(continued.length === 0
			? []
			: [{ ...dashed, lineStyle: { ...dashed.lineStyle, type: 'dashed' as const } }]),
	];
}

/** Makespan by the number of products, at one rate. */
export function makespanPanel(comparison: Comparison, rate: number): Panel {
	const { sizes } = comparison.settings;
	const bySystem = (system: SystemName): Point[] =>
		sizes.flatMap((products) => {
			const summary = summarize(comparison, system, rate, products);
			if (summary === undefined) return [];
			const { makespanMs, isExtrapolated } = summary;
			return [{ x: products, y: makespanMs.median / 1000, isExtrapolated }];
		});
	const bounds = sizes.flatMap((products): Point[] => {
		const summary = summarize(comparison, 'node', rate, products);
		if (summary === undefined) return [];
		const seconds = summary.makespanMs.median / 1000 / summary.overLowerBound;
		return [{ x: products, y: seconds, isExtrapolated: false }];
	});
	const bound = line(BOUND_NAME, BOUND_COLOR, bounds);
	return {
		title: `Time for all products at ${rate} requests/s`,
		left: { name: 'seconds' },
		sizes,
		series: [
			...lines(NAMES.serial, COLORS.serial, bySystem('serial')),
			...lines(NAMES.handBuilt, COLORS.handBuilt, bySystem('handBuilt')),
			...lines(NAMES.ledger, COLORS.ledger, bySystem('ledger')),
			...lines(NAMES.node, COLORS.node, bySystem('node')),
			{ ...bound, symbol: 'none', lineStyle: { ...bound.lineStyle, type: 'dotted' } },
		],
	};
}

/** Which symbol stands for which rate. */
function rateMarks(rates: readonly number[]): string {
	const marks = ['●', '◆', '▲', '■'];
	return rates.map((rate, index) => `${marks[index % marks.length] ?? ''} ${rate}/s`).join(', ');
}

/** Processor time for each product at every rate: what a ledger costs, beside the node and the workflow by hand. */
export function cpuPanel(comparison: Comparison): Panel {
	const { sizes, rates } = comparison.settings;
	const systems: SystemName[] = ['handBuilt', 'ledger', 'node'];
	const series = systems.flatMap((system) =>
		rates.map((rate, index) => {
			const points = sizes.flatMap((products): Point[] => {
				const measured = summarize(comparison, system, rate, products)?.measured;
				if (measured === undefined) return [];
				const cpuMs = (measured.cpuSeconds * 1000) / products;
				return [{ x: products, y: cpuMs, isExtrapolated: false }];
			});
			return line(NAMES[system], COLORS[system], points, SYMBOLS[index % SYMBOLS.length]);
		}),
	);
	return {
		title: `Processor time for each product (${rateMarks(rates)})`,
		left: { name: 'milliseconds' },
		sizes,
		series,
	};
}

/** How many times the node's makespan the others take, at every rate. */
export function ratioPanel(comparison: Comparison): Panel {
	const { sizes, rates } = comparison.settings;
	const others: SystemName[] = ['serial', 'handBuilt', 'ledger'];
	const series = others.flatMap((system) =>
		rates.flatMap((rate, index) => {
			const points = sizes.flatMap((products): Point[] => {
				const ratio = ratioToNode(comparison, system, rate, products);
				if (ratio === undefined) return [];
				const { value, isExtrapolated } = ratio;
				const text = `${isExtrapolated ? '~' : ''}${value.toFixed(value < 10 ? 2 : 0)}`;
				const position = system === 'serial' ? 'top' : 'bottom';
				const point = { x: products, y: value, isExtrapolated };
				const isLabelled = index === 0 && system !== 'ledger';
				return [isLabelled ? { ...point, label: { text, position } } : point];
			});
			return lines(NAMES[system], COLORS[system], points, SYMBOLS[index % SYMBOLS.length]);
		}),
	);
	const one = sizes.map((products): Point => ({ x: products, y: 1, isExtrapolated: false }));
	return {
		title: `Times as long as this node (${rateMarks(rates)})`,
		left: { name: 'times', range: { ends: { min: 0.5 }, ticks: RATIO_TICKS } },
		sizes,
		series: [{ ...line(NAMES.node, COLORS.node, one), symbol: 'none' }, ...series],
	};
}

/** Processor time and memory of the node alone by size. */
export function scalePanel({ cells, settings }: ScaleRun): Panel {
	const points = (read: (figures: (typeof cells)[number]['figures']) => number): Point[] =>
		cells.map(({ products, figures }) => ({
			x: products,
			y: read(figures),
			isExtrapolated: false,
		}));
	const memory = points((it) => (it.peakRssBytes - it.rssBeforeBytes) / MEGABYTE);
	return {
		title: `This node alone at ${settings.requestsPerSecond} requests/s`,
		left: { name: 'CPU seconds ●', color: COLORS.node },
		right: { name: '◆ memory growth, MB', color: MEMORY_COLOR },
		sizes: settings.sizes,
		series: [
			line(
				'CPU seconds',
				COLORS.node,
				points((it) => it.cpuSeconds),
			),
			{ ...line('memory growth', MEMORY_COLOR, memory, 'diamond'), isRight: true },
		],
	};
}
