/**
 * Turns input items into product plans: one an item, or one for all items with the same Product ID.
 * Everything that can be known to be wrong is found here, before anything is sent.
 */
import { createHash } from 'crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

import { failure } from '../api/failures';
import type { Generation } from '../api/generation';
import type { CreateInput, CreateOptions, ImageReference, ImageType } from '../api/types';
import type { ImageSource, ProductPlan } from '../batch/plan';
import { mapLimited } from '../core/limiter';
import { binarySource } from '../transport/binary';
import { readCreateOptions, readImageTypes, readProductFields } from './createOptions';
import { chosenGeneration } from './selectors';
import { parameterProblem } from './labels';
import { Parameters, readItem, refuse, type ReadItem } from './readParameters';
import {
	countImages,
	fingerprintOf,
	joinImages,
	readBinaries,
	readItemImages,
	readSourceKind,
	sourceParameter,
	type ItemImages,
	type SourceKind,
} from './photos';
import type { Unit } from './unit';

const MIN_IMAGES = 1;
const MAX_IMAGES = 20;
/** Binaries opened at once to look at their first bytes. */
const MAX_CHECKED_AT_ONCE = 8;

interface ItemPlan {
	sourceKind: SourceKind;
	images: ItemImages;
	background: ImageSource | undefined;
	fields: ProductPlan['fields'];
	imageTypes: ImageType[];
}

/**
 * Plan the products of all input items, in the order of their first item.
 *
 * @param check reads an item's other parameters and refuses what cannot be used
 */
export async function planProducts(
	host: IExecuteFunctions,
	defaultSource: SourceKind,
	check: (host: IExecuteFunctions, itemIndex: number) => unknown = () => undefined,
): Promise<Array<Unit<ProductPlan>>> {
	const generation = chosenGeneration(host);
	const items = host.getInputData();
	const read = await mapLimited(items, MAX_CHECKED_AT_ONCE, async (_, index) => ({
		index,
		productId: await readProductId(host, index),
		input: await readItem(index, async () => {
			check(host, index);
			return await readItemPlan(host, index, generation, defaultSource);
		}),
	}));
	const products = new Map<string, typeof read>();
	for (const item of read) {
		const isGrouped = item.productId !== undefined && (await isGroupedItem(host, item.index));
		const key = isGrouped ? `product ${item.productId ?? ''}` : `item ${item.index}`;
		products.set(key, [...(products.get(key) ?? []), item]);
	}
	return [...products.values()].map((parts) => toUnit(generation, parts));
}

/** The Product ID as far as it can be read, so that a failed item can be told by it. */
async function readProductId(host: IExecuteFunctions, index: number) {
	const read = await readItem(index, () => new Parameters(host, index).optionalText('productId'));
	return read.ok ? read.value : undefined;
}

async function isGroupedItem(host: IExecuteFunctions, index: number): Promise<boolean> {
	const read = await readItem(index, () =>
		new Parameters(host, index).boolean('groupByProductId', false),
	);
	return read.ok && read.value;
}

async function readItemPlan(
	host: IExecuteFunctions,
	index: number,
	generation: Generation,
	defaultSource: SourceKind,
): Promise<ItemPlan> {
	const parameters = new Parameters(host, index);
	const sourceKind = readSourceKind(parameters, generation, defaultSource);
	const isGrouped = sourceKind !== 'sku' && parameters.boolean('groupByProductId', false);
	const product = readProductFields(parameters);
	if (isGrouped && product.productId === undefined) {
		return refuse('productId', 'is empty, but items are to be grouped by it');
	}
	const options = readCreateOptions(parameters);
	return {
		sourceKind,
		images: await readItemImages(host, parameters, generation, sourceKind),
		background: await readBackground(host, parameters, options),
		fields: { product, options },
		imageTypes: readImageTypes(parameters),
	};
}

async function readBackground(
	host: IExecuteFunctions,
	parameters: Parameters,
	options: CreateOptions,
): Promise<ImageSource | undefined> {
	if (options.hasBackgroundBinary !== true) return undefined;
	const name = 'backgroundBinaryPropertyName';
	const value = parameters.collection('options').raw(name);
	const binaries = await readBinaries(host, parameters.itemIndex, name, value);
	const [binary, ...more] = binaries;
	if (binary === undefined || more.length > 0) return refuse(name, 'must name exactly one field');
	return await binarySource(host, binary);
}

interface ReadPart {
	index: number;
	productId: string | undefined;
	input: ReadItem<ItemPlan>;
}

function toUnit(generation: Generation, parts: ReadPart[]): Unit<ProductPlan> {
	const [first, ...rest] = parts.map((part) => part.index);
	const itemIndexes: [number, ...number[]] = [first ?? 0, ...rest];
	const productId = parts[0]?.productId;
	const plans: ItemPlan[] = [];
	for (const { input } of parts) {
		// One photo that cannot be used spoils its product: a picture of half of it helps nobody.
		if (!input.ok) return { itemIndexes, productId, input };
		plans.push(input.value);
	}
	const [main] = plans;
	if (main === undefined) {
		return { itemIndexes, productId, input: { ok: false, failure: failure('INVALID_PARAMETER') } };
	}
	const other = plans.find((plan) => plan.sourceKind !== main.sourceKind);
	const images = joinImages(plans.map((plan) => plan.images));
	const problem =
		other === undefined
			? productProblem(generation, main, images)
			: { parameter: 'imageSource', problem: 'must be the same for all photos of a product' };
	if (problem !== undefined) {
		const { parameter, problem: what, advice } = { advice: undefined, ...problem };
		return { itemIndexes, productId, input: refusal(itemIndexes[0], parameter, what, advice) };
	}
	const plan = productPlan(generation, itemIndexes, productId, main, images);
	return { itemIndexes, productId, input: { ok: true, value: plan } };
}

function refusal(itemIndex: number, parameter: string, problem: string, advice?: string) {
	const message = `${parameterProblem(parameter, problem)} [item ${itemIndex}]`;
	const description = advice === undefined ? {} : { description: advice };
	return { ok: false as const, failure: failure('INVALID_PARAMETER', message, description) };
}

function productProblem(generation: Generation, main: ItemPlan, images: ItemImages) {
	const count = countImages(images);
	if (count !== undefined && (count < MIN_IMAGES || count > MAX_IMAGES)) {
		return {
			parameter: sourceParameter(main.sourceKind),
			problem: `gives ${count} images: a product needs ${MIN_IMAGES} to ${MAX_IMAGES}`,
		};
	}
	const [violation] = generation.violations(createInput(main, images));
	if (violation === undefined) return undefined;
	const { parameter, message, description } = violation;
	return { parameter, problem: `: ${message}`, advice: description };
}

function createInput(main: ItemPlan, images: ItemImages): CreateInput {
	const reference: ImageReference =
		images.kind === 'sources' ? { kind: 'uploadedImageIds', ids: [] } : images;
	return { ...main.fields, images: reference, imageTypes: main.imageTypes };
}

function productPlan(
	generation: Generation,
	itemIndexes: [number, ...number[]],
	productId: string | undefined,
	main: ItemPlan,
	images: ItemImages,
): ProductPlan {
	const { fields, background } = main;
	const inputs = JSON.stringify([fields, fingerprintOf(images), background?.fingerprint]);
	const operations = generation.operationsFor(main.imageTypes).map((imageTypes) => {
		const hash = createHash('sha256')
			.update(JSON.stringify([generation.name, imageTypes, inputs]))
			.digest('hex')
			.slice(0, 32);
		return { imageTypes, journalKey: `${itemIndexes[0]}:${hash}` };
	});
	return { itemIndexes, productId, images, background, fields, operations };
}
