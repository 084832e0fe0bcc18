/** Writes the workflows that are run on a real n8n: a trigger, products with photos, the node. */
import sharp from 'sharp';

/** A workflow as n8n's REST API takes it. */
export interface Flow {
	name: string;
	nodes: FlowNode[];
	/** By the name of the node they begin at, then by their type; `main` unless an agent's parts. */
	connections: Record<string, Record<string, Link[][]>>;
	settings: Record<string, unknown>;
	pinData?: Record<string, unknown>;
}

export interface Link {
	node: string;
	type: string;
	index: number;
}

export interface FlowNode {
	id: string;
	name: string;
	type: string;
	typeVersion: number;
	position: [number, number];
	parameters: Record<string, unknown>;
	[setting: string]: unknown;
}

/** An item for the node, with photos under field names. */
export interface FlowItem {
	json: Record<string, unknown>;
	photos?: Record<string, Buffer>;
}

export type OnError = 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput';

export interface NodeSettings {
	parameters: Record<string, unknown>;
	credentialId: string;
	onError?: OnError;
	/** Tries altogether, with no wait between them. */
	maxTries?: number;
}

/** Names of the nodes in the workflows made here. */
export const START = 'Start';
export const ITEMS = 'Items';
export const AIUTA = 'Aiuta';
export const DONE = 'Done';
export const FAILED = 'Failed';

const STEP_X = 220;
const PHOTO_EDGE_PX = 48;

/** Draw a small photo that differs from those of other numbers. */
export async function smallPhoto(number: number): Promise<Buffer> {
	const background = { r: (number * 37) % 256, g: (number * 91) % 256, b: (number * 53) % 256 };
	return await sharp({
		create: { width: PHOTO_EDGE_PX + number, height: PHOTO_EDGE_PX, channels: 3, background },
	})
		.jpeg()
		.toBuffer();
}

/** Make items with a product ID, a title and one photo each; `titleOf` can put outcome words in. */
export async function productItems(
	count: number,
	prefix: string,
	titleOf: (index: number) => string = () => 'Sample',
): Promise<FlowItem[]> {
	return await Promise.all(
		Array.from({ length: count }, async (_, index) => ({
			json: { sku: `${prefix}-${index}`, title: titleOf(index) },
			photos: { data: await smallPhoto(index) },
		})),
	);
}

/** The parameters of Generate and Wait on the photos of `productItems`. */
export const GENERATE: Readonly<Record<string, unknown>> = {
	api: 'flatLays',
	resource: 'flatLay',
	operation: 'generateAndWait',
	imageSource: 'binary',
	binaryPropertyNames: 'data',
	productId: '={{ $json.sku }}',
	productTitle: '={{ $json.title }}',
};

/** A node of n8n's own set, or any other without credentials. */
export function plainNode(
	name: string,
	type: string,
	typeVersion: number,
	parameters: Record<string, unknown> = {},
): FlowNode {
	return { id: name, name, type, typeVersion, position: [0, 0], parameters };
}

/** A Code node that hands out items, their photos as inline binary data. */
export function itemsNode(items: readonly FlowItem[]): FlowNode {
	const values = items.map(({ json, photos = {} }, index) => ({
		json,
		binary: Object.fromEntries(
			Object.entries(photos).map(([field, bytes]) => [
				field,
				{
					data: bytes.toString('base64'),
					mimeType: 'image/jpeg',
					fileName: `${field}-${index}.jpg`,
				},
			]),
		),
	}));
	const jsCode = `return ${JSON.stringify(values)};`;
	return plainNode(ITEMS, 'n8n-nodes-base.code', 2, { jsCode });
}

/** The node under test. */
export function aiutaNode(settings: NodeSettings, name = AIUTA): FlowNode {
	const { parameters, credentialId, onError, maxTries } = settings;
	return {
		...plainNode(name, 'n8n-nodes-aiuta.aiuta', 1, parameters),
		credentials: { aiutaApi: { id: credentialId, name: 'Aiuta' } },
		...(onError === undefined ? {} : { onError }),
		...(maxTries === undefined ? {} : { retryOnFail: true, maxTries, waitBetweenTries: 0 }),
	};
}

export function manualTrigger(): FlowNode {
	return plainNode(START, 'n8n-nodes-base.manualTrigger', 1);
}

/**
 * Starts on POST /webhook/<path>; answers when the workflow has ended, with its last node's items, or
 * as soon as the call is received.
 */
export function webhookTrigger(
	path: string,
	responseMode: 'lastNode' | 'onReceived' = 'lastNode',
): FlowNode {
	return {
		...plainNode(START, 'n8n-nodes-base.webhook', 2, {
			httpMethod: 'POST',
			path,
			responseMode,
			...(responseMode === 'lastNode' ? { responseData: 'allEntries' } : {}),
			options: {},
		}),
		webhookId: path,
	};
}

/** Starts when the form at /form/<path> is sent with a photo; answers at once. */
export function formTrigger(path: string): FlowNode {
	return {
		...plainNode(START, 'n8n-nodes-base.formTrigger', 2.3, {
			formTitle: 'Photos',
			formFields: { values: [{ fieldLabel: 'Photos', fieldType: 'file' }] },
			responseMode: 'onReceived',
			options: { path },
		}),
		webhookId: path,
	};
}

/** Loop Over Items, one at a time: its second output leads into the loop. */
export function loopNode(name: string): FlowNode {
	return plainNode(name, 'n8n-nodes-base.splitInBatches', 3, { batchSize: 1, options: {} });
}

export function scheduleTrigger(everySeconds: number): FlowNode {
	return plainNode(START, 'n8n-nodes-base.scheduleTrigger', 1.2, {
		rule: { interval: [{ field: 'seconds', secondsInterval: everySeconds }] },
	});
}

export function doneNode(name: string): FlowNode {
	return plainNode(name, 'n8n-nodes-base.noOp', 1);
}

/**
 * Connect nodes in a row. A list inside the row is what the node before it leads to, one entry per
 * output; the row ends there.
 */
export function flowOf(name: string, row: Array<FlowNode | FlowNode[]>): Flow {
	const nodes: FlowNode[] = [];
	const connections: Flow['connections'] = {};
	const link = (node: FlowNode): Link[] => [{ node: node.name, type: 'main', index: 0 }];
	row.forEach((entry, column) => {
		const entries = Array.isArray(entry) ? entry : [entry];
		entries.forEach((node, line) => {
			nodes.push({ ...node, position: [column * STEP_X, line * STEP_X] });
		});
		const before = row[column - 1];
		if (before === undefined || Array.isArray(before)) return;
		connections[before.name] = { main: entries.map(link) };
	});
	return {
		name,
		nodes,
		connections,
		settings: {
			executionOrder: 'v1',
			saveManualExecutions: true,
			saveDataErrorExecution: 'all',
			saveDataSuccessExecution: 'all',
		},
	};
}
