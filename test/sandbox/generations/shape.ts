/**
 * What differs between the generations of the API, as one table of shapes; the routes themselves
 * are written once, in `apiRoutes.ts`.
 */
import type { Answer, FieldError } from '../answer';
import type { Generation } from '../types';

export interface ImageType {
	flat_lay_type: 'flat' | 'ghost_mannequin' | 'detail';
	viewpoint: 'front' | 'back';
}

export interface Background {
	background_type: 'arbitrary' | 'transparent' | 'reference_color' | 'reference_image';
	reference_color?: string | null;
	reference_image_id?: string | null;
}

export interface Size {
	width: number;
	height: number;
}

export interface Paddings {
	top: number;
	bottom: number;
	left: number;
	right: number;
}

/** How the picture should look. */
export interface Look {
	background: Background;
	size: Size | null;
	paddings: Paddings | null;
}

/** A create body that passed every check a body alone can be put to, in the terms of all generations. */
export interface CreateRequest {
	imageIds: string[];
	imageUrls: string[];
	skuId: string | null;
	productId: string | null;
	title: string | null;
	/** Everything in which outcome words are looked for. */
	text: string;
	imageTypes: ImageType[];
	picturesPerType: number;
	look: Look;
	/** The inline product without the IDs of uploaded images, which answers never show. */
	product: Record<string, unknown> | null;
	/** The body as accepted. */
	body: Record<string, unknown>;
}

export type ReadCreate =
	{ kind: 'accepted'; request: CreateRequest } | { kind: 'refused'; answer: Answer };

/** An image object as the API shows it. */
export interface ApiImage {
	id: string;
	url: string;
	owner_type: 'user';
	expires_at?: string;
}

/** An operation at one moment. */
export interface OperationView {
	id: string;
	status: string;
	error: string | null;
	/** Pictures per image type, in the order asked for; null before SUCCESS. */
	pictures: ApiImage[][] | null;
	/** Where the API keeps its copies of the product's photos. */
	sourceUrls: string[];
	request: CreateRequest;
}

export interface ApiShape {
	generation: Generation;
	basePath: string;
	createdStatus: 200 | 201;
	/** Do image objects carry `expires_at`? */
	imagesExpire: boolean;
	/** Is there a list of SKU items? */
	hasSkuItems: boolean;
	/** Check a parsed create body and put it in common terms. */
	readCreate(body: unknown): ReadCreate;
	/** Refuse image IDs that were never uploaded, or are deleted. */
	unknownImages(ids: string[]): Answer;
	unknownOperation(operationId: string): Answer;
	render(view: OperationView): Record<string, unknown>;
}

/** Write an image type as one word, for example `ghost_mannequin_back`. */
export function imageTypeName(type: ImageType): string {
	return `${type.flat_lay_type}_${type.viewpoint}`;
}

/** Refuse a create body. */
export function refused(...errors: FieldError[]): ReadCreate {
	return { kind: 'refused', answer: { status: 422, json: { detail: errors } } };
}
