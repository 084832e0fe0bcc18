/**
 * Several processes that know nothing of each other share the rate limit of one key: how evenly, how much
 * of it they use, and how many answers are 429s. About a minute.
 */
import Table from 'cli-table3';

import { EndlessLoad, type LoadWindow } from './endlessLoad';

const SEEDS = [11, 12, 13, 14, 15];
const SETTLE_SECONDS = 180;
const WATCH_SECONDS = 600;
const ROUND_TRIP_MS = 100;
const SLOW_ROUND_TRIP_MS = 2000;

/** What is asked of every row. */
const TARGET = { jain: 0.95, used: 0.95, refused: 0.03 };

export interface Fleet {
	name: string;
	requestsPerSecond: number;
	/** Processes that begin together. */
	processes: number;
	/** What happens once they have settled; they get as long again to settle anew. */
	change?: (load: EndlessLoad) => void;
	/** Places of the processes that are left at the end, all of them where it is left out. */
	left?: number[];
	retryAfter?: 'seconds';
}

const LIMIT = 20;
const fleet = (processes: number, requestsPerSecond = LIMIT): Fleet => ({
	name: `${processes} from the start`,
	requestsPerSecond,
	processes,
});

export const FLEETS: readonly Fleet[] = [
	...[1, 2, 4, 8, 16].map((processes) => fleet(processes)),
	...[1, 2, 4].map((processes) => fleet(processes, 5)),
	{ ...fleet(4), name: '4, Retry-After in seconds', retryAfter: 'seconds' },
	{ ...fleet(4), name: '4, a fifth joins late', change: (load) => load.join() },
	{
		...fleet(8),
		name: '8, of which 4 leave',
		change: (load) => [0, 2, 4, 6].forEach((index) => load.leave(index)),
		left: [1, 3, 5, 7],
	},
	{ ...fleet(3), name: '3, and one far away', change: (load) => load.join(SLOW_ROUND_TRIP_MS) },
];

export interface Shared {
	/** Jain's index of what each got: 1 when all got the same, 1 / n when one got everything. */
	jain: number;
	/** Share of the limit that was used. */
	used: number;
	/** Share of the answers that were 429s. */
	refused: number;
}

function jainIndex(shares: readonly number[]): number {
	const sum = shares.reduce((total, it) => total + it, 0);
	const squares = shares.reduce((total, it) => total + it * it, 0);
	return (sum * sum) / (shares.length * squares);
}

/** Let a fleet settle and watch it. */
export async function measureFleet(one: Fleet, seed: number): Promise<Shared> {
	const { processes: schedulers, requestsPerSecond, change, retryAfter = 'none' } = one;
	const limit = { requestsPerSecond, burst: requestsPerSecond, roundTripMs: ROUND_TRIP_MS };
	const load = new EndlessLoad({ schedulers, ...limit, retryAfter, seed });
	await load.watch(SETTLE_SECONDS);
	if (change !== undefined) {
		change(load);
		await load.watch(SETTLE_SECONDS);
	}
	const watched: LoadWindow = await load.watch(WATCH_SECONDS);
	const left = watched.accepted.filter((_, index) => one.left?.includes(index) ?? true);
	return {
		jain: jainIndex(left),
		used: watched.acceptedPerSecond / requestsPerSecond,
		refused: watched.refusedShare / (1 + watched.refusedShare),
	};
}

function missed({ jain, used, refused }: Shared): string {
	const misses = [
		jain < TARGET.jain ? 'unfair' : '',
		used < TARGET.used ? 'idle' : '',
		refused > TARGET.refused ? 'refused' : '',
	];
	return misses.filter((it) => it !== '').join(', ');
}

/** The middle one and the worst one of several figures. */
function middleAndWorst(values: readonly number[], isMoreBetter: boolean): [number, number] {
	const sorted = [...values].sort((a, b) => (isMoreBetter ? a - b : b - a));
	return [sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, sorted[0] ?? Number.NaN];
}

/** Print all fleets, medians and worst of the seeds, and whether the medians meet the targets. */
export async function printFairness(say: (line: string) => void): Promise<boolean> {
	const table = new Table({
		head: ['limit', 'processes', 'Jain index (worst)', 'used (worst)', '429s (worst)', ''],
		style: { head: [], border: [] },
	});
	let isGood = true;
	for (const one of FLEETS) {
		const runs: Shared[] = [];
		for (const seed of SEEDS) runs.push(await measureFleet(one, seed));
		const [jain, worstJain] = middleAndWorst(pick(runs, 'jain'), true);
		const [used, worstUsed] = middleAndWorst(pick(runs, 'used'), true);
		const [refused, worstRefused] = middleAndWorst(pick(runs, 'refused'), false);
		const misses = missed({ jain, used, refused });
		if (misses !== '') isGood = false;
		table.push([
			one.requestsPerSecond,
			one.name,
			`${jain.toFixed(3)} (${worstJain.toFixed(3)})`,
			`${percent(used)} (${percent(worstUsed)})`,
			`${percent(refused)} (${percent(worstRefused)})`,
			misses,
		]);
	}
	say(table.toString());
	return isGood;
}

function pick(runs: readonly Shared[], key: keyof Shared): number[] {
	return runs.map((run) => run[key]);
}

function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}
