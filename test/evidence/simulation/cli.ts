/**
 * `npm run simulate`: the batch engine against a simulated Aiuta in virtual time.
 * About 4 minutes for 10,000 seeds, 1 for the placements and 5 for the table on one core.
 */
import { Command } from 'commander';
import { exitWith } from '../../support/verdict';

import { isBroken, newCampaign, playPlacements, playSeeds, summary } from './campaign';
import { engineCampaign, playPlantedBugs } from './plantedBugs';
import { measureFleets, printFairness } from './fairness';
import { writeFairness } from './fairnessPlot';
import { scenarioOf } from './scenario';
import { simulate } from './simulate';
import { FULL_GRIDS, printTable, QUICK_GRIDS, type Grid } from './scheduleTable';

const DEFAULT_SEEDS = 10_000;
const PLANTED_SEEDS = 400;

interface Options {
	seeds?: string;
	seed?: string;
	placements?: boolean;
	/** Part of the names of the bugs, or all of them. */
	planted?: string | true;
	table?: boolean;
	fairness?: boolean;
	plot?: boolean;
	quick?: boolean;
	median?: string;
	failFast?: boolean;
}

const say = (line: string) => console.log(line);

/** Play one seed and print everything that happens. */
async function replay(seed: number): Promise<boolean> {
	const scenario = scenarioOf(seed);
	say(JSON.stringify({ ...scenario, executions: scenario.executions.length }));
	const { violations } = await simulate(scenario, say);
	say(`seed ${seed}: ${violations.length} violations`);
	return violations.length === 0;
}

async function campaign(options: Options): Promise<boolean> {
	const isDefault = options.seeds === undefined && options.placements !== true;
	const seeds = isDefault ? DEFAULT_SEEDS : Number(options.seeds ?? 0);
	const campaigned = newCampaign();
	const failFast = options.failFast === true;
	await playSeeds(campaigned, seeds, failFast);
	if (isDefault || options.placements === true) {
		await playPlacements(campaigned, failFast);
		say(`${campaigned.unmet} further placements never came about`);
	}
	for (const line of campaigned.broken) say(line);
	say(summary(campaigned));
	return !isBroken(campaigned);
}

async function main(options: Options): Promise<boolean> {
	if (options.seed !== undefined) return await replay(Number(options.seed));
	if (options.table === true) {
		const grids = options.quick === true ? QUICK_GRIDS : FULL_GRIDS;
		const medianMs = Number(options.median) * 1000;
		const isWanted = (it: Grid) =>
			options.median === undefined || it.generationMedianMs === medianMs;
		return await printTable(say, grids.filter(isWanted));
	}
	if (options.fairness === true) {
		const measured = await measureFleets();
		if (options.plot === true) say(writeFairness(measured));
		return printFairness(measured, say);
	}
	if (options.planted !== undefined) {
		const text = options.planted === true ? '' : options.planted;
		const played = engineCampaign(Number(options.seeds ?? PLANTED_SEEDS));
		const bugs = played.bugs.filter(({ name }) => name.includes(text));
		const { planted, caught } = await playPlantedBugs({ ...played, bugs }, say);
		say(`${planted} planted bugs, ${caught} caught`);
		return caught === planted;
	}
	return await campaign(options);
}

const program = new Command()
	.name('simulate')
	.description('Play the batch engine against a simulated Aiuta in virtual time')
	.option('--seeds <count>', `play the scenarios of so many seeds (${DEFAULT_SEEDS})`)
	.option('--seed <seed>', 'replay one seed and print every event')
	.option('--placements', 'play every single and pair placement of the faults')
	.option('--planted [text]', 'plant each bug with this in its name; see whether it is noticed')
	.option('--table', 'print how good the schedule is, against the best possible one')
	.option('--fairness', 'print how evenly several processes share one rate limit')
	.option('--plot', 'with --fairness: draw docs/figures/fairness.svg, too')
	.option('--quick', 'with --table: fewer rows')
	.option('--median <seconds>', 'with --table: only where generations take so long')
	.option('--fail-fast', 'end at the first violation');

exitWith(main(program.parse().opts<Options>()));
