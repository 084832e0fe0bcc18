/** n8n's binary data as image sources: found by field name, opened only when its turn comes. */
import { createHash } from 'crypto';
import type { IBinaryData, IBinaryKeyData, IExecuteFunctions } from 'n8n-workflow';

import { failure } from '../api/failures';
import type { ImageSource, OpenedImage } from '../batch/plan';
import { recognizeFile, SIGNATURE_BYTES } from '../core/fileSignature';
import { isJsonObject } from '../core/json';
import { hostClock } from './hostClock';

/** Read and hash in pieces of this size, so that the event loop is never held for long. */
const CHUNK_BYTES = 256 * 1024;
/** Base64 characters that decode to one chunk; a multiple of four. */
const CHUNK_CHARACTERS = 4 * Math.floor(CHUNK_BYTES / 3);
const HASH_LENGTH = 32;
/** Some milliseconds of hashing. */
const HASH_SLICE_BYTES = 4 * 1024 * 1024;

export type BinaryLookup =
	| { kind: 'found'; binaries: NamedBinary[] }
	/** The item has no field of this name, only those `present`. */
	| { kind: 'missing'; name: string; present: string[] }
	/** The value is neither a name nor binary data. */
	| { kind: 'unusable' };

export interface NamedBinary {
	/** Name of the field, or of the parameter when an expression gave the object itself. */
	propertyName: string;
	data: IBinaryData;
}

function isBinaryData(value: object): value is IBinaryData {
	return 'mimeType' in value && ('data' in value || 'id' in value);
}

/**
 * Find the binaries in what an expression gave: binary data, or all fields of an item. n8n leaves out
 * `data` of `$binary.photo` (observed on 2.0 and 2.40). What has no `id` either, as a Code node makes
 * it, is the field of the item that fits in everything else; undefined unless exactly one does.
 */
function binariesIn(fields: IBinaryKeyData, value: unknown): NamedBinary[] | undefined {
	if (!isJsonObject(value)) return undefined;
	const isOf = ([, data]: [string, IBinaryData]) =>
		Object.entries(value).every(([key, part]) => data[key] === part);
	if (isBinaryData(value)) {
		const own = Object.entries(fields).find(isOf);
		return [{ propertyName: own?.[0] ?? 'binaryPropertyNames', data: value }];
	}
	if ('mimeType' in value) {
		const [own, ...others] = Object.entries(fields).filter(isOf);
		if (own === undefined || others.length > 0) return undefined;
		return [{ propertyName: own[0], data: own[1] }];
	}
	const binaries: NamedBinary[] = [];
	for (const [propertyName, entry] of Object.entries(value)) {
		const own = fields[propertyName];
		const found = binariesIn(own === undefined ? fields : { [propertyName]: own }, entry);
		if (found === undefined) return undefined;
		binaries.push(...found);
	}
	return binaries;
}

function splitNames(value: string): string[] {
	return value
		.split(',')
		.map((name) => name.trim())
		.filter((name) => name !== '');
}

/**
 * Find the binaries that a parameter value names: comma-separated field names, `*` for every field of
 * the item in order, binary objects from an expression, or an array of these.
 */
export function findBinaries(
	host: IExecuteFunctions,
	itemIndex: number,
	value: unknown,
): BinaryLookup {
	const fields = host.getInputData()[itemIndex]?.binary ?? {};
	const wanted = (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap<unknown>(
		(entry) => (typeof entry === 'string' ? splitNames(entry) : [entry]),
	);
	const binaries: NamedBinary[] = [];
	for (const entry of wanted) {
		if (entry === '*') {
			for (const [propertyName, data] of Object.entries(fields)) {
				binaries.push({ propertyName, data });
			}
		} else if (typeof entry === 'string') {
			const data = fields[entry];
			if (data === undefined) {
				return { kind: 'missing', name: entry, present: Object.keys(fields) };
			}
			binaries.push({ propertyName: entry, data });
		} else {
			const found = binariesIn(fields, entry);
			if (found === undefined) return { kind: 'unusable' };
			binaries.push(...found);
		}
	}
	return { kind: 'found', binaries };
}

function shortHash(hash: ReturnType<typeof createHash>): string {
	return hash.digest('hex').slice(0, HASH_LENGTH);
}

/** Visit the decoded bytes chunk by chunk, giving way to other work between chunks. */
async function* chunksOf(
	host: IExecuteFunctions,
	data: IBinaryData,
	chunkBytes = CHUNK_BYTES,
): AsyncGenerator<Buffer> {
	if (data.id !== undefined && data.id !== '') {
		const stream = await host.helpers.getBinaryStream(data.id, chunkBytes);
		for await (const chunk of stream) yield chunk as Buffer;
		return;
	}
	for (let start = 0; start < data.data.length; start += CHUNK_CHARACTERS) {
		yield Buffer.from(data.data.slice(start, start + CHUNK_CHARACTERS), 'base64');
		await Promise.resolve();
	}
}

/** Read the beginning of a binary; undefined when the host cannot read it. */
export async function readHead(
	host: IExecuteFunctions,
	data: IBinaryData,
): Promise<Uint8Array | undefined> {
	try {
		for await (const chunk of chunksOf(host, data, SIGNATURE_BYTES)) {
			return chunk.subarray(0, SIGNATURE_BYTES);
		}
		return new Uint8Array();
	} catch {
		return undefined;
	}
}

/** Hash the bytes; undefined when the host cannot read them. */
async function contentHash(
	host: IExecuteFunctions,
	data: IBinaryData,
): Promise<string | undefined> {
	const hash = createHash('sha256');
	try {
		for await (const chunk of chunksOf(host, data)) hash.update(chunk);
	} catch {
		return undefined;
	}
	return shortHash(hash);
}

/** Hash bytes in place, giving way to other work now and then. */
async function hashOf(bytes: Buffer): Promise<string> {
	const hash = createHash('sha256');
	for (let start = 0; start < bytes.length; start += HASH_SLICE_BYTES) {
		if (start > 0) await hostClock.sleep(0);
		hash.update(bytes.subarray(start, start + HASH_SLICE_BYTES));
	}
	return shortHash(hash);
}

/** Read as one buffer, which the host makes of the size of the file: a list of chunks would be a copy more. */
async function openBinary(
	host: IExecuteFunctions,
	{ propertyName, data }: NamedBinary,
): Promise<OpenedImage> {
	try {
		const bytes = await host.helpers.getBinaryDataBuffer(0, data);
		return openedImage(bytes, await hashOf(bytes), data.fileName, data.mimeType);
	} catch {
		const message = `The binary field "${propertyName}" could not be read from n8n's storage`;
		return { kind: 'failed', failure: failure('INVALID_PARAMETER', message) };
	}
}

/**
 * Describe bytes for their upload: the content type that the bytes prove, or the one that was stated;
 * a file name in any case, because Aiuta takes a part without one for a text field.
 */
export function openedImage(
	bytes: Buffer,
	contentHash: string,
	statedName: string | undefined,
	statedType: string | undefined,
): OpenedImage {
	const signature = recognizeFile(bytes.subarray(0, SIGNATURE_BYTES));
	const isImage = signature.kind === 'image';
	const contentType = isImage ? signature.contentType : (statedType ?? 'application/octet-stream');
	const fileName = statedName ?? `image.${isImage ? signature.extension : 'bin'}`;
	return { kind: 'opened', fileName, contentType, bytes, contentHash };
}

/** Make an image source of a binary field. Its bytes are read once where they are uploaded anyway. */
export function binarySource(host: IExecuteFunctions, binary: NamedBinary): ImageSource {
	const { propertyName, data } = binary;
	const field = `in the binary field "${propertyName}"`;
	let identity: Promise<string | undefined> | undefined;
	return {
		label: data.fileName ?? field,
		place: data.fileName === undefined ? undefined : field,
		host: undefined,
		identity: async () => await (identity ??= contentHash(host, data)),
		open: async () => {
			const opened = await openBinary(host, binary);
			if (opened.kind === 'opened') identity = Promise.resolve(opened.contentHash);
			return opened;
		},
	};
}
