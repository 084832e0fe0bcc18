/** Files of pictures that look like nothing, the same in every run: whether one seems whole depends on its bytes. */
import sharp from 'sharp';

import { Random } from './random';

const CHANNELS = 3;

/** Encode a square of noise. */
export async function noisePicture(
	format: keyof sharp.FormatEnum,
	size: number,
): Promise<Uint8Array> {
	const random = new Random(size);
	const pixels = Uint8Array.from({ length: size * size * CHANNELS }, () => random.int(0, 255));
	const raw = { width: size, height: size, channels: CHANNELS } as const;
	return new Uint8Array(await sharp(pixels, { raw }).toFormat(format).toBuffer());
}
