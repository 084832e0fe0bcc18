/** One small picture for load tests, where making pictures would be what is measured. */
import { crc32 } from 'node:zlib';

import sharp from 'sharp';

/** Length, name and checksum of a chunk (PNG specification, 5.3). */
const CHUNK_FRAME_BYTES = 12;
const LAST_CHUNK_BYTES = CHUNK_FRAME_BYTES;
/** A private chunk that no reader has to know (PNG specification, 5.4). */
const FILLING = 'fiLl';

const made = new Map<number, Promise<Buffer>>();

function filling(bytes: number): Buffer {
	const chunk = Buffer.alloc(Math.max(bytes, CHUNK_FRAME_BYTES));
	chunk.writeUInt32BE(chunk.length - CHUNK_FRAME_BYTES, 0);
	chunk.write(FILLING, 4, 'latin1');
	chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
	return chunk;
}

async function make(bytes: number): Promise<Buffer> {
	const picture = await sharp({
		create: { width: 8, height: 10, channels: 3, background: '#ece7df' },
	})
		.png()
		.toBuffer();
	const missingBytes = bytes - picture.length;
	if (missingBytes <= 0) return picture;
	const end = picture.length - LAST_CHUNK_BYTES;
	return Buffer.concat([picture.subarray(0, end), filling(missingBytes), picture.subarray(end)]);
}

/** Give a PNG of 8 x 10 pixels, always the same, filled up to at least so many bytes. */
export async function tinyPicture(bytes: number): Promise<Buffer> {
	const known = made.get(bytes) ?? make(bytes);
	made.set(bytes, known);
	return await known;
}
