/** Parts of the create body and the prose rules that Studio and Unified share. */
import type { JsonObject } from '../core/json';
import { definedOnly } from './generation';
import {
	FLAT_LAY_TYPES,
	VIEWPOINTS,
	type CreateInput,
	type CreateOptions,
	type ImageType,
	type RuleViolation,
} from './types';

/** `image_urls[]` and `store_url`: at most 2,083 characters (Studio and Unified `ProductInfo`). */
export const MAX_URL_LENGTH = 2083;

export const IMAGE_TYPES: readonly ImageType[] = FLAT_LAY_TYPES.flatMap((type) =>
	VIEWPOINTS.map((viewpoint): ImageType => `${type}_${viewpoint}`),
);

/** Translate `ghost_mannequin_back` to the API's `{ flat_lay_type, viewpoint }`. */
export function imageTypeObject(imageType: ImageType): JsonObject {
	const cut = imageType.lastIndexOf('_');
	return { flat_lay_type: imageType.slice(0, cut), viewpoint: imageType.slice(cut + 1) };
}

/** The image fields of `ProductInfo`: uploaded IDs or URLs, never both. */
export function imageFields({ images }: CreateInput): JsonObject {
	return definedOnly({
		uploaded_image_ids: images.kind === 'uploadedImageIds' ? images.ids : undefined,
		image_urls: images.kind === 'imageUrls' ? images.urls : undefined,
	});
}

/** `background_settings`, `output_image_size` and `output_image_paddings`, each left out when untouched. */
export function layoutFields(options: CreateOptions): JsonObject {
	const { outputWidth: width, outputHeight: height } = options;
	const sides = paddings(options);
	return definedOnly({
		background_settings:
			options.backgroundType === undefined
				? undefined
				: definedOnly({
						background_type: options.backgroundType,
						reference_color:
							options.backgroundType === 'reference_color' ? options.backgroundColor : undefined,
						reference_image_id:
							options.backgroundType === 'reference_image' ? options.backgroundImageId : undefined,
					}),
		output_image_size: width === undefined || height === undefined ? undefined : { width, height },
		// `ImagePaddings` requires all four sides: a side left open is no padding.
		output_image_paddings: Object.values(sides).every((side) => side === undefined)
			? undefined
			: {
					top: sides.top ?? 0,
					bottom: sides.bottom ?? 0,
					left: sides.left ?? 0,
					right: sides.right ?? 0,
				},
	});
}

function paddings(options: CreateOptions) {
	return {
		top: options.paddingTop,
		bottom: options.paddingBottom,
		left: options.paddingLeft,
		right: options.paddingRight,
	};
}

/** Check what the specs say of sizes and of the background in prose. */
export function layoutViolations({ options }: CreateInput): RuleViolation[] {
	return [sizeViolations, colorViolations, backgroundImageViolations].flatMap((check) =>
		check(options),
	);
}

function sizeViolations(options: CreateOptions): RuleViolation[] {
	const found: RuleViolation[] = [];
	if ((options.outputWidth === undefined) !== (options.outputHeight === undefined)) {
		found.push({
			parameter: options.outputWidth === undefined ? 'outputWidth' : 'outputHeight',
			message: 'The output size needs both a width and a height',
			description: 'Set Output Width and Output Height together, or neither.',
		});
	}
	const lengths = {
		outputWidth: [options.outputWidth, 1],
		outputHeight: [options.outputHeight, 1],
		paddingTop: [options.paddingTop, 0],
		paddingBottom: [options.paddingBottom, 0],
		paddingLeft: [options.paddingLeft, 0],
		paddingRight: [options.paddingRight, 0],
	} as const;
	for (const [parameter, [value, least]] of Object.entries(lengths)) {
		if (value === undefined || (Number.isInteger(value) && value >= least)) continue;
		found.push({
			parameter,
			message: `A length must be a whole number of pixels from ${least}, not ${value}`,
			description: 'Enter the length in pixels, without a unit.',
		});
	}
	return found;
}

function colorViolations({ backgroundType, backgroundColor }: CreateOptions): RuleViolation[] {
	const found: RuleViolation[] = [];
	const isWanted = backgroundType === 'reference_color';
	if (isWanted && !/^#[0-9a-f]{6}$/i.test(backgroundColor ?? '')) {
		found.push({
			parameter: 'backgroundColor',
			message: 'A reference colour must be written as #rrggbb',
			description: 'Pick the colour in Background Color, or enter it as e.g. #80ff00.',
		});
	}
	if (!isWanted && backgroundColor !== undefined) {
		found.push({
			parameter: 'backgroundType',
			message: 'A background colour is only used with the background type Reference Color',
			description: 'Set Background Type to Reference Color, or remove Background Color.',
		});
	}
	return found;
}

function backgroundImageViolations(options: CreateOptions): RuleViolation[] {
	const { backgroundType, backgroundImageId, hasBackgroundBinary = false } = options;
	const hasImage = backgroundImageId !== undefined || hasBackgroundBinary;
	const found: RuleViolation[] = [];
	if (backgroundType === 'reference_image' && !hasImage) {
		found.push({
			parameter: 'backgroundImageId',
			message: 'A reference background needs an image',
			description: 'Set Background Image ID to an uploaded image, or name its binary field.',
		});
	}
	if (hasImage && backgroundType !== 'reference_image') {
		found.push({
			parameter: 'backgroundType',
			message: 'A background image is only used with the background type Reference Image',
			description: 'Set Background Type to Reference Image, or remove the background image.',
		});
	}
	if (backgroundImageId !== undefined && hasBackgroundBinary) {
		found.push({
			parameter: 'backgroundImageId',
			message: 'The background image is given twice',
			description: 'Use either Background Image ID or Background Input Binary Field.',
		});
	}
	return found;
}

/** Check the chosen image types: 1 to 6, each once, none unknown. */
export function imageTypeViolations({ imageTypes, images }: CreateInput): RuleViolation[] {
	const found: RuleViolation[] = [];
	const unknown = imageTypes.find((imageType) => !IMAGE_TYPES.includes(imageType));
	if (imageTypes.length === 0 || new Set(imageTypes).size !== imageTypes.length || unknown) {
		found.push({
			parameter: 'imageTypes',
			message: unknown
				? `"${unknown}" is not an image type`
				: 'Choose 1 to 6 image types, each of them once',
			description: `The image types are ${IMAGE_TYPES.join(', ')}.`,
		});
	}
	if (images.kind === 'imageUrls' && images.urls.some((url) => url.length > MAX_URL_LENGTH)) {
		found.push({
			parameter: 'imageUrls',
			message: `An image URL is longer than ${MAX_URL_LENGTH} characters`,
			description: 'Use a shorter URL, or pass the image as binary data.',
		});
	}
	return found;
}
