/**
 * Uploads photos, each of them once in a run: the same bytes met again reuse the image ID. An upload
 * costs nothing, so every doubtful outcome may be repeated.
 */
import type { FailureCode } from '../api/failureCatalogue';
import { failure, type Failure } from '../api/failures';
import { codeOfFault } from '../api/faultCodes';
import { readImage } from '../api/generation';
import type { AiutaImage } from '../api/types';
import type { HttpRequest } from '../core/http';
import { callApi, refusal, type Fault } from './call';
import type { ImageSource, OpenedImage } from './plan';
import type { Run } from './run';

/** batch-wide bound for one upload. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** `Body_upload_user_image_uploaded_images_post`: the same part name in all three specs. */
const FIELD_NAME = 'image_data';

export type UploadOutcome =
	| { kind: 'uploaded'; image: AiutaImage; fileName: string }
	| { kind: 'failed'; failure: Failure }
	/** The run may start nothing new; the reason is the run's. */
	| { kind: 'notStarted' }
	| { kind: 'cancelled' };

/** Upload photos for one run. */
export class Uploads {
	/** Image of each content hash, or its upload that is under way. */
	private readonly known = new Map<string, Promise<AiutaImage | undefined>>();

	constructor(private readonly run: Run) {}

	/**
	 * Upload a photo unless its bytes are uploaded already.
	 *
	 * @param fresh ignore what is known: Aiuta says that the image is gone
	 */
	async upload(source: ImageSource, fresh = false): Promise<UploadOutcome> {
		let mayReuse = !fresh;
		for (;;) {
			const tried = await this.uploadOrFind(source, mayReuse);
			if (tried.kind !== 'busy') return tried;
			const image = await tried.underWay;
			if (image !== undefined) return { kind: 'uploaded', image, fileName: tried.fileName };
			// The other upload of the same bytes failed; this one speaks for itself.
			mayReuse = false;
		}
	}

	private async uploadOrFind(
		source: ImageSource,
		mayReuse: boolean,
	): Promise<
		UploadOutcome | { kind: 'busy'; underWay: Promise<AiutaImage | undefined>; fileName: string }
	> {
		const { generation } = this.run.settings;
		let opened: OpenedImage | undefined;
		let underWay: Promise<AiutaImage | undefined> | undefined;
		let publish: ((image: AiutaImage | undefined) => void) | undefined;

		const request = async (): Promise<HttpRequest | undefined> => {
			if (this.run.halt !== undefined) return undefined;
			opened = await source.open();
			if (opened.kind === 'failed') return undefined;
			const { contentHash, contentType, fileName, bytes } = opened;
			this.run.ports.scheduler.notePhoto(bytes.length);
			if (mayReuse && publish === undefined) {
				underWay = this.known.get(contentHash);
				if (underWay !== undefined) return undefined;
			}
			if (publish === undefined) {
				this.known.set(contentHash, new Promise((resolve) => (publish = resolve)));
			}
			return {
				method: 'POST',
				path: `${generation.basePath}/uploaded_images`,
				body: { kind: 'file', fieldName: FIELD_NAME, fileName, contentType, bytes },
				timeoutMs: UPLOAD_TIMEOUT_MS,
			};
		};

		const result = await callApi(this.run, {
			call: 'upload',
			queue: 'upload',
			request,
			accepts: (body) => readImage(body) !== undefined,
		});
		const image = result.kind === 'ok' ? readImage(result.body) : undefined;
		publish?.(image);
		if (opened?.kind === 'failed') return opened;
		const fileName = opened?.fileName ?? source.label;
		if (underWay !== undefined) return { kind: 'busy', underWay, fileName };
		if (image !== undefined) return { kind: 'uploaded', image, fileName };
		switch (result.kind) {
			case 'fault':
				return { kind: 'failed', failure: uploadFailure(result, source) };
			case 'skipped':
				return { kind: 'notStarted' };
			default:
				return { kind: 'cancelled' };
		}
	}
}

function uploadFailure(fault: Fault, { label }: ImageSource): Failure {
	if (fault.verdict === 'stop') return refusal(fault.fault, fault.detail);
	const code = codeOfFault(fault.fault, 'UPLOAD_REFUSED', 'UPLOAD_FAILED');
	const messages: Partial<Record<FailureCode, string>> = {
		UPLOAD_REFUSED: `Aiuta refused the photo ${label}`,
		UPLOAD_FAILED: `The photo ${label} could not be uploaded`,
	};
	return failure(code, messages[code], { detail: fault.detail });
}
