/**
 * Plays one execution of the node on the real engine, the way `actions/` does: a Run, a Journal in the
 * host's context, all products with a limit, and again for what was left undone.
 */
import type { ApiName } from '../../../nodes/Aiuta/api/types';
import { reserveCreates } from '../../../nodes/Aiuta/actions/createLimit';
import { beginRun, type BegunRun } from '../../../nodes/Aiuta/actions/retryGuard';
import { failure, type Failure } from '../../../nodes/Aiuta/api/failures';
import { countCreates, countSettled } from '../../../nodes/Aiuta/batch/countCreates';
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
import { checkLimit, checkRefusedByLimit, checkTry } from './checks';
import { GoneImagesWatch } from './goneImages';
import { underHardships } from './hardships';
import { PatienceWatch, subjectOf } from './patience';
import { Ports } from './ports';
import { retryHost } from './retryHost';
import type { ExecutionPlan, SimulatedProduct } from './scenario';
import { callOf } from './server';
import { isAmbiguous, operationIdIn, RunWatch } from './watch';
import { CREDENTIAL, type World } from './world';

/** A photo, as the host has named its file in this try; `yields` is part of its address. */
function sourceOf(content: string, tryIndex: number, yields: string): ImageSource {
	return {
		label: `${content}, file ${tryIndex}`,
		host: undefined,
		identity: async () => await Promise.resolve(`${content}${yields}`),
		open: async () => ({
			kind: 'opened',
			fileName: `${content} ${tryIndex}.jpg`,
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
	{ tryIndex, yields }: { tryIndex: number; yields: string } = { tryIndex: 0, yields: '' },
): ProductPlan {
	const { key, photos, background, operations } = product;
	const named = (content: string) => sourceOf(content, tryIndex, yields);
	return {
		itemIndexes: [index],
		productId: key,
		images: { kind: 'sources', sources: photos.map(named) },
		background: background === undefined ? undefined : named(background),
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
	/** How many creates may have been accepted without an answer. */
	ambiguousCreates: number;
}

type Outcomes = Array<DeliveryOutcome<string>>;

/** One run of the node within its execution: a loop and an agent make several. */
interface NodeRun {
	runIndex: number;
	products: SimulatedProduct[];
}

function runsOf({ products, runs: { productsPerRun } }: ExecutionPlan): NodeRun[] {
	const size = Math.min(productsPerRun, products.length);
	return Array.from({ length: Math.ceil(products.length / size) }, (_, runIndex) => ({
		runIndex,
		products: products.slice(runIndex * size, (runIndex + 1) * size),
	}));
}

export class SimulatedExecution {
	private store: Record<string, unknown> = {};

	/** The context as it was at the moment of the stop. */
	private atStop: string | undefined;

	private stop = this.newStop();

	private tries = 0;

	/** How often the host was told to retry the execution. */
	private retries = 0;

	readonly learned: Learned = {
		operationIds: new Map(),
		logged: new Set(),
		ambiguous: new Set(),
		ambiguousCreates: 0,
	};

	constructor(
		private readonly world: World,
		private readonly plan: ExecutionPlan,
		/** Told each outcome as it is there. */
		private readonly onOutcome: (outcome: DeliveryOutcome<string>) => void = () => undefined,
	) {}

	/** Play all runs of the node with all their tries, then wait for whatever exists and was not delivered. */
	async play(): Promise<void> {
		await this.world.pass(this.plan.startAfterMs);
		const runs = runsOf(this.plan);
		const outcomes: Outcomes = [];
		for (const run of runs) {
			const ends = await this.playRun(run);
			outcomes.push(...ends);
			const isHalted = this.plan.stopOnFailure && ends.some((end) => end.kind === 'failed');
			if (isHalted || this.stop.signal.aborted) break;
		}
		if (this.plan.runs.kind === 'agent') await this.startAgentOver(runs);
		checkLimit(this.world, this.plan);
		await this.waitForTheRest(outcomes);
	}

	private async playRun(run: NodeRun): Promise<Outcomes> {
		const { world, plan } = this;
		let outcomes: Outcomes = [];
		for (const [index, one] of plan.tries.entries()) {
			world.trace(`run ${run.runIndex}, try ${index + 1} of ${run.products[0]?.key ?? ''}`);
			if (one.stopAfterMs !== undefined) void this.stopLater(this.stop, one.stopAfterMs);
			outcomes = await this.playTry(run);
			const isDone = outcomes.every((outcome) => outcome.kind === 'finished');
			// What an agent makes of a failed call is its own affair.
			if (isDone || plan.runs.kind === 'agent') break;
			if (one.forgetsImages) world.server.forgetImages(world.clock.now());
			const isLast = index === plan.tries.length - 1;
			if (!isLast && one.again === 'retryExecution') await this.retryExecution(one.isSavedAtStop);
		}
		return outcomes;
	}

	/** Executions > Retry of an agent: it makes its calls once more, as new ones. */
	private async startAgentOver(runs: readonly NodeRun[]): Promise<void> {
		await this.retryExecution(false);
		for (const { runIndex, products } of runs) {
			await this.playTry({ runIndex: runs.length + runIndex, products });
		}
	}

	/** The host reads the context from where it was stored. */
	private async retryExecution(isSavedAtStop: boolean): Promise<void> {
		const stored = (isSavedAtStop ? this.atStop : undefined) ?? JSON.stringify(this.store);
		this.atStop = undefined;
		this.store = JSON.parse(stored) as Record<string, unknown>;
		this.stop = this.newStop();
		this.retries += 1;
		await this.world.pass(60_000);
	}

	private newStop(): AbortController {
		const controller = new AbortController();
		controller.signal.addEventListener('abort', () => {
			// A stop that comes after the next execution has begun concerns nobody any more.
			if (controller === this.stop) this.atStop = JSON.stringify(this.store);
		});
		return controller;
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
		const patience = new PatienceWatch((text) => world.report('rule', text));
		const goneImages = new GoneImagesWatch();
		const scheduler = world.registry.get(CREDENTIAL);
		const ports = new Ports(world, scheduler, watch, stop, (request, outcome, hasOldImages) => {
			const subject = subjectOf(world.server, request);
			patience.note(callOf(request), subject, outcome, world.clock.now());
			if (request.body?.kind !== 'json') return;
			goneImages.note(subject, outcome, hasOldImages);
			const key = subject.split('/')[0] ?? '';
			if (isAmbiguous(outcome)) {
				learned.ambiguous.add(key);
				learned.ambiguousCreates += 1;
			}
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
		const close = () => {
			run.close();
			ports.close();
			world.registry.release(CREDENTIAL);
		};
		return { run, downloads: new Downloads(run, ports.fetchPicture), close, patience, goneImages };
	}

	private async playTry({ runIndex, products }: NodeRun): Promise<Outcomes> {
		const { world, plan, stop, store, learned } = this;
		const tryIndex = this.tries;
		this.tries += 1;
		const begun = await this.begin(runIndex);
		if (!begun.ok) return refuseAll(products, begun.failure);
		const journal = new Journal(store, runIndex);
		const { api } = world.server.settings;
		const yields = plan.differsInEveryTry ? `try ${tryIndex}` : '';
		const plans = products.map((product, index) =>
			underHardships(world, planOf(api, product, index, { tryIndex, yields }), { index, tryIndex }),
		);
		const creates = plans.reduce((sum, one) => sum + countCreates(one, journal), 0);
		const settled = countSettled(plans, journal);
		const planned = { planned: creates, settled, executionId: String(this.retries) };
		const { correct } = reserveCreates(store, planned, plan.runs.maxOperations);
		if (correct === undefined) {
			checkRefusedByLimit(world, plan, creates, learned);
			return refuseAll(products, failure('INVALID_PARAMETER'));
		}
		const wasStopped = stop.signal.aborted;
		const { run, downloads, close, ...watches } = this.open(stop);
		const uploads = new Uploads(run);
		run.expect(creates, plan.maxProductsInFlight);
		const outcomes = await mapLimited(plans, plan.maxProductsInFlight, async (one) => {
			const outcome = await generateProduct({ run, journal, uploads }, downloads, one, plan);
			if (outcome.kind === 'skipped') throw new Error('skipped without a ledger');
			this.onOutcome(outcome);
			return outcome;
		});
		correct(run.paid.created + run.paid.unknown);
		close();
		const facts = { wasStopped, run, ...watches };
		checkTry(world, { ...plan, products }, outcomes, journal, learned, facts);
		return outcomes;
	}

	private async begin(runIndex: number): Promise<BegunRun> {
		const { store, plan, retries } = this;
		const isTool = plan.runs.kind === 'agent';
		const mode = retries > 0 ? 'retry' : 'trigger';
		const host = retryHost({ store, mode, executionId: String(retries), runIndex, isTool });
		const begun = await beginRun(host, undefined);
		if (!begun.ok && !isTool) {
			this.world.report('rule', 'a journal that the host has kept counts as lost');
		}
		return begun;
	}

	/** Wait for Operation takes up every ID of which the pictures are still missing. */
	private async waitForTheRest(outcomes: Outcomes): Promise<void> {
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
		const { run, downloads, close } = this.open(new AbortController());
		const ends = await mapLimited(missing, plan.maxProductsInFlight, async (operationId) =>
			waitForOperation(run, downloads, operationId, plan),
		);
		close();
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

function refuseAll(products: readonly SimulatedProduct[], cause: Failure): Outcomes {
	return products.map(({ key }) => ({
		kind: 'failed',
		failure: { ...cause, productId: key },
	}));
}
