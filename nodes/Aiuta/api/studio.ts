/** The Studio API, `/studio/v1`: several image types in one operation. Contract: its OpenAPI file. */
import type { JsonObject } from '../core/json';
import { isJsonObject } from '../core/json';
import { choiceViolations, PRIORITIES } from './choices';
import {
	definedOnly,
	imageTypeOf,
	readImageList,
	withImageType,
	type Generation,
} from './generation';
import {
	imageFields,
	imageTypeObject,
	imageTypeViolations,
	layoutFields,
	layoutViolations,
} from './createBody';
import type { AiutaImage, CreateInput, RuleViolation } from './types';

/** `number_of_generations`: minimum 1, maximum 4 (GenerateFlatLayImagesRequest). */
const MAX_GENERATIONS = 4;

function resultsOf(body: JsonObject): JsonObject[] {
	const results = body['generation_result'];
	return Array.isArray(results) ? results.filter(isJsonObject) : [];
}

function readImages(body: JsonObject): AiutaImage[] {
	return resultsOf(body).flatMap((result) =>
		readImageList(result['generated_images']).map((image) =>
			withImageType(image, result['image_type']),
		),
	);
}

function readImageTypes(body: JsonObject): string[] {
	return resultsOf(body).flatMap(({ image_type: type }) =>
		isJsonObject(type) ? (imageTypeOf(type) ?? []) : [],
	);
}

function generationCountViolations({ options }: CreateInput): RuleViolation[] {
	const count = options.numberOfGenerations;
	if (count === undefined) return [];
	if (Number.isInteger(count) && count >= 1 && count <= MAX_GENERATIONS) return [];
	return [
		{
			parameter: 'numberOfGenerations',
			message: `it must be a whole number from 1 to ${MAX_GENERATIONS}, not ${count}`,
			description: 'Each generation is a separate variant of every image type, and is paid for.',
		},
	];
}

export const studio: Generation = {
	name: 'studio',
	label: 'Studio',
	basePath: '/studio/v1',
	takesImageUrls: true,
	probePath: '/flat_lay_operations/flatlay_op-00000000-0000-4000-8000-000000000000',
	operationsFor: (imageTypes) => [imageTypes],
	createBody: (input) => {
		const { product, options } = input;
		return definedOnly({
			product_info: definedOnly({
				id: product.productId,
				...imageFields(input),
				category: product.category,
				title: product.title,
				description: product.description,
			}),
			image_types: input.imageTypes.map(imageTypeObject),
			operation_priority: options.operationPriority,
			number_of_generations: options.numberOfGenerations,
			...layoutFields(options),
		});
	},
	violations: (input) => [
		...imageTypeViolations(input),
		...generationCountViolations(input),
		...choiceViolations(input, {
			operationPriority: PRIORITIES,
			backgroundType: ['arbitrary', 'transparent', 'reference_color'],
		}),
		...layoutViolations(input),
	],
	readImages,
	readImageTypes,
};
