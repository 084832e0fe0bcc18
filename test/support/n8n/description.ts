/** Read the node's description the way n8n's editor does. */
import {
	NodeHelpers,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodePropertyOptions,
} from 'n8n-workflow';

import { Aiuta } from '../../../nodes/Aiuta/Aiuta.node';

export const { description: nodeDescription } = new Aiuta();

type Child = INodeProperties | INodePropertyCollection | INodePropertyOptions;

function isProperty(child: Child): child is INodeProperties {
	return 'displayName' in child && 'type' in child;
}

/** The fields inside a collection; none for other types. */
export function collectionFields(property: INodeProperties): INodeProperties[] {
	return property.type === 'collection' ? (property.options ?? []).filter(isProperty) : [];
}

/** The choices of an options or multiOptions field; none for other types. */
export function choices(property: INodeProperties): INodePropertyOptions[] {
	if (property.type !== 'options' && property.type !== 'multiOptions') return [];
	return (property.options ?? []).filter(
		(option): option is INodePropertyOptions => 'value' in option && !isProperty(option),
	);
}

/** Every property, those inside collections included, with a path that names it in failures. */
export function allProperties(
	properties: INodeProperties[] = nodeDescription.properties,
	path = '',
): Array<{ path: string; property: INodeProperties }> {
	return properties.flatMap((property) => {
		const here = `${path}${property.name}`;
		return [{ path: here, property }, ...allProperties(collectionFields(property), `${here}.`)];
	});
}

function nodeWith(parameters: INodeParameters): INode {
	return {
		id: 'node',
		name: 'Aiuta',
		type: 'n8n-nodes-aiuta.aiuta',
		typeVersion: 1,
		position: [0, 0],
		parameters,
	};
}

/** Fill in the defaults of everything that shows, as n8n does when it loads a workflow. */
export function withDefaults(parameters: INodeParameters): INodeParameters {
	const filled = NodeHelpers.getNodeParameters(
		nodeDescription.properties,
		parameters,
		true,
		false,
		nodeWith(parameters),
		nodeDescription,
	);
	if (filled === null) throw new Error('n8n could not resolve the parameters');
	return filled;
}

function shown(parameters: INodeParameters): INodeProperties[] {
	const values = withDefaults(parameters);
	return nodeDescription.properties.filter((property) =>
		NodeHelpers.displayParameter(values, property, nodeWith(values), nodeDescription),
	);
}

/** The properties that show for these parameters, defaults filled in; notices and hidden ones left out. */
export function shownProperties(parameters: INodeParameters): INodeProperties[] {
	return shown(parameters).filter(({ type }) => type !== 'notice' && type !== 'hidden');
}

/** The notices that show for these parameters. */
export function shownNotices(parameters: INodeParameters): INodeProperties[] {
	return shown(parameters).filter(({ type }) => type === 'notice');
}

/** The names of the options that can be added to a collection for these parameters. */
export function addableOptions(parameters: INodeParameters, collection: string): string[] {
	const values = withDefaults(parameters);
	return shownProperties(parameters)
		.filter(({ name }) => name === collection)
		.flatMap(collectionFields)
		.filter((field) =>
			NodeHelpers.displayParameter(values, field, nodeWith(values), nodeDescription, values),
		)
		.map(({ name }) => name);
}
