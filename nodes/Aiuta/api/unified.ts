/** The Unified API, `/v1`: one image type an operation, SKUs, human review. Contract: its OpenAPI file. */
import { choiceViolations, PRIORITIES } from './choices';
import { definedOnly, readImage, withImageType, type Generation } from './generation';
import {
	imageFields,
	imageTypeObject,
	imageTypeViolations,
	layoutFields,
	layoutViolations,
	MAX_URL_LENGTH,
} from './createBody';
import type { CreateInput, RuleViolation } from './types';

/** `OperationPriority`: human review is refused together with online priority, which is the default. */
function reviewViolations({ options }: CreateInput): RuleViolation[] {
	if (options.qaMode !== 'human' || options.operationPriority === 'offline') return [];
	return [
		{
			parameter: 'operationPriority',
			message: 'human review needs Offline',
			description: 'Set Operation Priority to Offline, or choose another QA Mode.',
		},
	];
}

/** `QaMode`, `SkuGender`, `SkuAgeGroup`, `BackgroundType`. */
const CHOICES = {
	operationPriority: PRIORITIES,
	qaMode: ['none', 'auto', 'human'],
	gender: ['male', 'female', 'unisex'],
	ageGroup: ['newborn', 'infant', 'toddler', 'kids', 'adult'],
	backgroundType: ['arbitrary', 'transparent', 'reference_color', 'reference_image'],
};

/** The URL as the spec's `format: uri` wants it: spaces and letters outside ASCII escaped. */
function escapedUrl(url: string | undefined): string | undefined {
	if (url === undefined || !URL.canParse(url)) return undefined;
	const parsed = new URL(url);
	return /^https?:$/.test(parsed.protocol) ? parsed.href : undefined;
}

function storeUrlViolations({ options }: CreateInput): RuleViolation[] {
	const { storeUrl } = options;
	if (storeUrl === undefined) return [];
	const sent = escapedUrl(storeUrl);
	if (sent !== undefined && sent.length <= MAX_URL_LENGTH) return [];
	return [
		{
			parameter: 'storeUrl',
			message: 'Aiuta does not accept this address',
			description: `Enter the whole address of the product page, at most ${MAX_URL_LENGTH} characters.`,
		},
	];
}

export const unified: Generation = {
	name: 'unified',
	label: 'Unified',
	basePath: '/v1',
	takesImageUrls: true,
	probePath: '/sku_items?limit=1',
	operationsFor: (imageTypes) => imageTypes.map((imageType) => [imageType]),
	createBody: (input) => {
		const { images, product, options } = input;
		const [imageType] = input.imageTypes;
		return definedOnly({
			...(images.kind === 'sku'
				? { sku_id: images.skuId }
				: {
						product_info: definedOnly({
							...imageFields(input),
							category: product.category,
							title: product.title,
							description: product.description,
							brand: options.brand,
							store_url: escapedUrl(options.storeUrl),
							color: options.color,
							gender: options.gender,
							age_group: options.ageGroup,
							extra: options.extra,
						}),
					}),
			image_type: imageType === undefined ? undefined : imageTypeObject(imageType),
			operation_priority: options.operationPriority,
			qa_mode: options.qaMode,
			...layoutFields(options),
		});
	},
	violations: (input) => [
		...imageTypeViolations(input),
		...reviewViolations(input),
		...choiceViolations(input, CHOICES),
		...storeUrlViolations(input),
		...layoutViolations(input),
	],
	readImages: (body) => {
		const image = readImage(body['generated_image']);
		return image === undefined ? [] : [withImageType(image, body['image_type'])];
	},
};
