/** Node's streams, as far as a package that may import nothing of Node's can handle them. */
import type { IExecuteFunctions } from 'n8n-workflow';

/** Node's Readable, by way of n8n's types. */
export type Readable = Exclude<
	Parameters<IExecuteFunctions['helpers']['prepareBinaryData']>[0],
	Buffer
>;

export function isReadable(value: unknown): value is Readable {
	return typeof value === 'object' && value !== null && 'pipe' in value && 'destroy' in value;
}

/** Destroy a stream when a signal fires, or at once if it has fired. */
export function destroyOnAbort(stream: Readable, signal: AbortSignal): void {
	if (signal.aborted) stream.destroy();
	else signal.addEventListener('abort', () => stream.destroy());
}

export const TOO_LARGE = 'TOO_LARGE';

export class TooLarge extends Error {
	readonly code = TOO_LARGE;
}

/**
 * Read a stream to its end.
 *
 * @throws TooLarge beyond `maxBytes`, the stream then being destroyed; whatever breaks the stream
 */
export async function readChunks(
	stream: Readable,
	maxBytes: number,
	onChunk: (chunk: Buffer) => void,
): Promise<void> {
	let sizeBytes = 0;
	for await (const piece of stream) {
		const chunk = piece as Buffer;
		sizeBytes += chunk.length;
		if (sizeBytes > maxBytes) throw new TooLarge();
		onChunk(chunk);
	}
}

export interface Beginning {
	/** At least as many bytes as were asked for, unless these are all. */
	bytes: Buffer;
	/** Whether the stream has ended with them; if not, they are still in it. */
	isWhole: boolean;
}

/**
 * Read the first bytes of a stream that nobody has begun to read, and put them back.
 *
 * @throws what breaks the stream
 */
export async function readBeginning(stream: Readable, count: number): Promise<Beginning> {
	const chunks: Buffer[] = [];
	let sizeBytes = 0;
	while (sizeBytes < count && !stream.readableEnded) {
		const chunk = stream.read() as Buffer | null;
		if (chunk === null) {
			if (!stream.readableEnded) await nextEvent(stream);
			continue;
		}
		chunks.push(chunk);
		sizeBytes += chunk.length;
	}
	const bytes = Buffer.concat(chunks);
	const isWhole = stream.readableEnded;
	if (!isWhole) stream.unshift(bytes);
	return { bytes, isWhole };
}

/** Resolve when there is something to read or nothing more to come; reject when the stream breaks. */
async function nextEvent(stream: Readable): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const closed = () => fail(new Error('The stream was closed'));
		const forget = () => {
			stream.off('readable', settle).off('end', settle).off('error', fail).off('close', closed);
		};
		const settle = () => {
			forget();
			resolve();
		};
		const fail = (error: Error) => {
			forget();
			reject(error);
		};
		if (stream.destroyed) fail(stream.errored ?? new Error('The stream was closed'));
		else stream.on('readable', settle).on('end', settle).on('error', fail).on('close', closed);
	});
}

/** What has passed through a stream so far. */
export interface Passed {
	sizeBytes: number;
	/** The last bytes, at most as many as were asked for. */
	tail: Buffer;
}

/** Watch what others read from a stream; beyond `maxBytes` it is destroyed with TooLarge. */
export function watchPassing(stream: Readable, tailBytes: number, maxBytes: number): Passed {
	const passed: Passed = { sizeBytes: 0, tail: Buffer.alloc(0) };
	// `on` would make the stream flow before the one who is to read it has begun.
	stream.prependListener('data', (chunk: Buffer) => {
		passed.sizeBytes += chunk.length;
		passed.tail = Buffer.concat([passed.tail, chunk.subarray(-tailBytes)]).subarray(-tailBytes);
		if (passed.sizeBytes > maxBytes) stream.destroy(new TooLarge());
	});
	return passed;
}
