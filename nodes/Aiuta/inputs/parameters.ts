/**
 * Reads values of the panel for one item. A reader is given the field as the panel shows it: its name,
 * its label for messages, its default and its bounds are declared there and nowhere else.
 * Reading never sends anything.
 */
import type {
	IExecuteFunctions,
	INodeProperties,
	INodePropertyOptions,
	INodePropertyTypeOptions,
} from 'n8n-workflow';

import { isJsonObject, parseJson, type JsonObject } from '../core/json';
import { refuse, type NamedField } from './refusals';

/** A number field; what has no bound is not bounded. */
export interface NumberField extends NamedField {
	default: number;
	typeOptions?: Pick<INodePropertyTypeOptions, 'minValue' | 'maxValue' | 'numberPrecision'>;
}

export interface BooleanField extends NamedField {
	default: boolean;
}

/** A field with a fixed set of values. */
export interface ChoiceField<V extends string> extends Omit<
	INodeProperties,
	'options' | 'default'
> {
	type: 'options';
	default: V;
	options: Array<Omit<INodePropertyOptions, 'value'> & { value: V }>;
}

/** Declare a field with a fixed set of values, so that its reader knows them. */
export function choiceField<const V extends string>(
	field: Omit<ChoiceField<V>, 'default'> & { default: NoInfer<V> },
): ChoiceField<V> {
	return field;
}

export interface NumberBounds {
	min: number;
	/** Infinite where there is none. */
	max: number;
	/** Whether `min` itself is out of bounds. */
	isMinExcluded?: boolean;
	isInteger?: boolean;
}

/** The bounds that a field declares for the editor: an expression can give anything. */
function boundsOf({ typeOptions = {} }: NumberField): NumberBounds {
	const { minValue, maxValue, numberPrecision } = typeOptions;
	return {
		min: minValue ?? -Infinity,
		max: maxValue ?? Infinity,
		isInteger: numberPrecision === 0,
	};
}

function isWithin(value: unknown, bounds: NumberBounds): boolean {
	const { min, max, isMinExcluded = false, isInteger = false } = bounds;
	const number = typeof value === 'string' ? Number(value) : value;
	return (
		typeof number === 'number' &&
		Number.isFinite(number) &&
		(isMinExcluded ? number > min : number >= min) &&
		number <= max &&
		(!isInteger || Number.isSafeInteger(number))
	);
}

/** Say what a number must be, e.g. "a whole number, 1 to 5000". */
function describeBounds({ min, max, isMinExcluded, isInteger }: NumberBounds): string {
	const kind = isInteger === true ? 'a whole number' : 'a number';
	if (isMinExcluded === true) return `${kind}, more than ${min} and at most ${max}`;
	return max === Infinity ? `${kind}, at least ${min}` : `${kind}, ${min} to ${max}`;
}

/** Read a value as text: numbers as they are written, nothing as empty, no surrounding white space. */
function asText(field: NamedField, value: unknown): string {
	if (value === undefined || value === null) return '';
	if (typeof value === 'string') return value.trim();
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	return refuse(`${field.displayName} must be text`, 'Let the expression give a single value.');
}

const EXPRESSION_ADVICE = 'Correct the value, or what the expression gives for this item.';

/** Values by name: the node's parameters, or the entries that a user added to a collection. */
export class Values {
	constructor(private readonly valueOf: (name: string) => unknown) {}

	/**
	 * The value as n8n resolved it, of a resource locator what was chosen; undefined when there is none,
	 * and for blank text.
	 */
	raw({ name }: NamedField): unknown {
		const given = this.valueOf(name);
		const value = isJsonObject(given) && given['__rl'] === true ? given['value'] : given;
		const isEmpty = value === null || (typeof value === 'string' && value.trim() === '');
		return isEmpty ? undefined : value;
	}

	/** Text; undefined when empty. */
	text(field: NamedField): string | undefined {
		const text = asText(field, this.raw(field));
		return text === '' ? undefined : text;
	}

	requiredText(field: NamedField): string {
		const { displayName } = field;
		return this.text(field) ?? refuse(`${displayName} is empty`, 'Give every item a value.');
	}

	/** Comma- or newline-separated text, or an array by expression; empty entries do not count. */
	list(field: NamedField): string[] {
		return this.entries(field, /[,\n]/);
	}

	/**
	 * Addresses, one a line, or an array by expression. An address may contain commas: a comma ends one
	 * only where the next begins.
	 */
	urls(field: NamedField): string[] {
		return this.entries(field, /,?\s*\n|,\s*(?=[a-z][a-z0-9+.-]*:\/\/|$)/i);
	}

	private entries(field: NamedField, separator: RegExp): string[] {
		const value = this.raw(field);
		const entries = Array.isArray(value)
			? value.map((entry: unknown) => asText(field, entry))
			: asText(field, value).split(separator);
		return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
	}

	boolean(field: BooleanField): boolean {
		const value = this.raw(field) ?? field.default;
		if (typeof value === 'boolean') return value;
		if (value === 'true' || value === 'false') return value === 'true';
		return refuse(`${field.displayName} must be true or false`, EXPRESSION_ADVICE);
	}

	/** A number within the field's bounds; its default when there is none. */
	number(field: NumberField, bounds: NumberBounds = boundsOf(field)): number {
		const value = this.raw(field) ?? field.default;
		if (isWithin(value, bounds)) return Number(value);
		const problem = `must be ${describeBounds(bounds)}, not ${JSON.stringify(value)}`;
		return refuse(`${field.displayName} ${problem}`, EXPRESSION_ADVICE);
	}

	/** A number that is left out of the request when empty; the API judges its size. */
	optionalNumber(field: NamedField): number | undefined {
		const value = this.raw(field);
		if (value === undefined) return undefined;
		const number = Number(value);
		if (Number.isFinite(number)) return number;
		return refuse(`${field.displayName} must be a number`, EXPRESSION_ADVICE);
	}

	choice<V extends string>(field: ChoiceField<V>): V {
		const value = this.raw(field) ?? field.default;
		const chosen = field.options.find((option) => option.value === value);
		if (chosen !== undefined) return chosen.value;
		const values = field.options.map((option) => option.value).join(', ');
		return refuse(`${field.displayName} must be one of ${values}`, EXPRESSION_ADVICE);
	}

	/** A JSON object, or text that contains one. */
	object(field: NamedField): JsonObject | undefined {
		const value = this.raw(field);
		if (value === undefined || isJsonObject(value)) return value;
		const parsed = typeof value === 'string' ? parseJson(value) : { ok: false as const };
		if (parsed.ok && isJsonObject(parsed.value)) return parsed.value;
		const advice = 'Write it as {"key": "value"}.';
		return refuse(`${field.displayName} must be a JSON object`, advice);
	}
}

/** The parameters of the node for one input item. */
export class Parameters extends Values {
	constructor(
		readonly host: IExecuteFunctions,
		readonly itemIndex: number,
	) {
		// Without a fallback n8n throws for a parameter that the chosen operation hides; undefined is none.
		super((name) => host.getNodeParameter(name, itemIndex, null, { skipValidation: true }));
	}

	/** A collection's entries; none when the user added none. */
	collection(field: NamedField): Values {
		const value = this.raw(field);
		const entries = isJsonObject(value) ? value : {};
		return new Values((name) => entries[name]);
	}
}
