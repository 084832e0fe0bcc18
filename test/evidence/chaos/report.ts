/** Prints the rounds as a table, the definitions of its words, and the closing line. */
import { cpus } from 'node:os';

import Table from 'cli-table3';

import { problemsOf, quantileOf, totalsOf } from './judgement';
import type { RoundPlan } from './plan';
import type { RoundResult } from './round';
import { GRACE_MS } from './verdict';

export interface RunFacts {
	n8n: string;
	seed: number;
	products: number;
	retry: boolean;
}

const DEFINITIONS = [
	'moment      the latest request before the kill, and requests seen: uploads + creates + polls',
	'saved       the node n8n would begin a retry with: none, or "-" where it has saved no plan at all',
	'retry       what Executions > Retry led to, and how many creates it caused',
	'created     operations the sandbox accepted from requests that n8n sent before the kill',
	'received    the last byte of their answer was handed to n8n before the kill',
	"log, saved  the operation's ID is in n8n's log; in the execution as n8n saved it",
	`unknown     in neither, nor in the retry; the answer was on its way, or at most ${GRACE_MS} ms old`,
	`lost        in none of them although the answer was older than ${GRACE_MS} ms: fails`,
	'twice       products with more than one accepted create, all runs of the round together: fails',
	'afterwards  IDs of the log given to Wait for Operation + IDs found only in the account + products',
	'            run anew, as the README says; left out where execution and retry delivered all',
	'pictures    products with a picture at the end of the round',
];

/** Name a round as `--round` takes it. */
export function roundName({ mode, round }: RoundPlan): string {
	return `${mode}-${round}`;
}

function momentText({ moment }: RoundResult): string {
	if (moment === undefined) return 'after the end';
	const { phase, uploads, creates, polls } = moment;
	return `${phase} ${uploads}+${creates}+${polls}`;
}

function retryText({ retry }: RoundResult): string {
	const answer = retry.answer.replace(/^The execution (.*), so it cannot be retried\.?$/, '$1');
	return retry.nodeRuns === 0 ? answer : `${answer}, ${retry.creates} creates`;
}

function rowOf(result: RoundResult): Array<string | number> {
	const { plan, status, waitingNodes, ids, recovery, duplicates, pictured, products } = result;
	const afterwards =
		recovery === undefined
			? ''
			: `${recovery.collected}+${recovery.lookedUp}+${recovery.remaining}`;
	return [
		roundName(plan),
		`${plan.start}${plan.saveProgress ? ', progress' : ''}`,
		plan.victim,
		momentText(result),
		status,
		waitingNodes === undefined ? '-' : waitingNodes.join(', ') || 'none',
		retryText(result),
		ids.created,
		ids.received,
		`${ids.inLog}, ${ids.inExecution}`,
		ids.unknown.length,
		ids.lost.length,
		duplicates.length,
		afterwards,
		`${pictured}/${products}`,
	];
}

const HEAD = [
	...['round', 'started', 'killed', 'moment', 'status', 'saved', 'retry', 'created', 'received'],
	...['log, saved', 'unknown', 'lost', 'twice', 'afterwards', 'pictures'],
];

/** Print how a round went, in a line or two. */
export function printRound(result: RoundResult, facts: RunFacts): void {
	const problems = problemsOf(result);
	const name = roundName(result.plan);
	const { start, saveProgress, victim } = result.plan;
	const what = `${start}${saveProgress ? ' with progress' : ''}, ${victim} killed at ${momentText(result)}`;
	const outcome = `${result.status}; retry: ${retryText(result)}; ${result.ids.inLog} of ${result.ids.created} IDs in the log`;
	const starts = result.failedStarts === 0 ? '' : '; came up at the second start only';
	console.log(
		`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name} ${what}: ${outcome}${starts} (${result.seconds} s)`,
	);
	for (const problem of problems) console.log(`       ${problem}`);
	if (problems.length > 0) {
		const { seed, n8n, products, retry } = facts;
		console.log(
			`       again: npm run chaos -- --seed ${seed} --round ${name} --n8n ${n8n} --products ${products}${retry ? '' : ' --no-retry'}`,
		);
	}
}

/** Print the table, the definitions and the closing line. */
export function printSummary(results: readonly RoundResult[], facts: RunFacts): void {
	const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
	for (const result of results) table.push(rowOf(result));
	console.log(table.toString());
	console.log(DEFINITIONS.join('\n'));
	const delays = results.flatMap(({ logDelaysMs }) => logDelaysMs);
	const ages = results.flatMap(({ ids }) => ids.unloggedAgesMs);
	console.log(
		`From an answer to its line in the log: median ${quantileOf(delays, 0.5)} ms, ` +
			`p99 ${quantileOf(delays, 0.99)} ms, at most ${Math.max(0, ...delays)} ms (${delays.length} IDs). ` +
			`Answers handed over before the kill without a line in the log: ${ages.length}` +
			`${ages.length === 0 ? '' : `, ${ages.join(', ')} ms before it`}.`,
	);
	console.log(closingLine(results, facts));
}

function closingLine(results: readonly RoundResult[], facts: RunFacts): string {
	const totals = totalsOf(results);
	const count = (mode: string) => results.filter(({ plan }) => plan.mode === mode).length;
	const date = new Date().toISOString().slice(0, 10);
	return (
		`n8n ${facts.n8n} killed ${count('regular')} times in regular and ${count('queue')} times in ` +
		`queue mode${facts.retry ? ' and the execution retried' : ''}, ${facts.products} products each: ${totals.created} operations created by then, ` +
		`${totals.inLog} IDs in the log, ${totals.inExecution} in the saved execution, ` +
		`${totals.unknown} in flight and unknown, ${totals.lost} lost; ` +
		`${totals.duplicates} products created twice; pictures of ${totals.pictured} of ` +
		`${totals.products} products (${totals.collected} IDs collected by Wait for Operation, ` +
		`${totals.lookedUp} looked up in the account, ${totals.remaining} products run anew). ` +
		`Seed ${facts.seed}, ${date}, Node.js ${process.version}, ${cpus().length} cores.`
	);
}
