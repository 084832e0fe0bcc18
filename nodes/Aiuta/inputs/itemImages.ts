/** The photos of an item as they were read, and what is asked of them: how many, joined, told apart. */
import type { ImageReference } from '../api/types';
import type { ImageSource } from '../batch/plan';

/** Photos to upload first, or what the create request refers to as it is. */
export type ItemImages = { kind: 'sources'; sources: ImageSource[] } | ImageReference;

/** How many images a product has; a SKU brings its own. */
export function countImages(images: ItemImages): number | undefined {
	switch (images.kind) {
		case 'sources':
			return images.sources.length;
		case 'uploadedImageIds':
			return images.ids.length;
		case 'imageUrls':
			return images.urls.length;
		case 'sku':
			return undefined;
	}
}

/** Add the images of another item of the same product, which are of the same kind. */
export function joinImages(images: ItemImages, more: ItemImages): ItemImages {
	if (images.kind === 'sources' && more.kind === 'sources') {
		return { kind: 'sources', sources: [...images.sources, ...more.sources] };
	}
	if (images.kind === 'uploadedImageIds' && more.kind === 'uploadedImageIds') {
		return { kind: 'uploadedImageIds', ids: [...images.ids, ...more.ids] };
	}
	if (images.kind === 'imageUrls' && more.kind === 'imageUrls') {
		return { kind: 'imageUrls', urls: [...images.urls, ...more.urls] };
	}
	return images;
}

/** What identifies the images across re-runs of the execution. */
export function fingerprintOf(images: ItemImages): unknown {
	return images.kind === 'sources' ? images.sources.map((source) => source.fingerprint) : images;
}
