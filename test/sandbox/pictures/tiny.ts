/** One tiny picture for load tests, where making pictures would be what is measured. */
import sharp from 'sharp';

let made: Promise<Buffer> | undefined;

/** Give a PNG of 8 x 10 pixels, always the same. */
export async function tinyPicture(): Promise<Buffer> {
	made ??= sharp({ create: { width: 8, height: 10, channels: 3, background: '#ece7df' } })
		.png()
		.toBuffer();
	return await made;
}
