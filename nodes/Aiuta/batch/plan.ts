/**
 * What the user asked for, checked and free of n8n: the input of the batch engine. `actions/` builds
 * it from parameters before anything is sent.
 */
import type { Failure } from '../api/failures';
import type { CreateInput, ImageReference, ImageType } from '../api/types';

export type OpenedImage =
	| {
			kind: 'opened';
			fileName: string;
			contentType: string;
			bytes: Uint8Array;
			/** Hash of the bytes: the same photo is uploaded once in a run. */
			contentHash: string;
	  }
	| { kind: 'failed'; failure: Failure };

/** A photo that is opened when its turn to be uploaded comes, and not before. */
export interface ImageSource {
	/** For messages, e.g. `data (front.jpg)`. */
	label: string;
	/** Identifies the source across re-runs: the host's binary ID, a hash of the bytes, or a URL. */
	fingerprint: string;
	/** Load the bytes; never rejects. */
	open: () => Promise<OpenedImage>;
}

export interface OperationPlan {
	/** Image types of this one operation; empty where the API has none. */
	imageTypes: ImageType[];
	/** Where the journal keeps this operation; stable across re-runs of the execution. */
	journalKey: string;
}

export interface ProductPlan {
	/** Input items of this product; the first one gives the fields. */
	itemIndexes: [number, ...number[]];
	productId: string | undefined;
	/** Photos to upload first, or what the create request refers to as it is. */
	images: { kind: 'sources'; sources: ImageSource[] } | ImageReference;
	/** A background picture to upload (Unified). */
	background: ImageSource | undefined;
	fields: Pick<CreateInput, 'product' | 'options'>;
	operations: OperationPlan[];
}
