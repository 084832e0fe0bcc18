import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

import type { ImageType, Look } from '../sandbox/generations/shape';
import { compose } from '../sandbox/pictures/compose';
import { cutOut } from '../sandbox/pictures/cutOut';
import { garmentMask, tiltOf, type Pixels } from '../sandbox/pictures/garmentMask';
import { arrangement, canvasSize } from '../sandbox/pictures/layout';

const LOOK: Look = { background: { background_type: 'arbitrary' }, size: null, paddings: null };
const SIZE = { width: 120, height: 150 };

/** A drawing as the pixels of a small photo. */
async function pixelsOf(content: string): Promise<Pixels> {
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="150">${content}</svg>`;
	const rgb = await sharp(Buffer.from(drawing)).flatten().raw().toBuffer();
	return { rgb, ...SIZE };
}

/** A floor in two browns with a green thing in its corner. */
const GROUND = `<rect width="120" height="150" fill="#c79a6b"/>
	${Array.from({ length: 8 }, (_unused, index) => `<rect y="${index * 20}" width="120" height="10" fill="#a9794a"/>`).join('')}
	<circle cx="16" cy="18" r="9" fill="#3f8f5a"/>`;
const garment = (degrees: number) => `<g transform="rotate(${degrees} 60 75)">
	<path d="M45 30 h30 l12 90 h-54 Z" fill="#2d5fa8"/><circle cx="60" cy="60" r="5" fill="#c79a6b"/></g>`;

/** A sample photo, small: what is found in it does not depend on its size. */
async function sample(name: string): Promise<Buffer> {
	const photo = readFileSync(join(__dirname, '../demo/photos', name));
	return await sharp(photo).resize({ height: 250 }).png().toBuffer();
}

describe('the search for the garment', () => {
	it('finds it on a patterned ground, its buttons included and things beside it left out', async () => {
		const mask = garmentMask(await pixelsOf(GROUND + garment(0)));
		const at = (x: number, y: number) => mask?.inside[y * SIZE.width + x];
		expect([at(60, 60), at(60, 110), at(50, 40)]).toEqual([1, 1, 1]);
		expect([at(16, 18), at(30, 60), at(90, 40), at(60, 140)]).toEqual([0, 0, 0, 0]);
	});

	it.each([
		['of one colour', '<rect width="120" height="150" fill="#2d5fa8"/>'],
		['of ground alone', GROUND.replace(/<circle.*/, '')],
	])('finds none in a photo %s', async (_, content) => {
		expect(garmentMask(await pixelsOf(content))).toBeUndefined();
	});

	it.each([-8, -3, 0, 5])('sees that it is turned by %i degrees', async (degrees) => {
		const mask = garmentMask(await pixelsOf(GROUND + garment(degrees)));
		expect(mask === undefined ? NaN : tiltOf(mask)).toBeCloseTo(degrees, -0.5);
	});
});

describe('the arrangement', () => {
	const sizes = [
		{ width: 300, height: 600 },
		{ width: 600, height: 300 },
		{ width: 400, height: 400 },
	];
	const canvas = canvasSize(LOOK);

	it.each([1, 2, 3, 7, 20])('keeps %i garments on the canvas and in their proportions', (count) => {
		const shown = Array.from({ length: count }, (_unused, index) => sizes[index % 3] ?? canvas);
		const frames = arrangement(shown, canvas, LOOK);
		expect(frames).toHaveLength(count);
		frames.forEach(({ left, top, width, height }, index) => {
			const size = shown[index] ?? canvas;
			expect(left).toBeGreaterThanOrEqual(0);
			expect(top).toBeGreaterThanOrEqual(0);
			expect(left + width).toBeLessThanOrEqual(canvas.width);
			expect(top + height).toBeLessThanOrEqual(canvas.height);
			expect(Math.abs(width - (height * size.width) / size.height)).toBeLessThanOrEqual(2);
		});
	});
});

describe('a composed picture', () => {
	async function picture(names: string[], imageType: ImageType): Promise<Buffer> {
		return await compose({
			photos: names.map((name) => ({
				identity: name,
				path: '',
				bytes: async () => await sample(name),
			})),
			placeholders: [],
			imageType,
			variant: 0,
			look: { ...LOOK, size: { width: 192, height: 240 } },
		});
	}

	it('shows the cut-out garment on a clean ground, the same for the same photo', async () => {
		const type: ImageType = { flat_lay_type: 'flat', viewpoint: 'front' };
		const png = await picture(['blue-jeans/front.jpg'], type);
		expect(await picture(['blue-jeans/front.jpg'], type)).toEqual(png);
		const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
		const at = (x: number, y: number) => [
			...data.subarray((y * info.width + x) * info.channels).subarray(0, 3),
		];
		for (const [x, y] of [
			[5, 5],
			[187, 5],
			[5, 235],
			[187, 235],
			[5, 120],
			[187, 120],
		] as const) {
			expect(Math.min(...at(x, y))).toBeGreaterThan(225);
		}
		const [red = 0, , blue = 0] = at(96, 75);
		expect(blue - red).toBeGreaterThan(25);
	});

	it('is straightened and cropped to the garment', async () => {
		const dress = await cutOut(await sample('red-dress/front.jpg'));
		expect(dress?.width).toBeGreaterThan(80);
		expect(dress?.width).toBeLessThan(dress?.height ?? 0);
	});
});
