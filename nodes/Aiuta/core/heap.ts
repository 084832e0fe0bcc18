/** Binary min-heap over a caller-supplied order. Knows nothing of what it holds. */
export class Heap<T> {
	private readonly items: T[] = [];

	/** @param isBefore strict order: true when `a` must leave the heap before `b` */
	constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

	get size(): number {
		return this.items.length;
	}

	/** Return the first item without removing it, undefined when empty. */
	peek(): T | undefined {
		return this.items[0];
	}

	/** Add an item in O(log n). */
	push(item: T): void {
		let index = this.items.push(item) - 1;
		while (index > 0) {
			const parentIndex = (index - 1) >> 1;
			const parent = this.items[parentIndex];
			if (parent === undefined || !this.isBefore(item, parent)) break;
			this.items[index] = parent;
			index = parentIndex;
		}
		this.items[index] = item;
	}

	/** Remove and return the first item in O(log n), undefined when empty. */
	pop(): T | undefined {
		const first = this.items[0];
		const last = this.items.pop();
		if (last !== undefined && this.items.length > 0) this.sink(last);
		return first;
	}

	/** Remove and return everything that matches, in no particular order, in O(n log n). */
	removeWhere(matches: (item: T) => boolean): T[] {
		const removed: T[] = [];
		const kept: T[] = [];
		for (const item of this.items) (matches(item) ? removed : kept).push(item);
		this.items.length = 0;
		for (const item of kept) this.push(item);
		return removed;
	}

	private sink(item: T): void {
		let index = 0;
		for (;;) {
			let childIndex = 2 * index + 1;
			let child = this.items[childIndex];
			if (child === undefined) break;
			const right = this.items[childIndex + 1];
			if (right !== undefined && this.isBefore(right, child)) {
				child = right;
				childIndex += 1;
			}
			if (!this.isBefore(child, item)) break;
			this.items[index] = child;
			index = childIndex;
		}
		this.items[index] = item;
	}
}
