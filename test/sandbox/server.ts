/** A bare HTTP listener on this machine only; what it serves is added by others. */
import multipart from '@fastify/multipart';
import fastify, { type FastifyInstance } from 'fastify';
import { MAX_BODY_BYTES } from './upload';

const HOST = '127.0.0.1';

/** Make an app that keeps bodies as bytes (the routes judge them) and reads multipart parts. */
export async function makeApp(): Promise<FastifyInstance> {
	const app = fastify({
		bodyLimit: MAX_BODY_BYTES,
		forceCloseConnections: true,
		keepAliveTimeout: 60_000,
		routerOptions: { maxParamLength: 2000 },
	});
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
		done(null, body);
	});
	await app.register(multipart, { limits: { fileSize: MAX_BODY_BYTES, files: 10, fields: 10 } });
	return app;
}

/** Start listening and tell the origin. */
export async function listen(app: FastifyInstance, port: number): Promise<string> {
	return await app.listen({ host: HOST, port });
}
