/** The SKU items of a shop as Unified lists them (GET /sku_items), page by page. */
import type { FastifyRequest } from 'fastify';
import { invalid, ok, type Answer, type FieldError } from '../answer';

/** The bounds and defaults of the query; source: the parameters of GET /sku_items. */
const PARAMETERS = {
	offset: { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 },
	limit: { min: 1, max: 500, fallback: 10 },
} as const;

type Page = Record<keyof typeof PARAMETERS, number>;

const TITLES = [
	'Red dress',
	'Blue jeans',
	'Green jacket',
	'Striped T-shirt',
	'Black coat',
] as const;
const CREATED_AT = '2026-01-15T09:00:00Z';

function skuItem(index: number): Record<string, unknown> {
	const title = `${TITLES[index % TITLES.length] ?? TITLES[0]}, size ${36 + Math.floor(index / TITLES.length)}`;
	const absent = { status: 'absent', updated_at: CREATED_AT };
	return {
		internal_id: `internal-${index + 1}`,
		sku_id: `SKU-${String(index + 1).padStart(4, '0')}`,
		created_at: CREATED_AT,
		product_info: { title, image_urls: [], extra: {} },
		capabilities: { try_on: false, outfit_recommendations: false, size_and_fit: false },
		capabilities_readiness: {
			try_on: absent,
			outfit_recommendations: absent,
			size_and_fit: absent,
		},
	};
}

/** Read the page that is asked for; a parameter that the specification does not name is refused. */
function readPage(query: URLSearchParams): Page | FieldError {
	const page: Page = { offset: PARAMETERS.offset.fallback, limit: PARAMETERS.limit.fallback };
	for (const [name, text] of query) {
		if (name !== 'offset' && name !== 'limit') {
			return {
				loc: ['query', name],
				msg: 'Extra inputs are not permitted',
				type: 'extra_forbidden',
			};
		}
		const { min, max } = PARAMETERS[name];
		const value = Number(text);
		if (!(/^\d+$/.test(text) && value >= min && value <= max)) {
			const msg = `Input should be a whole number from ${min} to ${max}`;
			return { loc: ['query', name], msg, type: 'value_error' };
		}
		page[name] = value;
	}
	return page;
}

/** Answer a page of a shop that has so many SKU items. */
export function listSkuItems(request: FastifyRequest, total: number): Answer {
	const page = readPage(new URL(request.url, 'http://sandbox').searchParams);
	if ('loc' in page) return invalid(page);
	const end = Math.min(total, page.offset + page.limit);
	const items = Array.from({ length: Math.max(0, end - page.offset) }, (_unused, index) =>
		skuItem(page.offset + index),
	);
	return ok({ items, total, next_offset: end < total ? end : null });
}
