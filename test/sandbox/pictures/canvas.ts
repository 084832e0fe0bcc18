/** What all composed pictures share: SVG layers, the lit ground, words where a photo is missing. */
import type { Background, ImageType, Size } from '../generations/shape';

/** Base tint per kind of picture, so that types of one product are told apart at a glance. */
const TINTS: Record<ImageType['flat_lay_type'], string> = {
	flat: '#f3f0ea',
	ghost_mannequin: '#eaf0f2',
	detail: '#f2ecf1',
};

function escapeXml(text: string): string {
	return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Wrap SVG content in a drawing of this size. */
export function svg({ width, height }: Size, content: string): Buffer {
	return Buffer.from(
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`,
	);
}

/** The ground of the picture, lit from another side in each variant. */
export function backdrop(
	canvas: Size,
	background: Background,
	type: ImageType,
	variant: number,
): Buffer {
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

/** A grey card with the name of what is missing. */
export function placeholder(size: Size, text: string): Buffer {
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
