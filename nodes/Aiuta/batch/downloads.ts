/**
 * Fetches generated pictures from the file host, which never sees the key. A picture that has expired
 * is looked up once more; one that cannot be had leaves its URL behind.
 */
import type { AiutaImage, AiutaOperation } from '../api/types';
import { PictureNames } from '../api/fileName';
import { readOperation } from '../api/generation';
import { classifyStatus, decide, type FaultClass } from '../api/faults';
import { retryDelayMs } from '../core/backoff';
import type { HttpOutcome } from '../core/http';
import { Limiter } from '../core/limiter';
import { waitMs } from '../core/wait';
import { callApi } from './call';
import { getOperationSpec } from './follow';
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
	if (outcome.kind === 'response') return `HTTP ${outcome.status}`;
	return outcome.kind === 'aborted' ? 'stopped' : outcome.code;
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
	 *
	 * @param baseNames one file name without extension for each image, in their order
	 */
	async ofOperation(
		operationId: string,
		images: AiutaImage[],
		baseNames: string[],
	): Promise<DownloadOutcome<P>> {
		let current = images;
		let isRefreshed = false;
		const pictures: P[] = [];
		while (pictures.length < current.length) {
			const index = pictures.length;
			const url = current[index]?.url ?? '';
			const outcome = await this.one(url, baseNames[index] ?? operationId);
			if (outcome.kind === 'picture') {
				pictures.push(outcome.picture);
				continue;
			}
			if (outcome.kind === 'cancelled') return outcome;
			if (outcome.kind === 'failed' || isRefreshed) {
				return { kind: 'failed', detail: outcome.detail };
			}
			isRefreshed = true;
			current = (await this.refresh(operationId))?.images ?? current;
		}
		return { kind: 'downloaded', pictures, images: current };
	}

	private async refresh(operationId: string): Promise<AiutaOperation | undefined> {
		const result = await callApi(this.run, getOperationSpec(this.run, operationId));
		if (result.kind !== 'ok') return undefined;
		return readOperation(this.run.settings.generation, result.body);
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
