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
