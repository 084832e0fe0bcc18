/** Makes n8n items: always with `pairedItem`, pictures under the field names the user chose. */
import type {
	IBinaryData,
	IBinaryKeyData,
	INodeExecutionData,
	IPairedItemData,
} from 'n8n-workflow';

import type { Failure } from '../api/failures';
import type { FinishedProduct, ProductOutcome } from '../batch/deliver';
import type { AiutaImage } from '../api/types';
import type { JsonObject } from '../core/json';
import { failedJson } from './itemJson';

/** Input items that an output item comes from: one, or all photos of a grouped product. */
export type ItemIndexes = readonly [number, ...number[]];

/** What became of a unit: items, failures, or some of both (one of several operations failed). */
export interface UnitResult {
	items: INodeExecutionData[];
	failures: Failure[];
}

function paired(itemIndexes: ItemIndexes): IPairedItemData | IPairedItemData[] {
	const [only, ...more] = itemIndexes;
	return more.length === 0 ? { item: only } : itemIndexes.map((item) => ({ item }));
}

/** Make an item without pictures. */
export function jsonItem(json: JsonObject, itemIndexes: ItemIndexes): INodeExecutionData {
	return { json, pairedItem: paired(itemIndexes) };
}

/** Make a failed item that reaches the error output on every n8n version. */
export function failedItem(failed: Failure, itemIndexes: ItemIndexes): INodeExecutionData {
	return jsonItem(failedJson(failed), itemIndexes);
}

/** Put pictures under `field`, `field_1`, `field_2`, ... */
export function binaryFields(pictures: IBinaryData[], field: string): IBinaryKeyData {
	return Object.fromEntries(
		pictures.map((picture, index) => [index === 0 ? field : `${field}_${index}`, picture]),
	);
}

export interface Arrangement {
	/** One item for the product, or one for each of its images. */
	outputMode: 'product' | 'image';
	/** Name of the binary field of the first picture. */
	binaryField: string;
	/** Whether the untouched API bodies are added. */
	includeResponse: boolean;
	/** Fields of the input item to pass on; the node's own win. */
	otherFields: JsonObject;
}

type ToJson = (
	product: FinishedProduct<IBinaryData>,
	images: AiutaImage[],
	includeResponse: boolean,
) => JsonObject;

/** Turn the outcome of a product or operation into items. */
export function outcomeItems(
	outcome: ProductOutcome<IBinaryData>,
	itemIndexes: ItemIndexes,
	arrangement: Arrangement,
	toJson: ToJson,
): UnitResult {
	if (outcome.kind === 'skipped') return { items: [], failures: [] };
	if (outcome.kind === 'failed') return { items: [], failures: [outcome.failure] };
	return { items: productItems(outcome, itemIndexes, arrangement, toJson), failures: [] };
}

/** Arrange a finished product as items. An unfinished one without images is one item in both modes. */
function productItems(
	product: FinishedProduct<IBinaryData>,
	itemIndexes: ItemIndexes,
	{ outputMode, binaryField, includeResponse, otherFields }: Arrangement,
	toJson: ToJson,
): INodeExecutionData[] {
	const groups =
		outputMode === 'image' && product.images.length > 0
			? product.images.map((image, index) => ({
					images: [image],
					pictures: product.pictures.slice(index, index + 1),
				}))
			: [{ images: product.images, pictures: product.pictures }];
	return groups.map(({ images, pictures }) => ({
		...jsonItem({ ...otherFields, ...toJson(product, images, includeResponse) }, itemIndexes),
		...(pictures.length === 0 ? {} : { binary: binaryFields(pictures, binaryField) }),
	}));
}
