/**
 * The API and the resource. Their values are part of the public contract: saved workflows store them.
 * Operation values live beside their actions.
 */
import type { IExecuteFunctions, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { Generation } from '../api/generation';
import { GENERATIONS } from '../api/generations';
import type { ApiName } from '../api/types';
import { choiceField, Parameters } from './parameters';

export const API_FLAT_LAYS = 'flatLays' satisfies ApiName;
export const API_STUDIO = 'studio' satisfies ApiName;
export const API_UNIFIED = 'unified' satisfies ApiName;

export const RESOURCE_FLAT_LAY = 'flatLay';
export const RESOURCE_GENERATED_IMAGE = 'generatedImage';
export const RESOURCE_IMAGE = 'image';

export const apiField = choiceField<ApiName>({
	displayName: 'API',
	name: 'api',
	type: 'options',
	noDataExpression: true,
	options: [
		{
			name: GENERATIONS.flatLays.label,
			value: API_FLAT_LAYS,
			description: 'One flat lay picture of each product',
		},
		{
			name: GENERATIONS.studio.label,
			value: API_STUDIO,
			description: 'Several picture types and variants, with background and size',
		},
		{
			name: GENERATIONS.unified.label,
			value: API_UNIFIED,
			description: 'As Studio, with quality review and a product catalogue',
		},
	],
	default: API_FLAT_LAYS,
	description:
		'The Aiuta API your key is for. It must be the same as in the credential: a key belongs to one API.',
});

export const resourceField: INodeProperties = {
	displayName: 'Resource',
	name: 'resource',
	type: 'options',
	noDataExpression: true,
	options: [
		{ name: 'Flat Lay', value: RESOURCE_FLAT_LAY, description: 'Generate pictures of products' },
		{
			name: 'Generated Image',
			value: RESOURCE_GENERATED_IMAGE,
			description: 'Pictures Aiuta has made',
		},
		{ name: 'Image', value: RESOURCE_IMAGE, description: 'Photos uploaded to Aiuta' },
	],
	default: RESOURCE_FLAT_LAY,
	description: 'What to work with',
};

/** The Operation selector of a resource; the node panel lists the actions in the order of `options`. */
export function operationField(
	resource: string,
	options: INodePropertyOptions[],
	defaultOperation: string,
): INodeProperties {
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [resource] } },
		options,
		default: defaultOperation,
		description: 'What to do',
	};
}

/** The API generation that the node is set to; a workflow that was written by hand can name any. */
export function chosenGeneration(host: IExecuteFunctions): Generation {
	return GENERATIONS[new Parameters(host, 0).choice(apiField)];
}
