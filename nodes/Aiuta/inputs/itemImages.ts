/** The photos of an item as they were read, and what is asked of them: how many, joined, told apart. */
import type { ProductPlan } from '../batch/plan';

export type ItemImages = ProductPlan['images'];

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
		case 'notRead':
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
	return more.kind === 'notRead' ? more : images;
}
