/** The command line of the benchmark. */
import { join } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { ROOT_DIR } from '../../tools/projectFiles';
import type { ComparisonPlan } from './comparison';
import { USUAL_TIMES } from './draws';
import { SYSTEM_NAMES, type SystemName } from './results';
import type { ScalePlan } from './scale';

const LETTERS: Readonly<Record<string, SystemName>> = {
	a: 'node',
	b: 'handBuilt',
	c: 'serial',
	d: 'ledger',
};
const SIZES = [1, 10, 50, 200];
const QUICK_SIZES = [1, 10];
const RATES = [20, 5];
const QUICK_RATES = [20];
const RUNS = 3;
const SCALE_SIZES = [10, 100, 1000, 2500, 5000];
const QUICK_SCALE_SIZES = [10, 100];
const KILOBYTE = 1024;
const OUT = 'docs/figures';
/** Not kept with the project: a quick run must not replace the figures of a full one. */
const QUICK_OUT = 'reports/bench';

/** What to do; a part that is left out is not measured. */
export interface BenchPlan {
	comparison?: ComparisonPlan;
	scale?: ScalePlan;
	startUp: boolean;
	/** Rows of the ledger with which only a plan is measured; nothing is written. */
	ledgerRows?: number;
	/** Only draw the plot, from what was measured before. */
	plotOnly: boolean;
	isBuilt: boolean;
	outDir: string;
}

interface Given {
	systems?: SystemName[];
	sizes?: number[];
	rates?: number[];
	median?: number;
	p95?: number;
	picture?: number;
	runs?: number;
	seed: number;
	out?: string;
	built?: boolean;
	scaleSizes?: number[];
	/** `--scale`: only this part; `--no-scale`: all but this part. */
	scale?: boolean;
	startUp?: boolean;
	ledgerRows?: number;
	quick?: boolean;
	plot?: boolean;
}

function wholeNumber(text: string): number {
	if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Give a whole number above 0.');
	return Number(text);
}

function numbers(text: string): number[] {
	return text.split(',').map((part) => wholeNumber(part.trim()));
}

function systems(text: string): SystemName[] {
	return text.split(',').map((part) => {
		const name = SYSTEM_NAMES.find((known) => known === part.trim()) ?? LETTERS[part.trim()];
		if (name === undefined)
			throw new InvalidArgumentError('Give a, b, c or d, or several of them.');
		return name;
	});
}

function planOf(given: Given): BenchPlan {
	const { quick = false, seed, scale, startUp, plot = false, built = false } = given;
	const { median, p95, picture = 0, ledgerRows } = given;
	const only = scale === true || startUp === true;
	const scaleSizes = given.scaleSizes ?? (quick ? QUICK_SCALE_SIZES : SCALE_SIZES);
	const comparison = {
		systems: given.systems ?? SYSTEM_NAMES,
		sizes: given.sizes ?? (quick ? QUICK_SIZES : SIZES),
		rates: given.rates ?? (quick ? QUICK_RATES : RATES),
		runs: given.runs ?? (quick ? 1 : RUNS),
		seed,
		times: {
			medianMs: median === undefined ? USUAL_TIMES.medianMs : median * 1000,
			p95Ms: p95 === undefined ? USUAL_TIMES.p95Ms : p95 * 1000,
		},
		pictureBytes: picture * KILOBYTE,
	};
	return {
		...(only ? {} : { comparison }),
		...(scale === true || (!only && scale !== false) ? { scale: { sizes: scaleSizes, seed } } : {}),
		startUp: startUp === true || !only,
		...(ledgerRows === undefined ? {} : { ledgerRows }),
		plotOnly: plot,
		isBuilt: built,
		outDir: given.out ?? join(ROOT_DIR, quick ? QUICK_OUT : OUT),
	};
}

/** Read the command line; ends the process with a message where it makes no sense. */
export function readPlan(): BenchPlan {
	const program = new Command('bench')
		.description('Compare the node with a workflow by hand and a serial node, in a real n8n')
		.option(
			'--systems <list>',
			'a (this node), b (workflow by hand), c (serial node), d (a with a ledger)',
			systems,
		)
		.option('--sizes <list>', `numbers of products (${SIZES.join(',')})`, numbers)
		.option('--rates <list>', `requests per second (${RATES.join(',')})`, numbers)
		.option('--median <seconds>', 'half of all pictures are ready sooner (20)', wholeNumber)
		.option('--p95 <seconds>', '95 % of them are (60)', wholeNumber)
		.option('--picture <KiB>', 'size of each photo and picture (a few hundred bytes)', wholeNumber)
		.option('--runs <n>', `how often to measure each (${RUNS})`, wholeNumber)
		.option('--seed <n>', 'seed of the generation times', wholeNumber, 1)
		.option('--scale', 'measure only the node alone by size')
		.option('--no-scale', 'leave that part out')
		.option('--scale-sizes <list>', `its sizes (${SCALE_SIZES.join(',')})`, numbers)
		.option('--start-up', 'measure only the time to load and the size of the package')
		.option('--ledger-rows <n>', 'measure only a plan with a ledger of so many rows', wholeNumber)
		.option('--quick', 'fewer sizes, one rate, one run')
		.option('--plot', 'measure nothing, draw the plot again from the JSON file')
		.option('--built', 'dist is up to date: do not build')
		.option('--out <folder>', `for bench.json and bench.svg (${OUT}, with --quick ${QUICK_OUT})`);
	return planOf(program.parse().opts<Given>());
}
