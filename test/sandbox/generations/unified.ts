/** The Unified generation (`/v1`): one image type per operation, products inline or by SKU. */
import { apiError, fieldError } from '../answer';
import { unifiedCreateSchema } from './schemas';
import {
	refused,
	type ApiShape,
	type Background,
	type CreateRequest,
	type ImageType,
	type Paddings,
	type Size,
} from './shape';
import { backgroundErrors, checkedCreate, productImageErrors } from './validation';

interface UnifiedProduct {
	image_urls?: string[] | null;
	uploaded_image_ids?: string[] | null;
	title?: string | null;
	description?: string | null;
	extra?: Record<string, unknown>;
}

interface UnifiedBody {
	product_info?: UnifiedProduct | null;
	sku_id?: string | null;
	operation_priority?: 'online' | 'offline';
	qa_mode?: 'none' | 'auto' | 'human';
	background_settings?: Background;
	output_image_size?: Size | null;
	output_image_paddings?: Paddings | null;
	image_type: ImageType;
}

/** Check the rules between fields; source: descriptions of the Unified create request. */
function ruleErrors(body: UnifiedBody) {
	const product = body.product_info ?? null;
	const errors = backgroundErrors(body.background_settings);
	if ((product === null) === ((body.sku_id ?? null) === null)) {
		errors.push(fieldError([], 'Give exactly one of product_info and sku_id'));
	} else if (product !== null) {
		errors.push(...productImageErrors(product));
	}
	if (body.qa_mode === 'human' && (body.operation_priority ?? 'online') !== 'offline') {
		errors.push(fieldError(['qa_mode'], 'Human review needs operation_priority offline'));
	}
	return errors;
}

function toRequest(body: UnifiedBody): CreateRequest {
	const product = body.product_info ?? {};
	const { uploaded_image_ids: imageIds, ...shown } = product;
	const { title = null, description = null, extra = {} } = product;
	const skuId = body.sku_id ?? null;
	const background = body.background_settings ?? { background_type: 'arbitrary' };
	return {
		imageIds: imageIds ?? [],
		imageUrls: product.image_urls ?? [],
		skuId,
		productId: skuId,
		title,
		text: [skuId, title, description, JSON.stringify(extra)].join('\n'),
		imageTypes: [body.image_type],
		picturesPerType: 1,
		look: {
			background,
			size: body.output_image_size ?? null,
			paddings: body.output_image_paddings ?? null,
		},
		product: body.product_info == null ? null : shown,
		body: { ...body },
	};
}

export const unified: ApiShape = {
	generation: 'unified',
	basePath: '/v1',
	createdStatus: 201,
	imagesExpire: true,
	hasSkuItems: true,

	readCreate: checkedCreate<UnifiedBody>(unifiedCreateSchema, (body) => {
		const errors = ruleErrors(body);
		if (errors.length > 0) return refused(...errors);
		const skuId = body.sku_id ?? '';
		if (skuId.includes('unknown')) {
			const answer = apiError(404, 'SKU_NOT_FOUND', `There is no SKU ${skuId}`);
			return { kind: 'refused', answer };
		}
		if (skuId.includes('not-ready')) {
			const answer = apiError(409, 'SKU_NOT_READY', `Flat lays of ${skuId} are not ready`);
			return { kind: 'refused', answer };
		}
		return { kind: 'accepted', request: toRequest(body) };
	}),

	unknownImages: (ids) =>
		apiError(400, 'IMAGE_NOT_FOUND', `Images not found: ${ids.join(', ')}`, { image_ids: ids }),

	unknownOperation: (operationId) =>
		apiError(404, 'OPERATION_NOT_FOUND', `There is no operation ${operationId}`),

	render({ id, status, error, pictures, sourceUrls, request }) {
		return {
			sku_id: null,
			operation_priority: 'online',
			qa_mode: 'auto',
			output_image_size: null,
			output_image_paddings: null,
			...request.body,
			background_settings: request.look.background,
			product_info:
				request.product === null ? null : { ...request.product, image_urls: sourceUrls },
			id,
			status,
			error,
			generated_image: pictures?.flat()[0] ?? null,
		};
	},
};
