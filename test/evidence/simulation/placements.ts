/** Every fault at every kind of call and moment, alone and in pairs, in one small scenario. */
import type { ImageType } from '../../../nodes/Aiuta/api/types';
import { MINUTE_MS, SECOND_MS } from '../../../nodes/Aiuta/core/clock';
import { CALLS, FAULTS, REPRESENTATIVE_FAULTS, type FaultKind, type Placement } from './faults';
import { NO_HARDSHIPS } from './hardships';
import type { RefusedRequest } from './patience';
import { ONE_RUN, type Scenario, type SimulatedProduct, type TryPlan } from './scenario';

const SINGLE_MOMENTS = [1, 2, 3, 4];
const PAIR_MOMENTS = [1, 2];
/** The node's patience outlasts the one, and not the other. */
const REFUSED_FOR_MINUTES = [14, 60];

interface Variant {
	/** Aiuta forgets the uploaded images between tries, and does not say which it misses. */
	forgetsImages: boolean;
	/** Unified makes two operations of each product, so that one may fail without the other. */
	api?: 'flatLays' | 'unified';
}

/** Three products, one of them with two photos; again at once, then again from what was stored. */
function scenarioWith(
	placements: Placement[],
	stopOnFailure: boolean,
	{ forgetsImages, api = 'flatLays' }: Variant = { forgetsImages: false },
): Scenario {
	const operations: ImageType[][] = api === 'unified' ? [['flat_front'], ['detail_front']] : [[]];
	const product = (key: string, photos: string[]): SimulatedProduct => ({
		key,
		photos,
		background: undefined,
		operations,
	});
	const again = (how: TryPlan['again'], isSavedAtStop = false): TryPlan => ({
		stopAfterMs: undefined,
		again: how,
		isSavedAtStop,
		forgetsImages,
	});
	return {
		seed: 1,
		server: {
			api,
			roundTripMs: 100,
			generationMedianMs: 8 * SECOND_MS,
			generationP95Ms: 16 * SECOND_MS,
			rateLimit: undefined,
			concurrency: 1000,
			visibleAfterMs: 0,
			failedShare: 0,
			oddStatusShare: 0,
			lateImagesShare: 0,
			noImagesShare: 0,
			namesGoneImages: !forgetsImages,
		},
		executions: [
			{
				products: [
					product('a', ['a front', 'a back']),
					product('b', ['b front']),
					product('c', ['c front']),
				],
				startAfterMs: 0,
				stopOnFailure,
				onTimeout: 'error',
				maxWaitMs: 10 * MINUTE_MS,
				downloadImages: true,
				requestsPerSecond: 20,
				maxProductsInFlight: 1000,
				tries: [again('retryOnFail'), again('retryExecution', true), again('retryExecution')],
				// Photos that are others in the next try are uploaded again in any case.
				differsInEveryTry: !forgetsImages,
				runs: ONE_RUN,
			},
		],
		placements,
	};
}

/** Others are followed for hours while one request, the second of its kind, meets nothing but 429s. */
function scenarioRefusing(refused: RefusedRequest, stopOnFailure: boolean): Scenario {
	const { server, executions, ...scenario } = scenarioWith([], stopOnFailure);
	const generationMedianMs = 60 * MINUTE_MS;
	return {
		...scenario,
		server: { ...server, generationMedianMs, generationP95Ms: 2 * generationMedianMs },
		executions: executions.map((plan) => ({ ...plan, maxWaitMs: 10 * generationMedianMs })),
		hardships: { ...NO_HARDSHIPS, refused },
	};
}

/**
 * From the third create on all are accepted and answered 502, one after the other, while the first two
 * operations are followed.
 */
function scenarioSwallowing(placements: Placement[]): Scenario {
	const { server, executions, ...scenario } = scenarioWith(placements, false);
	const products = Array.from({ length: 12 }, (_, index) => ({
		key: `p${index}`,
		photos: [`photo ${index}`],
		background: undefined,
		operations: [[]],
	}));
	return {
		...scenario,
		server: { ...server, roundTripMs: 2 * SECOND_MS, generationMedianMs: MINUTE_MS },
		executions: executions.map((plan) => ({ ...plan, products, maxProductsInFlight: 3 })),
		hardships: { ...NO_HARDSHIPS, swallowsCreatesAfter: 2 },
	};
}

/** What the first trial after an unknown create meets, if it does not get to the server at once. */
function* swallowing(): Generator<Scenario> {
	yield scenarioSwallowing([]);
	for (const fault of REPRESENTATIVE_FAULTS) {
		yield scenarioSwallowing([{ call: 'create', moment: 4, fault }]);
	}
}

function placed(faults: readonly FaultKind[], moments: readonly number[]): Placement[] {
	return faults.flatMap((fault) =>
		CALLS.flatMap((call) => moments.map((moment) => ({ call, moment, fault }))),
	);
}

function isSameRequest(a: Placement, b: Placement): boolean {
	return a.call === b.call && a.moment === b.moment;
}

/**
 * All placements, each under On Error = Stop and Continue; those of creates also with images that are gone,
 * and in pairs also where a product is two operations. Before them, creates
 * that are swallowed, and one request that is refused for long.
 */
export function* allPlacements(): Generator<Scenario> {
	const pairable = placed(REPRESENTATIVE_FAULTS, PAIR_MOMENTS);
	yield* swallowing();
	for (const stopOnFailure of [true, false]) {
		for (const call of ['upload', 'create', 'get'] as const) {
			for (const minutes of REFUSED_FOR_MINUTES) {
				const forMs = minutes * MINUTE_MS;
				yield scenarioRefusing({ call, number: 2, forMs }, stopOnFailure);
			}
		}
		for (const one of placed(FAULTS, SINGLE_MOMENTS)) {
			yield scenarioWith([one], stopOnFailure);
			if (one.call === 'create') yield scenarioWith([one], stopOnFailure, { forgetsImages: true });
		}
		for (const [index, first] of pairable.entries()) {
			for (const second of pairable.slice(index + 1)) {
				if (isSameRequest(first, second)) continue;
				yield scenarioWith([first, second], stopOnFailure);
				if (first.call !== 'create' || second.call !== 'create') continue;
				yield scenarioWith([first, second], stopOnFailure, {
					forgetsImages: false,
					api: 'unified',
				});
			}
		}
	}
}

/** Name the faults of a placement scenario. */
export function describePlacements(scenario: Scenario): string {
	const { placements, executions, server, hardships = NO_HARDSHIPS } = scenario;
	const { refused, swallowsCreatesAfter } = hardships;
	const names = placements.map(({ call, moment, fault }) => `${fault.name} at ${call} ${moment}`);
	if (refused !== undefined) {
		names.push(
			`${refused.call} ${refused.number} refused for ${refused.forMs / MINUTE_MS} minutes`,
		);
	}
	if (swallowsCreatesAfter < Infinity) names.push(`swallowed after create ${swallowsCreatesAfter}`);
	const [execution] = executions;
	const mode = execution?.stopOnFailure === true ? 'stop' : 'continue';
	const isGone = execution?.tries.some(({ forgetsImages }) => forgetsImages) === true;
	const variant = `${isGone ? ', images gone' : ''}${server.api === 'unified' ? ', unified' : ''}`;
	return `${names.join(', ')} (${mode}${variant})`;
}
