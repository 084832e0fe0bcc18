/**
 * What an API generation has to say about itself. Everything that is sent and read differently by Flat
 * Lays, Studio and Unified is behind this interface; the fields of the panel are in `inputs/`.
 */
import { isJsonObject, nonEmptyString, type JsonObject } from '../core/json';
import { operationState } from './status';
import type {
	AiutaImage,
	AiutaOperation,
	ApiName,
	CreateInput,
	ImageType,
	RuleViolation,
} from './types';

export interface Generation {
	readonly name: ApiName;
	/** As the `API` parameter shows it. */
	readonly label: string;
	/** Below the base URL, e.g. `/flat-lays/v1`. */
	readonly basePath: string;
	/** Whether the API fetches image URLs itself; if not, the node downloads and uploads them. */
	readonly takesImageUrls: boolean;
	/** What the credential's test asks for: a GET below `basePath` that needs the key and costs nothing. */
	readonly probePath: string;
	/** Split the types a user chose into one list for each operation. */
	operationsFor(imageTypes: ImageType[]): ImageType[][];
	/** Build the body of `POST {basePath}/flat_lay_operations`. */
	createBody(input: CreateInput): JsonObject;
	/** Rules that the spec states in prose or bounds, as far as they can be checked without sending. */
	violations(input: CreateInput): RuleViolation[];
	/** Find the generated images in an operation's body. */
	readImages(body: JsonObject): AiutaImage[];
	/** Find the types that an operation's body lists, with or without images. */
	readImageTypes?(body: JsonObject): string[];
}

/** Narrow an unknown value to an image object; undefined without a string `id` and `url`. */
export function readImage(value: unknown): AiutaImage | undefined {
	if (!isJsonObject(value)) return undefined;
	const id = nonEmptyString(value['id']);
	const url = nonEmptyString(value['url']);
	return id === undefined || url === undefined ? undefined : { ...value, id, url };
}

/** Narrow an unknown value to a list of image objects; what is not one is left out. */
export function readImageList(value: unknown): AiutaImage[] {
	if (!Array.isArray(value)) return [];
	return value.flatMap((entry) => readImage(entry) ?? []);
}

/** Copy the type and viewpoint that Studio and Unified state beside an image onto the image. */
export function withImageType(image: AiutaImage, imageType: unknown): AiutaImage {
	if (!isJsonObject(imageType)) return image;
	const { flat_lay_type: flatLayType, viewpoint } = imageType;
	return {
		...image,
		...(flatLayType === undefined ? {} : { flat_lay_type: flatLayType }),
		...(viewpoint === undefined ? {} : { viewpoint }),
	};
}

/**
 * Read an operation from a response body of the given generation.
 *
 * @returns undefined when the body is no operation object (no string `status`)
 */
export function readOperation(generation: Generation, body: unknown): AiutaOperation | undefined {
	if (!isJsonObject(body)) return undefined;
	const status = nonEmptyString(body['status']);
	if (status === undefined) return undefined;
	return {
		status,
		state: operationState(status),
		failureReason: nonEmptyString(body['error']) ?? null,
		images: generation.readImages(body),
		imageTypes: generation.readImageTypes?.(body) ?? [],
		body,
	};
}

/** The type that a result states for an image, as the `imageTypes` parameter spells it. */
export function imageTypeOf(image: JsonObject): string | undefined {
	const type = nonEmptyString(image['flat_lay_type']);
	const viewpoint = nonEmptyString(image['viewpoint']);
	return type === undefined || viewpoint === undefined ? undefined : `${type}_${viewpoint}`;
}

/** Keep the entries that have a value: an option left untouched sends nothing. */
export function definedOnly(entries: Record<string, JsonObject[string] | undefined>): JsonObject {
	const kept: JsonObject = {};
	for (const [key, value] of Object.entries(entries)) {
		if (value !== undefined) kept[key] = value;
	}
	return kept;
}
