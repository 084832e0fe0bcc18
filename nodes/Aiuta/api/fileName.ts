/** File names of generated pictures: made for people who file them by SKU. */
import { nonEmptyString } from '../core/json';
import type { AiutaImage } from './types';

/** What every common file system takes is 255 bytes; the rest is left for what users add. */
const MAX_NAME_BYTES = 200;
/** The longest extension, `.jpeg`, with its dot. */
const EXTENSION_BYTES = 5;
const MAX_STEM_BYTES = MAX_NAME_BYTES - EXTENSION_BYTES;
/** Room for a type, a viewpoint and numbers behind a product's own part. */
const MAX_IDENTIFIER_BYTES = 140;

/** Names that Windows keeps for devices, with whatever extension. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** A Product ID may be the name of the photo it came from. */
const IMAGE_EXTENSION = /\.(jpe?g|png|webp|gif|avif|hei[cf]|tiff?|bmp|svg)$/i;

/** Cut at the end of a code point: half an emoji is no text. */
function cutToBytes(text: string, maxBytes: number): string {
	const encoder = new TextEncoder();
	const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes));
	return text.slice(0, read);
}

/** Replace what Windows, macOS or a URL would stumble over; undefined when nothing is left. */
function safe(text: string): string | undefined {
	const cleaned = text.normalize('NFC').replace(/[\\/:*?"<>|#%&{}$!'@+`=\p{C}\s]+/gu, '_');
	return trimmed(cutToBytes(trimmed(cleaned), MAX_IDENTIFIER_BYTES)) || undefined;
}

/** No name is hidden, and none ends in what Windows takes off. */
function trimmed(text: string): string {
	return text.replace(/^[._]+|[._]+$/g, '');
}

/**
 * Keeps the file names of one run apart, upper and lower case alike, as Windows and macOS do. Names
 * are without their extension, which only the bytes of a picture tell.
 */
export class PictureNames {
	private readonly taken = new Set<string>();

	/**
	 * Reserve the part of a name that stands for one product, or for an operation without a product
	 * ID. Reserved in the order of the input items, a re-run gives the same names.
	 */
	reserve(identifier: string): string {
		const text = safe(identifier.replace(IMAGE_EXTENSION, '')) ?? 'image';
		return this.unique(WINDOWS_DEVICE.test(text) ? `_${text}` : text);
	}

	/**
	 * Name the pictures of one product:
	 * `<reserved>[_<flat_lay_type>_<viewpoint>][_<n>]`.
	 *
	 * @param reserved what `reserve` returned; a single picture without a type is called so
	 * @returns one name for each image, in their order; a number is added, from 1, where several of
	 *   them would share a name
	 */
	of(reserved: string, images: readonly AiutaImage[]): string[] {
		const stems = images.map((image) => {
			const texts = [image['flat_lay_type'], image['viewpoint']].map(nonEmptyString);
			const parts = texts.filter((text) => text !== undefined).map(safe);
			return [reserved, ...parts.filter((part) => part !== undefined)].join('_');
		});
		const used = new Map<string, number>();
		return stems.map((stem) => {
			if (stems.filter((other) => other === stem).length === 1) {
				return stem === reserved ? stem : this.unique(stem);
			}
			const number = (used.get(stem) ?? 0) + 1;
			used.set(stem, number);
			return this.unique(stem, `_${number}`);
		});
	}

	/** Take a name that is free: itself, or numbered from 2. */
	private unique(stem: string, ending = ''): string {
		for (let number = 1; ; number += 1) {
			const tail = number === 1 ? ending : `${ending}_${number}`;
			const name = `${cutToBytes(stem, MAX_STEM_BYTES - tail.length)}${tail}`;
			const key = name.toUpperCase().toLowerCase();
			if (!this.taken.has(key)) {
				this.taken.add(key);
				return name;
			}
		}
	}
}
