/** The Studio generation (`/studio/v1`): several image types and variants per operation. */
import { fieldError, invalid, ok } from '../answer';
import { studioCreateSchema } from './schemas';
import {
	refused,
	type ApiShape,
	type Background,
	type ImageType,
	type Paddings,
	type Size,
} from './shape';
import { backgroundErrors, checkedCreate, productImageErrors } from './validation';

interface StudioProduct {
	id?: string | null;
	image_urls?: string[] | null;
	uploaded_image_ids?: string[] | null;
	category?: string | null;
	title?: string | null;
	description?: string | null;
}

interface StudioBody {
	product_info: StudioProduct;
	operation_priority?: string;
	number_of_generations?: number;
	background_settings?: Background;
	output_image_size?: Size | null;
	output_image_paddings?: Paddings | null;
	image_types: ImageType[];
}

export const studio: ApiShape = {
	generation: 'studio',
	basePath: '/studio/v1',
	createdStatus: 200,
	imagesExpire: true,
	hasSkuItems: false,

	readCreate: checkedCreate<StudioBody>(studioCreateSchema, (body) => {
		const product = body.product_info;
		const errors = [...productImageErrors(product), ...backgroundErrors(body.background_settings)];
		if (errors.length > 0) return refused(...errors);
		const { uploaded_image_ids: imageIds, ...shown } = product;
		const { id = null, title = null, description = null } = product;
		return {
			kind: 'accepted',
			request: {
				imageIds: imageIds ?? [],
				imageUrls: product.image_urls ?? [],
				skuId: null,
				productId: id,
				title,
				text: [id, title, description].join('\n'),
				imageTypes: body.image_types,
				picturesPerType: body.number_of_generations ?? 1,
				look: {
					background: body.background_settings ?? { background_type: 'arbitrary' },
					size: body.output_image_size ?? null,
					paddings: body.output_image_paddings ?? null,
				},
				product: shown,
				body: { ...body },
			},
		};
	}),

	unknownImages: (ids) =>
		invalid(
			fieldError(['product_info', 'uploaded_image_ids'], `Images not found: ${ids.join(', ')}`),
		),

	unknownOperation: () => ok(null),

	render({ id, status, error, pictures, sourceUrls, request }) {
		return {
			operation_priority: 'offline',
			number_of_generations: request.picturesPerType,
			output_image_size: null,
			output_image_paddings: null,
			...request.body,
			background_settings: request.look.background,
			product_info: { ...request.product, image_urls: sourceUrls },
			id,
			status,
			error,
			generation_result:
				pictures === null
					? null
					: request.imageTypes.map((imageType, index) => ({
							image_type: imageType,
							generated_images: pictures[index] ?? [],
						})),
		};
	},
};
