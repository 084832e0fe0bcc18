/** The API's routes, once for all generations; what differs comes from the shape. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { apiError, fieldError, invalid, noContent, notFound, ok, type Answer } from './answer';
import type { ApiShape, CreateRequest } from './generations/shape';
import { imageTypeName } from './generations/shape';
import { listSkuItems } from './generations/skuItems';
import type { ImageStore, Photo, UploadedImage } from './imageStore';
import { parseJson } from './json';
import type { Ledger } from './ledger';
import { expiryDate, type Operations } from './operations';
import type { installPipeline } from './pipeline';
import type { Settings } from './settings';
import { readUpload, undecodable } from './upload';

export interface ApiParts {
	images: ImageStore;
	operations: Operations;
	ledger: Ledger;
	settings: Settings;
	filesUrl: string;
	route: ReturnType<typeof installPipeline>;
}

function idOf(request: FastifyRequest): string {
	const params: unknown = request.params;
	const id = typeof params === 'object' && params !== null && 'id' in params ? params.id : '';
	return String(id);
}

function apiImage(shape: ApiShape, image: UploadedImage, filesUrl: string) {
	const { id, path } = image;
	const shown = { id, owner_type: 'user', url: filesUrl + path };
	return shape.imagesExpire ? { ...shown, expires_at: expiryDate() } : shown;
}

async function upload(shape: ApiShape, parts: ApiParts, request: FastifyRequest): Promise<Answer> {
	const read = await readUpload(request);
	if (read.kind === 'refused') return read.answer;
	const { fileName, contentType, bytes } = read.file;
	const { generation } = shape;
	const keepBytes = parts.settings.current.picture === 'compose';
	const image = await parts.images.addUpload(generation, bytes, keepBytes);
	if (image === undefined) return undecodable();
	const { id, sha256 } = image;
	const sizeBytes = bytes.length;
	const userAgent = request.headers['user-agent'] ?? '';
	parts.ledger.uploaded({ id, generation, fileName, contentType, sizeBytes, sha256, userAgent });
	return ok(apiImage(shape, image, parts.filesUrl));
}

/** Find the photos of a product; the IDs that are unknown come back apart. */
function findPhotos(shape: ApiShape, { images, settings }: ApiParts, request: CreateRequest) {
	const { imageIds, imageUrls, look } = request;
	const { reference_image_id: backgroundId } = look.background;
	const named = backgroundId == null ? imageIds : [...imageIds, backgroundId];
	const unknown = named.filter((id) => images.findUpload(shape.generation, id) === undefined);
	const load = settings.current.picture === 'compose';
	const photos: Photo[] =
		unknown.length > 0
			? []
			: [
					...imageIds.flatMap((id) => images.findUpload(shape.generation, id) ?? []),
					...imageUrls.map((url) => images.addLinked(url, load)),
				];
	return { photos, unknown };
}

/** Tell products apart for the count of duplicates. */
function identityOf(shape: ApiShape, request: CreateRequest, photos: Photo[]): string {
	return JSON.stringify([
		shape.generation,
		request.productId ?? request.title,
		photos.map(({ identity }) => identity),
		request.imageTypes.map(imageTypeName),
	]);
}

/** Refuse images that are gone without a word about which. */
function unnamedImages({ generation }: ApiShape): Answer {
	return generation === 'unified'
		? apiError(400, 'IMAGE_NOT_FOUND', 'An image was not found')
		: notFound('Image not found');
}

function create(shape: ApiShape, parts: ApiParts, request: FastifyRequest): Answer {
	const body = parseJson(request);
	if (body.kind === 'notJson') {
		return invalid(fieldError([], 'A body of type application/json is required', 'json_invalid'));
	}
	const read = shape.readCreate(body.value);
	if (read.kind === 'refused') return read.answer;
	const { photos, unknown } = findPhotos(shape, parts, read.request);
	if (unknown.length > 0) {
		const { namesUnknownImages } = parts.settings.current;
		return namesUnknownImages ? shape.unknownImages(unknown) : unnamedImages(shape);
	}
	const operation = parts.operations.create(shape, read.request, photos);
	parts.ledger.created({
		operationId: operation.id,
		generation: shape.generation,
		identity: identityOf(shape, read.request, photos),
		body: read.request.body,
		atMs: operation.createdAtMs,
	});
	return ok({ operation_id: operation.id }, shape.createdStatus);
}

/** Register the routes of one generation. */
export function addApiRoutes(app: FastifyInstance, shape: ApiShape, parts: ApiParts): void {
	const { route, images, operations, filesUrl } = parts;
	const { basePath, generation } = shape;

	app.post(
		`${basePath}/uploaded_images`,
		route('upload', async (request) => await upload(shape, parts, request)),
	);
	app.get(
		`${basePath}/uploaded_images/:id`,
		route('getImage', (request) => {
			const image = images.findUpload(generation, idOf(request));
			return image === undefined
				? notFound('Image not found')
				: ok(apiImage(shape, image, filesUrl));
		}),
	);
	app.delete(
		`${basePath}/uploaded_images/:id`,
		route('deleteImage', (request) =>
			images.deleteUpload(generation, idOf(request)) ? noContent() : notFound('Image not found'),
		),
	);
	app.delete(
		`${basePath}/generated_images/:id`,
		route('deleteGenerated', (request) =>
			images.deleteGenerated(generation, idOf(request)) ? noContent() : notFound('Image not found'),
		),
	);
	app.post(
		`${basePath}/flat_lay_operations`,
		route('create', (request) => create(shape, parts, request)),
	);
	app.get(
		`${basePath}/flat_lay_operations/:id`,
		route('getOperation', (request) => {
			const operation = operations.find(generation, idOf(request));
			return operation === undefined
				? shape.unknownOperation(idOf(request))
				: ok(shape.render(operations.poll(operation)));
		}),
	);
	if (shape.hasSkuItems) {
		app.get(
			`${basePath}/sku_items`,
			route('skuItems', (request) => listSkuItems(request, parts.settings.current.skuCount)),
		);
	}
}
