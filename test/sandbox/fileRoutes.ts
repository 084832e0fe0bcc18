/** The file host: another origin than the API, which needs no key and must never see one. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Answer } from './answer';
import type { ImageStore, Photo } from './imageStore';
import type { installPipeline } from './pipeline';

/** What may stand before a file's name: transformations, as image hosts write them (`w_300,h_200`). */
const PLACE = /^\/(uploads|linked|generated)\/(?:\w+_\w+(?:,\w+_\w+)*\/)?([\w-]+)(?:\.\w+)?$/;

function plain(status: number, body: string): Answer {
	return { status, raw: { body, contentType: 'text/plain' } };
}

async function photo(found: Photo | undefined, contentType: string): Promise<Answer> {
	const body = await found?.bytes();
	return body === undefined
		? plain(404, 'No such file')
		: { status: 200, raw: { body, contentType } };
}

async function serve(images: ImageStore, request: FastifyRequest): Promise<Answer> {
	const { pathname, searchParams } = new URL(request.url, 'http://files');
	const [, place, id = ''] = PLACE.exec(pathname) ?? [];
	if (place === 'uploads') {
		const upload = images.uploads.get(id);
		return await photo(upload, upload?.contentType ?? '');
	}
	if (place === 'linked') return await photo(images.linked.get(id), 'application/octet-stream');
	const image = images.generated.get(id);
	if (image === undefined || image.missing) return plain(404, 'No such file');
	if (searchParams.get('token') !== image.token) return plain(403, 'Request has expired');
	const body = await image.picture.png();
	return { status: 200, raw: { body, contentType: 'image/png' } };
}

/** Register the routes of the file host. */
export function addFileRoutes(
	app: FastifyInstance,
	images: ImageStore,
	route: ReturnType<typeof installPipeline>,
): void {
	app.get(
		'/*',
		route('file', async (request) => await serve(images, request)),
	);
}
