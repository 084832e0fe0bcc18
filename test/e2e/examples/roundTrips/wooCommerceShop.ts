/**
 * A stand-in of the WooCommerce REST API v3, as far as a shop's products go, written from its published
 * documentation (https://woocommerce.github.io/woocommerce-rest-api-docs/). It takes what the documentation
 * names and refuses everything else, also where a real shop passes over it. Over plain http it takes the key
 * and secret as Basic authentication, which a real shop does over https only.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

export interface ShopImage {
	id: number;
	src: string;
	name: string;
	alt: string;
}

export interface ShopProduct {
	id: number;
	sku: string;
	name: string;
	images: ShopImage[];
	/** A product's custom fields. */
	meta_data: Array<{ id: number; key: string; value: string }>;
}

export interface WooCommerceShop {
	/** What is entered in n8n's credential "WooCommerce API". */
	credential: { url: string; consumerKey: string; consumerSecret: string };
	products: () => readonly ShopProduct[];
	/** A file of its media library. */
	media: (id: number) => Buffer | undefined;
	add: (product: { sku: string; name: string; fields: Readonly<Record<string, string>> }) => void;
	/** Put in products that have a picture already. */
	addPictured: (count: number) => void;
	/** Take all pictures off a product. */
	removeImages: (sku: string) => void;
	close: () => Promise<void>;
}

const API = '/wp-json/wc/v3';
const DEFAULT_PER_PAGE = 10;
const MAX_PER_PAGE = 100;
const DOWNLOAD_LIMIT_MS = 10_000;
/** What WordPress lets in, by the end of the name. */
const IMAGE_NAME = /\.(jpe?g|png|gif|webp)$/i;
const IMAGE_TYPE = /^image\/(jpeg|png|gif|webp)$/;
const KEY = 'ck_0123456789abcdef';
const SECRET = 'cs_0123456789abcdef';

const closed = (properties: Record<string, unknown>, required: string[] = []) => ({
	type: 'object',
	additionalProperties: false,
	properties,
	required,
});

const text = { type: 'string' };
const UPDATE_SCHEMA = closed({
	name: text,
	sku: text,
	images: {
		type: 'array',
		items: closed({ id: { type: 'integer' }, src: text, name: text, alt: text }),
	},
	meta_data: {
		type: 'array',
		items: closed({ id: { type: 'integer' }, key: text, value: {} }, ['value']),
	},
});

/** The filters that the documentation lists for products, as far as they are understood here. */
const LIST_PARAMETERS = ['context', 'page', 'per_page', 'sku', 'status', 'order', 'orderby'];

interface ProductUpdate {
	name?: string;
	sku?: string;
	images?: Array<Partial<ShopImage>>;
	meta_data?: Array<{ id?: number; key?: string; value: string }>;
}

/** An answer other than 2xx, in WordPress' shape. */
class Refusal extends Error {
	constructor(
		readonly code: string,
		readonly status: number,
		message: string,
	) {
		super(message);
	}
}

function authenticate({ headers }: FastifyRequest): void {
	const wanted = `Basic ${Buffer.from(`${KEY}:${SECRET}`).toString('base64')}`;
	if (headers.authorization === wanted) return;
	throw new Refusal('woocommerce_rest_cannot_view', 401, 'Sorry, you cannot list resources.');
}

/** The last value counts when a parameter is given twice, as in PHP. */
function numberIn(query: URLSearchParams, name: string, initial: number, max: number): number {
	const given = query.getAll(name).at(-1);
	const value = given === undefined ? initial : Number(given);
	if (Number.isInteger(value) && value >= 1 && value <= max) return value;
	throw new Refusal('rest_invalid_param', 400, `Invalid parameter(s): ${name}`);
}

class Shop {
	readonly products: ShopProduct[] = [];

	readonly files = new Map<number, Buffer>();

	private nextId = 1;

	add({ sku, name, fields }: Parameters<WooCommerceShop['add']>[0]): void {
		const meta_data = Object.entries(fields).map(([key, value]) => ({ id: this.id(), key, value }));
		this.products.push({ id: this.id(), sku, name, images: [], meta_data });
	}

	addPictured(count: number): void {
		for (let number = 0; number < count; number += 1) {
			const sku = `pictured-${number}`;
			const picture = { id: this.id(), src: `/wp-content/uploads/${sku}.png`, name: sku, alt: '' };
			this.products.push({ id: this.id(), sku, name: sku, images: [picture], meta_data: [] });
		}
	}

	async update(id: number, update: ProductUpdate): Promise<ShopProduct> {
		const product = this.products.find((candidate) => candidate.id === id);
		if (product === undefined) {
			throw new Refusal('woocommerce_rest_product_invalid_id', 400, 'Invalid ID.');
		}
		const { images, meta_data: fields = [], ...rest } = update;
		// The list replaces all pictures that the product had.
		const pictures = images === undefined ? product.images : await this.pictures(images);
		Object.assign(product, rest, { images: pictures });
		for (const { key = '', value } of fields) {
			const known = product.meta_data.find((field) => field.key === key);
			if (known === undefined) product.meta_data.push({ id: this.id(), key, value });
			else known.value = value;
		}
		return product;
	}

	private async pictures(images: NonNullable<ProductUpdate['images']>): Promise<ShopImage[]> {
		const pictures: ShopImage[] = [];
		for (const { id, src, name = '', alt = '' } of images) {
			if (id !== undefined) {
				if (!this.files.has(id)) {
					throw new Refusal(
						'woocommerce_product_invalid_image_id',
						400,
						`#${id} is an invalid image ID.`,
					);
				}
				pictures.push({ id, src: src ?? '', name, alt });
			} else {
				pictures.push({ ...(await this.download(src ?? '')), name, alt });
			}
		}
		return pictures;
	}

	/** Fetch a picture into the media library, as a shop does with an address it is given. */
	private async download(src: string): Promise<{ id: number; src: string }> {
		const refuse = (reason: string) =>
			new Refusal(
				'woocommerce_product_image_upload_error',
				400,
				`Error getting remote image ${src}. ${reason}`,
			);
		if (!URL.canParse(src)) throw refuse('Error: A valid URL was not provided.');
		const fileName = new URL(src).pathname.split('/').pop() ?? '';
		if (!IMAGE_NAME.test(fileName)) {
			throw refuse('Sorry, you are not allowed to upload this file type.');
		}
		const answer = await fetch(src, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
		const type = answer.headers.get('content-type') ?? '';
		if (!answer.ok || !IMAGE_TYPE.test(type)) throw refuse(`Error: ${answer.status}`);
		const id = this.id();
		this.files.set(id, Buffer.from(await answer.arrayBuffer()));
		return { id, src: `/wp-content/uploads/${id}-${fileName}` };
	}

	private id(): number {
		this.nextId += 1;
		return this.nextId;
	}
}

function list(shop: Shop, request: FastifyRequest, reply: FastifyReply): ShopProduct[] {
	const address = new URL(request.url, `http://${request.host}`);
	const query = address.searchParams;
	for (const name of query.keys()) {
		if (!LIST_PARAMETERS.includes(name)) {
			throw new Refusal('rest_invalid_param', 400, `Invalid parameter(s): ${name}`);
		}
	}
	const perPage = numberIn(query, 'per_page', DEFAULT_PER_PAGE, MAX_PER_PAGE);
	const page = numberIn(query, 'page', 1, Number.MAX_SAFE_INTEGER);
	const pages = Math.max(1, Math.ceil(shop.products.length / perPage));
	const linkTo = (number: number, relation: string) => {
		query.set('page', String(number));
		query.set('per_page', String(perPage));
		return `<${address.href}>; rel="${relation}"`;
	};
	const links = [
		...(page > 1 ? [linkTo(page - 1, 'prev')] : []),
		...(page < pages ? [linkTo(page + 1, 'next')] : []),
	];
	reply.header('X-WP-Total', shop.products.length).header('X-WP-TotalPages', pages);
	// WordPress names itself where there is no other page to name.
	const own = `<${address.origin}/wp-json/>; rel="https://api.w.org/"`;
	reply.header('Link', links.length === 0 ? own : links.join(', '));
	return shop.products.slice((page - 1) * perPage, page * perPage);
}

function serve(app: FastifyInstance, shop: Shop): void {
	app.addHook('onRequest', async (request) => authenticate(request));
	app.setErrorHandler<Error & { validation?: unknown }>(async (error, _request, reply) => {
		const { code, status } =
			error instanceof Refusal
				? error
				: { code: 'rest_invalid_param', status: error.validation === undefined ? 500 : 400 };
		await reply.code(status).send({ code, message: error.message, data: { status } });
	});
	app.get(`${API}/products`, (request, reply) => reply.send(list(shop, request, reply)));
	app.put<{ Params: { id: string }; Body: ProductUpdate }>(
		`${API}/products/:id`,
		{ schema: { body: UPDATE_SCHEMA } },
		async ({ params, body }) => await shop.update(Number(params.id), body),
	);
}

/** Open a shop without products, on loopback. */
export async function openWooCommerceShop(): Promise<WooCommerceShop> {
	const app = Fastify({ ajv: { customOptions: { removeAdditional: false, coerceTypes: false } } });
	const shop = new Shop();
	serve(app, shop);
	const url = await app.listen({ host: '127.0.0.1', port: 0 });
	return {
		credential: { url, consumerKey: KEY, consumerSecret: SECRET },
		products: () => shop.products,
		media: (id) => shop.files.get(id),
		add: (product) => shop.add(product),
		addPictured: (count) => shop.addPictured(count),
		removeImages: (sku) => {
			for (const product of shop.products) if (product.sku === sku) product.images = [];
		},
		close: async () => await app.close(),
	};
}
