/**
 * Several processes that know nothing of each other share the rate limit of one key: how evenly, how much
 * of it they use, and how many answers are 429s. About 10 seconds.
 */
import Table from 'cli-table3';

import { EndlessLoad, type LoadWindow } from './endlessLoad';

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
export async function measureFleet(one: Fleet): Promise<Shared> {
	const { processes: schedulers, requestsPerSecond, change, retryAfter = 'none' } = one;
	const limit = { requestsPerSecond, burst: requestsPerSecond, roundTripMs: ROUND_TRIP_MS };
	const load = new EndlessLoad({ schedulers, ...limit, retryAfter });
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

/** Print all fleets, and whether the targets are met. */
export async function printFairness(say: (line: string) => void): Promise<boolean> {
	const table = new Table({
		head: ['limit', 'processes', 'Jain index', 'used', '429s', ''],
		style: { head: [], border: [] },
	});
	let isGood = true;
	for (const one of FLEETS) {
		const shared = await measureFleet(one);
		const misses = missed(shared);
		if (misses !== '') isGood = false;
		const percents = [shared.used, shared.refused].map((it) => `${(100 * it).toFixed(1)} %`);
		table.push([one.requestsPerSecond, one.name, shared.jain.toFixed(3), ...percents, misses]);
	}
	say(table.toString());
	return isGood;
}
