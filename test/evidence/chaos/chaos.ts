/**
 * `npm run chaos [-- --regular 20] [--queue 10] [--seed 1] [--n8n 2.40.7] [--products 20] [--built]
 * [--round regular-3] [--no-retry]`: a real n8n, killed with SIGKILL at seeded moments of a batch and
 * started again, and the execution retried. About half a minute a round, a little more in queue mode.
 * Exits with 1 when a product was created twice, an ID was lost, or a product got no picture.
 */
import { randomUUID } from 'node:crypto';

import { Command, InvalidArgumentError } from 'commander';

import { keysNamed, startSandbox } from '../../sandbox';
import { messageOf } from '../../support/n8n/n8nCommand';
import { installN8n } from '../../support/n8n/n8nInstall';
import { packNode } from '../../support/n8n/n8nPackage';
import { exitOnSignals } from '../../support/n8n/n8nServer';
import { NEWEST_N8N, recipeOf } from '../../support/n8n/n8nVersions';
import { exitWith } from '../../support/verdict';
import { problemsOf } from './judgement';
import { planRound, type Mode, type RoundPlan } from './plan';
import { startRelay } from './relay';
import { printRound, printSummary, roundName } from './report';
import { playRound, type RoundResult } from './round';
import { startStage, type StageParts } from './stage';

const DEFAULT_REGULAR = 20;
const DEFAULT_QUEUE = 10;
const DEFAULT_PRODUCTS = 20;
const MAX_PRODUCTS = 200;

interface Options {
	regular: number;
	queue: number;
	seed: number;
	n8n: string;
	products: number;
	retry: boolean;
	built?: boolean;
	round?: { mode: Mode; round: number };
}

interface Played {
	results: RoundResult[];
	/** Rounds that broke off. */
	broken: number;
}

/** Play rounds of one mode, one after the other, in the same folders and database. */
async function playMode(
	parts: Omit<StageParts, 'mode'>,
	mode: Mode,
	plans: readonly RoundPlan[],
	options: Options,
): Promise<Played> {
	const played: Played = { results: [], broken: 0 };
	const { seed, n8n, products, retry } = options;
	const stage = await startStage({ ...parts, mode });
	try {
		for (const plan of plans) {
			try {
				const result = await playRound(stage, plan, { products, retry });
				printRound(result, { seed, n8n, products, retry });
				played.results.push(result);
			} catch (error) {
				played.broken += 1;
				console.log(`FAIL ${roundName(plan)} broke off: ${messageOf(error)}`);
				await stage.restart();
			}
		}
	} finally {
		await stage.close();
	}
	return played;
}

function plansOf({ regular, queue, seed, products, round }: Options, mode: Mode): RoundPlan[] {
	if (round !== undefined) {
		return round.mode === mode ? [planRound(seed, mode, round.round, products)] : [];
	}
	const count = mode === 'regular' ? regular : queue;
	return Array.from({ length: count }, (_, index) => planRound(seed, mode, index + 1, products));
}

async function main(options: Options): Promise<boolean> {
	const { n8n, seed, products, retry, built = false } = options;
	const install = await installN8n(recipeOf(n8n), console.log);
	const packed = await packNode(built);
	const apiKeys = keysNamed(`chaos-${randomUUID()}`);
	const sandbox = await startSandbox({ apiKeys, picture: 'cached', seed });
	const relay = await startRelay(sandbox.url);
	const results: RoundResult[] = [];
	let broken = 0;
	try {
		for (const mode of ['regular', 'queue'] as const) {
			const plans = plansOf(options, mode);
			if (plans.length === 0) continue;
			const played = await playMode({ install, packed, sandbox, relay }, mode, plans, options);
			results.push(...played.results);
			broken += played.broken;
		}
	} finally {
		await relay.close();
		await sandbox.close();
		packed.remove();
	}
	if (broken > 0) console.log(`${broken} rounds broke off and are not in the table`);
	printSummary(results, { n8n, seed, products, retry });
	const isGood = results.every((result) => problemsOf(result).length === 0);
	return isGood && broken === 0 && results.length > 0;
}

/** Make a reader of whole numbers for the command line. */
function whole(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (Number.isInteger(value) && value >= min && value <= max) return value;
		throw new InvalidArgumentError(`A whole number from ${min} to ${max} is needed.`);
	};
}

function readRound(text: string): Options['round'] {
	const [, mode, number] = /^(regular|queue)-([1-9]\d*)$/.exec(text) ?? [];
	if (mode === 'regular' || mode === 'queue') return { mode, round: Number(number) };
	throw new InvalidArgumentError('A round is named like regular-3 or queue-1.');
}

exitOnSignals();
const program = new Command('chaos')
	.description('Kill a real n8n in the middle of a batch, start it again and see what became of it')
	.option('--regular <count>', 'rounds in regular mode', whole(0), DEFAULT_REGULAR)
	.option('--queue <count>', 'rounds in queue mode', whole(0), DEFAULT_QUEUE)
	.option('--seed <seed>', 'seed of the moments and generation times', whole(0), 1)
	.option('--n8n <version>', 'version of n8n', NEWEST_N8N)
	.option('--products <count>', 'products in a batch', whole(1, MAX_PRODUCTS), DEFAULT_PRODUCTS)
	.option('--round <name>', 'play only this round, for example regular-3', readRound)
	.option('--no-retry', 'do not press Executions > Retry: only what the README advises')
	.option('--built', 'dist is up to date: do not build');
exitWith(main(program.parse().opts<Options>()));
