/** The JSON that each API generation speaks, as far as the engine reads it. */
import type { ApiName } from '../../../nodes/Aiuta/api/types';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../nodes/Aiuta/core/json';

export interface CreateRequest {
	/** Product title and, where an operation is one image type, that type. */
	operationKey: string;
	imageIds: string[];
	imageTypes: string[];
}

function text(value: JsonValue | undefined): string {
	return typeof value === 'string' ? value : '';
}

function texts(value: JsonValue | undefined): string[] {
	return Array.isArray(value) ? value.map(text) : [];
}

function typeName(value: JsonValue | undefined): string {
	if (!isJsonObject(value)) return '';
	return `${text(value['flat_lay_type'])}_${text(value['viewpoint'])}`;
}

/** Read a create request the way the server of that generation does. */
export function readCreate(api: ApiName, body: JsonObject): CreateRequest {
	if (api === 'flatLays') {
		return {
			operationKey: text(body['product_title']),
			imageIds: texts(body['uploaded_product_image_ids']),
			imageTypes: [],
		};
	}
	const product = body['product_info'];
	const info: JsonObject = isJsonObject(product) ? product : {};
	const imageIds = texts(info['uploaded_image_ids']);
	if (api === 'studio') {
		const types = body['image_types'];
		const imageTypes = Array.isArray(types) ? types.map(typeName) : [];
		return { operationKey: text(info['title']), imageIds, imageTypes };
	}
	const imageType = typeName(body['image_type']);
	return { operationKey: `${text(info['title'])}/${imageType}`, imageIds, imageTypes: [imageType] };
}

function imageType(name: string): JsonObject {
	const cut = name.lastIndexOf('_');
	return { flat_lay_type: name.slice(0, cut), viewpoint: name.slice(cut + 1) };
}

/** Write an operation the way the server of that generation does. */
export function operationBody(
	api: ApiName,
	operation: { status: string; error: string | null; imageTypes: string[]; urls: string[] },
): JsonObject {
	const { status, error, urls } = operation;
	const images = urls.map((url): JsonObject => ({
		id: `image of ${url}`,
		url,
		owner_type: 'user',
	}));
	if (api === 'flatLays') return { status, error, generated_images: images };
	if (api === 'studio') {
		const results = operation.imageTypes.map((name, index): JsonObject => ({
			image_type: imageType(name),
			generated_images: images.slice(index, index + 1),
		}));
		return { status, error, generation_result: images.length === 0 ? [] : results };
	}
	return {
		status,
		error,
		image_type: imageType(operation.imageTypes[0] ?? ''),
		generated_image: images[0] ?? null,
	};
}
