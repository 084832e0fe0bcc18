/**
 * Turns input items into product plans: one an item, or one for all items with the same Product ID.
 * Everything that can be known to be wrong is found here, before anything is sent.
 */
import { createHash } from 'crypto';
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import type { Generation } from '../api/generation';
import type { CreateInput, ImageReference, ImageType } from '../api/types';
import type { ImageSource, ProductPlan } from '../batch/plan';
import { mapLimited } from '../core/limiter';
import { imageTypesField, readImageTypes } from './imageTypes';
import { countImages, fingerprintOf, joinImages, type ItemImages } from './itemImages';
import { createOptions, readCreateOptions, readOptions } from './options';
import { Parameters } from './parameters';
import {
	adviceOnMissing,
	fieldOfSource,
	photoFields,
	readItemImages,
	readSourceKind,
	type DefaultSource,
	type SourceKind,
} from './photos';
import { readBackground } from './pictureOptions';
import {
	productFields,
	productIdField,
	readIsGrouped,
	readProductFields,
	readProductId,
} from './product';
import { refuse } from './refusals';
import { chosenGeneration } from './selectors';
import { readItem, type ReadItem, type Unit } from './units';

const MAX_IMAGES = 20;
/** Binaries opened at once to look at their first bytes. */
const MAX_CHECKED_AT_ONCE = 8;

/** A product to make, and what its action read besides: both known before anything is sent. */
export interface PlannedProduct<S> {
	plan: ProductPlan;
	settings: S;
}

interface ItemPlan<S> {
	sourceKind: SourceKind;
	images: ItemImages;
	background: ImageSource | undefined;
	fields: ProductPlan['fields'];
	imageTypes: ImageType[];
	settings: S;
}

interface ReadPart<S> {
	index: number;
	/** As far as it can be read, so that a failed item can be told by it. */
	productId: string | undefined;
	input: ReadItem<ItemPlan<S>>;
}

/**
 * Plan the products of all input items, in the order of their first item.
 *
 * @param readSettings reads what the action itself needs of an item
 */
export async function planProducts<S>(
	host: IExecuteFunctions,
	defaultSource: DefaultSource,
	readSettings: (parameters: Parameters) => S,
): Promise<Array<Unit<PlannedProduct<S>>>> {
	const generation = chosenGeneration(host);
	const products = new Map<string, [ReadPart<S>, ...Array<ReadPart<S>>]>();
	const items = await mapLimited(host.getInputData(), MAX_CHECKED_AT_ONCE, async (_, index) => {
		const parameters = new Parameters(host, index);
		const productId = await readItem(() => readProductId(parameters));
		const isGrouped = await readItem(() => readIsGrouped(parameters));
		const input = await readItem(async () => ({
			settings: readSettings(parameters),
			...(await readItemPlan(parameters, generation, defaultSource)),
		}));
		const part = { index, productId: productId.ok ? productId.value : undefined, input };
		return { part, isGrouped: isGrouped.ok && isGrouped.value };
	});
	for (const { part, isGrouped } of items) {
		const { productId, index } = part;
		const key = isGrouped && productId !== undefined ? `product ${productId}` : `item ${index}`;
		const earlier = products.get(key);
		if (earlier === undefined) products.set(key, [part]);
		else earlier.push(part);
	}
	return await Promise.all(
		[...products.values()].map(async (parts) => await toUnit(generation, parts)),
	);
}

async function readItemPlan(
	parameters: Parameters,
	generation: Generation,
	defaultSource: DefaultSource,
): Promise<Omit<ItemPlan<never>, 'settings'>> {
	const sourceKind = readSourceKind(parameters, generation, defaultSource);
	const product = readProductFields(parameters);
	if (sourceKind !== 'sku' && readIsGrouped(parameters) && product.productId === undefined) {
		return refuse(
			`${productIdField.displayName} is empty, but items are to be grouped by it`,
			'Give every item a Product ID, or switch Group Items by Product ID off.',
		);
	}
	const options = readOptions(parameters);
	return {
		fields: { product, options: readCreateOptions(options) },
		sourceKind,
		images: await readItemImages(parameters, generation, sourceKind),
		background: await readBackground(parameters, options),
		imageTypes: readImageTypes(parameters),
	};
}

async function toUnit<S>(
	generation: Generation,
	parts: readonly [ReadPart<S>, ...Array<ReadPart<S>>],
): Promise<Unit<PlannedProduct<S>>> {
	const [{ index, productId, input: main }, ...rest] = parts;
	const itemIndexes: ProductPlan['itemIndexes'] = [index, ...rest.map((part) => part.index)];
	const unit = (input: Unit<PlannedProduct<S>>['input']) => ({ itemIndexes, productId, input });
	if (!main.ok) return unit(main);
	let { images } = main.value;
	let isMixed = false;
	for (const { input } of rest) {
		// One photo that cannot be used spoils its product: a picture of half of it helps nobody.
		if (!input.ok) return unit(input);
		isMixed ||= input.value.sourceKind !== main.value.sourceKind;
		images = joinImages(images, input.value.images);
	}
	const checked = await readItem(() => {
		if (isMixed) {
			refuse(
				'Image Source must be the same for all photos of a product',
				'Use one Image Source for all items with the same Product ID.',
			);
		}
		checkProduct(generation, main.value, images);
		const plan = productPlan(generation, itemIndexes, productId, main.value, images);
		return { plan, settings: main.value.settings };
	});
	return unit(checked);
}

/** Refuse a product that Aiuta would refuse, as far as that can be known without asking. */
function checkProduct(generation: Generation, main: ItemPlan<unknown>, images: ItemImages): void {
	const count = countImages(images);
	const { displayName } = fieldOfSource(main.sourceKind);
	if (count === 0) refuse(`${displayName} gives no photo`, adviceOnMissing(main.sourceKind));
	if (count !== undefined && count > MAX_IMAGES) {
		refuse(
			`${displayName} gives ${count} photos, but a product has at most ${MAX_IMAGES}`,
			'Choose the photos that show the product best.',
		);
	}
	const [violation] = generation.violations(createInput(main, images));
	if (violation === undefined) return;
	const { parameter, message, description } = violation;
	refuse(`${labelOf(parameter)}: ${message}`, description);
}

function createInput(main: ItemPlan<unknown>, images: ItemImages): CreateInput {
	const reference: ImageReference =
		images.kind === 'sources' ? { kind: 'uploadedImageIds', ids: [] } : images;
	return { ...main.fields, images: reference, imageTypes: main.imageTypes };
}

const FIELDS: INodeProperties[] = [
	...photoFields('binary'),
	...productFields,
	imageTypesField,
	...Object.values(createOptions).flat(),
];

/** The label of the field that a rule of the API names. */
function labelOf(name: string): string {
	return FIELDS.find((field) => field.name === name)?.displayName ?? name;
}

function productPlan(
	generation: Generation,
	itemIndexes: ProductPlan['itemIndexes'],
	productId: string | undefined,
	main: ItemPlan<unknown>,
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
