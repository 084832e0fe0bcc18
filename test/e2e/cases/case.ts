/** What every case on a real n8n has at hand, and what a case is. */
import assert from 'node:assert/strict';

import type { N8nClient, SavedFlow } from '../../support/n8n/n8nClient';
import type { StoredExecution, StoredItem } from '../../support/n8n/n8nExecution';
import {
	AIUTA,
	DONE,
	FAILED,
	START,
	aiutaNode,
	doneNode,
	flowOf,
	itemsNode,
	manualTrigger,
	plainNode,
	type FlowItem,
	type FlowNode,
	type NodeSettings,
} from '../../support/n8n/n8nFlows';
import { apiIn, type Credentials, type Host } from '../../support/n8n/n8nHost';
import type { N8nServer } from '../../support/n8n/n8nServer';
import { at, textAt } from '../../support/n8n/n8nValues';
import type { Sandbox } from '../../sandbox';

export interface CaseContext {
	version: string;
	/** Where n8n keeps its files. */
	userFolder: string;
	server: N8nServer;
	client: N8nClient;
	sandbox: Sandbox;
	credentials: Credentials;
	/** The credential of Flat Lays. */
	credentialId: string;
	credentialIds: Host['credentialIds'];
	/** Add a measured fact to the case's line. */
	note: (fact: string) => void;
}

export interface Case {
	/** A sentence about behaviour. */
	title: string;
	run: (context: CaseContext) => Promise<void>;
	/** How long it may take. */
	limitMs?: number;
}

/** Write a case down. */
export function check(title: string, run: Case['run'], settings: Pick<Case, 'limitMs'> = {}): Case {
	return { title, run, ...settings };
}

/** How long a single execution may take. */
export const EXECUTION_LIMIT_MS = 60_000;

let flowCount = 0;

/** A name that no other workflow has. */
export function flowName(): string {
	flowCount += 1;
	return `Case ${flowCount}`;
}

/** Run items through the node once, its outputs leading to Done and Failed. */
export async function runItems(
	{ client, credentialIds }: CaseContext,
	items: readonly FlowItem[],
	settings: Omit<NodeSettings, 'credentialId'>,
): Promise<StoredExecution> {
	const credentialId = credentialIds[apiIn(settings.parameters)];
	const node = aiutaNode({ ...settings, credentialId });
	const outputs = [
		doneNode(DONE),
		...(node['onError'] === 'continueErrorOutput' ? [doneNode(FAILED)] : []),
	];
	const flow = flowOf(flowName(), [manualTrigger(), itemsNode(items), node, outputs]);
	return await client.run(await client.createFlow(flow), START, EXECUTION_LIMIT_MS);
}

/** Run a row of nodes once, starting by hand. */
export async function runRow(
	{ client }: CaseContext,
	row: Array<FlowNode | FlowNode[]>,
): Promise<StoredExecution> {
	const flow = flowOf(flowName(), [manualTrigger(), ...row]);
	return await client.run(await client.createFlow(flow), START, EXECUTION_LIMIT_MS);
}

/** Nodes that upload a photo and fetch it back, so that n8n stores it as it stores files (Fetch). */
export function storedPhotoNodes(credentialId: string): FlowNode[] {
	return [
		aiutaNode({ parameters: { resource: 'image', operation: 'upload' }, credentialId }, 'Upload'),
		plainNode('Fetch', 'n8n-nodes-base.httpRequest', 4.2, {
			url: '={{ $json.url }}',
			options: { response: { response: { responseFormat: 'file' } } },
		}),
	];
}

/** A text in the JSON of a node's output item. */
export function outputText(
	execution: StoredExecution,
	key: string,
	index = 0,
	node: string = AIUTA,
): string {
	return textAt(execution.items(node)[index], 'json', key);
}

/** The error objects of failed items, in order. */
export function errorsOf(
	execution: StoredExecution,
	output: number,
	node: string = AIUTA,
): unknown[] {
	return execution
		.items(node, output)
		.map(({ json }) => at(json, 'error'))
		.filter((error) => error !== undefined);
}

const ERROR_KEYS = [
	'message',
	'description',
	'product_id',
	'operation_id',
	'status',
	'code',
	'retryable',
	'uploaded_image_ids',
	'generated_images',
	'operations',
	'failure_reason',
	'resumable',
];

/** A failed item has `error` and no other key, an object of known keys, and is paired. */
export function assertFailedItem(item: StoredItem | undefined, itemIndex: number): void {
	assert.ok(item);
	assert.deepEqual(Object.keys(item.json), ['error']);
	const { error } = item.json;
	assert.ok(typeof error === 'object' && error !== null);
	assert.deepEqual(
		Object.keys(error).filter((key) => !ERROR_KEYS.includes(key)),
		[],
	);
	for (const key of ['message', 'code']) assert.notEqual(textAt(error, key), '', key);
	assert.equal(typeof at(error, 'retryable'), 'boolean');
	assert.deepEqual(item.pairedItem, { item: itemIndex });
	assert.deepEqual(item.binary, {});
}

/** Whether bytes are a PNG. */
export function isPng(bytes: Buffer): boolean {
	return bytes.subarray(0, 4).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47]));
}

/** Store a workflow that runs items through the node. */
export async function saveItems(
	{ client, credentialId }: CaseContext,
	items: readonly FlowItem[],
	settings: Omit<NodeSettings, 'credentialId'>,
	more: Record<string, unknown> = {},
): Promise<SavedFlow> {
	const flow = flowOf(flowName(), [
		manualTrigger(),
		itemsNode(items),
		aiutaNode({ ...settings, credentialId }),
	]);
	return await client.createFlow({ ...flow, settings: { ...flow.settings, ...more } });
}

/** So many creates were accepted, and none of a product that had one. */
export function nothingTwice({ sandbox }: CaseContext, creates: number): void {
	const stats = sandbox.stats();
	assert.equal(stats.createsAccepted, creates);
	assert.deepEqual(stats.duplicates, []);
}

/** Whatever the sandbox was told before, the operations that exist now have their pictures. */
export function letThemEnd({ sandbox }: CaseContext): void {
	sandbox.clearOutcomes();
	for (const { operationId } of sandbox.stats().creates) {
		sandbox.setOutcome({ operationId }, { result: 'success', generationMs: 0 });
	}
}
