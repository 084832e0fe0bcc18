/**
 * Makes a generated picture from the product's own photos, so that a viewer can tell which inputs belong
 * to which output: the garments cut out and laid on a clean ground, or, where no garment can be told from
 * its ground and for close-ups, the photos as cards.
 */
import sharp from 'sharp';
import type { ImageType } from '../generations/shape';
import { backdrop } from './canvas';
import { cardLayers } from './cards';
import { cutOut, type CutOut } from './cutOut';
import { flatLayLayers } from './flatLay';
import { canvasSize } from './layout';
import type { PictureRequest } from './picture';

/** Garments by the identity of their photo: a product's pictures of several types share them. */
const garments = new Map<string, Promise<CutOut | undefined>>();
const KEPT_GARMENTS = 64;

async function garmentOf(identity: string, bytes: Buffer): Promise<CutOut | undefined> {
	const known = garments.get(identity);
	if (known !== undefined) return await known;
	const made = cutOut(bytes).catch(() => undefined);
	garments.set(identity, made);
	const [oldest] = garments.keys();
	if (garments.size > KEPT_GARMENTS && oldest !== undefined) garments.delete(oldest);
	return await made;
}

/** Show the last photo first in back views: photos usually come front, then back. */
function inViewOrder<Item>(items: Item[], type: ImageType): Item[] {
	return type.viewpoint === 'back' ? [...items].reverse() : items;
}

function isDefined<Value>(value: Value | undefined): value is Value {
	return value !== undefined;
}

/** Make the PNG, 960 px on the longest side unless a size was asked for. */
export async function compose(request: PictureRequest): Promise<Buffer> {
	const { imageType, look, placeholders, variant } = request;
	const photos = await Promise.all(
		request.photos.map(async (photo, index) => ({
			identity: photo.identity,
			bytes: await photo.bytes(),
			text: placeholders[index] ?? '',
		})),
	);
	const named = { identity: '', bytes: undefined, text: placeholders[0] ?? '' };
	const sources = inViewOrder(photos.length === 0 ? [named] : photos, imageType);
	const found =
		imageType.flat_lay_type === 'detail'
			? []
			: await Promise.all(
					sources.map(async ({ identity, bytes }) =>
						bytes === undefined ? undefined : await garmentOf(identity, bytes),
					),
				);
	const all = found.filter(isDefined);
	const canvas = canvasSize(look);
	const layers =
		all.length === sources.length
			? await flatLayLayers(all, imageType, canvas, look)
			: await cardLayers(sources, imageType, canvas, look);
	return await sharp(backdrop(canvas, look.background, imageType, variant))
		.composite(layers)
		.png()
		.toBuffer();
}
