/** How evenly executions have shared the limit of one key, from what the API has seen. */
import type { SandboxStats } from '../../sandbox';
import { jainIndex } from '../../support/jainIndex';

/** What the API served in a stretch of time, by who asked. */
export interface ShareWindow {
	fromMs: number;
	toMs: number;
	/**
	 * Requests served for each execution. An upload names nobody: it counts with the create that
	 * followed it, which is served with the same photo.
	 */
	served: number[];
	jain: number;
	/** Share of the limit that was used, uploads at their own time. */
	used: number;
	/** Share of the requests that were answered 429. */
	refused: number;
}

interface Served {
	atMs: number;
	execution: number;
	requests: number;
}

const TOO_MANY = 429;
/** An upload and the create itself. */
const REQUESTS_OF_A_CREATE = 2;

/** Requests that can be told apart, by the title of the operation that they are about. */
function servedRequests(stats: SandboxStats, executionOf: (title: string) => number): Served[] {
	const owners = new Map(
		stats.operations.map(({ id, title }) => [id, title === null ? -1 : executionOf(title)]),
	);
	const creates = stats.operations.map(({ id, createdAtMs }) => ({
		atMs: createdAtMs,
		execution: owners.get(id) ?? -1,
		requests: REQUESTS_OF_A_CREATE,
	}));
	const questions = stats.requestLog.flatMap(({ route, path, status, endedAtMs }) => {
		const id = path.slice(path.lastIndexOf('/') + 1);
		if (route !== 'getOperation' || status === TOO_MANY) return [];
		return [{ atMs: endedAtMs, execution: owners.get(id) ?? -1, requests: 1 }];
	});
	return [...creates, ...questions];
}

/** From the moment when all have begun to the moment when the first has nothing left to create. */
export function commonTime(
	stats: SandboxStats,
	executions: number,
	executionOf: (title: string) => number,
): { fromMs: number; toMs: number } {
	const times = Array.from({ length: executions }, (): number[] => []);
	for (const { title, createdAtMs } of stats.operations) {
		if (title !== null) times[executionOf(title)]?.push(createdAtMs);
	}
	if (times.some((own) => own.length === 0)) throw new Error('an execution has created nothing');
	return {
		fromMs: Math.max(...times.map((own) => Math.min(...own))),
		toMs: Math.min(...times.map((own) => Math.max(...own))),
	};
}

/**
 * Look at a stretch of time.
 *
 * @param executionOf tells the execution, from 0 on, by the title of its product
 */
export function sharesIn(
	stats: SandboxStats,
	{ fromMs, toMs }: { fromMs: number; toMs: number },
	of: { executions: number; limit: number; executionOf: (title: string) => number },
): ShareWindow {
	const isIn = (atMs: number) => atMs >= fromMs && atMs < toMs;
	const served = Array.from({ length: of.executions }, () => 0);
	for (const { atMs, execution, requests } of servedRequests(stats, of.executionOf)) {
		const before = served[execution];
		if (before !== undefined && isIn(atMs)) served[execution] = before + requests;
	}
	const requests = stats.requestLog.filter(
		({ host, endedAtMs }) => host === 'api' && isIn(endedAtMs),
	);
	const refusals = requests.filter(({ status }) => status === TOO_MANY).length;
	return {
		fromMs,
		toMs,
		served,
		jain: jainIndex(served),
		used: (requests.length - refusals) / (of.limit * ((toMs - fromMs) / 1000)),
		refused: requests.length === 0 ? 0 : refusals / requests.length,
	};
}
