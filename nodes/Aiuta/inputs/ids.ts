/** IDs that Aiuta gave: of operations and of images. */
import type { INodeProperties } from 'n8n-workflow';

import type { Parameters } from './parameters';
import { refuse, type NamedField } from './refusals';

export const operationIdField: INodeProperties = {
	displayName: 'Operation ID',
	name: 'operationId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. operation-123, operation-124',
	description:
		'ID of the operation, as returned when it was created. Several IDs are possible, separated by commas or as an array from an expression; each one gives one output item.',
};

export const imageIdField: INodeProperties = {
	displayName: 'Image ID',
	name: 'imageId',
	type: 'string',
	default: '',
	required: true,
	placeholder: 'e.g. image-123',
	description: 'ID of the image, as returned by Aiuta',
};

/**
 * Refuse an ID that cannot be part of an address: "." and ".." name a folder, a slash begins another
 * one, and half a character, as a wrong cut leaves it, cannot be written at all.
 */
function checkedId({ displayName }: NamedField, id: string): string {
	if (/^\.{1,2}$|[/\\]/.test(id) || !isWritable(id)) {
		return refuse(`${displayName} is "${id}", which is no ID of Aiuta`, 'Copy the ID again.');
	}
	return id;
}

function isWritable(id: string): boolean {
	try {
		encodeURIComponent(id);
		return true;
	} catch {
		return false;
	}
}

/** Read one or more operation IDs. */
export function readOperationIds(parameters: Parameters): string[] {
	const ids = parameters.list(operationIdField);
	if (ids.length === 0) {
		refuse(
			`${operationIdField.displayName} is empty`,
			'Enter the ID that Create Operation returned.',
		);
	}
	return ids.map((id) => checkedId(operationIdField, id));
}

/** Read the ID of one image. */
export function readImageId(parameters: Parameters): string {
	return checkedId(imageIdField, parameters.requiredText(imageIdField));
}
