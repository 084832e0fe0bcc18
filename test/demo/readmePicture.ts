/**
 * Composes `docs/images/flat-lays.png` for the README: photos on the left, what the demo made of them
 * on the right. Run the demo first: `npm run demo && npx tsx test/demo/readmePicture.ts`.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

import { sampleProducts } from './products';

const ROOT_DIR = join(__dirname, '../..');
const RESULTS_DIR = join(ROOT_DIR, 'demo-output');
const PICTURE = join(ROOT_DIR, 'docs/images/flat-lays.png');
/** Products shown, one a row. */
const SHOWN = ['red-dress', 'blue-jeans', 'green-jacket'];
const GAP_PX = 20;
const PHOTO = { width: 200, height: 250 };
const RESULT = { width: 200, height: 250 };
const ARROW_PX = 70;
const ROW_PX = RESULT.height;
const CAPTION_PX = 34;

const GROUP_PX = PHOTO.width * 2 + GAP_PX + ARROW_PX + RESULT.width;
const WIDTH_PX = GROUP_PX + 2 * GAP_PX;
const HEIGHT_PX = CAPTION_PX + SHOWN.length * (ROW_PX + GAP_PX);

async function tile(file: string, size: { width: number; height: number }): Promise<Buffer> {
	return await sharp(file)
		.resize({ ...size, fit: 'contain', background: '#ffffff' })
		.png()
		.toBuffer();
}

function rowTop(row: number): number {
	return CAPTION_PX + row * (ROW_PX + GAP_PX);
}

function drawing(): Buffer {
	const arrowLeft = GAP_PX + PHOTO.width * 2 + GAP_PX + 14;
	const arrows = SHOWN.map((_name, row) => {
		const y = rowTop(row) + ROW_PX / 2;
		return `<path d="M${arrowLeft} ${y} h34 m-12 -11 l12 11 l-12 11" fill="none"
			stroke="#4b5563" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>`;
	});
	const frames = SHOWN.map(
		(_name, row) => `<rect x="${WIDTH_PX - GAP_PX - RESULT.width - 1}" y="${rowTop(row) - 1}"
			width="${RESULT.width + 2}" height="${RESULT.height + 2}" fill="none" stroke="#d1d5db"/>`,
	);
	const text = 'font-family="sans-serif" font-size="15" fill="#374151"';
	return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH_PX}"
		height="${HEIGHT_PX}"><text x="${GAP_PX}" y="23" ${text}>Photos in</text>
		<text x="${WIDTH_PX - GAP_PX - RESULT.width}" y="23" ${text}>One picture out (sandbox)</text>
		${arrows.join('')}${frames.join('')}</svg>`);
}

async function main(): Promise<void> {
	const layers: sharp.OverlayOptions[] = [];
	const products = sampleProducts().filter(({ productId }) => SHOWN.includes(productId));
	for (const [row, { productId, photos }] of products.entries()) {
		const top = rowTop(row);
		for (const [column, photo] of photos.entries()) {
			layers.push({
				input: await tile(photo, PHOTO),
				left: GAP_PX + column * (PHOTO.width + GAP_PX),
				top: top + Math.round((ROW_PX - PHOTO.height) / 2),
			});
		}
		const result = await tile(join(RESULTS_DIR, `${productId}.png`), RESULT);
		layers.push({ input: result, left: WIDTH_PX - GAP_PX - RESULT.width, top });
	}
	await mkdir(dirname(PICTURE), { recursive: true });
	await sharp({
		create: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3, background: '#ffffff' },
	})
		.composite([...layers, { input: drawing(), left: 0, top: 0 }])
		.png({ compressionLevel: 9 })
		.toFile(PICTURE);
}

main().catch((error: unknown) => {
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
});
