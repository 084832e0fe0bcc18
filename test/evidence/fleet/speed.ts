/** How fast a catalogue was worked off, from what was seen on the way. */

/** What was seen at one moment; all counts since the start. */
export interface Sample {
	atMs: number;
	/** Operations that the API accepted. */
	created: number;
	/** Products with a picture in the storage and in their row. */
	pictured: number;
	/** Taken, and neither done nor failed. */
	underWay: number;
	/** Requests that the API served, those answered 429 left out. */
	apiRequests: number;
	throttled: number;
}

export interface Speed {
	/** From the first look to the last. */
	minutes: number;
	/** Creates a minute in the middle of the run, where products waited all the time. */
	perMinute: number;
	/** What the limit allows at so many requests a product. */
	possiblePerMinute: number;
	requestsPerProduct: number;
	/** Share of the limit that was used in the middle of the run. */
	limitUsed: number;
	/** Share of all requests that were answered 429. */
	throttled: number;
}

/** The run is warm from here on, and has products left until there. */
const MIDDLE = { from: 0.1, to: 0.8 };
const MINUTE_MS = 60_000;

/**
 * Work out the speed of a run.
 *
 * @param samples in the order of time, at least one
 * @param limit requests per second that the API allowed
 */
export function figuresOf(samples: readonly Sample[], limit: number): Speed {
	const [first] = samples;
	const last = samples.at(-1);
	if (first === undefined || last === undefined) throw new Error('nothing was seen');
	const reached = (share: number) =>
		samples.find(({ created }) => created >= share * last.created) ?? last;
	const [from, to] = [reached(MIDDLE.from), reached(MIDDLE.to)];
	const middleMs = to.atMs - from.atMs;
	const requestsPerProduct = (last.apiRequests - first.apiRequests) / last.created;
	return {
		minutes: (last.atMs - first.atMs) / MINUTE_MS,
		perMinute: ((to.created - from.created) / middleMs) * MINUTE_MS,
		possiblePerMinute: (limit * 60) / requestsPerProduct,
		requestsPerProduct,
		limitUsed: (to.apiRequests - from.apiRequests) / (limit * (middleMs / 1000)),
		throttled: last.throttled / (last.apiRequests + last.throttled),
	};
}
