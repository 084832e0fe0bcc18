/**
 * An Aiuta that lives in virtual time: uploads with ever new image IDs, operations that take as long
 * as chance says, a rate limit, and a ledger that counts what has been accepted (and is paid for).
 */
import type { ApiName } from '../../../nodes/Aiuta/api/types';
import { MINUTE_MS } from '../../../nodes/Aiuta/core/clock';
import type { HttpOutcome, HttpRequest } from '../../../nodes/Aiuta/core/http';
import type { JsonValue } from '../../../nodes/Aiuta/core/json';
import { operationBody, readCreate } from './bodies';
import type { SimulatedCall } from './faults';
import { NO_HARDSHIPS, retryAfterOf, type Hardships } from './hardships';
import type { Random } from '../../support/random';

/** How much longer the first operations take under that hardship; it ends where a simulation takes long itself. */
const SLOW_FACTOR = 100;
const LONGEST_MEDIAN_MS = 10 * 60 * MINUTE_MS;

export interface RateLimit {
	requestsPerSecond: number;
	burst: number;
	retryAfter: 'none' | 'seconds' | 'date';
}

export interface ServerSettings {
	api: ApiName;
	roundTripMs: number;
	generationMedianMs: number;
	generationP95Ms: number;
	rateLimit: RateLimit | undefined;
	/** How many operations it works on at once. */
	concurrency: number;
	/** For so long after its create an operation is not found. */
	visibleAfterMs: number;
	failedShare: number;
	/** Share of operations that show PAUSED or a status outside the specs on the way. */
	oddStatusShare: number;
	/** Share of operations that say SUCCESS before their images are listed. */
	lateImagesShare: number;
	/** Share of operations that never get an image. */
	noImagesShare: number;
	/** Whether the refusal of an image that is gone says which one it is. */
	namesGoneImages: boolean;
}

export interface Operation {
	operationId: string;
	/** What was asked for; at most one accepted create for each. */
	operationKey: string;
	imageIds: string[];
	imageTypes: string[];
	createdAtMs: number;
	startsAtMs: number;
	finishesAtMs: number;
	finalStatus: string;
	oddStatus: string | undefined;
	/** When it was asked for, by age. */
	polledAtAgesMs: number[];
	/** So many SUCCESS answers come without an image. */
	emptyAnswersLeft: number;
	/** When its final status was first handed out. */
	seenFinalAtMs: number | undefined;
}

/** Tell which kind of call a request is. */
export function callOf(request: HttpRequest): SimulatedCall {
	if (request.body?.kind === 'file') return 'upload';
	if (request.method === 'POST') return 'create';
	return 'get';
}

const json = (status: number, body: JsonValue): HttpOutcome => ({
	kind: 'response',
	status,
	headers: {},
	body: JSON.stringify(body),
});

export class SimulatedServer {
	/** Every accepted create, by operation ID. */
	readonly operations = new Map<string, Operation>();

	/** How many requests came, refused ones included. */
	requests = 0;

	throttled = 0;

	/** Content of each uploaded image, by image ID. */
	readonly images = new Map<string, string>();

	private tokens: number;

	private refilledAtMs = 0;

	/** When each slot of the generator is free again. */
	private readonly slotsFreeAtMs: number[] = [];

	private uploads = 0;

	constructor(
		readonly settings: ServerSettings,
		private readonly random: Random,
		private readonly hardships: Hardships = NO_HARDSHIPS,
		private rateLimit = settings.rateLimit,
	) {
		this.tokens = rateLimit?.burst ?? 0;
	}

	/** Change the rate limit from now on. */
	setRate(requestsPerSecond: number): void {
		if (this.rateLimit !== undefined) this.rateLimit = { ...this.rateLimit, requestsPerSecond };
	}

	/** When images were forgotten last. */
	forgotImagesAtMs = Number.NEGATIVE_INFINITY;

	/** Forget every uploaded image, as Aiuta does after a while. */
	forgetImages(nowMs: number): void {
		this.forgotImagesAtMs = nowMs;
		this.images.clear();
	}

	/** The rate limit's refusal, undefined when the request may pass. */
	refusal(nowMs: number): HttpOutcome | undefined {
		this.requests += 1;
		const limit = this.rateLimit;
		if (limit === undefined) return undefined;
		const gained = ((nowMs - this.refilledAtMs) / 1000) * limit.requestsPerSecond;
		this.tokens = Math.min(limit.burst, this.tokens + gained);
		this.refilledAtMs = nowMs;
		if (this.tokens >= 1) {
			this.tokens -= 1;
			return undefined;
		}
		this.throttled += 1;
		const waitSeconds = Math.ceil((1 - this.tokens) / limit.requestsPerSecond);
		const headers: Record<string, string> = {};
		if (limit.retryAfter === 'seconds') headers['retry-after'] = String(waitSeconds);
		if (limit.retryAfter === 'date') {
			headers['retry-after'] = new Date(nowMs + waitSeconds * 1000).toUTCString();
		}
		const useless = retryAfterOf(this.hardships, nowMs);
		if (useless !== undefined) headers['retry-after'] = useless;
		return { kind: 'response', status: 429, headers, body: '{"detail":"Too Many Requests"}' };
	}

	/** Act on a request and answer it. */
	answer(request: HttpRequest, nowMs: number): HttpOutcome {
		switch (callOf(request)) {
			case 'upload':
				return this.upload(request);
			case 'create':
				return this.create(request, nowMs);
			default:
				return this.get(request.path, nowMs);
		}
	}

	private upload({ body }: HttpRequest): HttpOutcome {
		this.uploads += 1;
		const id = `image-${this.uploads}`;
		this.images.set(id, body?.kind === 'file' ? new TextDecoder().decode(body.bytes) : '');
		return json(200, { id, url: `https://files.test/${id}`, owner_type: 'user' });
	}

	private create({ body }: HttpRequest, nowMs: number): HttpOutcome {
		const { api } = this.settings;
		const asked = readCreate(api, body?.kind === 'json' ? body.json : {});
		const gone = asked.imageIds.find((id) => !this.images.has(id));
		if (gone !== undefined) {
			if (this.settings.namesGoneImages) return json(422, { detail: `unknown image ${gone}` });
			return json(404, { detail: 'an image was not found' });
		}
		const operationId = `op-${this.operations.size + 1}`;
		const startsAtMs = this.takeSlot(nowMs);
		const { generationMedianMs, generationP95Ms } = this.settings;
		const isSlow = this.operations.size < this.hardships.slowFirst;
		const drawnMs = this.random.lognormal(generationMedianMs, generationP95Ms);
		const slowFactor = Math.min(SLOW_FACTOR, LONGEST_MEDIAN_MS / generationMedianMs);
		const finishesAtMs = startsAtMs + (isSlow ? slowFactor : 1) * drawnMs;
		this.slotsFreeAtMs.push(finishesAtMs);
		this.operations.set(operationId, {
			...asked,
			operationId,
			createdAtMs: nowMs,
			polledAtAgesMs: [],
			startsAtMs,
			finishesAtMs,
			seenFinalAtMs: undefined,
			...this.fate(),
		});
		if (this.operations.size > this.hardships.swallowsCreatesAfter)
			return json(502, { detail: 'Bad Gateway' });
		return json(api === 'unified' ? 201 : 200, { operation_id: operationId });
	}

	/** When the generator can begin with one more operation. */
	private takeSlot(nowMs: number): number {
		if (this.slotsFreeAtMs.length < this.settings.concurrency) return nowMs;
		this.slotsFreeAtMs.sort((a, b) => a - b);
		return Math.max(nowMs, this.slotsFreeAtMs.shift() ?? nowMs);
	}

	private fate(): Pick<Operation, 'finalStatus' | 'oddStatus' | 'emptyAnswersLeft'> {
		const { failedShare, oddStatusShare, lateImagesShare, noImagesShare } = this.settings;
		const { random } = this;
		const finalStatus = random.chance(failedShare)
			? random.pick(['FAILED', 'FAILED', 'ABORTED', 'CANCELLED'])
			: 'SUCCESS';
		const oddStatus = random.chance(oddStatusShare)
			? random.pick(['PAUSED', 'MODERATION', 'success'])
			: undefined;
		const late = random.chance(lateImagesShare) ? random.int(1, 3) : 0;
		const emptyAnswersLeft = random.chance(noImagesShare) ? Number.POSITIVE_INFINITY : late;
		return { finalStatus, oddStatus, emptyAnswersLeft };
	}

	private get(path: string, nowMs: number): HttpOutcome {
		const { api, visibleAfterMs } = this.settings;
		const operation = this.operations.get(decodeURIComponent(path.split('/').pop() ?? ''));
		operation?.polledAtAgesMs.push(nowMs - operation.createdAtMs);
		if (operation === undefined || nowMs < operation.createdAtMs + visibleAfterMs) {
			return api === 'unified' ? json(404, { detail: 'not found' }) : json(200, null);
		}
		const status = this.statusAt(operation, nowMs);
		if (nowMs >= operation.finishesAtMs) operation.seenFinalAtMs ??= nowMs;
		const { imageTypes, operationId } = operation;
		const error = status === 'FAILED' ? 'simulated' : null;
		let urls: string[] = [];
		if (status === 'SUCCESS') {
			if (operation.emptyAnswersLeft > 0) operation.emptyAnswersLeft -= 1;
			else urls = this.pictureUrls(operationId, Math.max(1, imageTypes.length), nowMs);
		}
		return json(200, operationBody(api, { status, error, imageTypes, urls }));
	}

	private pictureUrls(operationId: string, count: number, nowMs: number): string[] {
		const names = Array.from({ length: count }, (_, index) => `${operationId}/${index}`);
		return names.map((name) => `https://files.test/${name}?at=${nowMs}`);
	}

	private statusAt(operation: Operation, nowMs: number): string {
		if (nowMs >= operation.finishesAtMs) return operation.finalStatus;
		if (nowMs < operation.startsAtMs) return 'CREATED';
		const halfMs = (operation.startsAtMs + operation.finishesAtMs) / 2;
		return nowMs > halfMs ? (operation.oddStatus ?? 'IN_PROGRESS') : 'IN_PROGRESS';
	}
}
