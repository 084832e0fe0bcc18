/**
 * Several processes that know nothing of each other share the rate limit of one key: how evenly, how much
 * of it they use, and how many answers are 429s. About a minute.
 */
import Table from 'cli-table3';

import { jainIndex } from '../../support/jainIndex';
import { EndlessLoad, type LoadWindow } from './endlessLoad';

const SEEDS = [11, 12, 13, 14, 15];
const SETTLE_SECONDS = 180;
const WATCH_SECONDS = 600;
const ROUND_TRIP_MS = 100;
const SLOW_ROUND_TRIP_MS = 2000;

/** What is asked of every row. */
export const TARGET = { jain: 0.95, used: 0.95, refused: 0.03 };

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
	/** They differ from each other in their number and the limit alone. */
	isPlain?: boolean;
}

const LIMIT = 20;
const fleet = (processes: number, requestsPerSecond = LIMIT): Fleet => ({
	name: `${processes} from the start`,
	requestsPerSecond,
	processes,
});

export const FLEETS: readonly Fleet[] = [
	...[1, 2, 4, 8, 16].map((processes) => ({ ...fleet(processes), isPlain: true })),
	...[1, 2, 4].map((processes) => ({ ...fleet(processes, 5), isPlain: true })),
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
	/** Jain's index of what each got. */
	jain: number;
	/** Share of the limit that was used. */
	used: number;
	/** Share of the answers that were 429s. */
	refused: number;
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

/** What the seeds of a fleet have shown, each figure for itself. */
export interface MeasuredFleet {
	fleet: Fleet;
	median: Shared;
	worst: Shared;
}

/** The figure at this place, from the worst on. */
function ranked(runs: readonly Shared[], place: number): Shared {
	const at = (key: keyof Shared, isMoreBetter: boolean) => {
		const values = runs.map((run) => run[key]).sort((a, b) => (isMoreBetter ? a - b : b - a));
		return values[place] ?? Number.NaN;
	};
	return { jain: at('jain', true), used: at('used', true), refused: at('refused', false) };
}

/** Measure all fleets with all seeds. */
export async function measureFleets(): Promise<MeasuredFleet[]> {
	const measured: MeasuredFleet[] = [];
	for (const one of FLEETS) {
		const runs: Shared[] = [];
		for (const seed of SEEDS) runs.push(await measureFleet(one, seed));
		const median = ranked(runs, Math.floor(runs.length / 2));
		measured.push({ fleet: one, median, worst: ranked(runs, 0) });
	}
	return measured;
}

/** Print all fleets, medians and worst of the seeds; tells whether the medians meet the targets. */
export function printFairness(
	measured: readonly MeasuredFleet[],
	say: (line: string) => void,
): boolean {
	const table = new Table({
		head: ['limit', 'processes', 'Jain index (worst)', 'used (worst)', '429s (worst)', ''],
		style: { head: [], border: [] },
	});
	for (const { fleet: one, median, worst } of measured) {
		table.push([
			one.requestsPerSecond,
			one.name,
			`${median.jain.toFixed(3)} (${worst.jain.toFixed(3)})`,
			`${percent(median.used)} (${percent(worst.used)})`,
			`${percent(median.refused)} (${percent(worst.refused)})`,
			missed(median),
		]);
	}
	say(table.toString());
	return measured.every(({ median }) => missed(median) === '');
}

function percent(share: number): string {
	return `${(100 * share).toFixed(1)} %`;
}
