/** From a product's plan, or an operation's ID, to its pictures: what generateAndWait and wait share. */
import { failure, type Failure, type OperationSummary } from '../api/failures';
import { imageTypeOf } from '../api/generation';
import type { AiutaImage } from '../api/types';
import type { JsonObject } from '../core/json';
import type { Downloads } from './downloads';
import {
	failureOf,
	imagesOf,
	knownOf,
	summariesOf,
	type Ended,
	type SucceededEnd,
	type TimeoutSettings,
} from './ended';
import { finishOperation, operationById, type Operation, type OperationEnd } from './operation';
import type { ProductPlan } from './plan';
import { Product, type ProductPorts } from './product';
import type { Run } from './run';

export interface FinishSettings extends TimeoutSettings {
	downloadImages: boolean;
}

export interface FinishedProduct<P> {
	kind: 'finished';
	/** Of several operations, the first. */
	operationId: string;
	productId: string | undefined;
	/** As last seen; null when it was never read before the deadline. */
	status: string | null;
	/** False when the deadline passed and `onTimeout` is `unfinished`. */
	isFinished: boolean;
	images: AiutaImage[];
	/** Types that were asked for and have no picture although their operation succeeded. */
	missingTypes: string[];
	/** One for each image, unless downloads are off. */
	pictures: P[];
	uploadedImageIds: string[];
	operations: OperationSummary[];
	/** Whether an operation is known to have been made from other inputs than the item has now. */
	inputsChanged: boolean;
	/** Whether the ledger knew all its operations from other runs. */
	fromLedger: boolean;
	durationMs: number;
	/** The untouched bodies, one for each operation. */
	bodies: JsonObject[];
}

export type DeliveryOutcome<P> = FinishedProduct<P> | { kind: 'failed'; failure: Failure };

/** `skipped`: the ledger knows it, and the user wants it left out. */
export type ProductOutcome<P> = DeliveryOutcome<P> | { kind: 'skipped' };

type OpenEnd = Exclude<OperationEnd, { kind: 'failed' }>;

/** Generate one product and fetch its pictures. */
export async function generateProduct<P>(
	ports: ProductPorts,
	downloads: Downloads<P>,
	plan: ProductPlan,
	settings: FinishSettings,
): Promise<ProductOutcome<P>> {
	// Before anything is awaited: products are begun in input order, and so are names given.
	const pictureName =
		plan.productId === undefined ? undefined : downloads.names.reserve(plan.productId);
	const { run } = ports;
	const product = new Product(ports, plan);
	const brought = await Promise.all(
		plan.operations.map(async (place) => {
			const started = await product.start(place);
			if (started.kind !== 'exists') return started;
			const end = await finishOperation(run, started.operation, settings.maxWaitMs);
			// It counts at once, not when the product's other operations have ended.
			if (end.kind === 'failed') run.noteFailure(end.failure);
			return end;
		}),
	);
	const ends = brought.filter((end) => end.kind !== 'skipped');
	if (ends.length === 0) return { kind: 'skipped' };
	const { productId } = plan;
	const { uploadedImageIds } = product;
	const ended = { ends, productId, pictureName, uploadedImageIds };
	return await deliver(run, downloads, settings, ended);
}

/** Follow an operation that exists already and fetch its pictures. */
export async function waitForOperation<P>(
	run: Run,
	downloads: Downloads<P>,
	named: string | Operation,
	settings: FinishSettings,
): Promise<DeliveryOutcome<P>> {
	const operation = typeof named === 'string' ? operationById(named) : named;
	const productId = operation.claim?.job.productId;
	const pictureName = downloads.names.reserve(productId ?? operation.operationId);
	const end = await finishOperation(run, operation, settings.maxWaitMs);
	const ended = { ends: [end], productId, pictureName, uploadedImageIds: [] };
	return await deliver(run, downloads, settings, ended);
}

async function deliver<P>(
	run: Run,
	downloads: Downloads<P>,
	settings: FinishSettings,
	ended: Ended,
): Promise<DeliveryOutcome<P>> {
	const failed = failureOf(ended, settings);
	if (failed !== undefined) {
		run.noteFailure(failed);
		return { kind: 'failed', failure: failed };
	}
	const open = ended.ends.filter((end) => end.kind !== 'failed');
	const succeeded = open.filter((end) => end.kind === 'succeeded');
	if (!settings.downloadImages) return finished(ended, open, imagesOf(succeeded), []);
	const fetched = await fetchPictures(downloads, ended, succeeded);
	if (fetched.kind === 'failed') return fetched;
	return finished(ended, open, fetched.images, fetched.pictures);
}

/** Fetch the pictures of all operations; an image that had expired comes back with its new URL. */
async function fetchPictures<P>(
	downloads: Downloads<P>,
	ended: Ended,
	ends: SucceededEnd[],
): Promise<
	{ kind: 'fetched'; pictures: P[]; images: AiutaImage[] } | { kind: 'failed'; failure: Failure }
> {
	const all = imagesOf(ends);
	const names = namesFor(downloads, ended, all);
	const pictures: P[] = [];
	const images: AiutaImage[] = [];
	for (const { operation, state } of ends) {
		const { operationId } = operation;
		const wanted = state.images.map((image) => ({ image, baseName: names.shift() ?? operationId }));
		const fetched = await downloads.ofOperation(operationId, wanted);
		if (fetched.kind !== 'downloaded') {
			const detail = fetched.kind === 'failed' ? fetched.detail : 'the execution was stopped';
			const { status } = state;
			const known = { ...knownOf(ended, all), status, detail };
			return { kind: 'failed', failure: failure('DOWNLOAD_FAILED', undefined, known) };
		}
		pictures.push(...fetched.pictures);
		images.push(...fetched.images);
	}
	return { kind: 'fetched', pictures, images };
}

function namesFor<P>(
	{ names }: Downloads<P>,
	{ pictureName, ends }: Ended,
	images: AiutaImage[],
): string[] {
	const [first] = summariesOf(ends);
	if (pictureName !== undefined) return names.of(pictureName, images);
	return first === undefined ? [] : names.of(names.reserve(first.operation_id), images);
}

function finished<P>(
	{ ends, productId, uploadedImageIds }: Ended,
	open: OpenEnd[],
	images: AiutaImage[],
	pictures: P[],
): DeliveryOutcome<P> {
	const [first] = open;
	if (first === undefined) return { kind: 'failed', failure: failure('UNEXPECTED') };
	const operations = summariesOf(ends);
	return {
		kind: 'finished',
		operationId: first.operation.operationId,
		productId,
		status: overallStatus(operations),
		isFinished: open.every((end) => end.kind === 'succeeded'),
		images,
		missingTypes: open.flatMap(missingTypesOf),
		pictures,
		uploadedImageIds,
		operations,
		inputsChanged: open.some(({ operation }) => operation.inputsChanged),
		fromLedger: open.every(({ operation }) => operation.fromLedger),
		durationMs: Math.max(...open.map((end) => end.durationMs)),
		bodies: open.flatMap(({ state }) => (state === undefined ? [] : [state.body])),
	};
}

/** Types that were asked for and have no picture; an API without types names none. */
function missingTypesOf(end: OpenEnd): string[] {
	if (end.kind !== 'succeeded') return [];
	const { operation, state } = end;
	const delivered = new Set(state.images.map(imageTypeOf));
	const asked = new Set([...operation.imageTypes, ...state.imageTypes]);
	return [...asked].filter((type) => !delivered.has(type));
}

/** The status of a product: the first that is not SUCCESS, or SUCCESS when all are. */
function overallStatus(operations: OperationSummary[]): string | null {
	const open = operations.find((operation) => operation.status !== 'SUCCESS');
	return open === undefined ? 'SUCCESS' : open.status;
}
