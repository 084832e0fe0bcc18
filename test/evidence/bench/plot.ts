/** Draws bench.svg from what bench.json holds: a panel for each rate and three more. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { drawPanels } from './plotDrawing';
import {
	BOUND_NAME,
	NAMES,
	cpuPanel,
	makespanPanel,
	ratioPanel,
	scalePanel,
	type Panel,
} from './plotPanels';
import type { BenchResults } from './results';
import { machineLine } from './tables';

const FILE_NAME = 'bench.svg';
const FOOTNOTE = 'Hollow and dashed: extrapolated';

function panelsOf({ comparison, scale }: BenchResults): Panel[] {
	const { rates = [] } = comparison?.settings ?? {};
	return [
		...(comparison === undefined
			? []
			: [
					...rates.map((rate) => makespanPanel(comparison, rate)),
					ratioPanel(comparison),
					cpuPanel(comparison),
				]),
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

/** Draw the plot as SVG. */
export function drawPlot(results: BenchResults): string {
	const panels = panelsOf(results);
	const machine = (results.comparison ?? results.scale)?.machine;
	return drawPanels(panels, {
		legend: legendNames(panels),
		across: 'products',
		footer: machine === undefined ? '' : `${FOOTNOTE}; ${machineLine(machine)}`,
	});
}

/** Write the plot into a folder; returns its path. */
export function writePlot(dir: string, results: BenchResults): string {
	mkdirSync(dir, { recursive: true });
	const file = join(dir, FILE_NAME);
	writeFileSync(file, `${drawPlot(results)}\n`);
	return file;
}
