/** Images from and to the web: source images named by URL, and generated pictures into n8n's store. */
import { createHash } from 'crypto';
import type { IBinaryData } from 'n8n-workflow';

import { failure } from '../api/failures';
import type { FetchPicture } from '../batch/downloads';
import type { ImageSource, OpenedImage } from '../batch/plan';
import { classifyConnectionError } from '../core/connectionError';
import { recognizeFile, SIGNATURE_BYTES } from '../core/fileSignature';
import { openedImage } from './binary';
import { consumeInTime, openWebFile, type WebFile, type WebPorts } from './webFile';

/** A photo larger than this is a mistake; it would be held in memory for its upload. */
export const MAX_SOURCE_BYTES = 50 * 1024 * 1024;

const EXTENSION_BY_TYPE: Readonly<Record<string, string>> = {
	'image/png': 'png',
	'image/jpeg': 'jpg',
	'image/webp': 'webp',
	'image/avif': 'avif',
	'image/gif': 'gif',
	'image/tiff': 'tiff',
};

/** Some stores serve every file as this. */
const UNSTATED_TYPE = 'application/octet-stream';

function notFetched(url: string, reason: string): OpenedImage {
	const message = `The image ${url} could not be fetched: ${reason}`;
	return { kind: 'failed', failure: failure('IMAGE_NOT_FETCHED', message) };
}

function reasonOf(answer: Exclude<WebFile, { kind: 'file' }>): string {
	switch (answer.kind) {
		case 'refusedUrl':
			return `the URL ${answer.reason}`;
		case 'response':
			return `HTTP ${answer.status}`;
		case 'aborted':
			return 'the execution was stopped';
		default:
			return answer.code;
	}
}

class TooLarge extends Error {}

async function fetchSource(ports: WebPorts, url: string): Promise<OpenedImage> {
	const answer = await openWebFile(ports, url);
	if (answer.kind !== 'file') return notFetched(url, reasonOf(answer));
	const tooLarge = `it is larger than ${MAX_SOURCE_BYTES / 1024 / 1024} MB`;
	if ((answer.lengthBytes ?? 0) > MAX_SOURCE_BYTES) {
		answer.stream.destroy();
		return notFetched(url, tooLarge);
	}
	const hash = createHash('sha256');
	const chunks: Buffer[] = [];
	let sizeBytes = 0;
	try {
		await consumeInTime(ports, answer.stream, async (stream) => {
			for await (const piece of stream) {
				const chunk = Buffer.from(piece as Uint8Array);
				sizeBytes += chunk.length;
				if (sizeBytes > MAX_SOURCE_BYTES) throw new TooLarge();
				hash.update(chunk);
				chunks.push(chunk);
			}
		});
	} catch (error) {
		if (error instanceof TooLarge) return notFetched(url, tooLarge);
		const lost = classifyConnectionError(error, ports.signal?.aborted === true);
		return notFetched(url, lost.kind === 'response' ? '' : reasonOf(lost));
	}
	const bytes = Buffer.concat(chunks);
	const signature = recognizeFile(bytes.subarray(0, SIGNATURE_BYTES));
	if (signature.kind === 'other') {
		const message = `The file at ${url} is no image: it is ${signature.what}`;
		return { kind: 'failed', failure: failure('NOT_AN_IMAGE', message) };
	}
	return openedImage(bytes, hash.digest('hex'), fileNameOf(url), answer.contentType);
}

function fileNameOf(url: string): string | undefined {
	const name = new URL(url).pathname.split('/').pop() ?? '';
	return name === '' ? undefined : decodeURIComponentSafely(name);
}

function decodeURIComponentSafely(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** Make an image source of a URL that the node fetches itself. */
export function urlSource(ports: WebPorts, url: string): ImageSource {
	return { label: url, fingerprint: url, open: async () => await fetchSource(ports, url) };
}

/** Stream generated pictures into n8n's binary store. */
export function createFetchPicture(ports: WebPorts): FetchPicture<IBinaryData> {
	return async (url, baseName) => {
		const answer = await openWebFile(ports, url);
		if (answer.kind === 'refusedUrl') {
			return { kind: 'notAnImage', detail: `the URL ${answer.reason}` };
		}
		if (answer.kind !== 'file') return answer;
		const { stream, contentType } = answer;
		const isImage = contentType.startsWith('image/');
		if (!isImage && contentType !== '' && contentType !== UNSTATED_TYPE) {
			stream.destroy();
			return { kind: 'notAnImage', detail: `the file host sent ${contentType}, not an image` };
		}
		const extension = EXTENSION_BY_TYPE[contentType] ?? extensionOf(url) ?? 'png';
		const mimeType = isImage ? contentType : typeOf(extension);
		try {
			const picture = await consumeInTime(
				ports,
				stream,
				async () =>
					await ports.host.helpers.prepareBinaryData(stream, `${baseName}.${extension}`, mimeType),
			);
			return { kind: 'picture', picture };
		} catch (error) {
			return classifyConnectionError(error, ports.signal?.aborted === true);
		}
	};
}

function extensionOf(url: string): string | undefined {
	return /\.([a-z0-9]{3,4})$/i.exec(new URL(url).pathname)?.[1]?.toLowerCase();
}

function typeOf(extension: string): string {
	const known = Object.entries(EXTENSION_BY_TYPE).find(([, known]) => known === extension);
	return known?.[0] ?? 'image/png';
}
