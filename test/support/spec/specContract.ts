/**
 * One generation's OpenAPI file as a contract: its schemas made strict (no field but those named), the
 * fields of a request, and a tally of what values were really held against.
 */
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

import type { ApiName } from '../../../nodes/Aiuta/api/types';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../nodes/Aiuta/core/json';
import { memberOf } from './spec';

const REF_PREFIX = '#/components/schemas/';

/** What values were held against and fitted, each counted once; every entry begins with the generation. */
export class Tally {
	readonly schemas = new Set<string>();

	/** Fields that were present in at least one value, as `<schema>.<property>`. */
	readonly fields = new Set<string>();

	readonly examples = new Set<string>();

	line(): string {
		const { schemas, fields, examples } = this;
		return `spec check: ${schemas.size} schemas, ${fields.size} fields, ${examples.size} examples`;
	}
}

/** A field of a request, arrays marked by `[]`, and its values where the schema lists them. */
export interface SpecField {
	path: string;
	values: string[] | undefined;
}

/** An example that the file gives for a schema or for one of its properties. */
export interface SpecExample {
	/** Schema name, or `<schema>.<property>`. */
	owner: string;
	value: JsonValue;
}

export function objects(value: unknown): JsonObject[] {
	return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function mapObject(source: JsonObject, change: (value: JsonValue) => JsonValue): JsonObject {
	return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, change(value)]));
}

/** Copy a schema for the validator: references moved to `$defs`, objects with properties closed. */
function strict(schema: JsonValue): JsonValue {
	if (Array.isArray(schema)) return schema.map(strict);
	if (!isJsonObject(schema)) return schema;
	const { properties, $ref: ref, examples: _examples, ...rest } = schema;
	const copy = mapObject(rest, strict);
	if (typeof ref === 'string') copy['$ref'] = ref.replace(REF_PREFIX, 'spec#/$defs/');
	if (isJsonObject(properties)) {
		copy['properties'] = mapObject(properties, strict);
		copy['additionalProperties'] ??= false;
	}
	return copy;
}

export class SpecContract {
	readonly schemas: JsonObject;

	private readonly ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false });

	private readonly compiled = new Map<string, ValidateFunction>();

	constructor(
		readonly api: ApiName,
		readonly document: JsonObject,
		private readonly tally: Tally,
	) {
		this.schemas = memberOf(document, 'components', 'schemas');
		addFormats(this.ajv);
		this.ajv.addSchema({ $id: 'spec', $defs: mapObject(this.schemas, strict) });
	}

	/** Give the schema of a named component, as a reference. */
	named(name: string): JsonObject {
		if (!(name in this.schemas)) throw new Error(`${this.api} has no schema ${name}`);
		return { $ref: REF_PREFIX + name };
	}

	/** Give the schema of a request body. */
	request(path: string, contentType = 'application/json'): JsonObject {
		const body = memberOf(this.document, 'paths', path, 'post', 'requestBody', 'content');
		return memberOf(body, contentType, 'schema');
	}

	/** Give the schema of a response. */
	response(method: 'get' | 'post', path: string, status: number): JsonObject {
		const responses = memberOf(this.document, 'paths', path, method, 'responses');
		return memberOf(responses, String(status), 'content', 'application/json', 'schema');
	}

	/** Hold a value against a schema. Returns what is wrong with it; a value that fits is counted. */
	problems(schema: JsonObject, value: unknown): string[] {
		const validate = this.validator(schema);
		if (validate(value) === true) {
			this.visit(schema, value, '');
			return [];
		}
		return (validate.errors ?? []).map(
			({ instancePath, message, params }) =>
				`${instancePath}: ${message ?? 'invalid'} ${JSON.stringify(params)}`,
		);
	}

	/** Tell whether a value fits, without counting it as checked. */
	fits(schema: JsonObject, value: unknown): boolean {
		return this.validator(schema)(value) === true;
	}

	/** Follow references, and the `allOf` with one entry that stands for one. */
	resolve(schema: JsonObject): JsonObject {
		const { $ref: ref, allOf } = schema;
		if (typeof ref === 'string') {
			return this.resolve(memberOf(this.schemas, ref.slice(REF_PREFIX.length)));
		}
		const [only, ...others] = objects(allOf);
		return only === undefined || others.length > 0 ? schema : this.resolve(only);
	}

	/** List every field below a schema, recursively, with the values of enumerations. */
	fields(schema: JsonObject, path = ''): SpecField[] {
		const resolved = this.resolve(schema);
		const { properties, items, anyOf, enum: values } = resolved;
		if (isJsonObject(properties)) {
			return Object.entries(properties).flatMap(([name, property]) => {
				const here = path === '' ? name : `${path}.${name}`;
				return isJsonObject(property) ? this.fields(property, here) : [];
			});
		}
		if (isJsonObject(items)) return this.fields(items, `${path}[]`);
		const [alternative] = objects(anyOf).filter(({ type }) => type !== 'null');
		if (alternative !== undefined) return this.fields(alternative, path);
		return [{ path, values: Array.isArray(values) ? values.map(String) : undefined }];
	}

	/** List the examples of the schemas that `roots` lead to, and of their properties. */
	examples(roots: JsonObject[]): SpecExample[] {
		const names = new Set<string>();
		roots.forEach((root) => this.collectNames(root, names));
		return [...names].flatMap((name) => {
			const { properties } = memberOf(this.schemas, name);
			const inner = isJsonObject(properties) ? Object.keys(properties) : [];
			return [name, ...inner.map((key) => `${name}.${key}`)].flatMap((owner) => {
				const { examples } = this.owned(owner);
				return Array.isArray(examples) ? examples.map((value) => ({ owner, value })) : [];
			});
		});
	}

	/** Give the schema that an example belongs to. */
	schemaOf(owner: string): JsonObject {
		return owner.includes('.') ? this.owned(owner) : this.named(owner);
	}

	private owned(owner: string): JsonObject {
		const [name = '', property] = owner.split('.');
		const schema = memberOf(this.schemas, name);
		return property === undefined ? schema : memberOf(schema, 'properties', property);
	}

	private validator(schema: JsonObject): ValidateFunction {
		const key = JSON.stringify(schema);
		const known = this.compiled.get(key);
		if (known !== undefined) return known;
		const made = this.ajv.compile(strict(schema) as JsonObject);
		this.compiled.set(key, made);
		return made;
	}

	private collectNames(value: JsonValue | undefined, names: Set<string>): void {
		if (Array.isArray(value)) value.forEach((entry) => this.collectNames(entry, names));
		if (!isJsonObject(value)) return;
		const ref = value['$ref'];
		if (typeof ref === 'string') {
			const name = ref.slice(REF_PREFIX.length);
			if (names.has(name)) return;
			names.add(name);
			this.collectNames(this.schemas[name], names);
		} else {
			Object.values(value).forEach((entry) => this.collectNames(entry, names));
		}
	}

	/** Count the schemas and fields that a value meets; of alternatives, those that it fits. */
	private visit(schema: JsonObject, value: unknown, owner: string): void {
		const { $ref: ref, allOf, anyOf, properties, items } = schema;
		if (typeof ref === 'string') {
			const name = ref.slice(REF_PREFIX.length);
			this.tally.schemas.add(`${this.api}:${name}`);
			this.visit(memberOf(this.schemas, name), value, name);
		}
		objects(allOf).forEach((part) => this.visit(part, value, owner));
		objects(anyOf)
			.filter((part) => this.fits(part, value))
			.forEach((part) => this.visit(part, value, owner));
		if (isJsonObject(properties) && isJsonObject(value)) {
			for (const [name, property] of Object.entries(properties)) {
				if (!(name in value) || !isJsonObject(property)) continue;
				this.tally.fields.add(`${this.api}:${owner}.${name}`);
				this.visit(property, value[name], owner);
			}
		}
		if (isJsonObject(items) && Array.isArray(value)) {
			value.forEach((entry) => this.visit(items, entry, owner));
		}
	}
}

/** List the paths of all leaves of a value with the values found there, arrays marked by `[]`. */
export function leaves(value: JsonValue, path = ''): Array<{ path: string; value: JsonValue }> {
	if (Array.isArray(value)) return value.flatMap((entry) => leaves(entry, `${path}[]`));
	if (!isJsonObject(value)) return [{ path, value }];
	return [
		{ path, value },
		...Object.entries(value).flatMap(([key, inner]) =>
			leaves(inner, path === '' ? key : `${path}.${key}`),
		),
	];
}
