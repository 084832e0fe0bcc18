/** The Flat Lays generation (`/flat-lays/v1`): one flat lay per operation, uploaded images only. */
import { fieldError, invalid, ok } from '../answer';
import { flatLaysCreateSchema } from './schemas';
import type { ApiShape } from './shape';
import { checkedCreate } from './validation';

interface FlatLaysBody {
	uploaded_product_image_ids: string[];
	product_category?: string | null;
	product_title?: string | null;
	product_description?: string | null;
	operation_priority?: string;
	output_resolution?: string;
}

export const flatLays: ApiShape = {
	generation: 'flatLays',
	basePath: '/flat-lays/v1',
	createdStatus: 200,
	imagesExpire: false,
	hasSkuItems: false,

	readCreate: checkedCreate<FlatLaysBody>(flatLaysCreateSchema, (body) => {
		const title = body.product_title ?? null;
		return {
			kind: 'accepted',
			request: {
				imageIds: body.uploaded_product_image_ids,
				imageUrls: [],
				skuId: null,
				productId: null,
				title,
				text: [title, body.product_description].join('\n'),
				imageTypes: [{ flat_lay_type: 'flat', viewpoint: 'front' }],
				picturesPerType: 1,
				look: { background: { background_type: 'arbitrary' }, size: null, paddings: null },
				product: null,
				body: { ...body },
			},
		};
	}),

	unknownImages: (ids) =>
		invalid(fieldError(['uploaded_product_image_ids'], `Images not found: ${ids.join(', ')}`)),

	unknownOperation: () => ok(null),

	render: ({ id, status, error, pictures }) => ({
		id,
		status,
		error,
		generated_images: (pictures ?? []).flat(),
	}),
};
