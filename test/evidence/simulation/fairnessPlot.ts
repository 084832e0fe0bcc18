/** Draws fairness.svg: how evenly and how fully processes share a limit, by their number. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT_DIR } from '../../tools/projectFiles';
import { drawPanels } from '../bench/plotDrawing';
import { line, type Panel, type Point } from '../bench/plotPanels';
import { TARGET, type MeasuredFleet, type Shared } from './fairness';

const DIR = join(ROOT_DIR, 'docs/figures');
const FILE_NAME = 'fairness.svg';
const COLORS = ['#0068b5', '#d1600a'];
const WORST_COLOR = '#9aa0a8';
const TARGET_NAME = 'goal';
const WORST_NAME = 'the worst of five seeds';
const TICKS = [0.9, 0.92, 0.94, 0.96, 0.98, 1];
const ENDS = { min: 0.9, max: 1.003 };

/** One panel: the medians at each limit, the worst of all, and the goal. */
function panelOf(fleets: readonly MeasuredFleet[], key: 'jain' | 'used', title: string): Panel {
	const rates = [...new Set(fleets.map(({ fleet }) => fleet.requestsPerSecond))];
	const sizes = [...new Set(fleets.map(({ fleet }) => fleet.processes))].sort((a, b) => a - b);
	const points = (rate: number, read: (measured: MeasuredFleet) => Shared): Point[] =>
		fleets
			.filter(({ fleet }) => fleet.requestsPerSecond === rate)
			.map((measured) => ({
				x: measured.fleet.processes,
				y: read(measured)[key],
				isExtrapolated: false,
			}));
	const goal = sizes.map((x): Point => ({ x, y: TARGET[key], isExtrapolated: false }));
	const goalLine = line(TARGET_NAME, WORST_COLOR, goal);
	return {
		title,
		left: { name: '', range: { ends: ENDS, ticks: TICKS } },
		sizes,
		series: [
			{ ...goalLine, symbol: 'none', lineStyle: { ...goalLine.lineStyle, type: 'dotted' } },
			...rates.flatMap((rate, index) => {
				const color = COLORS[index % COLORS.length] ?? WORST_COLOR;
				const worst = points(rate, ({ worst }) => worst);
				const worstLine = line(WORST_NAME, color, worst, 'emptyCircle');
				return [
					{ ...worstLine, lineStyle: { color, width: 0 } },
					line(
						nameOf(rate),
						color,
						points(rate, ({ median }) => median),
					),
				];
			}),
		],
	};
}

function nameOf(rate: number): string {
	return `limit of ${rate} requests/s`;
}

/** Draw the fleets whose processes all begin together and stay. */
export function drawFairness(measured: readonly MeasuredFleet[], date: string): string {
	const fleets = measured.filter(({ fleet }) => fleet.isPlain);
	const panels = [
		panelOf(fleets, 'jain', 'How evenly they share it: Jain index'),
		panelOf(fleets, 'used', 'Share of the limit that they use together'),
	];
	const rates = [...new Set(fleets.map(({ fleet }) => fleet.requestsPerSecond))];
	return drawPanels(panels, {
		legend: [...rates.map(nameOf), WORST_NAME, TARGET_NAME],
		across: 'processes',
		footer: `Simulated, medians of five seeds, ten minutes after three to settle; ${date}`,
	});
}

/** Write the plot; returns its path. */
export function writeFairness(measured: readonly MeasuredFleet[]): string {
	mkdirSync(DIR, { recursive: true });
	const file = join(DIR, FILE_NAME);
	const date = new Date().toISOString().slice(0, 10);
	writeFileSync(file, `${drawFairness(measured, date)}\n`);
	return file;
}
