/** Images told from what is recognisably something else, by their first bytes. */
import {
	isCutShort,
	recognizeFile,
	SIGNATURE_BYTES,
	TAIL_BYTES,
} from '../../nodes/Aiuta/core/fileSignature';
import { noisePicture } from '../support/pictureBytes';

const bytes = (...parts: Array<string | number[]>): Uint8Array =>
	Uint8Array.from(
		parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part)),
	);

const SIZE = [0, 0, 0, 0x20];

describe('an image', () => {
	it.each<[string, Uint8Array, string, string]>([
		['PNG', bytes([0x89], 'PNG\r\n', [0x1a, 0x0a]), 'image/png', 'png'],
		['JPEG', bytes([0xff, 0xd8, 0xff, 0xe0], 'xxJFIF'), 'image/jpeg', 'jpg'],
		['GIF 87', bytes('GIF87a', [1, 0]), 'image/gif', 'gif'],
		['GIF 89', bytes('GIF89a', [1, 0]), 'image/gif', 'gif'],
		['WebP', bytes('RIFF', SIZE, 'WEBPVP8 '), 'image/webp', 'webp'],
		['AVIF', bytes(SIZE, 'ftypavif'), 'image/avif', 'avif'],
		['HEIC', bytes(SIZE, 'ftypheic'), 'image/heic', 'heic'],
		['HEIC, 10 bit', bytes(SIZE, 'ftypheix'), 'image/heic', 'heic'],
		['HEIF', bytes(SIZE, 'ftypmif1'), 'image/heif', 'heif'],
		['TIFF, little endian', bytes('II', [0x2a, 0, 8, 0]), 'image/tiff', 'tiff'],
		['TIFF, big endian', bytes('MM', [0, 0x2a, 0, 8]), 'image/tiff', 'tiff'],
		['SVG', bytes('<svg xmlns="http://www.w3.org/2000/svg">'), 'image/svg+xml', 'svg'],
		['SVG with a prologue', bytes('<?xml version="1.0"?>\n<svg>'), 'image/svg+xml', 'svg'],
	])('in %s is recognised', (_, head, contentType, extension) => {
		expect(recognizeFile(head)).toEqual({ kind: 'image', contentType, extension });
	});

	it('is recognised by half a kilobyte', () => {
		expect(SIGNATURE_BYTES).toBe(512);
	});
});

describe('something else', () => {
	it.each<[string, Uint8Array, string]>([
		['an empty file', bytes(), 'empty'],
		['a PDF', bytes('%PDF-1.7'), 'a PDF document'],
		['an archive', bytes('PK', [3, 4, 20, 0]), 'a ZIP archive or an Office document'],
		['a gzip file', bytes([0x1f, 0x8b, 8, 0]), 'a gzip archive'],
		['an MP4', bytes(SIZE, 'ftypisom'), 'a video'],
		['an MP4, version 2', bytes(SIZE, 'ftypmp42'), 'a video'],
		['a QuickTime film', bytes(SIZE, 'ftypqt  '), 'a video'],
		['a WAV', bytes('RIFF', SIZE, 'WAVEfmt '), 'a sound file'],
		['an MP3', bytes('ID3', [3, 0]), 'a sound file'],
		['HTML', bytes('<!DOCTYPE html><html>'), 'an HTML page'],
		['HTML with a drawing in it', bytes('<!doctype html><svg></svg>'), 'an HTML page'],
		['HTML without a doctype', bytes('\n  <html lang="en">'), 'an HTML page'],
		['HTML after a byte order mark', bytes([0xef, 0xbb, 0xbf], '<html>'), 'an HTML page'],
		['XML', bytes('<?xml version="1.0"?><Error><Code>AccessDenied'), 'an XML document'],
		['a JSON object', bytes('{"error": "not found"}'), 'JSON'],
		['a JSON list', bytes(' [1, 2]'), 'JSON'],
		['text', bytes('The picture is not here.\r\n'), 'text'],
		['text in another script', bytes('Картинки нет'), 'text'],
		['base64 text', bytes('iVBORw0KGgoAAAANSUhEUgAA'), 'text'],
	])('%s is named', (_, head, what) => {
		expect(recognizeFile(head)).toEqual({ kind: 'other', what });
	});

	it('text cut within a character is still text', () => {
		const head = bytes('Картинки нет').slice(0, 7);
		expect(recognizeFile(head)).toEqual({ kind: 'other', what: 'text' });
	});
});

describe('what is not known', () => {
	it.each<[string, Uint8Array]>([
		['random bytes', bytes([0x00, 0x01, 0xfe, 0x80, 0x07])],
		['JPEG XL', bytes([0xff, 0x0a, 0x00])],
		['a bitmap', bytes('BM', [0x36, 0, 0, 0])],
		['JPEG 2000', bytes([0, 0, 0, 0x0c], 'jP  ', [0x0d, 0x0a, 0x87, 0x0a])],
		['a camera format of tomorrow', bytes(SIZE, 'ftypxyz1')],
		['a portable bitmap', bytes('P3\n2 2\n255\n')],
		['text in an old encoding', bytes([0xc4, 0xe9, 0xf6, 0x20, 0x41])],
		['a PNG cut after its first byte', bytes([0x89])],
	])('%s is left for the API to judge', (_, head) => {
		expect(recognizeFile(head)).toEqual({ kind: 'unknown' });
	});
});

describe('an image without its end', () => {
	const FORMATS = ['png', 'jpeg', 'webp', 'gif'] as const;

	const encoded = async (format: (typeof FORMATS)[number]) => await noisePicture(format, 64);

	function isCut(format: string, file: Uint8Array): boolean {
		return isCutShort(`image/${format}`, file.slice(0, 512), file.slice(-TAIL_BYTES), file.length);
	}

	it.each(FORMATS)('is told from a whole one: %s', async (format) => {
		const whole = await encoded(format);
		expect(isCut(format, whole)).toBe(false);
		for (const share of [0.999, 0.9, 0.5, 0.2]) {
			expect(isCut(format, whole.slice(0, Math.floor(whole.length * share)))).toBe(true);
		}
	});

	it.each(FORMATS)('is not one to which something was appended: %s', async (format) => {
		const whole = await encoded(format);
		const appended = new Uint8Array(whole.length + 100);
		appended.set(whole);
		expect(isCut(format, appended)).toBe(false);
	});

	it('is not told where the format is not known so well', () => {
		expect(isCut('avif', bytes(SIZE, 'ftypavif'))).toBe(false);
	});
});
