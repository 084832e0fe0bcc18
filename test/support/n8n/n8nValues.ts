/** Reads values of unknown shape, as n8n's REST API answers them. */

export type Path = ReadonlyArray<string | number>;

/** Follow a path into objects and arrays; undefined where it ends. */
export function at(value: unknown, ...path: Path): unknown {
	let here = value;
	for (const step of path) {
		if (typeof here !== 'object' || here === null) return undefined;
		here = (here as Record<string | number, unknown>)[step];
	}
	return here;
}

/**
 * Read a text at the end of a path; a number counts as text.
 *
 * @throws Error naming the path when there is none
 */
export function textAt(value: unknown, ...path: Path): string {
	const found = at(value, ...path);
	if (typeof found === 'string') return found;
	if (typeof found === 'number') return String(found);
	throw new Error(`no text at ${path.join('.')} of ${JSON.stringify(value)?.slice(0, 300)}`);
}

/** Read a list at the end of a path; an empty one when there is none. */
export function listAt(value: unknown, ...path: Path): unknown[] {
	const found = at(value, ...path);
	return Array.isArray(found) ? found : [];
}

/**
 * Undo n8n's flattening of execution data: a JSON array in which every text inside of an object or
 * array is the index of the value meant (the format of the `flatted` package, read off stored runs).
 */
export function unflatten(text: string): unknown {
	const flat: unknown = JSON.parse(text);
	if (!Array.isArray(flat)) return flat;
	const entries: readonly unknown[] = flat;
	const done = new Map<number, unknown>();
	const resolve = (value: unknown): unknown =>
		typeof value === 'string' ? revive(Number(value)) : value;
	const revive = (index: number): unknown => {
		if (done.has(index)) return done.get(index);
		const entry = entries[index];
		if (typeof entry !== 'object' || entry === null) return entry;
		if (Array.isArray(entry)) {
			const list: unknown[] = [];
			done.set(index, list);
			for (const value of entry) list.push(resolve(value));
			return list;
		}
		const object: Record<string, unknown> = {};
		done.set(index, object);
		for (const [key, value] of Object.entries(entry)) object[key] = resolve(value);
		return object;
	};
	return revive(0);
}
