/** `npm run simulate:ledger [-- --seeds N | --seed S]`: the ledger's protocol in virtual time. */
import { Command } from 'commander';

import { playPlantedBugs } from '../plantedBugs';
import { exitWith } from '../../../support/verdict';
import { playLedger } from './play';
import { ledgerCampaign } from './plantedBugs';
import { ledgerScenarioOf } from './scenario';

const PLANTED_SEEDS = 1500;

interface Options {
	seeds: string;
	seed?: string;
	failFast?: boolean;
	planted?: boolean;
}

async function main({ seeds, seed, failFast, planted }: Options): Promise<boolean> {
	if (seed !== undefined) {
		const scenario = ledgerScenarioOf(Number(seed));
		console.log(JSON.stringify(scenario, undefined, ' '));
		const { violations } = await playLedger(scenario, console.log);
		console.log(`seed ${seed}: ${violations.length} violations`);
		return violations.length === 0;
	}
	if (planted === true) {
		const say = (line: string) => console.log(line);
		const found = await playPlantedBugs(ledgerCampaign(PLANTED_SEEDS), say);
		say(`${found.planted} planted bugs, ${found.caught} caught`);
		return found.caught === found.planted;
	}
	let broken = 0;
	let creates = 0;
	let unknown = 0;
	for (let number = 1; number <= Number(seeds); number += 1) {
		const result = await playLedger(ledgerScenarioOf(number));
		creates += result.creates;
		unknown += result.unknown;
		const [first] = result.violations;
		if (first === undefined) continue;
		broken += 1;
		if (broken <= 10) console.log(`seed ${number}: ${first}`);
		if (failFast === true) break;
	}
	console.log(
		`${seeds} seeds: ${broken} broken; ${creates} creates, ${unknown} jobs end as unknown`,
	);
	return broken === 0;
}

const options = new Command()
	.option('--seeds <count>', 'play the scenarios of so many seeds', '10000')
	.option('--seed <seed>', 'replay one seed and print every event')
	.option('--planted', 'plant bugs one at a time and see whether they are noticed')
	.option('--fail-fast', 'end at the first violation')
	.parse()
	.opts<Options>();
exitWith(main(options));
