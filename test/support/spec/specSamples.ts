/** Makes values from schemas: the fullest one first, then one for each thing that can vary. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../../nodes/Aiuta/core/json';
import { objects, type SpecContract } from './specContract';

const TEXT_BY_FORMAT: Readonly<Record<string, string>> = {
	'date-time': '2026-02-28T23:59:59+00:00',
	uri: 'https://files.example/picture.png',
};

function objectVariants(
	contract: SpecContract,
	schema: JsonObject,
	properties: JsonObject,
): JsonValue[] {
	const required = Array.isArray(schema['required']) ? schema['required'] : [];
	const variants = Object.entries(properties).map(
		([name, property]) =>
			[name, isJsonObject(property) ? schemaVariants(contract, property) : []] as const,
	);
	const fullest: JsonObject = Object.fromEntries(
		variants.map(([name, [first = null]]) => [name, first]),
	);
	const changed = variants.flatMap(([name, [, ...others]]) =>
		others.map((value): JsonObject => ({ ...fullest, [name]: value })),
	);
	const optional = Object.keys(properties).filter((name) => !required.includes(name));
	const without = (names: string[]): JsonObject =>
		Object.fromEntries(Object.entries(fullest).filter(([name]) => !names.includes(name)));
	return [
		fullest,
		...changed,
		...optional.map((name) => without([name])),
		...(optional.length > 1 ? [without(optional)] : []),
	];
}

/**
 * Make values that fit a schema: every field, every value of an enumeration, null where it is allowed,
 * optional fields left out one by one and all together, lists empty, short and long.
 */
export function schemaVariants(contract: SpecContract, schema: JsonObject): JsonValue[] {
	const resolved = contract.resolve(schema);
	const { anyOf, enum: values, properties, items, type, format } = resolved;
	if (Array.isArray(values)) return values;
	if (anyOf !== undefined) {
		return objects(anyOf).flatMap((alternative) => schemaVariants(contract, alternative));
	}
	if (isJsonObject(properties)) return objectVariants(contract, resolved, properties);
	if (isJsonObject(items)) {
		const entries = schemaVariants(contract, items);
		const least = typeof resolved['minItems'] === 'number' ? resolved['minItems'] : 0;
		const lists = [entries.slice(0, 2), entries.slice(0, 1), [], entries];
		const most = typeof resolved['maxItems'] === 'number' ? resolved['maxItems'] : Infinity;
		return lists.filter(({ length }) => length >= least && length <= most);
	}
	switch (type) {
		case 'null':
			return [null];
		case 'string':
			return [(typeof format === 'string' ? TEXT_BY_FORMAT[format] : undefined) ?? 'some text'];
		case 'integer':
			return [typeof resolved['minimum'] === 'number' ? resolved['minimum'] : 7];
		case 'object':
			return [{ season: 'SS26', sizes: [36, null] }, {}];
		case undefined:
			return ['any JSON'];
		default:
			throw new Error(`No value is known for the type ${JSON.stringify(type)}`);
	}
}

/** Copy a value with a field that no schema names added to every object in it. */
export function withUnknownFields(value: JsonValue): JsonValue {
	if (Array.isArray(value)) return value.map(withUnknownFields);
	if (!isJsonObject(value)) return value;
	const copied = Object.entries(value).map(
		([key, inner]) => [key, withUnknownFields(inner)] as const,
	);
	return { ...Object.fromEntries(copied), field_of_the_future: { nested: [1, null] } };
}

const REPLACEMENTS: readonly JsonValue[] = [
	null,
	'text',
	'',
	'#12345',
	'https://shop.example/a',
	0,
	-1,
	1.5,
	5,
	true,
	[],
	{},
];

function replaceAt(
	value: JsonValue,
	path: Array<string | number>,
	change: (inner: JsonValue) => JsonValue | undefined,
): JsonValue {
	const [key, ...rest] = path;
	if (key === undefined) return change(value) ?? null;
	if (Array.isArray(value)) {
		return value.flatMap((entry, index): JsonValue[] => {
			if (index !== key) return [entry];
			const changed = rest.length === 0 ? change(entry) : replaceAt(entry, rest, change);
			return changed === undefined ? [] : [changed];
		});
	}
	if (!isJsonObject(value)) return value;
	const copy: JsonObject = {};
	for (const [name, inner] of Object.entries(value)) {
		const changed =
			name !== key ? inner : rest.length === 0 ? change(inner) : replaceAt(inner, rest, change);
		if (changed !== undefined) copy[name] = changed;
	}
	return copy;
}

/** List the paths of everything inside a value; of a list only the first entry. */
function innerPaths(value: JsonValue): Array<Array<string | number>> {
	const children: Array<[string | number, JsonValue]> = Array.isArray(value)
		? value.slice(0, 1).map((entry) => [0, entry])
		: isJsonObject(value)
			? Object.entries(value)
			: [];
	return children.flatMap(([key, inner]) => [
		[key],
		...innerPaths(inner).map((path) => [key, ...path]),
	]);
}

function changesOf(value: JsonValue): Array<(inner: JsonValue) => JsonValue | undefined> {
	const structural: Array<JsonValue | undefined> = [undefined];
	if (Array.isArray(value)) {
		const [first = null] = value;
		structural.push(
			[...value, first],
			Array.from({ length: 20 }, () => first),
			Array.from({ length: 21 }, () => first),
		);
	}
	if (isJsonObject(value)) structural.push({ ...value, colour: 'red' });
	return [...REPLACEMENTS, ...structural].map((replacement) => () => replacement);
}

/**
 * Make bodies that differ from a good one in a single place: left out, of another type, out of bounds.
 *
 * @param fields the top-level fields to change; all of them without it
 */
export function mutations(body: JsonObject, fields = Object.keys(body)): JsonObject[] {
	const results = innerPaths(body)
		.filter(([field]) => typeof field === 'string' && fields.includes(field))
		.flatMap((path) =>
			changesOf(valueAt(body, path)).map((change) => replaceAt(body, path, change)),
		);
	return [...results, { ...body, colour: 'red' }].filter(isJsonObject);
}

function valueAt(value: JsonValue, path: Array<string | number>): JsonValue {
	return path.reduce<JsonValue>((inner, key) => {
		if (Array.isArray(inner)) return (typeof key === 'number' ? inner[key] : undefined) ?? null;
		return isJsonObject(inner) ? (inner[key] ?? null) : null;
	}, value);
}
