/**
 * What the rest of the package knows of Aiuta's data: one shape for every API generation. The raw
 * bodies are narrowed in the generation modules and nowhere else.
 */
import type { JsonObject } from '../core/json';

export type ApiName = 'flatLays' | 'studio' | 'unified';

export const FLAT_LAY_TYPES = ['flat', 'ghost_mannequin', 'detail'] as const;
export const VIEWPOINTS = ['front', 'back'] as const;

/** A picture to generate, as the `imageTypes` parameter spells it, e.g. `ghost_mannequin_back`. */
export type ImageType = `${(typeof FLAT_LAY_TYPES)[number]}_${(typeof VIEWPOINTS)[number]}`;

/**
 * An image object as the API sent it, `id` and `url` checked. Studio and Unified results also carry
 * `flat_lay_type` and `viewpoint`, which the node moves onto the image from around it.
 */
export type AiutaImage = JsonObject & { id: string; url: string };

/**
 * `succeeded` and `failed` are terminal. `unknown` is a status outside the seven of the specs: it is
 * reported as it is and polled on, never taken for success.
 */
export type OperationState = 'running' | 'succeeded' | 'failed' | 'unknown';

export interface AiutaOperation {
	/** The status word as the API sent it. */
	status: string;
	state: OperationState;
	/** The API's own error text for a failed operation. */
	failureReason: string | null;
	images: AiutaImage[];
	/** The types that the answer lists, whether there is an image of them or not. */
	imageTypes: string[];
	/** The untouched response body. */
	body: JsonObject;
}

/** The product fields of the create request; empty text has been left out already. */
export interface ProductFields {
	productId?: string;
	category?: string;
	title?: string;
	description?: string;
}

export type BackgroundType = 'arbitrary' | 'transparent' | 'reference_color' | 'reference_image';

/** Options of the create request; what the user left untouched is absent. */
export interface CreateOptions {
	operationPriority?: string;
	outputResolution?: string;
	numberOfGenerations?: number;
	qaMode?: string;
	brand?: string;
	color?: string;
	gender?: string;
	ageGroup?: string;
	storeUrl?: string;
	extra?: JsonObject;
	backgroundType?: string;
	backgroundColor?: string;
	/** True when a binary field supplies the background image, whose ID is known only after its upload. */
	hasBackgroundBinary?: boolean;
	backgroundImageId?: string;
	outputWidth?: number;
	outputHeight?: number;
	paddingTop?: number;
	paddingBottom?: number;
	paddingLeft?: number;
	paddingRight?: number;
}

/** Where the product's pictures come from, as the create request needs to know it. */
export type ImageReference =
	| { kind: 'uploadedImageIds'; ids: string[] }
	| { kind: 'imageUrls'; urls: string[] }
	| { kind: 'sku'; skuId: string };

export interface CreateInput {
	images: ImageReference;
	product: ProductFields;
	options: CreateOptions;
	/** The types to ask for in this one operation. */
	imageTypes: ImageType[];
}

/** A rule of the API that an input breaks, found before anything is sent. */
export interface RuleViolation {
	/** Name of the node's parameter. */
	parameter: string;
	message: string;
	description: string;
}
