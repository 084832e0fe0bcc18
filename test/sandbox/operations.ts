/**
 * Operations and how they get on. Nothing runs in the background: when an operation is asked for, its
 * status follows from the time that has passed.
 */
import { randomUUID } from 'node:crypto';
import type { Random } from '../support/random';
import { nowMs } from './clock';
import type {
	ApiImage,
	ApiShape,
	CreateRequest,
	ImageType,
	OperationView,
} from './generations/shape';
import { imageTypeName } from './generations/shape';
import { drawGenerationMs } from './generationTimes';
import type { GeneratedImage, ImageStore, Photo } from './imageStore';
import { OutcomeRules } from './outcomes';
import { Picture } from './pictures/picture';
import type { Settings } from './settings';
import type { Generation, OperationRecord, Outcome, OutcomeTarget, Result } from './types';

const IMAGE_LIFETIME_MS = 24 * 3_600_000;
const DEFAULT_ERROR = 'The item could not be recognised in the photos.';

/** Parts of the generation time, in order; PAUSED only where asked for. */
const STARTED_AT = 0.2;
const PAUSED_FROM = 0.4;
const PAUSED_TO = 0.8;

const FINAL_STATUS: Record<Exclude<Result, 'forever' | 'unknownStatus'>, string> = {
	success: 'SUCCESS',
	fail: 'FAILED',
	abort: 'ABORTED',
	cancel: 'CANCELLED',
};

export interface Operation {
	id: string;
	shape: ApiShape;
	request: CreateRequest;
	photos: Photo[];
	outcome: Outcome;
	createdAtMs: number;
	/** When generation starts; later than creation where a concurrency limit makes it wait. */
	startsAtMs: number;
	generationMs: number;
	polls: number;
	finalViews: number;
	firstSeenTerminalAtMs: number | null;
	generated: GeneratedImage[][] | null;
}

function progress({ startsAtMs, generationMs, outcome }: Operation, atMs: number): number {
	if (atMs < startsAtMs) return 0;
	const share = generationMs === 0 ? 1 : (atMs - startsAtMs) / generationMs;
	if (outcome.result !== 'forever') return share;
	return Math.min(share, outcome.pause === true ? PAUSED_FROM : PAUSED_TO);
}

function statusAt(operation: Operation, atMs: number): { status: string; final: boolean } {
	const share = progress(operation, atMs);
	const { result = 'success', pause, status = 'UNDER_REVIEW' } = operation.outcome;
	if (share < STARTED_AT) return { status: 'CREATED', final: false };
	if (share >= 1 && result !== 'forever') {
		if (result === 'unknownStatus') return { status, final: false };
		return { status: FINAL_STATUS[result], final: true };
	}
	const paused = pause === true && share >= PAUSED_FROM && share < PAUSED_TO;
	return { status: paused ? 'PAUSED' : 'IN_PROGRESS', final: false };
}

export class Operations {
	private readonly byId = new Map<string, Operation>();

	private readonly rules = new OutcomeRules();

	/** When each place of the concurrency limit becomes free. */
	private freeAtMs: number[] = [];

	constructor(
		private readonly images: ImageStore,
		private readonly settings: Settings,
		private readonly random: Random,
		private readonly filesUrl: string,
	) {}

	create(shape: ApiShape, request: CreateRequest, photos: Photo[]): Operation {
		const outcome = this.rules.decide(request.text, request.imageTypes.map(imageTypeName));
		const { generationMs: time } = this.settings.current;
		const drawnMs = drawGenerationMs(time, this.random, this.byId.size);
		const generationMs = outcome.generationMs ?? drawnMs;
		const createdAtMs = nowMs();
		const operation: Operation = {
			id: randomUUID(),
			shape,
			request,
			photos,
			outcome,
			createdAtMs,
			startsAtMs: this.reserve(createdAtMs, outcome.result === 'forever' ? Infinity : generationMs),
			generationMs,
			polls: 0,
			finalViews: 0,
			firstSeenTerminalAtMs: null,
			generated: null,
		};
		this.byId.set(operation.id, operation);
		return operation;
	}

	find(generation: Generation, id: string): Operation | undefined {
		const operation = this.byId.get(id);
		return operation?.shape.generation === generation ? operation : undefined;
	}

	/** Look at an operation as a client does: it counts as a poll. */
	poll(operation: Operation): OperationView {
		const atMs = nowMs();
		const { status, final } = statusAt(operation, atMs);
		operation.polls += 1;
		if (final) {
			operation.finalViews += 1;
			operation.firstSeenTerminalAtMs ??= atMs;
		}
		return {
			id: operation.id,
			status,
			error: status === 'FAILED' ? (operation.outcome.error ?? DEFAULT_ERROR) : null,
			pictures: status === 'SUCCESS' ? this.picturesOf(operation) : null,
			sourceUrls: operation.photos.map(({ path }) => this.filesUrl + path),
			request: operation.request,
		};
	}

	/** Set how operations end; throws when the operation named does not exist. */
	setOutcome(target: OutcomeTarget, outcome: Outcome): void {
		if (target.operationId === undefined) {
			this.rules.add(target, outcome);
			return;
		}
		const operation = this.byId.get(target.operationId);
		if (operation === undefined) {
			throw new RangeError(`There is no operation ${target.operationId}`);
		}
		Object.assign(operation.outcome, outcome);
		operation.generationMs = outcome.generationMs ?? operation.generationMs;
	}

	clearOutcomes(): void {
		this.rules.clear();
	}

	records(): OperationRecord[] {
		const atMs = nowMs();
		return [...this.byId.values()].map((operation) => ({
			id: operation.id,
			generation: operation.shape.generation,
			status: statusAt(operation, atMs).status,
			polls: operation.polls,
			title: operation.request.title,
			productId: operation.request.productId,
			imageTypes: operation.request.imageTypes.map(imageTypeName),
			createdAtMs: operation.createdAtMs,
			generationMs: operation.generationMs,
			firstSeenTerminalAtMs: operation.firstSeenTerminalAtMs,
		}));
	}

	clear(): void {
		this.byId.clear();
		this.rules.clear();
		this.freeAtMs = [];
	}

	/** Take the place that is free first, and tell from when. */
	private reserve(fromMs: number, durationMs: number): number {
		const { concurrency } = this.settings.current;
		if (concurrency === null) return fromMs;
		const places = this.freeAtMs.slice(0, concurrency).sort((one, other) => one - other);
		while (places.length < concurrency) places.unshift(0);
		const startsAtMs = Math.max(fromMs, places.shift() ?? 0);
		this.freeAtMs = [...places, startsAtMs + durationMs];
		return startsAtMs;
	}

	private picturesOf(operation: Operation): ApiImage[][] {
		operation.generated ??= this.generate(operation);
		const { expired, reordered } = operation.outcome;
		return operation.generated.map((ofType) => {
			const shown = ofType.map((image) => {
				const stale = expired === true && operation.finalViews === 1;
				return this.apiImage(operation, image, stale ? randomUUID() : image.token);
			});
			return reordered === true && operation.finalViews % 2 === 0 ? shown.reverse() : shown;
		});
	}

	private apiImage({ shape }: Operation, { id }: GeneratedImage, token: string): ApiImage {
		const url = `${this.filesUrl}/generated/${id}.png?token=${token}`;
		const image: ApiImage = { id, url, owner_type: 'user' };
		return shape.imagesExpire ? { ...image, expires_at: expiryDate() } : image;
	}

	private generate({ shape, request, photos, outcome }: Operation): GeneratedImage[][] {
		const settings = this.settings.current;
		const named = request.imageUrls.length > 0 ? request.imageUrls : request.imageIds;
		const placeholders = photos.length === 0 ? [request.skuId ?? ''] : named;
		const countOf = (imageType: ImageType) =>
			outcome.noImage === true || outcome.noImageOf === imageTypeName(imageType)
				? 0
				: request.picturesPerType;
		return request.imageTypes.map((imageType) =>
			Array.from({ length: countOf(imageType) }, (_unused, variant) =>
				this.images.addGenerated(
					shape.generation,
					new Picture({ photos, placeholders, imageType, variant, look: request.look }, settings),
					outcome.noSuchPicture === true,
				),
			),
		);
	}
}

/** Tell when an image handed out now would expire, as the specs' `expires_at` (ISO 8601). */
export function expiryDate(): string {
	return new Date(nowMs() + IMAGE_LIFETIME_MS).toISOString();
}
