/** What comes along with the output besides the node's own fields. */
import type { INodeProperties } from 'n8n-workflow';

import type { JsonObject } from '../core/json';
import { readOptions } from './options';
import type { Parameters } from './parameters';

const includeResponse = {
	displayName: 'Include Response',
	name: 'includeResponse',
	type: 'boolean',
	default: false,
	description:
		'Whether to add the unchanged answer of the API to the output, in the field "response"',
} satisfies INodeProperties;

const includeOtherFields = {
	displayName: 'Include Other Input Fields',
	name: 'includeOtherFields',
	type: 'boolean',
	default: false,
	description:
		'Whether to pass the JSON fields of the input item on to the output. Fields of the node itself win. Of a grouped product, the first item counts.',
} satisfies INodeProperties;

/** Entries of the Options collection, for actions that only add the answer. */
export const responseOptions: INodeProperties[] = [includeResponse];

/** Entries of the Options collection, for actions that also pass input fields on. */
export const passingOptions: INodeProperties[] = [includeResponse, includeOtherFields];

export interface Passing {
	/** Whether the untouched API body is asked for. */
	includeResponse: boolean;
	/** Fields of the input item to pass on; empty unless asked for. */
	otherFields: JsonObject;
}

/** Whether the untouched API body is asked for. */
export function readIncludeResponse(parameters: Parameters): boolean {
	return readOptions(parameters).boolean(includeResponse);
}

/** Read what is to come along with an item. */
export function readPassing(parameters: Parameters): Passing {
	const isAsked = readOptions(parameters).boolean(includeOtherFields);
	return {
		includeResponse: readIncludeResponse(parameters),
		otherFields: isAsked ? otherFieldsOf(parameters) : {},
	};
}

/** A field "error" stays behind: n8n takes an item that has one for failed, and tries it again. */
function otherFieldsOf({ host, itemIndex }: Parameters): JsonObject {
	const { error: _, ...fields } = { ...host.getInputData()[itemIndex]?.json };
	return fields as JsonObject;
}
