/** File names of generated pictures: made for people who file them by SKU. */
import { nonEmptyString } from '../core/json';
import type { AiutaImage } from './types';

const MAX_STEM_LENGTH = 120;

/** Names that Windows keeps for devices. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** Replace what Windows, macOS or a URL would stumble over; never empty, never hidden. */
function safe(text: string): string {
	const cleaned = text
		.normalize('NFC')
		.replace(/[\\/:*?"<>|#%&{}$!'@+`=\p{Cc}\s]+/gu, '_')
		.replace(/^[._]+|[._]+$/g, '');
	// Cut by characters, not by code units: half an emoji is no text.
	const stem = Array.from(cleaned).slice(0, MAX_STEM_LENGTH).join('');
	if (stem === '') return 'image';
	return WINDOWS_DEVICE.test(stem) ? `${stem}_` : stem;
}

/**
 * Name the pictures of one product, without extensions:
 * `<product_id or operation_id>[_<flat_lay_type>_<viewpoint>][_<n>]`.
 *
 * @returns one name for each image, in their order; a number is added, from 1, where several images
 *   would share a name
 */
export function pictureNames(identifier: string, images: AiutaImage[]): string[] {
	const stems = images.map((image) => {
		const type = nonEmptyString(image['flat_lay_type']);
		const viewpoint = nonEmptyString(image['viewpoint']);
		return [safe(identifier), type, viewpoint].filter((part) => part !== undefined).join('_');
	});
	const used = new Map<string, number>();
	return stems.map((stem) => {
		if (stems.filter((other) => other === stem).length === 1) return stem;
		const number = (used.get(stem) ?? 0) + 1;
		used.set(stem, number);
		return `${stem}_${number}`;
	});
}
