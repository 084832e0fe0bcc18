/** Photos as cards with rounded corners: for close-ups, and where no garment can be cut out. */
import sharp, { type OverlayOptions } from 'sharp';
import type { ImageType, Look, Size } from '../generations/shape';
import { placeholder, svg } from './canvas';
import { grid, type Frame } from './layout';

/** A photo, or the words that stand in its place. */
export interface CardSource {
	bytes: Buffer | undefined;
	text: string;
}

const CORNER_RATIO = 0.045;
const SHADOW_RATIO = 0.018;
/** A close-up shows the middle of the photo, enlarged. */
const DETAIL_ZOOM = 2;

function shadows(canvas: Size, frames: Frame[]): Buffer {
	const blur = Math.max(1, Math.round(canvas.height * SHADOW_RATIO));
	const cards = frames.map(
		({ left, top, width, height }) =>
			`<rect x="${left}" y="${top + blur * 0.6}" width="${width}" height="${height}"
				rx="${Math.min(width, height) * CORNER_RATIO}" fill="#3a3128" fill-opacity="0.3"/>`,
	);
	return svg(
		canvas,
		`<defs><filter id="b" x="-20%" y="-20%" width="140%" height="140%">
			<feGaussianBlur stdDeviation="${blur * 0.6}"/>
		</filter></defs><g filter="url(#b)">${cards.join('')}</g>`,
	);
}

async function card(photo: Buffer, size: Size, zoom: number): Promise<Buffer> {
	const corner = Math.min(size.width, size.height) * CORNER_RATIO;
	const mask = svg(size, `<rect width="100%" height="100%" rx="${corner}" fill="#fff"/>`);
	const large = await sharp(photo, { failOn: 'none' })
		.rotate()
		.resize(size.width * zoom, size.height * zoom, { fit: 'cover' })
		.png({ compressionLevel: 1 })
		.toBuffer();
	return await sharp(large)
		.extract({
			left: Math.floor((size.width * (zoom - 1)) / 2),
			top: Math.floor((size.height * (zoom - 1)) / 2),
			width: size.width,
			height: size.height,
		})
		.ensureAlpha()
		.composite([{ input: mask, blend: 'dest-in' }])
		.png({ compressionLevel: 1 })
		.toBuffer();
}

/** Lay the photos out as a grid of cards. */
export async function cardLayers(
	sources: CardSource[],
	type: ImageType,
	canvas: Size,
	look: Look,
): Promise<OverlayOptions[]> {
	const zoom = type.flat_lay_type === 'detail' ? DETAIL_ZOOM : 1;
	const frames = grid(sources.length, canvas, look);
	const cards = await Promise.all(
		sources.map(async ({ bytes, text }, index) => {
			const frame = frames[index] ?? { left: 0, top: 0, width: 1, height: 1 };
			const empty = placeholder(frame, text);
			const input = await card(bytes ?? empty, frame, zoom).catch(
				async () => await card(empty, frame, zoom),
			);
			return { input, left: frame.left, top: frame.top };
		}),
	);
	return [{ input: shadows(canvas, frames) }, ...cards];
}
