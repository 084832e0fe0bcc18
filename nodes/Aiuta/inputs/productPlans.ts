/**
 * Turns input items into product plans: one an item, or one for all items with the same Product ID.
 * Everything that can be known to be wrong is found here, before anything is sent.
 */
import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { detailed } from '../api/failures';
import type { Generation } from '../api/generation';
import type { CreateInput, ImageReference, ImageType } from '../api/types';
import type { ImageSource, ProductPlan } from '../batch/plan';
import type { Place } from '../batch/records';
import { mapLimited } from '../core/limiter';
import { imageTypesField, readImageTypes } from './imageTypes';
import { countImages, joinImages, type ItemImages } from './itemImages';
import { openJournal } from './journal';
import { hasLedger } from './ledger';
import { createOptions, readCreateOptions, readOptions } from './options';
import { Parameters } from './parameters';
import {
	adviceOnMissing,
	fieldOfSource,
	photoFields,
	readItemImages,
	readSettledImages,
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

/** The items of one product, before they are read. */
interface ProductItems {
	itemIndexes: ProductPlan['itemIndexes'];
	/** As far as it can be read, so that a failed item can be told by it. */
	productId: string | undefined;
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
	const products = await groupItems(host);
	return await mapLimited(products, MAX_CHECKED_AT_ONCE, async (items) => {
		const isSettled = await isInJournal(host, generation, items.itemIndexes[0]);
		const parts: Array<ReadItem<ItemPlan<S>>> = [];
		for (const index of items.itemIndexes) {
			const parameters = new Parameters(host, index);
			const part = await readItem(async () => ({
				settings: readSettings(parameters),
				...(await readItemPlan(parameters, generation, defaultSource, isSettled)),
			}));
			parts.push(part);
		}
		return await toUnit(generation, items, parts);
	});
}

/**
 * Find the items of each product, in the order of their first. Those of a product that an earlier try has
 * begun stay together, whatever their Product IDs have become.
 */
async function groupItems(host: IExecuteFunctions): Promise<ProductItems[]> {
	const firstItems = openJournal(host).firstItems();
	const products = new Map<string, ProductItems>();
	for (const index of host.getInputData().keys()) {
		const parameters = new Parameters(host, index);
		const read = await readItem(() => readProductId(parameters));
		const isGrouped = await readItem(() => readIsGrouped(parameters));
		const productId = read.ok ? read.value : undefined;
		const isOneOfMany = isGrouped.ok && isGrouped.value && productId !== undefined;
		const first = firstItems.get(index);
		const own = isOneOfMany ? `product ${productId}` : `item ${index}`;
		const key = first === undefined ? own : `begun ${first}`;
		const product = products.get(key);
		if (product === undefined) products.set(key, { itemIndexes: [index], productId });
		else product.itemIndexes.push(index);
	}
	return [...products.values()];
}

/**
 * Ask the journal before any input is looked at: where all operations of a product exist, or may exist,
 * its photos are not needed and may be gone.
 */
async function isInJournal(
	host: IExecuteFunctions,
	generation: Generation,
	firstIndex: number,
): Promise<boolean> {
	const types = await readItem(() => readImageTypes(new Parameters(host, firstIndex)));
	if (!types.ok) return false;
	const places = placesOf(generation, firstIndex, types.value);
	const journal = openJournal(host);
	// With a ledger something may yet be created where the journal does not know the outcome.
	const hasPlace = (place: Place) =>
		hasLedger(new Parameters(host, firstIndex))
			? journal.hasOperation(place)
			: journal.settles(place);
	return places.length > 0 && places.every(hasPlace);
}

function placesOf(
	generation: Generation,
	itemIndex: number,
	imageTypes: ImageType[],
	otherItems: number[] = [],
): Place[] {
	return generation.operationsFor(imageTypes).map((types) => ({
		itemIndex,
		...(otherItems.length === 0 ? {} : { otherItems }),
		api: generation.name,
		imageTypes: types,
	}));
}

async function readItemPlan(
	parameters: Parameters,
	generation: Generation,
	defaultSource: DefaultSource,
	isSettled: boolean,
): Promise<Omit<ItemPlan<never>, 'settings'>> {
	const sourceKind = readSourceKind(parameters, generation, defaultSource);
	const product = readProductFields(parameters);
	if (sourceKind !== 'sku' && readIsGrouped(parameters) && product.productId === undefined) {
		return refuse(
			`${productIdField.displayName} is empty, but items are to be grouped by it`,
			'Give every item a Product ID, or switch Group Items by Product ID off.',
		);
	}
	if (hasLedger(parameters) && product.productId === undefined) {
		return refuse(
			`${productIdField.displayName} is empty, but a ledger needs one for every product`,
			'Give every item a Product ID, or clear the field Ledger.',
		);
	}
	const options = readOptions(parameters);
	const readImages = isSettled ? readSettledImages : readItemImages;
	return {
		fields: { product, options: readCreateOptions(options) },
		sourceKind,
		images: await readImages(parameters, generation, sourceKind),
		background: isSettled ? undefined : await readBackground(parameters, options),
		imageTypes: readImageTypes(parameters),
	};
}

async function toUnit<S>(
	generation: Generation,
	{ itemIndexes, productId }: ProductItems,
	parts: Array<ReadItem<ItemPlan<S>>>,
): Promise<Unit<PlannedProduct<S>>> {
	const unit = (input: Unit<PlannedProduct<S>>['input']) => ({ itemIndexes, productId, input });
	// One photo that cannot be used spoils its product: a picture of half of it helps nobody.
	for (const [index, part] of parts.entries()) {
		if (part.ok) continue;
		if (parts.length === 1) return unit(part);
		const failure = detailed(part.failure, `it is in item ${itemIndexes[index]}`);
		return unit({ ok: false, failure });
	}
	const checked = await readItem(() => {
		const [main, ...rest] = parts.flatMap((part) => (part.ok ? [part.value] : []));
		if (main === undefined) return refuse('The product has no item', 'Pass at least one item.');
		const { images } = rest.reduce((all, one) => {
			if (one.sourceKind !== all.sourceKind) {
				refuse(
					'Image Source must be the same for all photos of a product',
					'Use one Image Source for all items with the same Product ID.',
				);
			}
			return { ...all, images: joinImages(all.images, one.images) };
		}, main);
		// Nothing is created from inputs that nobody needs any more.
		if (images.kind !== 'notRead') checkProduct(generation, main, images);
		const { fields, background, settings } = main;
		const [first, ...others] = itemIndexes;
		const operations = placesOf(generation, first, main.imageTypes, others);
		const plan = { itemIndexes, productId, images, background, fields, operations };
		return { plan, settings };
	});
	return unit(checked);
}

type ReadImages = Exclude<ItemImages, { kind: 'notRead' }>;

/** Refuse a product that Aiuta would refuse, as far as that can be known without asking. */
function checkProduct(generation: Generation, main: ItemPlan<unknown>, images: ReadImages): void {
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
	refuse(`${labelOf(generation, parameter)}: ${message}`, description);
}

function createInput(main: ItemPlan<unknown>, images: ReadImages): CreateInput {
	const reference: ImageReference =
		images.kind === 'sources' ? { kind: 'uploadedImageIds', ids: [] } : images;
	return { ...main.fields, images: reference, imageTypes: main.imageTypes };
}

const FIELDS: INodeProperties[] = [...photoFields('binary'), ...productFields, imageTypesField];

/** The label of the field that a rule of the API names; an option is called otherwise in another API. */
function labelOf(generation: Generation, name: string): string {
	const fields = [...FIELDS, ...createOptions[generation.name]];
	return fields.find((field) => field.name === name)?.displayName ?? name;
}
