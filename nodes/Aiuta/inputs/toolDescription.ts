/** What an AI agent is told of the node as its tool. */
import type { INodeProperties } from 'n8n-workflow';

/**
 * n8n describes a tool by the few words of its action, unless the node brings this field, which n8n then
 * uses as it is (read in n8n 2.0.3 and 2.40.7). Shown on the tool alone.
 *
 * @param text what a call does, costs and returns
 */
export function toolDescription(text: string): INodeProperties {
	return {
		displayName: 'Tool Description',
		name: 'toolDescription',
		type: 'string',
		typeOptions: { rows: 4 },
		default: text,
		displayOptions: { show: { '@tool': [true] } },
		description: 'What the agent is told: what a call does, what it costs, what it returns',
	};
}

/** What a call costs that creates operations. */
export const COSTS =
	'Aiuta charges for each call, except for a product that is in the ledger already.';

/** What a call returns that fetches pictures. */
export const RETURNS_PICTURES =
	'Returns operation_id, image_url (the picture at Aiuta), picture_url (a link to it that works for a day) and generated_images, or an error with a message.';
