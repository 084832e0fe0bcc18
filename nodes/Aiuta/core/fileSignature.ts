/**
 * Tells images from what is recognisably something else by the first bytes of a file, and whole ones
 * from those that were cut short by the last. A format it does not know is left for others to judge:
 * new image formats appear, and refusing them would be our mistake, not the user's.
 */
export type FileSignature =
	| { kind: 'image'; contentType: string; extension: string }
	/** `what` completes the sentence "it is ...". */
	| { kind: 'other'; what: string }
	| { kind: 'unknown' };

/** How much of a file is needed. */
export const SIGNATURE_BYTES = 512;

/** How much of a file's end is looked at: software may append to an image what is none of its own. */
export const TAIL_BYTES = 4096;

const text = (value: string) => Array.from(value, (char) => char.charCodeAt(0));

interface Magic {
	offset: number;
	bytes: readonly number[];
}

const IMAGES: ReadonlyArray<readonly [Magic, string, string]> = [
	[{ offset: 0, bytes: [0x89, ...text('PNG')] }, 'image/png', 'png'],
	[{ offset: 0, bytes: [0xff, 0xd8, 0xff] }, 'image/jpeg', 'jpg'],
	[{ offset: 0, bytes: text('GIF8') }, 'image/gif', 'gif'],
	[{ offset: 8, bytes: text('WEBP') }, 'image/webp', 'webp'],
	[{ offset: 4, bytes: text('ftypavif') }, 'image/avif', 'avif'],
	[{ offset: 4, bytes: text('ftypheic') }, 'image/heic', 'heic'],
	[{ offset: 4, bytes: text('ftypheix') }, 'image/heic', 'heic'],
	[{ offset: 4, bytes: text('ftypmif1') }, 'image/heif', 'heif'],
	[{ offset: 0, bytes: [...text('II'), 0x2a, 0] }, 'image/tiff', 'tiff'],
	[{ offset: 0, bytes: [...text('MM'), 0, 0x2a] }, 'image/tiff', 'tiff'],
];

const OTHERS: ReadonlyArray<readonly [Magic, string]> = [
	[{ offset: 0, bytes: text('%PDF') }, 'a PDF document'],
	[{ offset: 0, bytes: [...text('PK'), 3, 4] }, 'a ZIP archive or an Office document'],
	[{ offset: 0, bytes: [0x1f, 0x8b] }, 'a gzip archive'],
	[{ offset: 4, bytes: text('ftypisom') }, 'a video'],
	[{ offset: 4, bytes: text('ftypmp42') }, 'a video'],
	[{ offset: 4, bytes: text('ftypqt') }, 'a video'],
	[{ offset: 8, bytes: text('WAVE') }, 'a sound file'],
	[{ offset: 0, bytes: text('ID3') }, 'a sound file'],
];

function matches(head: Uint8Array, { offset, bytes }: Magic): boolean {
	return bytes.every((byte, index) => head[offset + index] === byte);
}

/** Plain text has no control characters besides white space; image formats do, almost at once. */
function looksLikeText(head: Uint8Array): boolean {
	return head.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d)) && isUtf8(head);
}

function isUtf8(head: Uint8Array): boolean {
	try {
		// The head may end within a character, which streaming mode tolerates.
		new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
		return true;
	} catch {
		return false;
	}
}

function describeText(head: Uint8Array): FileSignature {
	const start = new TextDecoder()
		.decode(head)
		.replace(/^\uFEFF/, '')
		.trimStart()
		.toLowerCase();
	if (/^<(!doctype html|html|head|body)\b/.test(start)) {
		return { kind: 'other', what: 'an HTML page' };
	}
	if (/^<(\?xml|!--|!doctype svg|svg)/.test(start) && start.includes('<svg')) {
		return { kind: 'image', contentType: 'image/svg+xml', extension: 'svg' };
	}
	if (start.startsWith('<?xml')) return { kind: 'other', what: 'an XML document' };
	if (start.startsWith('{') || start.startsWith('[')) return { kind: 'other', what: 'JSON' };
	// Portable bitmaps (P1 to P3) are images written as text.
	if (/^p[1-3]\s/.test(start)) return { kind: 'unknown' };
	return { kind: 'other', what: 'text' };
}

/**
 * Recognise a file by its beginning.
 *
 * @param head the first bytes, ideally SIGNATURE_BYTES of them; empty for an empty file
 */
export function recognizeFile(head: Uint8Array): FileSignature {
	if (head.length === 0) return { kind: 'other', what: 'empty' };
	for (const [magic, contentType, extension] of IMAGES) {
		if (matches(head, magic)) return { kind: 'image', contentType, extension };
	}
	for (const [magic, what] of OTHERS) {
		if (matches(head, magic)) return { kind: 'other', what };
	}
	if (looksLikeText(head)) return describeText(head);
	return { kind: 'unknown' };
}

function hasEnd(tail: Uint8Array, end: readonly number[]): boolean {
	for (let from = tail.length - end.length; from >= 0; from -= 1) {
		if (end.every((byte, index) => tail[from + index] === byte)) return true;
	}
	return false;
}

/** The last chunk of every PNG with its checksum (PNG specification, section 11.2.5). */
const PNG_END = [...text('IEND'), 0xae, 0x42, 0x60, 0x82];
/** End of image (JPEG, ITU-T T.81, table B.1). */
const JPEG_END = [0xff, 0xd9];
/** Trailer (GIF89a, section 27), behind which some software leaves zeros. */
const GIF_END = 0x3b;

/** Of a RIFF file the head says how long the rest is. */
function riffBytes(head: Uint8Array): number {
	return new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(4, true) + 8;
}

/**
 * Tell whether an image was cut short, its host calling what is left the whole: PNG, JPEG and GIF
 * have an end, WebP says how long it is. Of other formats nothing is known.
 *
 * @param tail the last bytes, TAIL_BYTES of them where the file has so many
 */
export function isCutShort(
	contentType: string,
	head: Uint8Array,
	tail: Uint8Array,
	sizeBytes: number,
): boolean {
	switch (contentType) {
		case 'image/png':
			return !hasEnd(tail, PNG_END);
		case 'image/jpeg':
			return !hasEnd(tail, JPEG_END);
		case 'image/gif':
			return (
				Array.from(tail)
					.reverse()
					.find((byte) => byte !== 0) !== GIF_END
			);
		case 'image/webp':
			return sizeBytes < riffBytes(head);
		default:
			return false;
	}
}
