/** An execution as n8n has stored it. */
import { at, listAt, unflatten } from './n8nValues';

/** The states that an execution does not leave any more. */
export const FINAL_STATES: readonly string[] = ['success', 'error', 'canceled', 'crashed'];

/** One stored output item. */
export interface StoredItem {
	json: Record<string, unknown>;
	/** Field names of its binaries, in order, with what n8n keeps of each. */
	binary: Record<string, StoredBinary>;
	pairedItem: unknown;
}

/** One run of a node. */
export interface NodeTiming {
	node: string;
	startedAtMs: number;
	tookMs: number;
}

export interface StoredBinary {
	/** Where the bytes are, for example `filesystem-v2:...`; undefined for inline data. */
	id: string | undefined;
	fileName: string;
	mimeType: string;
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

function toItem(value: unknown): StoredItem {
	const json = at(value, 'json');
	const binary = at(value, 'binary');
	return {
		json: isRecord(json) ? json : {},
		binary: Object.fromEntries(
			Object.entries(isRecord(binary) ? binary : {}).map(([field, data]) => {
				const id = at(data, 'id');
				return [
					field,
					{
						id: typeof id === 'string' ? id : undefined,
						fileName: text(at(data, 'fileName')),
						mimeType: text(at(data, 'mimeType')),
					},
				];
			}),
		),
		pairedItem: at(value, 'pairedItem'),
	};
}

export class StoredExecution {
	readonly id: string;

	/** `success`, `error`, `canceled`, `crashed`, `running`, `waiting` or `new`. */
	readonly status: string;

	readonly mode: string;

	/** Custom data, as the list of executions shows it. */
	readonly customData: unknown;

	private readonly result: unknown;

	/**
	 * @param raw the answer of GET /rest/executions/:id as text: what is searched for secrets
	 */
	constructor(readonly raw: string) {
		const answer = at(JSON.parse(raw), 'data');
		this.id = String(at(answer, 'id'));
		this.status = text(at(answer, 'status'));
		this.mode = text(at(answer, 'mode'));
		this.customData = at(answer, 'customData');
		const data = at(answer, 'data');
		this.result = typeof data === 'string' ? unflatten(data) : data;
	}

	/** How often a node has run. */
	runs(node: string): number {
		return listAt(this.result, 'resultData', 'runData', node).length;
	}

	/** When each run of each node began (epoch milliseconds) and how long it took. */
	timings(): NodeTiming[] {
		const byNode = at(this.result, 'resultData', 'runData');
		return Object.keys(isRecord(byNode) ? byNode : {}).flatMap((node) =>
			listAt(byNode, node).map((run) => ({
				node,
				startedAtMs: Number(at(run, 'startTime')),
				tookMs: Number(at(run, 'executionTime')),
			})),
		);
	}

	/** Items of a node's output; of its last run unless another is named. */
	items(node: string, output = 0, run = this.runs(node) - 1): StoredItem[] {
		const path = ['resultData', 'runData', node, run, 'data', 'main', output] as const;
		return listAt(this.result, ...path).map(toItem);
	}

	/** The error of a node's last run, or of the whole execution. */
	error(node: string): { message: string; description: string } | undefined {
		const found = this.failureOf(node);
		if (found === undefined || found === null) return undefined;
		return { message: text(at(found, 'message')), description: text(at(found, 'description')) };
	}

	/** HTTP status that the failure of a node's last run, or of the whole execution, came from. */
	errorStatus(node: string): string | undefined {
		const status = at(this.failureOf(node), 'httpCode');
		return typeof status === 'string' ? status : undefined;
	}

	private failureOf(node: string): unknown {
		return (
			at(this.result, 'resultData', 'runData', node, this.runs(node) - 1, 'error') ??
			at(this.result, 'resultData', 'error')
		);
	}

	/** Hints that the last run of a node has left. */
	hints(node: string): string[] {
		return listAt(this.result, 'resultData', 'runData', node, this.runs(node) - 1, 'hints').map(
			(hint) => text(at(hint, 'message')),
		);
	}

	/** Names of the nodes a retry would begin with; undefined when n8n has kept nothing to retry. */
	waitingNodes(): string[] | undefined {
		const path = ['executionData', 'nodeExecutionStack'] as const;
		if (at(this.result, ...path) === undefined) return undefined;
		return listAt(this.result, ...path).map((entry) => text(at(entry, 'node', 'name')));
	}

	/** What a node keeps with the execution. */
	context(node: string): unknown {
		return at(this.result, 'executionData', 'contextData', `node:${node}`);
	}
}
