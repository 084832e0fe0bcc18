/** One unit of a batch (a product, an image, an operation) as it was read from the input items. */
import type { ItemIndexes } from '../output/items';
import type { ReadItem } from './readParameters';

/** Something to do for one or more input items, or why it cannot be done. */
export interface Unit<T> {
	itemIndexes: ItemIndexes;
	productId?: string | undefined;
	input: ReadItem<T>;
}
