/**
 * Fetches generated pictures from the file host, which never sees the key. A picture that has expired
 * is looked up once more; one that cannot be had leaves its URL behind.
 */
import { PictureNames } from '../api/fileName';
import { classifyStatus, decide, type FaultClass } from '../api/faults';
import { imageTypeOf } from '../api/generation';
import { operationRequest } from '../api/requests';
import type { AiutaImage } from '../api/types';
import { retryDelayMs } from '../core/backoff';
import type { HttpOutcome } from '../core/http';
import { Limiter } from '../core/limiter';
import { waitMs } from '../core/wait';
import { callApi } from './call';
import type { Run } from './run';

/** Streams open at once: each holds a socket and a buffer, not a picture. */
const MAX_DOWNLOADS = 8;

export type FetchedPicture<P> =
	| { kind: 'picture'; picture: P }
	/** It answered, but not with an image. */
	| { kind: 'notAnImage'; detail: string }
	| HttpOutcome;

/**
 * Stores the picture behind a URL in the host; redirects are followed, the key is not sent. `baseName`
 * is the file name without its extension. Never rejects.
 */
export type FetchPicture<P> = (url: string, baseName: string) => Promise<FetchedPicture<P>>;

/** An image and the name its file is to have, without extension. */
export interface WantedPicture {
	image: AiutaImage;
	baseName: string;
}

export type DownloadOutcome<P> =
	| { kind: 'downloaded'; pictures: P[]; images: AiutaImage[] }
	| { kind: 'failed'; detail: string }
	| { kind: 'cancelled' };

type PictureOutcome<P> =
	| { kind: 'picture'; picture: P }
	| { kind: 'expired'; detail: string }
	| { kind: 'failed'; detail: string }
	| { kind: 'cancelled' };

function describe(outcome: HttpOutcome | { kind: 'notAnImage'; detail: string }): string {
	if (outcome.kind === 'notAnImage') return outcome.detail;
	if (outcome.kind === 'response') return `the file host answered HTTP ${outcome.status}`;
	if (outcome.kind === 'aborted') return 'the execution was stopped';
	return `the connection to the file host failed with ${outcome.code}`;
}

function faultOfFetch(outcome: HttpOutcome | { kind: 'notAnImage' }): FaultClass {
	switch (outcome.kind) {
		case 'notAnImage':
			return 'badBody';
		case 'response':
			return classifyStatus(outcome.status) ?? 'badBody';
		case 'certificateError':
			return 'certificate';
		default:
			return outcome.kind;
	}
}

export class Downloads<P> {
	/** File names of the run, each of them given once. */
	readonly names = new PictureNames();

	private readonly limiter = new Limiter(MAX_DOWNLOADS);

	constructor(
		private readonly run: Run,
		private readonly fetchPicture: FetchPicture<P>,
	) {}

	/** Download one picture that belongs to no operation we know of. */
	async one(url: string, baseName: string): Promise<PictureOutcome<P>> {
		return await this.limiter.run(async () => await this.fetchWithRetries(url, baseName));
	}

	/**
	 * Download all pictures of one operation; if one has expired, ask for the operation once more and
	 * use its fresh URLs.
	 */
	async ofOperation(operationId: string, wanted: WantedPicture[]): Promise<DownloadOutcome<P>> {
		const images = wanted.map(({ image }) => image);
		let current = images;
		let isRenewed = false;
		const pictures: P[] = [];
		for (const [index, { image, baseName }] of wanted.entries()) {
			let outcome = await this.one((current[index] ?? image).url, baseName);
			if (outcome.kind === 'expired' && !isRenewed) {
				isRenewed = true;
				current = renewed(images, await this.lookUp(operationId));
				outcome = await this.one((current[index] ?? image).url, baseName);
			}
			if (outcome.kind === 'cancelled') return outcome;
			if (outcome.kind !== 'picture') return { kind: 'failed', detail: outcome.detail };
			pictures.push(outcome.picture);
		}
		return { kind: 'downloaded', pictures, images: current };
	}

	private async lookUp(operationId: string): Promise<AiutaImage[]> {
		const { generation } = this.run.settings;
		const result = await callApi(this.run, operationRequest(generation, operationId));
		return result.kind === 'ok' ? result.answer.images : [];
	}

	private async fetchWithRetries(url: string, baseName: string): Promise<PictureOutcome<P>> {
		const { clock } = this.run.ports;
		const isStopped = () => this.run.isCancelled;
		for (let retries = 0; ; retries += 1) {
			if (isStopped()) return { kind: 'cancelled' };
			const outcome = await this.fetchPicture(url, baseName);
			if (outcome.kind === 'picture') return outcome;
			const verdict = decide('download', faultOfFetch(outcome), retries);
			const detail = describe(outcome);
			if (verdict.kind === 'cancelled') return { kind: 'cancelled' };
			if (verdict.kind === 'missing') return { kind: 'expired', detail };
			if (verdict.kind !== 'retry') return { kind: 'failed', detail };
			await waitMs(clock, retryDelayMs(retries + 1, clock.random()), isStopped);
		}
	}
}

/**
 * The images with their fresh URLs: of the same ID, or else the n-th of the same type. The list may
 * stand in another order; an image that is not in it keeps its old URL.
 */
function renewed(images: AiutaImage[], fresh: AiutaImage[]): AiutaImage[] {
	const isListed = new Set(images.map(({ id }) => id));
	const unnamed = fresh.filter(({ id }) => !isListed.has(id));
	return images.map((image) => {
		const same = fresh.find(({ id }) => id === image.id);
		if (same !== undefined) return same;
		const index = unnamed.findIndex((other) => imageTypeOf(other) === imageTypeOf(image));
		return index < 0 ? image : (unnamed.splice(index, 1)[0] ?? image);
	});
}
