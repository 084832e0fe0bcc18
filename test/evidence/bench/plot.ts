/** Draws bench.svg from what bench.json holds: up to four panels, without a browser. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import * as echarts from 'echarts';

import {
	BOUND_NAME,
	NAMES,
	makespanPanel,
	ratioPanel,
	scalePanel,
	type Axis,
	type Panel,
} from './plotPanels';
import type { BenchResults } from './results';
import { machineLine } from './tables';

const WIDTH_PX = 960;
const COLUMNS = 2;
const PANEL_HEIGHT_PX = 270;
const ROW_HEIGHT_PX = 360;
const TOP_PX = 90;
const FOOTER_PX = 40;
const LEFT_PX = 62;
const GAP_PX = 100;
/** Room beside the first and the last point, as a factor of the logarithmic axis. */
const X_MARGIN = 1.3;
const RIGHT_PX = 58;
const PANEL_WIDTH_PX = (WIDTH_PX - LEFT_PX - RIGHT_PX - GAP_PX) / COLUMNS;
const TEXT_COLOR = '#24292f';
const FAINT_COLOR = '#57606a';
const GRID_COLOR = '#e4e7eb';
const FONT = 'Helvetica, Arial, sans-serif';
const FILE_NAME = 'bench.svg';
const FOOTNOTE = 'Hollow and dashed: extrapolated';

function panelsOf({ comparison, scale }: BenchResults): Panel[] {
	const { rates = [] } = comparison?.settings ?? {};
	return [
		...(comparison === undefined
			? []
			: [...rates.map((rate) => makespanPanel(comparison, rate)), ratioPanel(comparison)]),
		...(scale === undefined ? [] : [scalePanel(scale)]),
	];
}

/** Names for the legend, of the lines that are there; the scale panel explains itself. */
function legendNames(panels: readonly Panel[]): string[] {
	const drawn = new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)));
	return [NAMES.node, NAMES.ledger, NAMES.handBuilt, NAMES.serial, BOUND_NAME].filter((name) =>
		drawn.has(name),
	);
}

/** Write exactly these values along an axis. */
function ticksAt(values: readonly number[]) {
	const customValues = [...values];
	return {
		axisTick: { customValues },
		axisLabel: { color: FAINT_COLOR, fontSize: 12, customValues },
	};
}

/** Where a panel's drawing area lies. */
function place(index: number): { left: number; top: number } {
	return {
		left: LEFT_PX + (index % COLUMNS) * (PANEL_WIDTH_PX + GAP_PX),
		top: TOP_PX + Math.floor(index / COLUMNS) * ROW_HEIGHT_PX,
	};
}

/** Echarts wants axes by number; the left axes come first, then the right ones. */
function optionOf(panels: readonly Panel[], footer: string): echarts.EChartsOption {
	const nameStyle = { color: FAINT_COLOR, fontSize: 12 };
	const axisLabel = { color: FAINT_COLOR, fontSize: 12 };
	const rights = panels.flatMap(({ right }, gridIndex) => (right ? [{ right, gridIndex }] : []));
	const logAxis = (gridIndex: number) => ({
		type: 'log' as const,
		gridIndex,
		axisLabel,
		nameTextStyle: nameStyle,
		splitLine: { lineStyle: { color: GRID_COLOR } },
		axisLine: { show: true, lineStyle: { color: FAINT_COLOR } },
	});
	const valueAxis = (
		{ name, color = FAINT_COLOR, range }: Axis,
		gridIndex: number,
		align: 'left' | 'right',
	) => ({
		...logAxis(gridIndex),
		name,
		nameTextStyle: { ...nameStyle, color, align },
		...(range === undefined ? {} : { min: range.min, ...ticksAt(range.ticks) }),
	});
	return {
		animation: false,
		backgroundColor: '#ffffff',
		textStyle: { fontFamily: FONT, color: TEXT_COLOR },
		title: [
			...panels.map(({ title }, index) => ({
				text: title,
				left: place(index).left - LEFT_PX / 2,
				top: place(index).top - 50,
				textStyle: { fontSize: 15, fontWeight: 'bold' as const, color: TEXT_COLOR },
			})),
		],
		legend: {
			data: legendNames(panels),
			top: 6,
			left: 'center',
			itemWidth: 26,
			itemGap: 24,
			textStyle: { fontSize: 13 },
		},
		grid: panels.map((_, index) => ({
			...place(index),
			width: PANEL_WIDTH_PX,
			height: PANEL_HEIGHT_PX,
		})),
		xAxis: panels.map((panel, index) => ({
			...logAxis(index),
			name: 'products',
			nameLocation: 'middle' as const,
			nameGap: 26,
			min: Math.min(...panel.sizes) / X_MARGIN,
			max: Math.max(...panel.sizes) * X_MARGIN,
			splitLine: { show: false },
			...ticksAt(panel.sizes),
		})),
		yAxis: [
			...panels.map(({ left }, index) => valueAxis(left, index, 'left')),
			...rights.map(({ right, gridIndex }) => ({
				...valueAxis(right, gridIndex, 'right'),
				position: 'right' as const,
				splitLine: { show: false },
			})),
		],
		series: panels.flatMap((panel, index) =>
			panel.series.map(({ isRight = false, ...series }) => ({
				...series,
				xAxisIndex: index,
				yAxisIndex: isRight
					? panels.length + rights.findIndex(({ gridIndex }) => gridIndex === index)
					: index,
			})),
		),
		graphic: {
			type: 'text',
			left: 'center',
			bottom: 8,
			style: { text: footer, fill: FAINT_COLOR, fontSize: 11, fontFamily: FONT },
		},
	};
}

/** Draw the plot as SVG. */
export function drawPlot(results: BenchResults): string {
	const panels = panelsOf(results);
	const rows = Math.ceil(panels.length / COLUMNS);
	const height = TOP_PX + rows * ROW_HEIGHT_PX - (ROW_HEIGHT_PX - PANEL_HEIGHT_PX) + 46 + FOOTER_PX;
	const machine = (results.comparison ?? results.scale)?.machine;
	const chart = echarts.init(null, null, {
		renderer: 'svg',
		ssr: true,
		width: WIDTH_PX,
		height,
	});
	chart.setOption(
		optionOf(panels, machine === undefined ? '' : `${FOOTNOTE}; ${machineLine(machine)}`),
	);
	const svg = chart.renderToSVGString();
	chart.dispose();
	return svg;
}

/** Write the plot into a folder; returns its path. */
export function writePlot(dir: string, results: BenchResults): string {
	mkdirSync(dir, { recursive: true });
	const file = join(dir, FILE_NAME);
	writeFileSync(file, `${drawPlot(results)}\n`);
	return file;
}
