/**
 * Every request that goes to Aiuta, as data: its path, its body, how long it may take, and what counts
 * as its answer. Nothing else builds a path.
 */
import type { HttpRequest } from '../core/http';
import { isJsonObject, nonEmptyString, type JsonObject } from '../core/json';
import type { Call } from './faults';
import { readImage, readOperation, type Generation } from './generation';
import type { AiutaImage, AiutaOperation } from './types';

/** How long one exchange may take in all, from the first byte sent to the last one received. */
const TIMEOUT_MS = { upload: 120_000, create: 60_000, get: 30_000, delete: 30_000 } as const;

/** `Body_upload_user_image_uploaded_images_post`: the same part name in all three specs. */
const PHOTO_FIELD = 'image_data';

export interface ApiRequest<Answer> {
	/** Column of the fault table. */
	call: Exclude<Call, 'download'>;
	http: HttpRequest;
	/** Read the JSON of a 2xx (nothing, of a 204); undefined when it is not the answer asked for. */
	read: (body: unknown) => Answer | undefined;
}

export interface PhotoFile {
	fileName: string;
	contentType: string;
	bytes: Uint8Array;
}

/** What the answer to a create says, the untouched body with it. */
export interface CreatedOperation {
	operationId: string;
	body: JsonObject;
}

export type ImageCollection = 'uploaded_images' | 'generated_images';

/** Upload one photo. */
export function uploadRequest(
	{ basePath }: Generation,
	{ fileName, contentType, bytes }: PhotoFile,
): ApiRequest<AiutaImage> {
	const body = { kind: 'file', fieldName: PHOTO_FIELD, fileName, contentType, bytes } as const;
	return {
		call: 'upload',
		http: {
			method: 'POST',
			path: `${basePath}/uploaded_images`,
			body,
			timeoutMs: TIMEOUT_MS.upload,
		},
		read: readImage,
	};
}

/**
 * Create one operation: what costs money.
 *
 * @param outlivesStop wait for the answer although the execution is stopped meanwhile: somebody keeps the ID
 */
export function createRequest(
	{ basePath }: Generation,
	json: JsonObject,
	outlivesStop = false,
): ApiRequest<CreatedOperation> {
	return {
		call: 'create',
		http: {
			method: 'POST',
			path: `${basePath}/flat_lay_operations`,
			body: { kind: 'json', json },
			timeoutMs: TIMEOUT_MS.create,
			...(outlivesStop ? { outlivesStop } : {}),
		},
		read: readCreated,
	};
}

/** Ask for the state of one operation. */
export function operationRequest(
	generation: Generation,
	operationId: string,
): ApiRequest<AiutaOperation> {
	return {
		call: 'get',
		http: {
			method: 'GET',
			path: `${generation.basePath}/flat_lay_operations/${encodeURIComponent(operationId)}`,
			timeoutMs: TIMEOUT_MS.get,
		},
		read: (body) => readOperation(generation, body),
	};
}

/** Ask for an uploaded image. */
export function imageRequest(generation: Generation, imageId: string): ApiRequest<AiutaImage> {
	return {
		call: 'get',
		http: {
			method: 'GET',
			path: imagePath(generation, 'uploaded_images', imageId),
			timeoutMs: TIMEOUT_MS.get,
		},
		read: readImage,
	};
}

/** Delete an image. */
export function deleteImageRequest(
	generation: Generation,
	collection: ImageCollection,
	imageId: string,
): ApiRequest<true> {
	return {
		call: 'delete',
		http: {
			method: 'DELETE',
			path: imagePath(generation, collection, imageId),
			timeoutMs: TIMEOUT_MS.delete,
		},
		read: () => true,
	};
}

function imagePath({ basePath }: Generation, collection: ImageCollection, imageId: string): string {
	return `${basePath}/${collection}/${encodeURIComponent(imageId)}`;
}

/** Read the answer to a create; undefined without an operation ID. */
export function readCreated(body: unknown): CreatedOperation | undefined {
	if (!isJsonObject(body)) return undefined;
	const operationId = nonEmptyString(body['operation_id']);
	return operationId === undefined ? undefined : { operationId, body };
}

export interface SkuPage {
	skus: Array<{ id: string; title: string | undefined }>;
	/** Where the next page begins; undefined on the last one. */
	nextOffset: number | undefined;
}

/** Ask for a page of the catalogue (Unified). */
export function skuItemsRequest(
	{ basePath }: Generation,
	offset: number,
	limit: number,
): ApiRequest<SkuPage> {
	return {
		call: 'get',
		http: {
			method: 'GET',
			path: `${basePath}/sku_items?offset=${offset}&limit=${limit}`,
			timeoutMs: TIMEOUT_MS.get,
		},
		read: (body) => readSkuPage(body, offset),
	};
}

function readSkuPage(body: unknown, offset: number): SkuPage | undefined {
	const items: unknown = isJsonObject(body) ? body['items'] : undefined;
	if (!isJsonObject(body) || !Array.isArray(items)) return undefined;
	const skus = items.flatMap((item: unknown) => {
		const id = isJsonObject(item) ? nonEmptyString(item['sku_id']) : undefined;
		if (!isJsonObject(item) || id === undefined) return [];
		const { product_info: info } = item;
		return [{ id, title: isJsonObject(info) ? nonEmptyString(info['title']) : undefined }];
	});
	const next = body['next_offset'];
	// A next page that is not further on would be read for ever.
	return { skus, nextOffset: typeof next === 'number' && next > offset ? next : undefined };
}
