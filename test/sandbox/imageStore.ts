/** The pictures the API knows: uploads, copies of linked photos, and generated pictures. */
import { createHash, randomUUID } from 'node:crypto';
import { decodeImage, fetchPhoto, type DecodedImage } from './photos';
import type { Picture } from './pictures/picture';
import type { Generation } from './types';

/** A photo a picture can be made from. */
export interface Photo {
	/** Same for the same photo: the hash of its bytes, or its URL. */
	identity: string;
	/** Path of the sandbox's copy on the file host. */
	path: string;
	/** The bytes, or undefined where the sandbox has none (dropped, or not on this machine). */
	bytes(): Promise<Buffer | undefined>;
}

export interface UploadedImage extends Photo, DecodedImage {
	id: string;
	generation: Generation;
}

export interface GeneratedImage {
	id: string;
	generation: Generation;
	/** The only token the file host lets through; changes when a URL is renewed. */
	token: string;
	missing: boolean;
	picture: Picture;
}

/** Holds pictures by ID. Every upload gets a new, unpredictable ID, also for the same bytes. */
export class ImageStore {
	readonly uploads = new Map<string, UploadedImage>();

	readonly linked = new Map<string, Photo>();

	readonly generated = new Map<string, GeneratedImage>();

	private readonly decoded = new Map<string, DecodedImage>();

	private downloads = new AbortController();

	/** Keep an upload; undefined when the bytes are not a picture. */
	async addUpload(
		generation: Generation,
		bytes: Buffer,
		keepBytes: boolean,
	): Promise<(UploadedImage & { sha256: string }) | undefined> {
		const sha256 = createHash('sha256').update(bytes).digest('hex');
		const format = this.decoded.get(sha256) ?? (await decodeImage(bytes, keepBytes));
		if (format === undefined) return undefined;
		this.decoded.set(sha256, format);
		const id = randomUUID();
		const kept = keepBytes ? bytes : undefined;
		const image = {
			...format,
			id,
			generation,
			sha256,
			identity: sha256,
			path: `/uploads/${id}.${format.extension}`,
			bytes: async () => await Promise.resolve(kept),
		};
		this.uploads.set(id, image);
		return image;
	}

	/** Keep a copy of a linked photo; loading starts now, as the API does, and failing is no error. */
	addLinked(url: string, load: boolean): Photo {
		const id = randomUUID();
		const loaded = load
			? fetchPhoto(url, this.downloads.signal)
			: Promise.resolve<Buffer | undefined>(undefined);
		const photo = { identity: url, path: `/linked/${id}`, bytes: async () => await loaded };
		this.linked.set(id, photo);
		return photo;
	}

	addGenerated(generation: Generation, picture: Picture, missing: boolean): GeneratedImage {
		const image = { id: randomUUID(), generation, token: randomUUID(), missing, picture };
		this.generated.set(image.id, image);
		return image;
	}

	/** Find an upload of this generation of the API; the others' images are unknown to it. */
	findUpload(generation: Generation, id: string): UploadedImage | undefined {
		const image = this.uploads.get(id);
		return image?.generation === generation ? image : undefined;
	}

	deleteUpload(generation: Generation, id: string): boolean {
		return this.findUpload(generation, id) !== undefined && this.uploads.delete(id);
	}

	deleteGenerated(generation: Generation, id: string): boolean {
		const image = this.generated.get(id);
		return image?.generation === generation && this.generated.delete(id);
	}

	/** Forget everything and end downloads that are under way. */
	clear(): void {
		this.downloads.abort();
		this.downloads = new AbortController();
		this.uploads.clear();
		this.linked.clear();
		this.generated.clear();
		this.decoded.clear();
	}
}
