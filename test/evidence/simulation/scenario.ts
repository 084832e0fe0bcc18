/** What a simulation plays, as data: everything follows from the seed. */
import type { ApiName, ImageType } from '../../../nodes/Aiuta/api/types';
import { MINUTE_MS, SECOND_MS } from '../../../nodes/Aiuta/core/clock';
import { CALLS, FAULTS, type Placement } from './faults';
import { Random } from '../../support/random';
import { hardshipsOf, isJudgedByTime, type Hardships } from './hardships';
import type { ServerSettings } from './server';

export interface SimulatedProduct {
	/** Unique in the scenario; sent as the product's title. */
	key: string;
	/** Content of each photo; products may share photos. */
	photos: string[];
	background: string | undefined;
	/** One list for each operation. */
	operations: ImageType[][];
}

/** How the node is called again after a try that left something undone. */
export type Again =
	/** Retry On Fail: at once, with the very same context object and stop signal. */
	| 'retryOnFail'
	/** Executions > Retry: later, the context read from where it was stored, a new signal. */
	| 'retryExecution';

export interface TryPlan {
	/** Milliseconds after the start of the try, undefined for no stop. */
	stopAfterMs: number | undefined;
	/** How the next try comes about, if this one was not enough. */
	again: Again;
	/**
	 * Whether the host stored the context at the moment of the stop and not after it: what the node wrote
	 * later is lost. Counts before `retryExecution`.
	 */
	isSavedAtStop: boolean;
	/** Whether Aiuta has forgotten the uploaded images by then. */
	forgetsImages: boolean;
}

/** How the host runs the node within one execution. */
export interface NodeRuns {
	/** `loop`: run by run, each with some of the products. `agent`: as its tool, call by call. */
	kind: 'once' | 'loop' | 'agent';
	productsPerRun: number;
	/** Max Operations per Run, over the whole execution; 0 for none. */
	maxOperations: number;
}

export const ONE_RUN: NodeRuns = {
	kind: 'once',
	productsPerRun: Number.POSITIVE_INFINITY,
	maxOperations: 0,
};

export interface ExecutionPlan {
	products: SimulatedProduct[];
	startAfterMs: number;
	stopOnFailure: boolean;
	onTimeout: 'error' | 'unfinished';
	maxWaitMs: number;
	downloadImages: boolean;
	requestsPerSecond: number;
	maxProductsInFlight: number;
	tries: TryPlan[];
	/** Whether an expression in a field yields something else in every try, as `$now` does. */
	differsInEveryTry: boolean;
	runs: NodeRuns;
}

export interface Scenario {
	seed: number;
	server: ServerSettings;
	/** Executions that share one credential, and so one scheduler. */
	executions: ExecutionPlan[];
	placements: Placement[];
	/** None unless given. */
	hardships?: Hardships;
}

const IMAGE_TYPES = ['flat_front', 'ghost_mannequin_back', 'detail_front'] as const;

function productsOf(random: Random, api: ApiName, name: string, count: number): SimulatedProduct[] {
	const types = IMAGE_TYPES.slice(0, random.int(1, IMAGE_TYPES.length));
	const operations =
		api === 'flatLays' ? [[]] : api === 'studio' ? [types] : types.map((it) => [it]);
	return Array.from({ length: count }, (_, index) => ({
		key: `${name}-${index}`,
		photos: Array.from({ length: random.int(1, 3) }, (_unused, photo) =>
			random.chance(0.1) ? `${name} size chart` : `${name} ${index} ${photo}`,
		),
		background: api === 'unified' && random.chance(0.2) ? `${name} background` : undefined,
		operations,
	}));
}

function serverOf(random: Random): ServerSettings {
	const generationMedianMs = random.pick([3, 20, 20, 20, 300, 3600]) * SECOND_MS;
	return {
		api: random.pick(['flatLays', 'flatLays', 'studio', 'unified']),
		roundTripMs: random.pick([20, 100, 100, 500, 2000]),
		generationMedianMs,
		generationP95Ms: 3 * generationMedianMs,
		rateLimit: random.chance(0.5)
			? {
					requestsPerSecond: random.pick([0.5, 1, 5, 20]),
					burst: random.int(1, 20),
					retryAfter: random.pick(['none', 'seconds', 'date']),
				}
			: undefined,
		concurrency: random.pick([1000, 1000, 5, 1]),
		visibleAfterMs: random.pick([0, 0, 0, 2000, 10_000]),
		failedShare: random.pick([0, 0, 0.2]),
		oddStatusShare: random.pick([0, 0.3]),
		lateImagesShare: random.pick([0, 0, 0.2]),
		noImagesShare: random.pick([0, 0, 0.05]),
		namesGoneImages: random.chance(0.5),
	};
}

function tryOf(random: Random, medianMs: number): TryPlan {
	return {
		stopAfterMs: random.chance(0.15) ? random.between(0, 2 * medianMs) : undefined,
		again: random.pick(['retryOnFail', 'retryExecution']),
		isSavedAtStop: random.chance(0.5),
		forgetsImages: random.chance(0.1),
	};
}

function executionOf(random: Random, server: ServerSettings, index: number): ExecutionPlan {
	const medianMs = server.generationMedianMs;
	const count = random.pick([1, 2, 3, 5, 10, random.int(1, 40)]);
	return {
		products: productsOf(random, server.api, `p${index}`, count),
		startAfterMs: index === 0 ? 0 : random.between(0, medianMs),
		stopOnFailure: random.chance(0.5),
		onTimeout: random.pick(['error', 'error', 'unfinished']),
		maxWaitMs: random.pick([medianMs / 2, 2 * medianMs, 60 * MINUTE_MS, 20 * medianMs]),
		downloadImages: random.chance(0.7),
		requestsPerSecond: random.pick([1, 5, 20, 20]),
		maxProductsInFlight: random.pick([1, 3, 1000, 1000]),
		tries: Array.from({ length: random.int(1, 4) }, () => tryOf(random, medianMs)),
		differsInEveryTry: random.chance(0.5),
		runs: ONE_RUN,
	};
}

/** Let the host run the node more than once in some executions; drawn apart, as hardships are. */
function withRuns(plan: ExecutionPlan, random: Random): ExecutionPlan {
	const kind = random.pick(['once', 'once', 'loop', 'agent'] as const);
	const operations = plan.products.reduce((sum, it) => sum + it.operations.length, 0);
	const maxOperations = random.pick([0, operations, random.int(1, operations)]);
	const productsPerRun = kind === 'agent' ? 1 : random.int(1, 3);
	switch (kind) {
		case 'once':
			return { ...plan, runs: { ...ONE_RUN, maxOperations } };
		case 'loop':
			return { ...plan, runs: { kind, productsPerRun, maxOperations } };
		case 'agent':
			// As a tool the node never ends with an error.
			return { ...plan, stopOnFailure: false, runs: { kind, productsPerRun, maxOperations } };
	}
}

function placementsOf(random: Random): Placement[] {
	const count = random.pick([0, 1, 2, 3, 5, 10]);
	return Array.from({ length: count }, () => ({
		call: random.pick(CALLS),
		moment: random.pick([1, 2, random.int(1, 20)]),
		fault: random.pick(FAULTS),
	}));
}

/** One wide run on a server that answers at once: whatever is late here is late because of the engine. */
function calmScenario(seed: number, hardships: Hardships): Scenario {
	const random = new Random(seed);
	const drawn = serverOf(random);
	const server: ServerSettings = {
		...drawn,
		rateLimit: undefined,
		concurrency: 1000,
		roundTripMs: Math.min(drawn.roundTripMs, 500),
		visibleAfterMs: 0,
		noImagesShare: 0,
	};
	const execution: ExecutionPlan = {
		...executionOf(random, server, 0),
		products: productsOf(random, server.api, 'p0', random.int(12, 40)),
		stopOnFailure: false,
		maxWaitMs: 200 * server.generationMedianMs,
		requestsPerSecond: 20,
		maxProductsInFlight: 1000,
		tries: [{ ...tryOf(random, server.generationMedianMs), stopAfterMs: undefined }],
	};
	return {
		seed,
		server,
		executions: [execution],
		placements: [],
		hardships: { ...hardships, refused: undefined },
	};
}

/** Draw a scenario. */
export function scenarioOf(seed: number): Scenario {
	const random = new Random(seed);
	const server = serverOf(random);
	const count = random.pick([1, 1, 1, 2, 3]);
	const hardships = hardshipsOf(seed);
	if (isJudgedByTime(hardships)) return calmScenario(seed, hardships);
	const executions = Array.from({ length: count }, (_, index) =>
		executionOf(random, server, index),
	);
	const runsRandom = new Random(seed ^ 0x10b5);
	return {
		seed,
		server,
		executions: executions.map((plan) => withRuns(plan, runsRandom)),
		placements: placementsOf(random),
		hardships,
	};
}
