/** Cuts the garment out of a photo: straightened, on nothing, its edges soft. */
import sharp from 'sharp';
import type { Size } from '../generations/shape';
import { garmentMask, tiltOf, type GarmentMask } from './garmentMask';

/** A garment on a transparent ground, cropped to its outline. */
export interface CutOut extends Size {
	/** PNG with an alpha channel. */
	png: Buffer;
}

const LONGEST_SIDE_PX = 800;
const SEARCH_SIDE_PX = 192;
/** The mask is cut back by about a pixel of the search, so that no ground shows at the edge. */
const EDGE = { contrast: 5, from: 0.62 } as const;

/** The outline in the size of the photo: one byte a pixel, grey at the edge. */
async function outline({ inside, ...small }: GarmentMask, size: Size): Promise<Buffer> {
	const blurPx = (0.9 * size.width) / small.width;
	return await sharp(Buffer.from(inside.map((value) => value * 255)), {
		raw: { ...small, channels: 1 },
	})
		.resize({ ...size, fit: 'fill', kernel: 'cubic' })
		.blur(blurPx)
		.linear(EDGE.contrast, 255 * (0.5 - EDGE.from * EDGE.contrast))
		.extractChannel(0)
		.raw()
		.toBuffer();
}

/** Cut the garment out; undefined where none can be told from its ground. */
export async function cutOut(photo: Buffer): Promise<CutOut | undefined> {
	const { data, info } = await sharp(photo, { failOn: 'none' })
		.rotate()
		.flatten({ background: '#ffffff' })
		.toColourspace('srgb')
		.resize({ width: LONGEST_SIDE_PX, height: LONGEST_SIDE_PX, fit: 'inside' })
		.raw()
		.toBuffer({ resolveWithObject: true });
	const size = { width: info.width, height: info.height };
	const raw = { raw: { ...size, channels: 3 as const } };
	const small = await sharp(data, raw)
		.resize({ width: SEARCH_SIDE_PX, height: SEARCH_SIDE_PX, fit: 'inside' })
		.raw()
		.toBuffer({ resolveWithObject: true });
	const mask = garmentMask({
		rgb: small.data,
		width: small.info.width,
		height: small.info.height,
	});
	if (mask === undefined) return undefined;
	const alpha = await outline(mask, size);
	const garment = await sharp(data, raw)
		.joinChannel(alpha, { raw: { ...size, channels: 1 } })
		.png({ compressionLevel: 1 })
		.toBuffer();
	const straight = await sharp(garment)
		.rotate(-tiltOf(mask), { background: '#00000000' })
		.png({ compressionLevel: 1 })
		.toBuffer();
	const cropped = await sharp(straight)
		.trim({ background: '#00000000', threshold: 8 })
		.png({ compressionLevel: 1 })
		.toBuffer({ resolveWithObject: true });
	return { png: cropped.data, width: cropped.info.width, height: cropped.info.height };
}
