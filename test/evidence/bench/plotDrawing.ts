/** Draws panels beside and below each other as SVG, without a browser. */
import * as echarts from 'echarts';

import type { Axis, Panel } from './plotPanels';

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

/** What stands around the panels. */
export interface Captions {
	/** Names of lines, as far as the panels do not explain themselves. */
	legend: readonly string[];
	/** What is counted along the horizontal axes. */
	across: string;
	footer: string;
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
function optionOf(panels: readonly Panel[], captions: Captions): echarts.EChartsOption {
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
		...(range === undefined ? {} : { ...range.ends, ...ticksAt(range.ticks) }),
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
			data: [...captions.legend],
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
			name: captions.across,
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
			style: { text: captions.footer, fill: FAINT_COLOR, fontSize: 11, fontFamily: FONT },
		},
	};
}

/** Draw panels as SVG. */
export function drawPanels(panels: readonly Panel[], captions: Captions): string {
	const rows = Math.ceil(panels.length / COLUMNS);
	const height = TOP_PX + rows * ROW_HEIGHT_PX - (ROW_HEIGHT_PX - PANEL_HEIGHT_PX) + 46 + FOOTER_PX;
	const size = { width: WIDTH_PX, height };
	const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
	chart.setOption(optionOf(panels, captions));
	const svg = chart.renderToSVGString();
	chart.dispose();
	return svg;
}
