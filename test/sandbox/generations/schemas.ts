/**
 * JSON schemas of the create bodies, one per generation, stricter than the published ones in a single
 * point: a field the specification does not name is refused, so a client's typo cannot pass.
 * Source: the component schemas of POST /flat_lay_operations in the three OpenAPI files.
 */

export const MAX_IMAGES = 20;

const text = { type: 'string' } as const;
const nullableText = { type: ['string', 'null'] } as const;
const url = { type: 'string', format: 'uri', pattern: '^https?://', minLength: 1, maxLength: 2083 };

const closedObject = (properties: Record<string, unknown>, required: string[] = []) => ({
	type: 'object',
	properties,
	required,
	additionalProperties: false,
});

const nullable = (schema: Record<string, unknown>) => ({ ...schema, nullable: true });

const priority = { type: 'string', enum: ['online', 'offline'] };

const imageType = closedObject(
	{
		flat_lay_type: { type: 'string', enum: ['flat', 'ghost_mannequin', 'detail'] },
		viewpoint: { type: 'string', enum: ['front', 'back'] },
	},
	['flat_lay_type', 'viewpoint'],
);

const pictureFields = {
	output_image_size: nullable(
		closedObject(
			{ width: { type: 'integer', minimum: 1 }, height: { type: 'integer', minimum: 1 } },
			['width', 'height'],
		),
	),
	output_image_paddings: nullable(
		closedObject(
			{
				top: { type: 'integer', minimum: 0 },
				bottom: { type: 'integer', minimum: 0 },
				left: { type: 'integer', minimum: 0 },
				right: { type: 'integer', minimum: 0 },
			},
			['top', 'bottom', 'left', 'right'],
		),
	),
};

const productFields = {
	image_urls: { type: ['array', 'null'], items: url, minItems: 1, maxItems: MAX_IMAGES },
	uploaded_image_ids: { type: ['array', 'null'], items: text, minItems: 1, maxItems: MAX_IMAGES },
	category: nullableText,
	title: nullableText,
	description: nullableText,
};

const hexColor = { type: ['string', 'null'], pattern: '^#[0-9a-fA-F]{6}$' };

export const flatLaysCreateSchema = closedObject(
	{
		uploaded_product_image_ids: {
			type: 'array',
			items: text,
			minItems: 1,
			maxItems: MAX_IMAGES,
		},
		product_category: nullableText,
		product_title: nullableText,
		product_description: nullableText,
		operation_priority: priority,
		output_resolution: { type: 'string', enum: ['standard', 'high'] },
	},
	['uploaded_product_image_ids'],
);

export const studioCreateSchema = closedObject(
	{
		product_info: closedObject({ id: nullableText, ...productFields }),
		operation_priority: priority,
		number_of_generations: { type: 'integer', minimum: 1, maximum: 4 },
		background_settings: closedObject(
			{
				background_type: {
					type: 'string',
					enum: ['arbitrary', 'transparent', 'reference_color'],
				},
				reference_color: hexColor,
			},
			['background_type'],
		),
		...pictureFields,
		image_types: {
			type: 'array',
			items: imageType,
			minItems: 1,
			maxItems: 6,
			uniqueItems: true,
		},
	},
	['product_info', 'image_types'],
);

export const unifiedCreateSchema = closedObject(
	{
		product_info: nullable(
			closedObject({
				...productFields,
				brand: nullableText,
				store_url: { ...url, type: ['string', 'null'] },
				color: nullableText,
				gender: { enum: ['male', 'female', 'unisex', null] },
				age_group: { enum: ['newborn', 'infant', 'toddler', 'kids', 'adult', null] },
				extra: { type: 'object' },
			}),
		),
		sku_id: nullableText,
		operation_priority: priority,
		qa_mode: { type: 'string', enum: ['none', 'auto', 'human'] },
		background_settings: closedObject(
			{
				background_type: {
					type: 'string',
					enum: ['arbitrary', 'transparent', 'reference_color', 'reference_image'],
				},
				reference_color: hexColor,
				reference_image_id: nullableText,
			},
			['background_type'],
		),
		...pictureFields,
		image_type: imageType,
	},
	['image_type'],
);
