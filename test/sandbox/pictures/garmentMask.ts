/**
 * Finds the garment in a photo: what lies in the middle and has other colours than the edge of the photo.
 * Pure arithmetic on a small copy of the photo, always with the same result.
 */
import type { Size } from '../generations/shape';

/** A small copy of a photo: three bytes a pixel, row by row. */
export interface Pixels extends Size {
	rgb: Uint8Array;
}

/** One byte a pixel: 1 where the garment is. */
export interface GarmentMask extends Size {
	inside: Uint8Array;
}

const BINS = { lightness: 10, color: 24 } as const;
/** Colours further from grey than this are rare in photos. */
const LARGEST_COLOR = 72;
const BIN_COUNT = BINS.lightness * BINS.color * BINS.color;
/** A share of the longer side, from the edge of the photo: surely ground. */
const GROUND_SHARE = 0.05;
/** A drawing or photo has more; a test picture of one colour has not, and need not be searched. */
const FEWEST_COLORS = 4;
const SMALLEST_SHARE = 0.06;
const LARGEST_SHARE = 0.8;
/** What a garment may touch of the edge of the photo before it counts as a photo without ground. */
const LARGEST_EDGE_SHARE = 0.25;
/** How much nearness to the middle counts beside colour, round by round: at first there is little else to go by. */
const PLACE_WEIGHTS = [2.2, 1.8, 1.2, 0.8, 0.5, 0.5];
/** Where nearness to the middle counts neither way, in half sides of the photo. */
const NEUTRAL_PLACE = 0.8;

function linear(byte: number): number {
	const value = byte / 255;
	return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

const LINEAR = Array.from({ length: 256 }, (_unused, byte) => linear(byte));

function labCurve(value: number): number {
	return value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
}

function bin(value: number, from: number, to: number, count: number): number {
	return Math.min(count - 1, Math.max(0, Math.floor(((value - from) / (to - from)) * count)));
}

/** The bin of each pixel's colour in CIE Lab, where near numbers are colours that look alike. */
function colorBins({ rgb, width, height }: Pixels): Uint16Array {
	const bins = new Uint16Array(width * height);
	for (let pixel = 0; pixel < bins.length; pixel += 1) {
		const red = LINEAR[rgb[pixel * 3] ?? 0] ?? 0;
		const green = LINEAR[rgb[pixel * 3 + 1] ?? 0] ?? 0;
		const blue = LINEAR[rgb[pixel * 3 + 2] ?? 0] ?? 0;
		const x = labCurve((0.4125 * red + 0.3576 * green + 0.1804 * blue) / 0.9505);
		const y = labCurve(0.2127 * red + 0.7152 * green + 0.0722 * blue);
		const z = labCurve((0.0193 * red + 0.1192 * green + 0.9503 * blue) / 1.089);
		const lightness = bin(116 * y - 16, 0, 100, BINS.lightness);
		const a = bin(500 * (x - y), -LARGEST_COLOR, LARGEST_COLOR, BINS.color);
		const b = bin(200 * (y - z), -LARGEST_COLOR, LARGEST_COLOR, BINS.color);
		bins[pixel] = (lightness * BINS.color + a) * BINS.color + b;
	}
	return bins;
}

const LIGHTNESS_STEP = BINS.color * BINS.color;

/** What a colour counts for besides itself: colours like it, and, for the ground, itself in a shadow. */
const ALIKE: ReadonlyArray<readonly [step: number, share: number]> = [
	LIGHTNESS_STEP,
	BINS.color,
	1,
].flatMap((step) => [[step, 0.12] as const, [-step, 0.12] as const]);
const IN_SHADOW: typeof ALIKE = [
	...ALIKE,
	[-LIGHTNESS_STEP, 0.3],
	[-2 * LIGHTNESS_STEP, 0.3],
	[-3 * LIGHTNESS_STEP, 0.2],
];

/** How often each colour occurs in the pixels that are counted, as shares of all. */
function histogram(
	bins: Uint16Array,
	isCounted: (pixel: number) => boolean,
	besides: typeof ALIKE,
): Float32Array {
	const counts = new Float32Array(BIN_COUNT);
	let total = 0;
	bins.forEach((colorBin, pixel) => {
		if (!isCounted(pixel)) return;
		total += 1;
		counts[colorBin] = (counts[colorBin] ?? 0) + 1;
	});
	const spread = counts.slice();
	counts.forEach((count, colorBin) => {
		if (count === 0) return;
		for (const [step, share] of besides) {
			const alike = colorBin + step;
			if (alike in spread) spread[alike] = (spread[alike] ?? 0) + count * share;
		}
	});
	return spread.map((count) => count / Math.max(1, total));
}

/** Mean of the square around each pixel. */
function smoothed(values: Float32Array, { width, height }: Size, radius: number): Float32Array {
	const along = (
		from: Float32Array,
		length: number,
		step: number,
		lines: number,
		stride: number,
	) => {
		const to = new Float32Array(from.length);
		for (let line = 0; line < lines; line += 1) {
			for (let place = 0; place < length; place += 1) {
				let sum = 0;
				let count = 0;
				const last = Math.min(length - 1, place + radius);
				for (let near = Math.max(0, place - radius); near <= last; near += 1) {
					sum += from[line * stride + near * step] ?? 0;
					count += 1;
				}
				to[line * stride + place * step] = sum / count;
			}
		}
		return to;
	};
	return along(along(values, width, 1, height, width), height, width, width, 1);
}

/** Number the connected areas of `isInside`, and count their pixels; number 0 is outside. */
function areas(isInside: (pixel: number) => boolean, { width, height }: Size) {
	const numbers = new Int32Array(width * height);
	const waiting = new Int32Array(width * height);
	const sizes = [0];
	let count = 0;
	const reach = (pixel: number, number: number) => {
		if (numbers[pixel] !== 0 || !isInside(pixel)) return;
		numbers[pixel] = number;
		waiting[count] = pixel;
		count += 1;
	};
	for (let start = 0; start < numbers.length; start += 1) {
		if (numbers[start] !== 0 || !isInside(start)) continue;
		const number = sizes.push(0) - 1;
		reach(start, number);
		let size = 0;
		while (count > 0) {
			count -= 1;
			size += 1;
			const pixel = waiting[count] ?? 0;
			const x = pixel % width;
			if (x > 0) reach(pixel - 1, number);
			if (x < width - 1) reach(pixel + 1, number);
			if (pixel >= width) reach(pixel - width, number);
			if (pixel < numbers.length - width) reach(pixel + width, number);
		}
		sizes[number] = size;
	}
	return { numbers, sizes };
}

/** Keep the largest connected area, its holes filled. */
function solid(inside: Uint8Array, size: Size): Uint8Array {
	const parts = areas((pixel) => inside[pixel] === 1, size);
	const main = parts.sizes.indexOf(Math.max(...parts.sizes));
	if (main === 0) return new Uint8Array(inside.length);
	const outside = areas((pixel) => parts.numbers[pixel] !== main, size);
	const isGround = outside.sizes.map(() => false);
	const { width, height } = size;
	outside.numbers.forEach((number, pixel) => {
		const x = pixel % width;
		const y = Math.floor(pixel / width);
		if (x === 0 || y === 0 || x === width - 1 || y === height - 1) isGround[number] = number !== 0;
	});
	return inside.map((_unused, pixel) => {
		const number = outside.numbers[pixel] ?? 0;
		return number === 0 || isGround[number] !== true ? 1 : 0;
	});
}

/** A mask without thin threads and small dents: the mean around a pixel decides. */
function rounded(inside: Uint8Array, size: Size, radius: number): Uint8Array {
	const means = smoothed(Float32Array.from(inside), size, radius);
	return inside.map((_unused, pixel) => ((means[pixel] ?? 0) > 0.5 ? 1 : 0));
}

function isLikely({ inside, width, height }: GarmentMask): boolean {
	let covered = 0;
	let atEdge = 0;
	inside.forEach((value, pixel) => {
		covered += value;
		const x = pixel % width;
		const y = Math.floor(pixel / width);
		if (x === 0 || y === 0 || x === width - 1 || y === height - 1) atEdge += value;
	});
	const share = covered / inside.length;
	const edgeShare = atEdge / (2 * (width + height));
	return share >= SMALLEST_SHARE && share <= LARGEST_SHARE && edgeShare <= LARGEST_EDGE_SHARE;
}

/**
 * Find the garment: start with an ellipse in the middle, then ask again and again which colours are more
 * frequent inside than outside. Undefined where nothing stands out, as in a photo of one colour.
 */
export function garmentMask(pixels: Pixels): GarmentMask | undefined {
	const { width, height } = pixels;
	const bins = colorBins(pixels);
	if (new Set(bins).size < FEWEST_COLORS) return undefined;
	const ground = Math.ceil(Math.max(width, height) * GROUND_SHARE);
	const fromMiddle = Float32Array.from(bins, (_unused, pixel) => {
		const x = ((pixel % width) + 0.5) / width - 0.5;
		const y = (Math.floor(pixel / width) + 0.5) / height - 0.5;
		return 2 * Math.hypot(x, y * 0.92);
	});
	const isEdge = (pixel: number) => {
		const x = pixel % width;
		const y = Math.floor(pixel / width);
		return x < ground || y < ground || x >= width - ground || y >= height - ground;
	};
	let inside: Uint8Array = Uint8Array.from(fromMiddle, (distance) => (distance < 0.42 ? 1 : 0));
	let isOutside = (pixel: number) => (fromMiddle[pixel] ?? 1) > 0.95;
	for (const weight of PLACE_WEIGHTS) {
		const current = inside;
		const garment = histogram(bins, (pixel) => current[pixel] === 1, ALIKE);
		const rest = histogram(bins, isOutside, IN_SHADOW);
		const scores = Float32Array.from(bins, (colorBin, pixel) => {
			const ratio = ((garment[colorBin] ?? 0) + 2e-4) / ((rest[colorBin] ?? 0) + 2e-4);
			const place = weight * (NEUTRAL_PLACE - (fromMiddle[pixel] ?? 1));
			return Math.max(-3, Math.min(3, Math.log(ratio))) + place;
		});
		const means = smoothed(scores, pixels, 1);
		const found = means.map((score, pixel) => (score > 0 && !isEdge(pixel) ? 1 : 0));
		inside = solid(Uint8Array.from(found), pixels);
		isOutside = (pixel) => current[pixel] === 0 && inside[pixel] === 0;
	}
	inside = solid(rounded(inside, pixels, 3), pixels);
	const mask = { inside, width, height };
	return isLikely(mask) ? mask : undefined;
}

const STEEPEST_DEGREES = 12;

/**
 * How far the garment is turned clockwise, in degrees: the tilt of the axis about which its outline is most
 * like its mirror image.
 */
export function tiltOf({ inside, width, height }: GarmentMask): number {
	const points: Array<{ x: number; y: number }> = [];
	inside.forEach((value, pixel) => {
		const x = pixel % width;
		const y = Math.floor(pixel / width);
		if (value === 1 && x % 2 === 0 && y % 2 === 0) points.push({ x, y });
	});
	const middleX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
	const middleY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
	let best = { degrees: 0, hits: 0 };
	for (let degrees = -STEEPEST_DEGREES; degrees <= STEEPEST_DEGREES; degrees += 0.5) {
		const cos = Math.cos((degrees * Math.PI) / 180);
		const sin = Math.sin((degrees * Math.PI) / 180);
		let hits = 0;
		for (const { x, y } of points) {
			const away = 2 * ((x - middleX) * cos + (y - middleY) * sin);
			const mirrorX = Math.round(x - away * cos);
			const mirrorY = Math.round(y - away * sin);
			if (mirrorX < 0 || mirrorX >= width || mirrorY < 0 || mirrorY >= height) continue;
			hits += inside[mirrorY * width + mirrorX] ?? 0;
		}
		if (hits > best.hits) best = { degrees, hits };
	}
	return best.degrees;
}
