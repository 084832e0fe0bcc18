/** The name a user sees in the editor for each parameter, for messages. */
import type { INodeProperties } from 'n8n-workflow';

import {
	imageIdField,
	imageTypesField,
	imageUrlField,
	operationIdField,
	productFields,
	productIdField,
	waitAndOutputFields,
} from './fields';
import { imageSourceFields } from './imageSourceFields';
import { batchingField, generationOptions } from './optionFields';

function collect(fields: INodeProperties[], labels: Map<string, string>): Map<string, string> {
	for (const field of fields) {
		labels.set(field.name, field.displayName);
		if (field.type === 'collection') collect((field.options ?? []) as INodeProperties[], labels);
	}
	return labels;
}

const LABELS = collect(
	[
		...imageSourceFields('binary'),
		...productFields,
		...waitAndOutputFields,
		...generationOptions,
		productIdField,
		imageTypesField,
		operationIdField,
		imageIdField,
		imageUrlField,
		batchingField,
	],
	new Map(),
);

/** The label of a parameter in the editor, or its name when it has none. */
export function labelOf(parameter: string): string {
	return LABELS.get(parameter) ?? parameter;
}

/** Say what is wrong with a parameter: `problem` completes "<parameter> ...", or begins with a colon. */
export function parameterProblem(parameter: string, problem: string): string {
	const gap = problem.startsWith(':') ? '' : ' ';
	return `${labelOf(parameter)} (${parameter})${gap}${problem}`;
}
