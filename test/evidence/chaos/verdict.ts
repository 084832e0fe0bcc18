/**
 * Judges a round from what was seen, with nothing but data in and out. The words used in the report are
 * defined here and nowhere else.
 */

/** An operation that the sandbox accepted before, or from a request sent before, the kill. */
export interface Accepted {
	operationId: string;
	product: string;
	/** When its answer had left for n8n in full; undefined when it never did. */
	handedOverAtMs: number | undefined;
}

/** Texts in which an operation ID can be found again. */
export interface Places {
	/** What all processes printed until the kill. */
	log: string;
	/** GET /rest/executions/:id after the restart. */
	execution: string;
	/** The same of the retried execution; empty when there is none. */
	retry: string;
}

export interface IdCount {
	/** Accepted by the sandbox from requests sent before the kill. */
	created: number;
	/** Their answer had left in full before the kill. */
	received: number;
	inLog: number;
	inExecution: number;
	inRetry: number;
	/** Received more than the grace time before the kill, and in none of the three places. */
	lost: string[];
	/**
	 * In none of the three places either, but not received, or within the grace time: what kill -9 can
	 * lose. Only the user's account at Aiuta shows them.
	 */
	unknown: string[];
	/** For the received IDs that are not in the log: how long before the kill, in ms. */
	unloggedAgesMs: number[];
}

/**
 * The time n8n is given to read an answer and to print the line with its ID. Measured in every run and
 * reported beside the figures: usually 1 or 2 ms, 300 ms on a machine with other work to do.
 */
export const GRACE_MS = 1000;

/** Say what became of each ID. */
export function countIds(
	accepted: readonly Accepted[],
	places: Places,
	killedAtMs: number,
): IdCount {
	const inLog = ({ operationId }: Accepted) => places.log.includes(operationId);
	const inExecution = ({ operationId }: Accepted) => places.execution.includes(operationId);
	const inRetry = ({ operationId }: Accepted) => places.retry.includes(operationId);
	const isFound = (one: Accepted) => inLog(one) || inExecution(one) || inRetry(one);
	const received = accepted.flatMap((one) => {
		const { handedOverAtMs } = one;
		if (handedOverAtMs === undefined || handedOverAtMs > killedAtMs) return [];
		return [{ one, ageMs: killedAtMs - handedOverAtMs }];
	});
	const lost = received
		.filter(({ one, ageMs }) => ageMs > GRACE_MS && !isFound(one))
		.map(({ one }) => one.operationId);
	return {
		created: accepted.length,
		received: received.length,
		inLog: accepted.filter(inLog).length,
		inExecution: accepted.filter(inExecution).length,
		inRetry: accepted.filter(inRetry).length,
		lost,
		unknown: accepted
			.filter((one) => !isFound(one) && !lost.includes(one.operationId))
			.map(({ operationId }) => operationId),
		unloggedAgesMs: received.filter(({ one }) => !inLog(one)).map(({ ageMs }) => ageMs),
	};
}

/** Products with more than one accepted create, with how many there are. */
export function duplicatesAmong(products: readonly string[]): string[] {
	const counts = new Map<string, number>();
	for (const product of products) counts.set(product, (counts.get(product) ?? 0) + 1);
	return [...counts].filter(([, count]) => count > 1).map(([product]) => product);
}

const CREATED_LINE = /Aiuta operation (\S+) created for product (\S+)/g;

/** Read the log as the README tells its user to: which operation belongs to which product. */
export function operationsInLog(log: string): Map<string, string> {
	const found = new Map<string, string>();
	for (const [, operationId = '', product = ''] of log.matchAll(CREATED_LINE)) {
		found.set(operationId, product);
	}
	return found;
}
