/**
 * Uploads photos. A photo is opened before its request asks for a slot, so that a slow source does not
 * keep others waiting. An upload costs nothing, so every doubtful outcome may be repeated.
 */
import { codeOfFault } from '../api/faultCodes';
import { failure, type Failure } from '../api/failures';
import { uploadRequest } from '../api/requests';
import type { AiutaImage } from '../api/types';
import { isCutShort, SIGNATURE_BYTES, TAIL_BYTES } from '../core/fileSignature';
import { callApi, refusal, type Fault } from './call';
import { OpenPhotos, type HeldPhoto } from './openPhotos';
import type { ImageSource, OpenedPhoto } from './plan';
import type { Run } from './run';

export type UploadOutcome =
	| { kind: 'uploaded'; image: AiutaImage; fileName: string }
	| { kind: 'failed'; failure: Failure }
	/** The run may start nothing new; the reason is the run's. */
	| { kind: 'notStarted' }
	| { kind: 'cancelled' };

type OnFailure = (cause: Failure) => void;

const IGNORE: OnFailure = () => undefined;

/** Upload photos for one run. */
export class Uploads {
	private readonly photos = new OpenPhotos();

	/** The upload of each content that is under way or has succeeded. */
	private readonly byContent = new Map<string, Promise<UploadOutcome>>();

	constructor(private readonly run: Run) {}

	/**
	 * Upload a photo, unless the run has uploaded the same bytes already: then they keep their ID.
	 *
	 * @param onFailure told at once, while the caller may still wait for other photos
	 */
	async once(source: ImageSource, onFailure: OnFailure = IGNORE): Promise<UploadOutcome> {
		const { opened, release } = await this.open(source, onFailure);
		try {
			if (opened.kind !== 'opened') return this.notOpened(opened);
			const { contentHash, fileName } = opened;
			let underWay = this.byContent.get(contentHash);
			while (underWay !== undefined) {
				const outcome = await underWay;
				if (outcome.kind === 'uploaded') return { ...outcome, fileName };
				// That upload of the same bytes failed; the next one speaks for itself.
				underWay = this.byContent.get(contentHash);
			}
			const upload = this.send(source, opened, onFailure);
			this.byContent.set(contentHash, upload);
			const outcome = await upload;
			if (outcome.kind !== 'uploaded') this.byContent.delete(contentHash);
			return outcome;
		} finally {
			release();
		}
	}

	/** Upload a photo: the same bytes twice are two images. */
	async anew(source: ImageSource): Promise<UploadOutcome> {
		const { opened, release } = await this.open(source);
		try {
			if (opened.kind !== 'opened') return this.notOpened(opened);
			return await this.send(source, opened);
		} finally {
			release();
		}
	}

	private async open(source: ImageSource, onFailure = IGNORE): Promise<HeldPhoto> {
		const held = await this.photos.open(source.host, async () =>
			this.run.mayStart ? await source.open() : { kind: 'withheld' },
		);
		if (held.opened.kind === 'failed') onFailure(held.opened.failure);
		return held;
	}

	private notOpened(opened: Exclude<HeldPhoto['opened'], OpenedPhoto>): UploadOutcome {
		return opened.kind === 'failed' ? opened : this.notSent();
	}

	private async send(
		source: ImageSource,
		photo: OpenedPhoto,
		onFailure = IGNORE,
	): Promise<UploadOutcome> {
		const { run } = this;
		run.ports.scheduler.noteUploadSize(photo.bytes.length);
		const result = await callApi(run, uploadRequest(run.settings.generation, photo), {
			mayLeave: () => run.halt === undefined,
		});
		if (result.kind === 'ok') {
			return { kind: 'uploaded', image: result.answer, fileName: photo.fileName };
		}
		if (result.kind !== 'fault') return this.notSent();
		const cause = uploadFailure(result, source, photo);
		onFailure(cause);
		return { kind: 'failed', failure: cause };
	}

	private notSent(): UploadOutcome {
		return { kind: this.run.isCancelled ? 'cancelled' : 'notStarted' };
	}
}

function uploadFailure(fault: Fault, { label, place }: ImageSource, photo: OpenedPhoto): Failure {
	if (fault.verdict === 'stop') return refusal(fault.fault, fault.detail);
	const where = place === undefined ? undefined : `it is ${place}`;
	const said = [where, fault.detail].filter((one) => one !== undefined);
	const detail = said.length === 0 ? undefined : said.join('; ');
	const code = codeOfFault(fault.fault, 'UPLOAD_REFUSED', 'UPLOAD_FAILED');
	if (code !== 'UPLOAD_REFUSED') {
		const message =
			code === 'UPLOAD_FAILED' ? `The photo ${label} could not be uploaded` : undefined;
		return failure(code, message, { detail });
	}
	const message = `Aiuta refused the photo ${label}`;
	const flaw = flawOf(photo);
	if (flaw === undefined) return failure(code, message, { detail });
	return failure(code, `${message}: ${flaw.what}`, { description: flaw.advice, detail });
}

/** What its bytes say about a photo that was refused; which formats Aiuta takes, its specs do not say. */
function flawOf({ contentType, bytes }: OpenedPhoto): { what: string; advice: string } | undefined {
	if (/^image\/hei[cf]/.test(contentType)) {
		return {
			what: 'it is a HEIC file, as iPhones make them',
			advice:
				'Convert it to JPEG, for example with Preview on a Mac (File > Export) or Photos on Windows, or set Camera > Formats on the iPhone to Most Compatible.',
		};
	}
	const head = bytes.subarray(0, SIGNATURE_BYTES);
	if (!isCutShort(contentType, head, bytes.subarray(-TAIL_BYTES), bytes.length)) return undefined;
	return {
		what: 'it is broken, its end is missing',
		advice: 'Look at the node that reads or downloads the photo, or replace the photo.',
	};
}
