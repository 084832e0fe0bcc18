/** Photos of any size that are all different, made one at a time in the same piece of memory. */
import { randomFillSync } from 'node:crypto';

/** A complete PNG of one pixel; what follows its end is ignored by whoever reads it. */
const PNG = Buffer.from(
	'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
	'base64',
);

/**
 * Make a source of photos.
 *
 * @param sizeBytes of each photo, at least 100
 * @returns gives photo `index`; the buffer is overwritten by the next call
 */
export function photoSource(sizeBytes: number): (index: number) => Buffer {
	if (sizeBytes < PNG.length + 4) throw new RangeError('a photo needs at least 100 bytes');
	const photo = Buffer.alloc(sizeBytes);
	PNG.copy(photo);
	randomFillSync(photo, PNG.length);
	return (index) => {
		photo.writeUInt32BE(index, PNG.length);
		return photo;
	};
}
