/** Where the photos of one item come from, found and checked without sending anything. */
import type { IExecuteFunctions } from 'n8n-workflow';

import type { Generation } from '../api/generation';
import type { ImageReference } from '../api/types';
import type { ImageSource } from '../batch/plan';
import { recognizeFile } from '../core/fileSignature';
import { binarySource, findBinaries, readHead, type NamedBinary } from '../transport/binary';
import { urlSource } from '../transport/pictures';
import { urlProblem, webPorts } from '../transport/webFile';
import { refuse, type Parameters } from './readParameters';

export type ItemImages = { kind: 'sources'; sources: ImageSource[] } | ImageReference;

const SOURCE_KINDS = ['binary', 'uploadedImageIds', 'imageUrls', 'sku'] as const;

export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Refuse a file that is recognisably something other than an image. */
async function checkBinary(
	host: IExecuteFunctions,
	parameter: string,
	{ propertyName, data }: NamedBinary,
): Promise<void> {
	const head = await readHead(host, data);
	const file = `the file in "${propertyName}"${data.fileName === undefined ? '' : ` (${data.fileName})`}`;
	if (head === undefined) {
		return refuse(parameter, `: ${file} cannot be read from n8n's storage`);
	}
	const signature = recognizeFile(head);
	if (signature.kind !== 'other') return;
	return refuse(
		parameter,
		`: ${file} is no image, it is ${signature.what}`,
		undefined,
		'NOT_AN_IMAGE',
	);
}

/** Find the binary fields a parameter names and check that they can be images. */
export async function readBinaries(
	host: IExecuteFunctions,
	itemIndex: number,
	parameter: string,
	value: unknown,
): Promise<NamedBinary[]> {
	const found = findBinaries(host, itemIndex, value);
	if (found.kind === 'problem') return refuse(parameter, `: ${found.problem}`);
	for (const binary of found.binaries) await checkBinary(host, parameter, binary);
	return found.binaries;
}

/** The kind of source; SKUs exist in the Unified API only. */
export function readSourceKind(
	parameters: Parameters,
	generation: Generation,
	fallback: SourceKind,
): SourceKind {
	const kind = parameters.choice('imageSource', fallback, SOURCE_KINDS);
	if (kind === 'sku' && generation.name !== 'unified') {
		return refuse(
			'imageSource',
			`cannot be SKU with the API ${generation.label}: only Unified knows SKUs`,
		);
	}
	return kind;
}

/** The parameter that lists the images of a source. */
export function sourceParameter(kind: SourceKind): string {
	switch (kind) {
		case 'binary':
			return 'binaryPropertyNames';
		case 'sku':
			return 'skuId';
		default:
			return kind;
	}
}

function readUrls(
	host: IExecuteFunctions,
	parameters: Parameters,
	generation: Generation,
): ItemImages {
	const urls = parameters.list('imageUrls');
	for (const url of urls) {
		const problem = urlProblem(url);
		if (problem !== undefined) refuse('imageUrls', `contains "${url}", which ${problem}`);
	}
	if (generation.takesImageUrls) {
		// The specs ask for URIs; a URL pasted with spaces or umlauts is one after escaping.
		return { kind: 'imageUrls', urls: urls.map((url) => new URL(url).href) };
	}
	const ports = webPorts(host);
	return { kind: 'sources', sources: urls.map((url) => urlSource(ports, url)) };
}

/** Read the images of one item. Binary data is looked at, not loaded; URLs are not fetched. */
export async function readItemImages(
	host: IExecuteFunctions,
	parameters: Parameters,
	generation: Generation,
	kind: SourceKind,
): Promise<ItemImages> {
	switch (kind) {
		case 'binary': {
			const parameter = 'binaryPropertyNames';
			const value = parameters.raw(parameter) ?? 'data';
			const binaries = await readBinaries(host, parameters.itemIndex, parameter, value);
			const sources: ImageSource[] = [];
			for (const binary of binaries) sources.push(await binarySource(host, binary));
			return { kind: 'sources', sources };
		}
		case 'uploadedImageIds':
			return { kind, ids: parameters.list(kind) };
		case 'imageUrls':
			return readUrls(host, parameters, generation);
		case 'sku':
			return { kind, skuId: parameters.requiredText('skuId') };
	}
}

/** How many images a product has; a SKU brings its own. */
export function countImages(images: ItemImages): number | undefined {
	switch (images.kind) {
		case 'sources':
			return images.sources.length;
		case 'uploadedImageIds':
			return images.ids.length;
		case 'imageUrls':
			return images.urls.length;
		case 'sku':
			return undefined;
	}
}

/** Join the images of the items of one product, which are of one kind. */
export function joinImages(parts: ItemImages[]): ItemImages {
	const [first] = parts;
	if (first === undefined) return { kind: 'sources', sources: [] };
	switch (first.kind) {
		case 'sources':
			return {
				kind: 'sources',
				sources: parts.flatMap((part) => (part.kind === 'sources' ? part.sources : [])),
			};
		case 'uploadedImageIds':
			return {
				kind: 'uploadedImageIds',
				ids: parts.flatMap((part) => (part.kind === 'uploadedImageIds' ? part.ids : [])),
			};
		case 'imageUrls':
			return {
				kind: 'imageUrls',
				urls: parts.flatMap((part) => (part.kind === 'imageUrls' ? part.urls : [])),
			};
		case 'sku':
			return first;
	}
}

/** What identifies the images across re-runs of the execution. */
export function fingerprintOf(images: ItemImages): unknown {
	return images.kind === 'sources' ? images.sources.map((source) => source.fingerprint) : images;
}
