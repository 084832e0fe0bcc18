/**
 * Plays one execution of the node on the real engine, the way `actions/` does: a Run, a Journal in the
 * host's context, all products with a limit, and again for what was left undone.
 */
import type { ApiName } from '../../../nodes/Aiuta/api/types';
import { countCreates } from '../../../nodes/Aiuta/batch/countCreates';
import { Downloads } from '../../../nodes/Aiuta/batch/downloads';
import {
	generateProduct,
	waitForOperation,
	type DeliveryOutcome,
} from '../../../nodes/Aiuta/batch/deliver';
import { Journal } from '../../../nodes/Aiuta/batch/journal';
import type { ImageSource, ProductPlan } from '../../../nodes/Aiuta/batch/plan';
import { Run } from '../../../nodes/Aiuta/batch/run';
import { Uploads } from '../../../nodes/Aiuta/batch/uploads';
import { GENERATIONS } from '../../../nodes/Aiuta/api/generations';
import { mapLimited } from '../../../nodes/Aiuta/core/limiter';
import { readCreate } from './bodies';
import { checkTry } from './checks';
import { underHardships } from './hardships';
import { Ports } from './ports';
import type { ExecutionPlan, SimulatedProduct } from './scenario';
import { isAmbiguous, operationIdIn, RunWatch } from './watch';
import { CREDENTIAL, type World } from './world';

/** The node's run index within its execution; a loop would count it up. */
const RUN_INDEX = 0;

function sourceOf(content: string): ImageSource {
	return {
		label: content,
		host: undefined,
		identity: async () => await Promise.resolve(content),
		open: async () => ({
			kind: 'opened',
			fileName: `${content}.jpg`,
			contentType: 'image/jpeg',
			bytes: new TextEncoder().encode(content),
			contentHash: content,
		}),
	};
}

/**
 * Build the plan of a product as the node would from its parameters.
 *
 * @param yields what an expression gives in this try
 */
export function planOf(
	api: ApiName,
	product: SimulatedProduct,
	index: number,
	yields = '',
): ProductPlan {
	const { key, photos, background, operations } = product;
	return {
		itemIndexes: [index],
		productId: key,
		images: { kind: 'sources', sources: photos.map(sourceOf) },
		background: background === undefined ? undefined : sourceOf(background),
		fields: {
			product: { title: key, description: `${key} ${yields}` },
			options: background === undefined ? {} : { backgroundType: 'reference_image' },
		},
		operations: operations.map((imageTypes) => ({ itemIndex: index, api, imageTypes })),
	};
}

/** What this execution has learned, over all its tries. */
export interface Learned {
	/** Operation IDs that reached the caller, by product key. */
	operationIds: Map<string, Set<string>>;
	logged: Set<string>;
	/** Products of which a create may have been accepted without an answer. */
	ambiguous: Set<string>;
}

export class SimulatedExecution {
	private store: Record<string, unknown> = {};

	private tries = 0;

	readonly learned: Learned = { operationIds: new Map(), logged: new Set(), ambiguous: new Set() };

	constructor(
		private readonly world: World,
		private readonly plan: ExecutionPlan,
		/** Told each outcome as it is there. */
		private readonly onOutcome: (outcome: DeliveryOutcome<string>) => void = () => undefined,
	) {}

	/** Play all tries, then wait for whatever exists and was not delivered. */
	async play(): Promise<void> {
		const { world, plan } = this;
		await world.pass(plan.startAfterMs);
		/** The context as it was at the moment of the stop. */
		let atStop: string | undefined;
		const newStop = () => {
			const controller = new AbortController();
			controller.signal.addEventListener('abort', () => {
				// A stop that comes after the next execution has begun concerns nobody any more.
				if (controller === stop) atStop = JSON.stringify(this.store);
			});
			return controller;
		};
		let stop = newStop();
		let outcomes: Array<DeliveryOutcome<string>> = [];
		for (const [index, one] of plan.tries.entries()) {
			const { stopAfterMs, again, isSavedAtStop, forgetsImages } = one;
			world.trace(`try ${index + 1} of ${plan.products[0]?.key ?? ''}`);
			if (stopAfterMs !== undefined) void this.stopLater(stop, stopAfterMs);
			outcomes = await this.playTry(stop);
			if (outcomes.every((outcome) => outcome.kind === 'finished')) break;
			if (forgetsImages) world.server.forgetImages(world.clock.now());
			if (again === 'retryExecution') {
				const stored = (isSavedAtStop ? atStop : undefined) ?? JSON.stringify(this.store);
				atStop = undefined;
				this.store = JSON.parse(stored) as Record<string, unknown>;
				stop = newStop();
				await world.pass(60_000);
			}
		}
		await this.waitForTheRest(outcomes);
	}

	private async stopLater(stop: AbortController, delayMs: number): Promise<void> {
		await this.world.pass(delayMs);
		if (!stop.signal.aborted) this.world.trace('stopped by the user');
		stop.abort();
	}

	private open(stop: AbortController) {
		const { world, plan, learned } = this;
		const watch = new RunWatch(
			() => stop.signal.aborted,
			// A refusal of an earlier try, met again, does not keep other products from being started.
			plan.stopOnFailure && !JSON.stringify(this.store).includes('"state":"refused"'),
			(text) => world.report('rule', text),
		);
		const scheduler = world.registry.get(CREDENTIAL);
		const ports = new Ports(world, scheduler, watch, stop, ({ body }, outcome) => {
			if (body?.kind !== 'json') return;
			const asked = readCreate(world.server.settings.api, body.json).operationKey;
			const key = asked.split('/')[0] ?? '';
			if (isAmbiguous(outcome)) learned.ambiguous.add(key);
			const operationId = operationIdIn(outcome);
			if (operationId === undefined) return;
			const ids = learned.operationIds.get(key) ?? new Set();
			learned.operationIds.set(key, ids.add(operationId));
		});
		const run = new Run(
			{
				send: ports.send,
				clock: world.clock,
				scheduler,
				log: { operationCreated: (operationId) => learned.logged.add(operationId) },
				signal: stop.signal,
			},
			{
				generation: GENERATIONS[world.server.settings.api],
				requestsPerSecond: plan.requestsPerSecond,
				stopOnFailure: plan.stopOnFailure,
			},
		);
		return { run, downloads: new Downloads(run, ports.fetchPicture) };
	}

	private async playTry(stop: AbortController): Promise<Array<DeliveryOutcome<string>>> {
		const { world, plan } = this;
		const wasStopped = stop.signal.aborted;
		const { run, downloads } = this.open(stop);
		const journal = new Journal(this.store, RUN_INDEX);
		const uploads = new Uploads(run);
		const { api } = world.server.settings;
		const tryIndex = this.tries;
		const yields = plan.differsInEveryTry ? `try ${tryIndex}` : '';
		this.tries += 1;
		const plans = plan.products.map((product, index) =>
			underHardships(world, planOf(api, product, index, yields), { index, tryIndex }),
		);
		const creates = plans.map((one) => countCreates(one, journal));
		run.expect(
			creates.reduce((sum, count) => sum + count, 0),
			plan.maxProductsInFlight,
		);
		const outcomes = await mapLimited(plans, plan.maxProductsInFlight, async (one) => {
			const outcome = await generateProduct({ run, journal, uploads }, downloads, one, plan);
			if (outcome.kind === 'skipped') throw new Error('skipped without a ledger');
			this.onOutcome(outcome);
			return outcome;
		});
		run.close();
		world.registry.release(CREDENTIAL);
		checkTry(world, plan, outcomes, journal, this.learned, { wasStopped, run });
		return outcomes;
	}

	/** Wait for Operation takes up every ID of which the pictures are still missing. */
	private async waitForTheRest(outcomes: Array<DeliveryOutcome<string>>): Promise<void> {
		const { world, plan, learned } = this;
		const delivered = new Set(
			outcomes
				.flatMap((it) => (it.kind === 'finished' && it.isFinished ? it.operations : []))
				.map((operation) => operation.operation_id),
		);
		const missing = [...learned.operationIds.values()]
			.flatMap((ids) => [...ids])
			.filter((id) => !delivered.has(id));
		if (missing.length === 0) return;
		const createdBefore = world.server.operations.size;
		const { run, downloads } = this.open(new AbortController());
		const ends = await mapLimited(missing, plan.maxProductsInFlight, async (operationId) =>
			waitForOperation(run, downloads, operationId, plan),
		);
		run.close();
		world.registry.release(CREDENTIAL);
		if (run.paid.created > 0) world.report('rule', `waiting created operations (${createdBefore})`);
		for (const [index, end] of ends.entries()) {
			const operationId = end.kind === 'finished' ? end.operationId : end.failure.operationId;
			if (operationId !== missing[index]) {
				world.report(
					'lost operation ID',
					`${missing[index] ?? ''} is not in what waiting returned`,
				);
			}
		}
	}
}
