/** What must hold after every try of every execution. */
import type { DeliveryOutcome } from '../../../nodes/Aiuta/batch/deliver';
import { isRetryable, type Failure } from '../../../nodes/Aiuta/api/failures';
import type { Journal } from '../../../nodes/Aiuta/batch/journal';
import type { Run } from '../../../nodes/Aiuta/batch/run';
import type { Learned } from './execution';
import { planOf } from './execution';
import type { GoneImagesWatch } from './goneImages';
import type { PatienceWatch } from './patience';
import type { ExecutionPlan, SimulatedProduct } from './scenario';
import type { World } from './world';

interface TryFacts {
	/** Whether the try began with the signal already aborted. */
	wasStopped: boolean;
	run: Run;
	patience: PatienceWatch;
	goneImages: GoneImagesWatch;
}

/** Operation IDs anywhere in an outcome. */
function idsIn(outcome: DeliveryOutcome<string>): Set<string> {
	const of = outcome.kind === 'finished' ? outcome : outcome.failure;
	const ids = (of.operations ?? []).map((operation) => operation.operation_id);
	return new Set([...ids, ...(of.operationId === undefined ? [] : [of.operationId])]);
}

/** Check one try: items, IDs, and that everything belongs to its product. */
export function checkTry(
	world: World,
	plan: ExecutionPlan,
	outcomes: ReadonlyArray<DeliveryOutcome<string>>,
	journal: Journal,
	learned: Learned,
	facts: TryFacts,
): void {
	if (outcomes.length !== plan.products.length || outcomes.includes(undefined as never)) {
		world.report('lost item', `${plan.products.length} products in, ${outcomes.length} out`);
	}
	plan.products.forEach((product, index) => {
		const outcome = outcomes[index];
		if (outcome === undefined) return;
		const productId = outcome.kind === 'finished' ? outcome.productId : outcome.failure.productId;
		if (productId !== product.key) world.report('lost item', `${product.key} came as ${productId}`);
		checkIds(world, product, index, outcome, journal, learned);
		if (outcome.kind === 'finished') checkFinished(world, plan, product, outcome);
		else checkFailure(world, product, outcome.failure, learned, facts);
	});
	if (isUnhurried(world, plan)) {
		checkPolls(world, plan);
		checkPollCounts(world, plan);
	}
	if (facts.wasStopped && facts.run.paid.created > 0) {
		world.report('rule', 'a try that began stopped created operations');
	}
}

/** Nothing but the operations themselves decides when they are asked for. */
function isUnhurried({ isUndisturbed, server }: World, plan: ExecutionPlan): boolean {
	const isFast = server.settings.rateLimit === undefined && plan.requestsPerSecond >= 5;
	return isUndisturbed && isFast && plan.tries.length === 1;
}

/** However many others hang, an operation is asked for whenever its age has doubled. */
function checkPolls(world: World, { maxWaitMs, products }: ExecutionPlan): void {
	const { operations, settings } = world.server;
	const slackMs = 60_000 + 10 * settings.roundTripMs;
	const firstMs = Math.min(operations.size * 10_000, maxWaitMs / 2);
	const own = new Set(products.map(({ key }) => key));
	for (const { operationId, operationKey, polledAtAgesMs } of operations.values()) {
		if (!own.has(operationKey.split('/')[0] ?? '')) continue;
		let polledMs = 0;
		for (const ageMs of polledAtAgesMs) {
			if (ageMs > 1.1 * Math.max(firstMs, 2 * polledMs) + slackMs) {
				world.report(
					'rule',
					`${operationId} was not asked for between ${polledMs} and ${ageMs} ms`,
				);
			}
			polledMs = ageMs;
		}
	}
}

/** Operations of an execution, by what Aiuta has accepted. */
function acceptedOf({ server }: World, { products }: ExecutionPlan): number {
	const own = new Set(products.map(({ key }) => key));
	const keys = [...server.operations.values()].map(({ operationKey }) => operationKey);
	return keys.filter((key) => own.has(key.split('/')[0] ?? '')).length;
}

/** Max Operations per Run holds for all runs of the node in an execution together. */
export function checkLimit(world: World, plan: ExecutionPlan): void {
	const { maxOperations } = plan.runs;
	const accepted = acceptedOf(world, plan);
	if (maxOperations > 0 && accepted > maxOperations) {
		world.report('rule', `${accepted} operations were created, ${maxOperations} were allowed`);
	}
}

/** What the limit has room for it does not refuse. */
export function checkRefusedByLimit(
	world: World,
	{ runs: { maxOperations } }: ExecutionPlan,
	creates: number,
	{ operationIds, ambiguousCreates }: Learned,
): void {
	const known = [...operationIds.values()].reduce((sum, ids) => sum + ids.size, 0);
	const made = known + ambiguousCreates;
	if (made + creates <= maxOperations) {
		world.report('rule', `${creates} creates were refused after ${made} of ${maxOperations}`);
	}
}

/** Of one of a few, which is asked whenever its age has grown by a fifteenth, and of its first answers. */
const MOST_POLLS_IN_A_DOUBLING = 20;
const COUNTED_FROM_AGE_MS = 20_000;

/**
 * As long as no operation has told how long they take, each is asked less and less often: in the time in
 * which its age doubles always about as many times, however old it is.
 */
function checkPollCounts(world: World, { products }: ExecutionPlan): void {
	const operations = [...world.server.operations.values()];
	const firstEndMs = Math.min(...operations.map((it) => it.seenFinalAtMs ?? Infinity));
	const own = new Set(products.map(({ key }) => key));
	for (const { operationId, operationKey, createdAtMs, polledAtAgesMs } of operations) {
		if (!own.has(operationKey.split('/')[0] ?? '')) continue;
		const agesMs = polledAtAgesMs.filter((ageMs) => createdAtMs + ageMs <= firstEndMs);
		for (const [index, ageMs] of agesMs.entries()) {
			const before = agesMs[index - MOST_POLLS_IN_A_DOUBLING] ?? 0;
			if (ageMs > COUNTED_FROM_AGE_MS && before > ageMs / 2) {
				const text = `${operationId} was asked for ${MOST_POLLS_IN_A_DOUBLING} times from ${before} to ${ageMs} ms`;
				world.report('rule', text);
				break;
			}
		}
	}
}

function checkIds(
	world: World,
	product: SimulatedProduct,
	index: number,
	outcome: DeliveryOutcome<string>,
	journal: Journal,
	learned: Learned,
): void {
	const shown = idsIn(outcome);
	const written = new Set(
		planOf(world.server.settings.api, product, index).operations.flatMap((place) => {
			const record = journal.at(place).read();
			return record !== undefined && 'operationId' in record ? [record.operationId] : [];
		}),
	);
	for (const id of learned.operationIds.get(product.key) ?? []) {
		if (!shown.has(id)) world.report('lost operation ID', `${id} is not in the outcome`);
		if (!written.has(id)) world.report('lost operation ID', `${id} is not in the journal`);
		if (!learned.logged.has(id)) world.report('lost operation ID', `${id} is not in the log`);
	}
	for (const id of shown) {
		const key = world.server.operations.get(id)?.operationKey.split('/')[0];
		if (key !== product.key) world.report('lost item', `${product.key} shows ${id} of ${key}`);
	}
}

/** What a failure says must be true. */
function checkFailure(
	world: World,
	product: SimulatedProduct,
	cause: Failure,
	learned: Learned,
	{ run: { startedAtMs }, patience, goneImages }: TryFacts,
): void {
	const { key } = product;
	const { code } = cause;
	const ids = (cause.operations ?? []).map((operation) => operation.operation_id);
	const operations = ids.flatMap((id) => world.server.operations.get(id) ?? []);
	const finished = operations.filter((it) => it.finishesAtMs <= world.clock.now());
	const known = learned.operationIds.get(key)?.size ?? 0;
	if (code === 'IMAGE_NOT_FETCHED' && known === product.operations.length) {
		world.report('rule', `${key} needed photos although all its operations exist`);
	}
	if (code === 'RATE_LIMITED' && !patience.isUsedUp(product)) {
		world.report('rule', `${key} failed because of the rate limit`);
	}
	if (code === 'CREATE_REFUSED' && goneImages.isOnlyCause(key)) {
		world.report('rule', `${key} was refused, and its photos were not uploaded again`);
	}
	const mayExist = known > 0 || learned.ambiguous.has(key);
	if (mayExist && code !== 'OPERATION_NOT_FOUND' && isRetryable(cause)) {
		world.report('rule', `${key} has an operation, and its failure ${code} counts as retryable`);
	}
	if (code === 'OPERATION_FAILED' && finished.every((it) => it.finalStatus === 'SUCCESS')) {
		world.report('rule', `${key} is reported as failed and is not`);
	}
	if (code === 'NO_IMAGES' && !finished.some((it) => it.emptyAnswersLeft > 0)) {
		world.report('rule', `${key} is reported as without images and is not`);
	}
	if (code === 'CREATE_OUTCOME_UNKNOWN' && !learned.ambiguous.has(key)) {
		world.report('rule', `${key} is reported as perhaps accepted without a reason`);
	}
	// Unless another execution let Aiuta forget what this try had just uploaded.
	const isForgotten = world.server.forgotImagesAtMs > startedAtMs;
	if (world.isUndisturbed && code === 'CREATE_REFUSED' && !isForgotten) {
		world.report('rule', `${key} was refused although its photos could be uploaded again`);
	}
	if (world.isUndisturbed && (code === 'OPERATION_NOT_FOUND' || code === 'STATE_UNKNOWN')) {
		world.report('rule', `${key} failed with ${code} although nothing was wrong`);
	}
}

function checkFinished(
	world: World,
	plan: ExecutionPlan,
	product: SimulatedProduct,
	outcome: DeliveryOutcome<string> & { kind: 'finished' },
): void {
	const { key, operations } = product;
	if (outcome.operations.length !== operations.length) {
		world.report(
			'lost item',
			`${key} has ${outcome.operations.length} of ${operations.length} operations`,
		);
	}
	for (const { operation_id: id, status } of outcome.operations) {
		const operation = world.server.operations.get(id);
		if (operation === undefined) continue;
		const photos = operation.imageIds.map((it) => world.server.images.get(it));
		const isKnown = !photos.includes(undefined);
		if (isKnown && photos.join() !== product.photos.join()) {
			world.report('lost item', `${key} was created from ${photos.join()}`);
		}
		if (outcome.isFinished && (status !== 'SUCCESS' || operation.finalStatus !== 'SUCCESS')) {
			world.report('rule', `${key} finished with ${status}, really ${operation.finalStatus}`);
		}
		if (outcome.isFinished && world.clock.now() < operation.finishesAtMs) {
			world.report('rule', `${key} finished before its operation did`);
		}
	}
	if (!outcome.isFinished) return;
	if (plan.downloadImages && outcome.pictures.length !== outcome.images.length) {
		world.report(
			'lost item',
			`${key}: ${outcome.pictures.length} of ${outcome.images.length} pictures`,
		);
	}
	if (outcome.images.length === 0) world.report('lost item', `${key} finished without an image`);
	for (const picture of outcome.pictures) {
		const id = /files\.test\/([^/]+)\//.exec(picture)?.[1] ?? '';
		if (!outcome.operations.some((operation) => operation.operation_id === id)) {
			world.report('lost item', `${key} got a picture of ${id}`);
		}
	}
}
