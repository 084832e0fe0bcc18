/** Cut-out garments laid on a clean ground, each with the soft shadow of what lies there. */
import sharp, { type OverlayOptions } from 'sharp';
import type { ImageType, Look, Size } from '../generations/shape';
import type { CutOut } from './cutOut';
import { arrangement, type Frame } from './layout';

/** A shadow: how soft and how far away, as shares of the canvas' height, and how dark. */
interface Shadow {
	blur: number;
	right: number;
	down: number;
	opacity: number;
}

/** Close to the fabric, and around it. A garment in worn shape stands further off its ground. */
const SHADOWS: Record<'flat' | 'raised', Shadow[]> = {
	flat: [
		{ blur: 0.0035, right: 0.002, down: 0.003, opacity: 0.3 },
		{ blur: 0.013, right: 0.007, down: 0.012, opacity: 0.28 },
	],
	raised: [
		{ blur: 0.01, right: 0.006, down: 0.012, opacity: 0.2 },
		{ blur: 0.03, right: 0.018, down: 0.034, opacity: 0.24 },
	],
};
const SHADOW_COLOR = { r: 46, g: 38, b: 30 };

async function shadowLayer(
	garment: Buffer,
	frame: Frame,
	canvas: Size,
	{ blur, right, down, opacity }: Shadow,
): Promise<OverlayOptions> {
	const placed = await sharp({
		create: { ...canvas, channels: 4, background: '#00000000' },
	})
		.composite([
			{
				input: garment,
				left: frame.left + Math.round(right * canvas.height),
				top: frame.top + Math.round(down * canvas.height),
			},
		])
		.extractChannel('alpha')
		.raw()
		.toBuffer();
	const oneChannel = { raw: { ...canvas, channels: 1 as const } };
	const alpha = await sharp(placed, oneChannel)
		.blur(Math.max(0.4, blur * canvas.height))
		.linear(opacity, 0)
		.extractChannel(0)
		.raw()
		.toBuffer();
	const input = await sharp({ create: { ...canvas, channels: 3, background: SHADOW_COLOR } })
		.joinChannel(alpha, oneChannel)
		.png({ compressionLevel: 1 })
		.toBuffer();
	return { input };
}

/** Lay the garments out, the first one in front. */
export async function flatLayLayers(
	garments: CutOut[],
	type: ImageType,
	canvas: Size,
	look: Look,
): Promise<OverlayOptions[]> {
	const frames = arrangement(garments, canvas, look);
	const shadows = SHADOWS[type.flat_lay_type === 'flat' ? 'flat' : 'raised'];
	const layers = await Promise.all(
		garments.map(async ({ png }, index) => {
			const frame = frames[index] ?? { left: 0, top: 0, width: 1, height: 1 };
			const input = await sharp(png)
				.resize({ width: frame.width, height: frame.height, fit: 'fill' })
				.png({ compressionLevel: 1 })
				.toBuffer();
			const below = await Promise.all(
				shadows.map(async (shadow) => await shadowLayer(input, frame, canvas, shadow)),
			);
			return [...below, { input, left: frame.left, top: frame.top }];
		}),
	);
	return layers.reverse().flat();
}
