/** The workflows of a round: the batch that is killed, and the two the README tells to run afterwards. */
import type { N8nClient, SavedFlow } from '../../support/n8n/n8nClient';
import {
	GENERATE,
	START,
	aiutaNode,
	flowOf,
	itemsNode,
	manualTrigger,
	plainNode,
	productItems,
	type FlowItem,
	type FlowNode,
} from '../../support/n8n/n8nFlows';
import type { RoundPlan, Start } from './plan';

export interface FlowHost {
	readonly client: N8nClient;
	readonly credentialId: string;
}

export interface Batch {
	flow: SavedFlow;
	items: FlowItem[];
	/** The product IDs, in order. */
	products: string[];
	/** Path of the webhook. */
	path: string;
}

/** A published trigger that answers at once and lets the workflow run on. */
function webhook(path: string): FlowNode {
	const parameters = { httpMethod: 'POST', path, responseMode: 'onReceived', options: {} };
	return { ...plainNode(START, 'n8n-nodes-base.webhook', 2, parameters), webhookId: path };
}

function triggerOf(start: Start, path: string): FlowNode {
	return start === 'webhook' ? webhook(path) : manualTrigger();
}

/** Save the batch of a round. Titles are the product IDs: Flat Lays sends no other sign of a product. */
export async function saveBatch(
	{ client, credentialId }: FlowHost,
	{ mode, round, start, saveProgress }: RoundPlan,
	productCount: number,
): Promise<Batch> {
	const path = `chaos-${mode}-${round}`;
	const titleOf = (index: number) => `${path}-${index}`;
	const items = await productItems(productCount, path, titleOf);
	const flow = flowOf(`Chaos ${mode} ${round}`, [
		triggerOf(start, path),
		itemsNode(items),
		aiutaNode({ parameters: GENERATE, credentialId }),
	]);
	const settings = { ...flow.settings, saveExecutionProgress: saveProgress };
	const saved = await client.createFlow({ ...flow, settings });
	return { flow: saved, items, products: items.map((_, index) => titleOf(index)), path };
}

/** Save a workflow that generates some of the products in a new run. */
export async function saveRemainder(
	{ client, credentialId }: FlowHost,
	name: string,
	items: readonly FlowItem[],
): Promise<SavedFlow> {
	const node = aiutaNode({ parameters: GENERATE, credentialId });
	return await client.createFlow(flowOf(name, [manualTrigger(), itemsNode(items), node]));
}

/** Save a workflow that waits for operations by their IDs. */
export async function saveCollection(
	{ client, credentialId }: FlowHost,
	name: string,
	operationIds: readonly string[],
): Promise<SavedFlow> {
	const parameters = {
		api: 'flatLays',
		resource: 'flatLay',
		operation: 'wait',
		operationId: operationIds.join(', '),
	};
	const node = aiutaNode({ parameters, credentialId });
	return await client.createFlow(flowOf(name, [manualTrigger(), node]));
}
