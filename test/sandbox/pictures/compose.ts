/**
 * Makes a generated picture from the product's own photos, so that a viewer can tell which inputs
 * belong to which output: cards with rounded corners and a soft shadow on a light background.
 */
import sharp, { type OverlayOptions } from 'sharp';
import type { Background, ImageType, Size } from '../generations/shape';
import { canvasSize, grid, type Frame } from './layout';
import type { PictureRequest } from './picture';

const CORNER_RATIO = 0.045;
const SHADOW_RATIO = 0.018;

/** Base tint per kind of picture, so that types of one product are told apart at a glance. */
const TINTS: Record<ImageType['flat_lay_type'], string> = {
	flat: '#f3f0ea',
	ghost_mannequin: '#eaf0f2',
	detail: '#f2ecf1',
};

function escapeXml(text: string): string {
	return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function svg({ width, height }: Size, content: string): Buffer {
	return Buffer.from(
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`,
	);
}

function backdrop(canvas: Size, background: Background, type: ImageType, variant: number): Buffer {
	if (background.background_type === 'transparent') return svg(canvas, '');
	const tint = background.reference_color ?? TINTS[type.flat_lay_type];
	const lightX = [35, 65, 50, 20][variant % 4] ?? 50;
	return svg(
		canvas,
		`<defs><radialGradient id="g" cx="${lightX}%" cy="28%" r="95%">
			<stop offset="0" stop-color="#ffffff"/><stop offset="1" stop-color="${tint}"/>
		</radialGradient></defs><rect width="100%" height="100%" fill="url(#g)"/>`,
	);
}

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

function placeholder(size: Size, text: string): Buffer {
	const lines = text.match(/.{1,26}/gs)?.slice(0, 8) ?? [];
	const fontPx = Math.max(8, Math.round(size.width / 17));
	const firstLine = size.height / 2 - ((lines.length - 1) * fontPx * 1.4) / 2;
	const texts = lines.map(
		(line, index) =>
			`<text x="50%" y="${firstLine + index * fontPx * 1.4}" text-anchor="middle"
				font-family="sans-serif" font-size="${fontPx}" fill="#6f675c">${escapeXml(line)}</text>`,
	);
	return svg(size, `<rect width="100%" height="100%" fill="#dfd8cd"/>${texts.join('')}`);
}

/** Cut a photo to a card; a detail picture shows the middle of the photo, enlarged. */
async function card(photo: Buffer, size: Size, type: ImageType): Promise<Buffer> {
	const zoom = type.flat_lay_type === 'detail' ? 2 : 1;
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

/** Show the last photo first in back views: photos usually come front, then back. */
function inViewOrder<Item>(items: Item[], type: ImageType): Item[] {
	return type.viewpoint === 'back' ? [...items].reverse() : items;
}

/** Make the PNG, 960 px on the longest side unless a size was asked for. */
export async function compose(request: PictureRequest): Promise<Buffer> {
	const { imageType, look, placeholders, variant } = request;
	const sources = request.photos.map((photo, index) => ({
		photo,
		text: placeholders[index] ?? '',
	}));
	if (sources.length === 0) {
		const text = placeholders[0] ?? '';
		sources.push({
			photo: { identity: '', path: '', bytes: async () => await Promise.resolve(undefined) },
			text,
		});
	}
	const canvas = canvasSize(look);
	const frames = grid(sources.length, canvas, look);
	const cards = await Promise.all(
		inViewOrder(sources, imageType).map(async ({ photo, text }, index) => {
			const frame = frames[index] ?? { left: 0, top: 0, width: 1, height: 1 };
			const empty = placeholder(frame, text);
			const bytes = (await photo.bytes()) ?? empty;
			const input = await card(bytes, frame, imageType).catch(
				async () => await card(empty, frame, imageType),
			);
			return { input, left: frame.left, top: frame.top } satisfies OverlayOptions;
		}),
	);
	return await sharp(backdrop(canvas, look.background, imageType, variant))
		.composite([{ input: shadows(canvas, frames) }, ...cards])
		.png()
		.toBuffer();
}
