/** Photos as they come in: uploaded bytes, or copies of what an image URL points to. */
import { get } from 'node:http';
import sharp from 'sharp';

const MAX_PHOTO_BYTES = 50 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 10_000;

export interface DecodedImage {
	contentType: string;
	extension: string;
}

const FORMATS: Record<string, DecodedImage> = {
	jpeg: { contentType: 'image/jpeg', extension: 'jpg' },
	svg: { contentType: 'image/svg+xml', extension: 'svg' },
	heif: { contentType: 'image/avif', extension: 'avif' },
};

/** Decode a picture far enough to know that it is one; undefined when it is not. */
export async function decodeImage(
	bytes: Buffer,
	thorough: boolean,
): Promise<DecodedImage | undefined> {
	try {
		const image = sharp(bytes, { failOn: 'truncated' });
		const { format } = await image.metadata();
		if (thorough) await image.resize(16, 16).raw().toBuffer();
		return FORMATS[format] ?? { contentType: `image/${format}`, extension: format };
	} catch {
		return undefined;
	}
}

function isLoopback(url: URL): boolean {
	return (
		url.protocol === 'http:' &&
		(/^127(\.\d+){3}$/.test(url.hostname) || ['localhost', '[::1]'].includes(url.hostname))
	);
}

/**
 * Fetch what an image URL points to; undefined when it is not on this machine or does not come.
 * The sandbox never leaves the machine: elsewhere a placeholder takes the photo's place.
 */
export async function fetchPhoto(
	address: string,
	signal: AbortSignal,
): Promise<Buffer | undefined> {
	const url = new URL(address);
	if (!isLoopback(url)) return undefined;
	return await new Promise((resolve) => {
		const request = get(url, { agent: false, signal, timeout: FETCH_TIMEOUT_MS }, (response) => {
			const chunks: Buffer[] = [];
			let sizeBytes = 0;
			response.on('data', (chunk: Buffer) => {
				sizeBytes += chunk.length;
				chunks.push(chunk);
				if (sizeBytes > MAX_PHOTO_BYTES) request.destroy();
			});
			response.on('end', () => {
				resolve(response.statusCode === 200 ? Buffer.concat(chunks) : undefined);
			});
			response.on('close', () => resolve(undefined));
		});
		request.on('timeout', () => request.destroy());
		request.on('error', () => resolve(undefined));
	});
}
