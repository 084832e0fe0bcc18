/** The demo's catalogue: the four sample products of the saved workflow, or a folder of the user's. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';

import type { InputItem } from '../support/n8n/host';
import workflow from './catalogue.workflow.json';

/** One product, its photos in the order they are sent. */
export interface Product {
	productId: string;
	title?: string;
	category?: string;
	/** Absolute or working-directory paths. */
	photos: string[];
}

/** What was found in a folder of the user's. */
export interface FoundProducts {
	products: Product[];
	/** How many of the products are single photos that lie in the folder itself. */
	looseFiles: number;
	/** What was passed over and why, a line for each. */
	passedOver: string[];
}

/** Something in what the user gave that the demo cannot go on with. */
export class UsageError extends Error {}

const PHOTO_TYPES: Readonly<Record<string, string>> = {
	'.jpg': 'image/jpeg',
	'.jpeg': 'image/jpeg',
	'.png': 'image/png',
	'.webp': 'image/webp',
	'.avif': 'image/avif',
	'.tif': 'image/tiff',
	'.tiff': 'image/tiff',
	'.gif': 'image/gif',
};

/** What iPhones write; Aiuta cannot read it. */
const HEIC_TYPES = ['.heic', '.heif'];

function isPhoto(name: string): boolean {
	return !name.startsWith('.') && extname(name).toLowerCase() in PHOTO_TYPES;
}

function isHeic(name: string): boolean {
	return !name.startsWith('.') && HEIC_TYPES.includes(extname(name).toLowerCase());
}

/** Refuse to leave photos out in silence: a product without its back view costs as much. */
function refuseHeic(paths: readonly string[]): void {
	const [first] = paths;
	if (first === undefined) return;
	const jpeg = `${first.slice(0, -extname(first).length)}.jpg`;
	const rest = paths.length === 1 ? '' : ` and ${paths.length - 1} more`;
	throw new UsageError(
		`"${first}"${rest}: HEIC photos must be converted to JPEG first, for example with\n  sips -s format jpeg "${first}" --out "${jpeg}"   (macOS)\n  heif-convert "${first}" "${jpeg}"   (Linux)`,
	);
}

/** Say why a folder gives no product; undefined when there is nothing to say. */
async function whyPassedOver(path: string, name: string): Promise<string | undefined> {
	if (name.startsWith('.')) return undefined;
	const below = (await readdir(path, { recursive: true })).filter((file) =>
		isPhoto(basename(file)),
	);
	const [first] = below;
	return first === undefined
		? `${name}/ holds no photo.`
		: `${name}/ holds ${below.length === 1 ? 'a photo' : `${below.length} photos`} in folders of its own (${first}): a product's photos lie directly in its folder.`;
}

/** List the sample products that the saved workflow carries as pinned data. */
export function sampleProducts(): Product[] {
	return workflow.pinData.Catalogue.map(({ json }) => ({
		productId: json.product_id,
		title: json.title,
		category: json.category,
		photos: json.photos.map((photo) => join(__dirname, 'photos', photo)),
	}));
}

/**
 * List the products in a folder: one for every sub-folder with photos, and one for every photo that
 * lies in the folder itself.
 *
 * @throws UsageError when the folder cannot be read, holds no photo, or holds one in HEIC
 */
export async function productsIn(folder: string): Promise<FoundProducts> {
	const isFolder = await stat(folder).then(
		(found) => found.isDirectory(),
		() => false,
	);
	if (!isFolder) throw new UsageError(`There is no folder "${folder}".`);
	const entries = await readdir(folder, { withFileTypes: true });
	entries.sort((a, b) => a.name.localeCompare(b.name));
	const products: Product[] = [];
	const passedOver: string[] = [];
	const heic: string[] = [];
	let looseFiles = 0;
	for (const entry of entries) {
		const path = join(folder, entry.name);
		if (entry.isFile() && isHeic(entry.name)) heic.push(path);
		if (entry.isFile() && isPhoto(entry.name)) {
			products.push({ productId: basename(entry.name, extname(entry.name)), photos: [path] });
			looseFiles += 1;
		}
		if (!entry.isDirectory()) continue;
		const files = await readdir(path);
		heic.push(...files.filter(isHeic).map((name) => join(path, name)));
		const names = files.filter(isPhoto).sort((a, b) => a.localeCompare(b));
		if (names.length > 0) {
			products.push({ productId: entry.name, photos: names.map((name) => join(path, name)) });
		} else {
			const reason = await whyPassedOver(path, entry.name);
			if (reason !== undefined) passedOver.push(reason);
		}
	}
	refuseHeic(heic);
	if (products.length === 0) {
		const types = Object.keys(PHOTO_TYPES).join(' ');
		throw new UsageError(
			[
				`"${folder}" holds no photos (${types}). Make one sub-folder per product, or put in one photo per product.`,
				...passedOver,
			].join('\n'),
		);
	}
	return { products: distinctIds(products), looseFiles, passedOver };
}

/** Products are told apart by ID: `dress.jpg` beside `dress/` or `dress.png` keeps its extension. */
function distinctIds(products: Product[]): Product[] {
	const count = (id: string) => products.filter(({ productId }) => productId === id).length;
	return products.map((product) => {
		const [first = ''] = product.photos;
		const isLooseFile = basename(first, extname(first)) === product.productId;
		return isLooseFile && count(product.productId) > 1
			? { ...product, productId: basename(first) }
			: product;
	});
}

/** Make the item that the saved workflow's first node hands out for a product. */
export async function toItem(product: Product): Promise<InputItem> {
	const { productId, title = '', category = '', photos } = product;
	const files: NonNullable<InputItem['files']> = {};
	for (const [index, photo] of photos.entries()) {
		const mimeType = PHOTO_TYPES[extname(photo).toLowerCase()];
		files[`photo_${index + 1}`] = {
			bytes: await readFile(photo),
			fileName: basename(photo),
			...(mimeType === undefined ? {} : { mimeType }),
		};
	}
	return { json: { product_id: productId, title, category }, files };
}
