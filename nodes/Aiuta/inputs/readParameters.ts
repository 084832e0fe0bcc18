/**
 * Reads the node's parameters for one item and refuses what cannot be used, naming the parameter and
 * the item. Reading never sends anything.
 */
import type { IExecuteFunctions } from 'n8n-workflow';

import { failure, type Failure } from '../api/failures';
import { isJsonObject, type JsonObject } from '../core/json';
import { parameterProblem } from './labels';

/** Why a parameter of one item cannot be used. Caught by `readItem`, never by the host. */
class ParameterProblem extends Error {
	constructor(
		readonly parameter: string,
		problem: string,
		readonly advice?: string,
		readonly code: 'INVALID_PARAMETER' | 'NOT_AN_IMAGE' = 'INVALID_PARAMETER',
	) {
		super(problem);
	}
}

/** Stop reading this item: `problem` completes the sentence "<parameter> ...". */
export function refuse(
	parameter: string,
	problem: string,
	advice?: string,
	code?: 'INVALID_PARAMETER' | 'NOT_AN_IMAGE',
): never {
	throw new ParameterProblem(parameter, problem, advice, code);
}

/** What was read of one item, or why it cannot be used. */
export type ReadItem<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** Read one item with `read`; a refusal or an expression that fails becomes a failure of that item. */
export async function readItem<T>(
	itemIndex: number,
	read: () => Promise<T> | T,
): Promise<ReadItem<T>> {
	try {
		return { ok: true, value: await read() };
	} catch (error) {
		const said = error instanceof Error ? error.message : String(error);
		const isOurs = error instanceof ParameterProblem;
		const problem = isOurs ? parameterProblem(error.parameter, said) : said;
		const failed = failure(
			isOurs ? error.code : 'INVALID_PARAMETER',
			`${problem} [item ${itemIndex}]`,
			isOurs && error.advice !== undefined ? { description: error.advice } : {},
		);
		return { ok: false, failure: failed };
	}
}

export interface NumberBounds {
	min: number;
	max: number;
	/** Whether `min` itself is out of bounds. */
	isMinExcluded?: boolean;
	isInteger?: boolean;
}

function numberProblem(value: unknown, bounds: NumberBounds): string | undefined {
	const { min, max, isMinExcluded = false, isInteger = false } = bounds;
	const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	const isFine =
		typeof number === 'number' &&
		Number.isFinite(number) &&
		(isMinExcluded ? number > min : number >= min) &&
		number <= max &&
		(!isInteger || Number.isInteger(number));
	if (isFine) return undefined;
	const kind = isInteger ? 'a whole number' : 'a number';
	const lower = isMinExcluded ? `more than ${min}` : `at least ${min}`;
	return `must be ${kind}, ${lower} and at most ${max}, not ${JSON.stringify(value) ?? 'empty'}`;
}

/** Check a number that may have been written as text; refuse it with the bounds. */
export function boundedNumber(parameter: string, value: unknown, bounds: NumberBounds): number {
	const problem = numberProblem(value, bounds);
	if (problem !== undefined) return refuse(parameter, problem);
	return Number(value);
}

/** Read a value as text: numbers as they are written, nothing as empty, no surrounding white space. */
function asText(parameter: string, value: unknown): string {
	if (value === undefined || value === null) return '';
	if (typeof value === 'string') return value.trim();
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	return refuse(parameter, 'must be text', 'If it is an expression, let it give a single value.');
}

/** Refuse an ID that cannot be written into an address: half a character, as a wrong cut leaves it. */
export function checkedId(parameter: string, id: string): string {
	try {
		encodeURIComponent(id);
		return id;
	} catch {
		return refuse(parameter, 'contains a broken character', 'Copy the ID again.');
	}
}

export class Parameters {
	constructor(
		private readonly host: IExecuteFunctions,
		readonly itemIndex: number,
	) {}

	/** The value as n8n resolved it; undefined for a parameter that the chosen operation hides. */
	raw(name: string): unknown {
		// Without a fallback n8n throws for a hidden parameter; undefined does not count as one.
		const value: unknown = this.host.getNodeParameter(name, this.itemIndex, null, {
			skipValidation: true,
		});
		return value ?? undefined;
	}

	text(name: string): string {
		return asText(name, this.raw(name));
	}

	/** Text that is left out of the request when empty. */
	optionalText(name: string): string | undefined {
		const text = this.text(name);
		return text === '' ? undefined : text;
	}

	requiredText(name: string): string {
		const text = this.text(name);
		return text === '' ? refuse(name, 'is empty', 'Enter a value for every item.') : text;
	}

	/** An ID that becomes part of an address. */
	requiredId(name: string): string {
		return checkedId(name, this.requiredText(name));
	}

	/** Comma- or newline-separated text, or an array by expression; empty entries do not count. */
	list(name: string): string[] {
		const value = this.raw(name);
		const entries: unknown[] = Array.isArray(value) ? value : [value];
		return entries.flatMap((entry) =>
			asText(name, entry)
				.split(/[,\n]/)
				.map((part) => part.trim())
				.filter((part) => part !== ''),
		);
	}

	boolean(name: string, fallback: boolean): boolean {
		const value = this.raw(name) ?? fallback;
		if (typeof value === 'boolean') return value;
		if (value === 'true' || value === 'false') return value === 'true';
		return refuse(name, 'must be true or false');
	}

	number(name: string, fallback: number, bounds: NumberBounds): number {
		return boundedNumber(name, this.raw(name) ?? fallback, bounds);
	}

	choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
		const value = this.raw(name) ?? fallback;
		const chosen = choices.find((choice) => choice === value);
		return chosen ?? refuse(name, `must be one of ${choices.join(', ')}`);
	}

	/** A collection's entries; an empty object when the user added none. */
	collection(name: string): Collection {
		const value = this.raw(name);
		return new Collection(isJsonObject(value) ? value : {});
	}
}

/** The entries a user added to a collection such as Options; the others are undefined. */
export class Collection {
	constructor(private readonly entries: JsonObject) {}

	has(name: string): boolean {
		return this.text(name) !== undefined;
	}

	text(name: string): string | undefined {
		const text = asText(name, this.entries[name]);
		return text === '' ? undefined : text;
	}

	boolean(name: string): boolean {
		return this.entries[name] === true;
	}

	number(name: string): number | undefined {
		const value = this.entries[name];
		if (value === undefined || value === null || value === '') return undefined;
		const number = Number(value);
		return Number.isFinite(number) ? number : refuse(name, 'must be a number');
	}

	raw(name: string): unknown {
		return this.entries[name];
	}

	/** A JSON object, or text that contains one. */
	object(name: string): JsonObject | undefined {
		const value = this.entries[name];
		if (value === undefined || value === '') return undefined;
		if (isJsonObject(value)) return value;
		const parsed = parseObject(value);
		return parsed ?? refuse(name, 'must be a JSON object', 'Write it as {"key": "value"}.');
	}
}

function parseObject(value: unknown): JsonObject | undefined {
	if (typeof value !== 'string') return undefined;
	try {
		const parsed: unknown = JSON.parse(value);
		return isJsonObject(parsed) ? parsed : undefined;
	} catch {
		return undefined;
	}
}
