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

/** Refuse an ID that cannot be written into an address: half a character, as a wrong cut leaves it. */
function checkedId(field: NamedField, id: string): string {
	try {
		encodeURIComponent(id);
		return id;
	} catch {
		return refuse(field, 'contains a broken character', 'Copy the ID again.');
	}
}

/** Read one or more operation IDs. */
export function readOperationIds(parameters: Parameters): string[] {
	const ids = parameters.list(operationIdField);
	if (ids.length === 0) {
		refuse(operationIdField, 'is empty', 'Enter the ID that Create Operation returned.');
	}
	return ids.map((id) => checkedId(operationIdField, id));
}

/** Read the ID of one image. */
export function readImageId(parameters: Parameters): string {
	return checkedId(imageIdField, parameters.requiredText(imageIdField));
}
