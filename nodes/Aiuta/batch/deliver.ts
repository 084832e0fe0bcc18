/** From a product's plan, or an operation's ID, to its pictures: what generateAndWait and wait share. */
import { failure, mayExist, type Failure, type OperationSummary } from '../api/failures';
import type { AiutaImage, ImageType } from '../api/types';
import type { JsonObject } from '../core/json';
import type { Downloads } from './downloads';
import { finishOperation, summarize, type OperationEnd } from './operationEnd';
import type { ProductPlan } from './plan';
import { Product, type ProductPorts } from './product';
import type { Run } from './run';

export interface FinishSettings {
	maxWaitMs: number;
	/** Whether a timeout gives a failed item or an unfinished one. */
	onTimeout: 'error' | 'unfinished';
	downloadImages: boolean;
}

export interface FinishedProduct<P> {
	kind: 'finished';
	operationId: string;
	productId: string | undefined;
	/** As last seen; null when it was never read before the deadline. */
	status: string | null;
	/** False when the deadline passed and `onTimeout` is `unfinished`. */
	isFinished: boolean;
	images: AiutaImage[];
	/** One for each image, unless downloads are off. */
	pictures: P[];
	uploadedImageIds: string[];
	operations: OperationSummary[];
	durationMs: number;
	/** The untouched bodies, one for each operation. */
	bodies: JsonObject[];
}

export type ProductOutcome<P> = FinishedProduct<P> | { kind: 'failed'; failure: Failure };

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
	const product = new Product(ports, plan);
	const ends = await product.generate(settings.maxWaitMs);
	return await conclude(ports.run, downloads, settings, {
		ends,
		imageTypes: plan.operations.map((operation) => operation.imageTypes),
		productId: plan.productId,
		pictureName,
		uploadedImageIds: product.uploadedImageIds,
	});
}

/** Follow an operation that exists already and fetch its pictures. */
export async function waitForOperation<P>(
	run: Run,
	downloads: Downloads<P>,
	operationId: string,
	settings: FinishSettings,
): Promise<ProductOutcome<P>> {
	const pictureName = downloads.names.reserve(operationId);
	const existing = { operationId, createdAtMs: undefined, imageIds: [], body: undefined };
	const end = await finishOperation(run, existing, settings.maxWaitMs, undefined);
	return await conclude(run, downloads, settings, {
		ends: [end],
		imageTypes: [[]],
		productId: undefined,
		pictureName,
		uploadedImageIds: [],
	});
}

interface Ended {
	ends: OperationEnd[];
	imageTypes: ImageType[][];
	productId: string | undefined;
	/** Reserved for the product's pictures; undefined when the operation ID is to name them. */
	pictureName: string | undefined;
	uploadedImageIds: string[];
}

function summariesOf({ ends, imageTypes }: Ended): OperationSummary[] {
	return ends.flatMap((end, index) => {
		if (end.operationId === undefined) return [];
		const reason = end.kind === 'failed' ? (end.failure.failureReason ?? null) : null;
		return [summarize(end.operationId, statusOf(end), reason, imageTypes[index] ?? [])];
	});
}

function statusOf(end: OperationEnd): string | undefined {
	switch (end.kind) {
		case 'succeeded':
			return end.operation.status;
		case 'timedOut':
			return end.status;
		case 'failed':
			return end.failure.status;
	}
}

function timeoutFailure(end: OperationEnd & { kind: 'timedOut' }, maxWaitMs: number): Failure {
	const minutes = Math.round((maxWaitMs / 60_000) * 100) / 100;
	const message = `Operation ${end.operationId} was not finished within ${minutes} minute${minutes === 1 ? '' : 's'}`;
	return failure('TIMED_OUT', `${message} (status ${end.status ?? 'not read yet'})`, {
		operationId: end.operationId,
		status: end.status,
	});
}

async function conclude<P>(
	run: Run,
	downloads: Downloads<P>,
	settings: FinishSettings,
	ended: Ended,
): Promise<ProductOutcome<P>> {
	const { ends, productId, uploadedImageIds } = ended;
	const failures = ends.flatMap((end) => {
		if (end.kind === 'failed') return [{ cause: end.failure, isNew: end.isNew }];
		if (end.kind === 'timedOut' && settings.onTimeout === 'error') {
			return [{ cause: timeoutFailure(end, settings.maxWaitMs), isNew: end.isNew }];
		}
		return [];
	});
	const images = ends.flatMap((end) => (end.kind === 'succeeded' ? end.operation.images : []));
	const operations = summariesOf(ended);
	const particulars = {
		productId,
		operationId: ends.find((end) => end.operationId !== undefined)?.operationId,
		operations: operations.length === 0 ? undefined : operations,
		generatedImages: images.length === 0 ? undefined : images,
		uploadedImageIds: uploadedImageIds.length === 0 ? undefined : uploadedImageIds,
	};
	const [first] = failures;
	if (first !== undefined) {
		const cause = failures.length > 1 || ends.length > 1 ? joined(failures, ends) : first.cause;
		const failed = { ...particulars, ...definedParticulars(cause) };
		const newFailure = failures.find(({ isNew }) => isNew);
		if (newFailure !== undefined) run.noteNewFailure(newFailure.cause);
		return { kind: 'failed', failure: { ...cause, ...failed } };
	}
	const pictures: P[] = [];
	// A picture that had expired has a new URL: the item must not list the old one.
	const currentImages: AiutaImage[] = settings.downloadImages ? [] : images;
	if (settings.downloadImages) {
		const reserved =
			ended.pictureName ?? downloads.names.reserve(particulars.operationId ?? 'image');
		const names = downloads.names.of(reserved, images);
		for (const end of ends) {
			if (end.kind !== 'succeeded') continue;
			const own = names.splice(0, end.operation.images.length);
			const fetched = await downloads.ofOperation(end.operationId, end.operation.images, own);
			if (fetched.kind === 'downloaded') {
				pictures.push(...fetched.pictures);
				currentImages.push(...fetched.images);
				continue;
			}
			const detail = fetched.kind === 'failed' ? fetched.detail : 'the execution was stopped';
			const message = `The pictures of operation ${end.operationId} could not be downloaded`;
			const { status } = end.operation;
			return {
				kind: 'failed',
				failure: failure('DOWNLOAD_FAILED', message, { ...particulars, status, detail }),
			};
		}
	}
	return {
		kind: 'finished',
		operationId: particulars.operationId ?? '',
		productId,
		status: overallStatus(operations),
		isFinished: ends.every((end) => end.kind === 'succeeded'),
		images: currentImages,
		pictures,
		uploadedImageIds,
		operations,
		durationMs: Math.max(...ends.map((end) => ('durationMs' in end ? end.durationMs : 0))),
		bodies: ends.map(bodyOf).filter((body) => body !== undefined),
	};
}

function bodyOf(end: OperationEnd): JsonObject | undefined {
	if (end.kind === 'succeeded') return end.operation.body;
	return end.kind === 'timedOut' ? end.last?.body : undefined;
}

/** The status of a product: the first that is not SUCCESS, or SUCCESS when all are. */
function overallStatus(operations: OperationSummary[]): string | null {
	const open = operations.find((operation) => operation.status !== 'SUCCESS');
	return open === undefined ? 'SUCCESS' : open.status;
}

/** What the cause knows better than the product: absent keys must not hide present ones. */
function definedParticulars(cause: Failure): Partial<Failure> {
	const known: Partial<Failure> = {};
	if (cause.operationId !== undefined) known.operationId = cause.operationId;
	if (cause.uploadedImageIds !== undefined && cause.uploadedImageIds.length > 0) {
		known.uploadedImageIds = cause.uploadedImageIds;
	}
	return known;
}

/** Several operations of one product: say how many failed, and the reason of the first. */
function joined(failures: Array<{ cause: Failure }>, ends: OperationEnd[]): Failure {
	const [first] = failures;
	const cause = first?.cause ?? failure('STATE_UNKNOWN');
	const message = `${failures.length} of ${ends.length} operations of this product failed: ${cause.message}`;
	return { ...cause, message, mayExist: failures.some((one) => mayExist(one.cause)) };
}
