/**
 * What the user asked for, checked and free of n8n: the input of the batch engine. `inputs/` builds it
 * from parameters before anything is sent.
 */
import type { Failure } from '../api/failures';
import type { PhotoFile } from '../api/requests';
import type { CreateInput, ImageReference } from '../api/types';
import type { Place } from './records';

/** A photo in memory. */
export interface OpenedPhoto extends PhotoFile {
	kind: 'opened';
	/** Hash of the bytes: the same photo is uploaded once in a run. */
	contentHash: string;
}

export type OpenedImage = OpenedPhoto | { kind: 'failed'; failure: Failure };

/** A photo that is opened when its turn to be uploaded comes near, and not before. */
export interface ImageSource {
	/** The photo in messages: the name of its file, or its URL. */
	label: string;
	/** Where the item has it, for the details of a message; undefined where the label says so. */
	place?: string | undefined;
	/**
	 * The host that a photo is fetched from, undefined for one that lies in n8n's store. Only a few
	 * photos of one host are opened at once, so that a slow one does not hold up the others; `open` may
	 * give up at once on a host that does not answer.
	 */
	host: string | undefined;
	/**
	 * Tell photos apart across tries: a hash of the bytes, or the URL of a photo that is fetched; never an
	 * ID of the host, which is another in a retry. Undefined when it cannot be read. Never rejects.
	 */
	identity: () => Promise<string | undefined>;
	/** Load the bytes; never rejects. */
	open: () => Promise<OpenedImage>;
}

export interface ProductPlan {
	/** Input items of this product; the first one gives the fields. */
	itemIndexes: [number, ...number[]];
	productId: string | undefined;
	/**
	 * Photos to upload first, or what the create request refers to as it is. `notRead`: every operation
	 * of this product is in the journal, so no photo was looked at.
	 */
	images: { kind: 'sources'; sources: ImageSource[] } | { kind: 'notRead' } | ImageReference;
	/** A background picture to upload (Unified). */
	background: ImageSource | undefined;
	fields: Pick<CreateInput, 'product' | 'options'>;
	/** One create each. */
	operations: Place[];
}

/** What a product uploads: its photos, then its background. */
export function sourcesOf({ images, background }: ProductPlan): ImageSource[] {
	const photos = images.kind === 'sources' ? images.sources : [];
	return background === undefined ? photos : [...photos, background];
}
