/** Reads a workflow file as the editor's import does. */
import type { Flow, FlowNode } from './n8nFlows';
import { at, listAt } from './n8nValues';

/** The node, and what n8n makes of it for an AI agent. */
const AIUTA_TYPES: readonly unknown[] = ['n8n-nodes-aiuta.aiuta', 'n8n-nodes-aiuta.aiutaTool'];

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Make a workflow file ready to be stored: every node that needs an Aiuta credential gets the one
 * that exists.
 *
 * @throws Error naming the file when it is no workflow
 */
export function importable(
	text: string,
	file: string,
	credential: { id: string; name: string },
): Flow {
	const workflow: unknown = JSON.parse(text);
	const name = at(workflow, 'name');
	const connections = at(workflow, 'connections');
	const settings = at(workflow, 'settings');
	const nodes = listAt(workflow, 'nodes').filter(isRecord);
	if (typeof name !== 'string' || !isRecord(connections) || nodes.length === 0) {
		throw new Error(`${file} is no workflow`);
	}
	const withCredential = nodes.map((node) =>
		AIUTA_TYPES.includes(at(node, 'type')) || at(node, 'credentials', 'aiutaApi') !== undefined
			? { ...node, credentials: { ...toRecord(node['credentials']), aiutaApi: credential } }
			: node,
	);
	const pinData = at(workflow, 'pinData');
	return {
		name,
		nodes: withCredential as unknown as FlowNode[],
		connections: connections as Flow['connections'],
		settings: isRecord(settings) ? settings : {},
		...(isRecord(pinData) ? { pinData } : {}),
	};
}

function toRecord(value: unknown): Record<string, unknown> {
	return isRecord(value) ? value : {};
}
