/**
 * The rules that the OpenAPI files state in descriptions only, as an oracle for create bodies that fit
 * their schema already. Written apart from the node and from the sandbox, so that it can judge both.
 */
import type { ApiName } from '../../../nodes/Aiuta/api/types';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../nodes/Aiuta/core/json';

const MAX_IMAGES = 20;

function isGiven(value: JsonValue | undefined): value is JsonValue {
	return value !== undefined && value !== null;
}

function strings(value: JsonValue | undefined): string[] {
	return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function productProblems(product: JsonObject): string[] {
	const lists = [product['image_urls'], product['uploaded_image_ids']].filter(isGiven);
	const problems = lists.length === 1 ? [] : ['not exactly one list of images'];
	for (const list of lists) {
		const { length } = strings(list);
		if (length < 1 || length > MAX_IMAGES) problems.push(`${length} images`);
	}
	const urls = [...strings(product['image_urls']), ...strings([product['store_url'] ?? null])];
	// The schema says "uri"; that the API fetches it, or a shop shows it, makes it a web address.
	if (urls.some((url) => !/^https?:\/\//.test(url))) problems.push('a URL that is not on the web');
	return problems;
}

function backgroundProblems(background: JsonObject): string[] {
	const { background_type: type, reference_color: color, reference_image_id: image } = background;
	const problems: string[] = [];
	if (isGiven(color) !== (type === 'reference_color')) problems.push('colour and type disagree');
	if (isGiven(image) !== (type === 'reference_image')) problems.push('image and type disagree');
	if (typeof color === 'string' && !/^#[0-9a-f]{6}$/i.test(color)) problems.push('no hex colour');
	return problems;
}

/** A picture has at least one pixel each way, and a margin is not negative. */
function layoutProblems(body: JsonObject): string[] {
	const least = { output_image_size: 1, output_image_paddings: 0 };
	return Object.entries(least).flatMap(([field, minimum]) => {
		const lengths = body[field];
		const isTooSmall = (length: JsonValue) => typeof length === 'number' && length < minimum;
		return isJsonObject(lengths) && Object.values(lengths).some(isTooSmall) ? [field] : [];
	});
}

function imageIds(body: JsonObject): string[] {
	const { product_info: product, background_settings: background } = body;
	return [
		...strings(body['uploaded_product_image_ids']),
		...(isJsonObject(product) ? strings(product['uploaded_image_ids']) : []),
		...(isJsonObject(background) ? strings([background['reference_image_id'] ?? null]) : []),
	];
}

/**
 * Find what is wrong with a create body beyond its schema.
 *
 * @param known IDs of the images that exist; every ID is believed without it
 */
export function proseProblems(api: ApiName, body: JsonObject, known?: Set<string>): string[] {
	const { product_info: product, background_settings: background, image_types: types } = body;
	const problems = [
		...(isJsonObject(product) ? productProblems(product) : []),
		...(isJsonObject(background) ? backgroundProblems(background) : []),
		...layoutProblems(body),
	];
	if (Array.isArray(types)) {
		const spelled = types
			.filter(isJsonObject)
			.map(({ flat_lay_type: type, viewpoint }) => JSON.stringify([type, viewpoint]));
		if (new Set(spelled).size !== spelled.length) problems.push('a repeated image type');
	}
	if (api === 'unified') {
		if (isGiven(product) === isGiven(body['sku_id'])) problems.push('not exactly one product');
		if (body['qa_mode'] === 'human' && body['operation_priority'] !== 'offline') {
			problems.push('human review that is not offline');
		}
	}
	if (known !== undefined && imageIds(body).some((id) => !known.has(id))) {
		problems.push('an image that does not exist');
	}
	return problems;
}
