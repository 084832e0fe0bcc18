/** Images from and to the web: source images named by URL, and generated pictures into n8n's store. */
import { createHash } from 'crypto';
import type { IBinaryData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { failure } from '../api/failures';
import type { FetchedPicture, FetchPicture } from '../batch/downloads';
import type { ImageSource, OpenedImage } from '../batch/plan';
import { classifyConnectionError } from '../core/connectionError';
import { isCutShort, recognizeFile, SIGNATURE_BYTES, TAIL_BYTES } from '../core/fileSignature';
import { openedImage } from './binary';
import { readBeginning, readChunks, TOO_LARGE, TooLarge, watchPassing } from './readable';
import { readWebFile, type OpenFile, type WebFile, type WebPorts } from './webFile';

/** A photo larger than this is a mistake; it would be held in memory for its upload. */
const MAX_SOURCE_BYTES = 50 * 1024 * 1024;

/** A generated picture larger than this is none. */
const MAX_PICTURE_BYTES = 100 * 1024 * 1024;

/** Why a photo was not fetched: in words for the message, and as the connection or server said it. */
interface Reason {
	words?: string | undefined;
	detail?: string | undefined;
}

/** What the status of an answer means for whoever gave the address. */
const WORDS_OF_STATUS: Readonly<Record<number, string>> = {
	401: 'its host does not show it to everybody',
	403: 'its host does not show it to everybody',
	404: 'there is nothing at this address',
	410: 'there is nothing at this address',
};

function notFetched(url: string, { words, detail }: Reason): OpenedImage {
	const why = words === undefined ? '' : `: ${words}`;
	const message = `The photo ${url} could not be fetched${why}`;
	return { kind: 'failed', failure: failure('IMAGE_NOT_FETCHED', message, { detail }) };
}

function reasonOf(answer: Exclude<WebFile, OpenFile>): Reason {
	switch (answer.kind) {
		case 'refusedUrl':
			return { words: `the URL ${answer.reason}` };
		case 'response':
			return {
				words: WORDS_OF_STATUS[answer.status],
				detail: `its host answered HTTP ${answer.status}`,
			};
		case 'aborted':
			return { words: 'the execution was stopped' };
		default:
			return answer.code === TOO_LARGE
				? { words: `it is larger than ${MAX_SOURCE_BYTES / 1024 / 1024} MB` }
				: { detail: `the connection failed with ${answer.code}` };
	}
}

type Read = { kind: 'read'; bytes: Buffer; hash: string; contentType: string };

async function readSource({ stream, contentType, lengthBytes }: OpenFile): Promise<Read> {
	if ((lengthBytes ?? 0) > MAX_SOURCE_BYTES) throw new TooLarge();
	const hash = createHash('sha256');
	const chunks: Buffer[] = [];
	await readChunks(stream, MAX_SOURCE_BYTES, (chunk) => {
		hash.update(chunk);
		chunks.push(chunk);
	});
	return { kind: 'read', bytes: Buffer.concat(chunks), hash: hash.digest('hex'), contentType };
}

/** Whether a host answered at all, whatever it said. */
function isAnswer({ kind }: Read | Exclude<WebFile, OpenFile>): boolean {
	return kind === 'read' || kind === 'response' || kind === 'refusedUrl' || kind === 'aborted';
}

async function fetchSource(ports: WebPorts, url: string): Promise<OpenedImage> {
	const ask = async () => await readWebFile(ports, url, readSource);
	const answer = await ports.imageHosts.ask(url, ask, isAnswer);
	if (answer === undefined) {
		const { host } = new URL(url);
		const words = `${host} did not answer several requests before it; nothing was asked`;
		return notFetched(url, { words });
	}
	if (answer.kind !== 'read') return notFetched(url, reasonOf(answer));
	const { bytes, hash, contentType } = answer;
	const signature = recognizeFile(bytes.subarray(0, SIGNATURE_BYTES));
	if (signature.kind === 'other') {
		const message = `The file at ${url} is no photo: it is ${signature.what}`;
		return { kind: 'failed', failure: failure('NOT_AN_IMAGE', message) };
	}
	return openedImage(bytes, hash, fileNameOf(url), contentType);
}

function fileNameOf(url: string): string | undefined {
	const { pathname } = new URL(url);
	const name = pathname.slice(pathname.lastIndexOf('/') + 1);
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
	return {
		label: url,
		host: new URL(url).host,
		identity: async () => await Promise.resolve(url),
		open: async () => await fetchSource(ports, url),
	};
}

/**
 * Stream generated pictures into n8n's binary store. What a picture is, its bytes say: not its host,
 * which may call a picture `binary/octet-stream` and a page `image/png`.
 */
export function createFetchPicture(ports: WebPorts): FetchPicture<IBinaryData> {
	return async (url, baseName) => {
		const answer = await readWebFile<FetchedPicture<IBinaryData>>(
			ports,
			url,
			async (file) => await storePicture(ports.host, file, url, baseName),
		);
		return answer.kind === 'refusedUrl' ? notAnImage(`the URL ${answer.reason}`) : answer;
	};
}

function notAnImage(detail: string): FetchedPicture<IBinaryData> {
	return { kind: 'notAnImage', detail };
}

interface PictureType {
	contentType: string;
	extension: string;
}

/** What a file is by its first bytes, or by its host where the bytes are of no kind known here. */
function pictureType(head: Uint8Array, stated: string, url: string): PictureType | string {
	const signature = recognizeFile(head);
	if (signature.kind === 'image') return signature;
	if (signature.kind === 'other') return signature.what;
	if (!stated.startsWith('image/')) return `a file of an unknown kind (${stated})`;
	const named = /\.([a-z0-9]{3,4})$/i.exec(new URL(url).pathname)?.[1];
	const extension = (named ?? stated.slice('image/'.length)).toLowerCase();
	return { contentType: stated, extension: extension.replace(/[^a-z0-9]/g, '').slice(0, 4) };
}

async function storePicture(
	host: IExecuteFunctions,
	{ stream, contentType, lengthBytes }: OpenFile,
	url: string,
	baseName: string,
): Promise<FetchedPicture<IBinaryData>> {
	const tooLarge = notAnImage(`it is larger than ${MAX_PICTURE_BYTES / 1024 / 1024} MB`);
	if ((lengthBytes ?? 0) > MAX_PICTURE_BYTES) return tooLarge;
	const { bytes, isWhole } = await readBeginning(stream, SIGNATURE_BYTES);
	const head = bytes.subarray(0, SIGNATURE_BYTES);
	const type = pictureType(head, contentType, url);
	if (typeof type === 'string') return notAnImage(`the file host sent no picture: it is ${type}`);
	const passed = isWhole
		? { sizeBytes: bytes.length, tail: bytes.subarray(-TAIL_BYTES) }
		: watchPassing(stream, TAIL_BYTES, MAX_PICTURE_BYTES);
	const picture = await stored(
		host.helpers.prepareBinaryData(
			isWhole ? bytes : stream,
			`${baseName}.${type.extension}`,
			type.contentType,
		),
	);
	if (passed.sizeBytes > MAX_PICTURE_BYTES) return tooLarge;
	if (picture.kind !== 'picture') return picture;
	// n8n has no way to take back what it has stored; it goes when the execution's data goes.
	if (isCutShort(type.contentType, head, passed.tail, passed.sizeBytes)) {
		return notAnImage(`the file host sent ${passed.sizeBytes} bytes of a picture without its end`);
	}
	return picture;
}

async function stored(storing: Promise<IBinaryData>): Promise<FetchedPicture<IBinaryData>> {
	try {
		return { kind: 'picture', picture: await storing };
	} catch (error) {
		return classifyConnectionError(error, false);
	}
}

/**
 * Add to an item the link to its first picture, which works without logging in to n8n, for a day: an
 * agent never sees binary data. Nothing is added where the host makes no link, as for data kept in memory.
 */
export function withPictureLink(
	host: IExecuteFunctions,
	item: INodeExecutionData,
): INodeExecutionData {
	const [picture] = Object.values(item.binary ?? {});
	if (picture?.id === undefined || !('createBinarySignedUrl' in host.helpers)) return item;
	try {
		const link = host.helpers.createBinarySignedUrl(picture, '1d');
		return { ...item, json: { ...item.json, picture_url: link } };
	} catch {
		return item;
	}
}
