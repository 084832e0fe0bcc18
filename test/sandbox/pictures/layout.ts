/** Where photos go in a generated picture: pure arithmetic, in pixels. */
import type { Look, Size } from '../generations/shape';

export interface Frame {
	left: number;
	top: number;
	width: number;
	height: number;
}

const STANDARD: Size = { width: 768, height: 960 };
const LARGEST_SIDE = 4096;
const MARGIN_RATIO = 0.075;
const GAP_RATIO = 0.035;
const LONGEST_RATIO = 1.3;

/** Size of the picture: as asked for (within reason), else 960 px on the longest side. */
export function canvasSize(look: Look): Size {
	const { width, height } = look.size ?? STANDARD;
	return { width: Math.min(width, LARGEST_SIDE), height: Math.min(height, LARGEST_SIDE) };
}

function innerFrame(canvas: Size, look: Look): Frame {
	const margin = Math.round(Math.min(canvas.width, canvas.height) * MARGIN_RATIO);
	const padding = look.paddings ?? { top: margin, bottom: margin, left: margin, right: margin };
	const left = Math.min(padding.left, canvas.width - 1);
	const top = Math.min(padding.top, canvas.height - 1);
	return {
		left,
		top,
		width: Math.max(1, canvas.width - left - padding.right),
		height: Math.max(1, canvas.height - top - padding.bottom),
	};
}

/**
 * Lay out a neat grid in the middle: as square as the number allows, the last row centred. No card is
 * much longer than wide, or the other way round, so that photos are hardly cropped.
 */
export function grid(count: number, canvas: Size, look: Look): Frame[] {
	const inner = innerFrame(canvas, look);
	const columns = Math.ceil(Math.sqrt(count));
	const rows = Math.ceil(count / columns);
	const gap = count > 1 ? Math.round(Math.min(canvas.width, canvas.height) * GAP_RATIO) : 0;
	const roomX = (inner.width - gap * (columns - 1)) / columns;
	const roomY = (inner.height - gap * (rows - 1)) / rows;
	const width = Math.max(1, Math.floor(Math.min(roomX, roomY * LONGEST_RATIO)));
	const height = Math.max(1, Math.floor(Math.min(roomY, roomX * LONGEST_RATIO)));
	const top = inner.top + Math.round((inner.height - rows * height - (rows - 1) * gap) / 2);
	return Array.from({ length: count }, (_unused, index) => {
		const row = Math.floor(index / columns);
		const inRow = row === rows - 1 ? count - row * columns : columns;
		const indent = Math.round((inner.width - inRow * width - (inRow - 1) * gap) / 2);
		return {
			left: inner.left + indent + (index % columns) * (width + gap),
			top: top + row * (height + gap),
			width,
			height,
		};
	});
}

/** Share of the room that each of two garments may take, so that the front one covers little of the other. */
const PAIR_SHARE = { width: 0.66, height: 0.74 } as const;
/** Share of the height for the first of three or more garments; the others stand in a row below it. */
const FIRST_SHARE = 0.64;

function fitted(size: Size, room: Frame, at: { x: number; y: number }): Frame {
	const scale = Math.min(room.width / size.width, room.height / size.height);
	const width = Math.max(1, Math.round(size.width * scale));
	const height = Math.max(1, Math.round(size.height * scale));
	return {
		left: Math.round(room.left + (room.width - width) * at.x),
		top: Math.round(room.top + (room.height - height) * at.y),
		width,
		height,
	};
}

/**
 * Arrange cut-out garments as a stylist lays them: one alone in the middle; of two, the first in front at the
 * lower left and the other behind it; of more, the first large and the others in a row below.
 * The frames come in the order of the sizes, their proportions kept.
 */
export function arrangement(sizes: Size[], canvas: Size, look: Look): Frame[] {
	const inner = innerFrame(canvas, look);
	const [first, second, ...more] = sizes;
	if (first === undefined) return [];
	if (second === undefined) return [fitted(first, inner, { x: 0.5, y: 0.5 })];
	if (more.length === 0) {
		const width = inner.width * PAIR_SHARE.width;
		const height = inner.height * PAIR_SHARE.height;
		const front = { left: inner.left, top: inner.top + inner.height - height, width, height };
		const behind = { left: inner.left + inner.width - width, top: inner.top, width, height };
		return [fitted(first, front, { x: 0.2, y: 1 }), fitted(second, behind, { x: 0.8, y: 0 })];
	}
	const gap = Math.min(inner.width, inner.height) * GAP_RATIO;
	const firstRoom = { ...inner, height: inner.height * FIRST_SHARE };
	const others = [second, ...more];
	const width = (inner.width - gap * (others.length - 1)) / others.length;
	const top = inner.top + firstRoom.height + gap;
	const height = Math.max(1, inner.top + inner.height - top);
	return [
		fitted(first, firstRoom, { x: 0.5, y: 0.5 }),
		...others.map((size, index) =>
			fitted(
				size,
				{ left: inner.left + index * (width + gap), top, width, height },
				{ x: 0.5, y: 0.5 },
			),
		),
	];
}
