/** The Flat Lays API, `/flat-lays/v1`: the first generation. Contract: its OpenAPI file, version 1.0.0. */
import { choiceViolations, PRIORITIES } from './choices';
import type { Generation } from './generation';
import { definedOnly, readImageList } from './generation';

export const flatLays: Generation = {
	name: 'flatLays',
	label: 'Flat Lays',
	basePath: '/flat-lays/v1',
	takesImageUrls: false,
	probePath: '/flat_lay_operations/00000000-0000-4000-8000-000000000000',
	operationsFor: () => [[]],
	createBody: ({ images, product, options }) =>
		definedOnly({
			uploaded_product_image_ids: images.kind === 'uploadedImageIds' ? images.ids : [],
			product_category: product.category,
			product_title: product.title,
			product_description: product.description,
			operation_priority: options.operationPriority,
			output_resolution: options.outputResolution,
		}),
	violations: (input) =>
		choiceViolations(input, {
			operationPriority: PRIORITIES,
			outputResolution: ['standard', 'high'],
		}),
	readImages: (body) => readImageList(body['generated_images']),
};
