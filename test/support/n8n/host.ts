/**
 * A real n8n engine around the node: n8n-core's WorkflowExecute with a binary store on disk, a
 * credential and the few ports that an n8n server would give it. Nothing of the node is mocked.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Logger } from '@n8n/backend-common';
import { Container } from '@n8n/di';
import {
	BinaryDataService,
	ExecutionLifecycleHooks,
	FileLocation,
	WorkflowExecute,
} from 'n8n-core';
import { SSHClientsManager } from 'n8n-core/dist/execution-engine/ssh-clients-manager';
import {
	createRunExecutionData,
	NodeConnectionTypes,
	Workflow,
	type IBinaryData,
	type ICredentialDataDecryptedObject,
	type ICredentialType,
	type IConnections,
	type IExecuteFunctions,
	type IHttpRequestOptions,
	type INode,
	type INodeExecutionData,
	type INodeParameters,
	type INodeType,
	type INodeTypes,
	type IRun,
	type IRunExecutionData,
	type IWorkflowExecuteAdditionalData,
	type WorkflowExecuteMode,
} from 'n8n-workflow';

import type { DataTables } from './dataTables';

/** Where n8n-core keeps its settings and binaries; set before anything of it is constructed. */
const userFolder = mkdtempSync(join(tmpdir(), 'aiuta-engine-'));
process.env['N8N_USER_FOLDER'] = userFolder;
process.env['N8N_ENCRYPTION_KEY'] = randomUUID();
// What is logged is read by `recordLog`; on the console it would drown the test report.
process.env['N8N_LOG_LEVEL'] ??= 'silent';

/** What the source node hands to the node under test. */
export interface InputItem {
	json?: INodeExecutionData['json'];
	/** Files to put into n8n's store. */
	files?: Record<string, { bytes: Buffer; fileName?: string; mimeType?: string }>;
	/** Binary data as it is, e.g. inline base64 as a Code node makes it. */
	binary?: Record<string, IBinaryData>;
}

export interface NodeUnderTest {
	nodeType: INodeType;
	credential: ICredentialType;
}

/** What a run needs whichever workflow it runs. */
export interface HostOptions {
	items: InputItem[];
	credential: ICredentialDataDecryptedObject;
	mode?: WorkflowExecuteMode;
	/** Called when the node begins, with a function that stops the execution. */
	onStart?: (cancel: () => void) => void;
	/** What the node may reach by workflows of its own. */
	tables?: DataTables;
}

export interface RunOptions extends HostOptions {
	parameters: INodeParameters;
	onError?: INode['onError'];
	retryOnFail?: { maxTries: number; waitMs?: number };
}

export interface RunResult {
	run: IRun;
	/** Items on the node's first output (success). */
	success: INodeExecutionData[];
	/** Items on its error output, if it has one. */
	failed: INodeExecutionData[];
	/** Error of the node, if the execution failed. */
	error: { message: string; description?: string | null } | undefined;
	/** Messages of execution hints. */
	hints: string[];
	/**
	 * Continue the stored execution as Executions > Retry does.
	 *
	 * @param alter changes what n8n has stored, e.g. to what a kill leaves of it
	 */
	retry: (alter?: (stored: IRunExecutionData) => void) => Promise<RunResult>;
}

/** A saved workflow of two nodes: one that hands out items, and one called "Aiuta". */
export interface SavedWorkflow {
	nodes: INode[];
	connections: IConnections;
}

const NODE_NAME = 'Aiuta';
const NODE_TYPE = 'n8n-nodes-aiuta.aiuta';
const SOURCE_TYPE = 'test.source';

let nextExecutionId = 1;

/** Prepare n8n-core's binary store. Call once in a process, before the first run. */
export async function initHost(): Promise<void> {
	await Container.get(BinaryDataService).init();
}

/** Stop what n8n-core leaves running, and remove its files. */
export function releaseHost(): void {
	Container.get(SSHClientsManager).onShutdown();
	rmSync(userFolder, { recursive: true, force: true });
}

export interface LogEntry {
	level: 'error' | 'warn' | 'info' | 'debug';
	message: string;
	metadata: unknown;
}

/** Record everything that is logged in this process from now on, in order; the list keeps growing. */
export function recordLog(): LogEntry[] {
	const entries: LogEntry[] = [];
	const logger = Container.get(Logger);
	for (const level of ['error', 'warn', 'info', 'debug'] as const) {
		logger[level] = (message: string, metadata?: object) => {
			entries.push({ level, message, metadata });
		};
	}
	return entries;
}

/** Count from now on the files that n8n's store has taken in completely. */
export function countStoredBinaries(): () => number {
	const service = Container.get(BinaryDataService);
	const store = service.store.bind(service);
	let stored = 0;
	service.store = async (...file) => {
		const kept = await store(...file);
		stored += 1;
		return kept;
	};
	return () => stored;
}

/** Be told of each file that n8n has stored whole, from now on; call the returned function to end that. */
export function onStored(stored: () => void): () => void {
	const service = Container.get(BinaryDataService);
	const store = service.store.bind(service);
	service.store = async (...file) => {
		const reference = await store(...file);
		stored();
		return reference;
	};
	return () => {
		service.store = store;
	};
}

/**
 * Put a file into n8n's store before a run, and return the reference that an input item's `binary`
 * takes: the bytes need not be in memory until the node asks for them.
 */
export async function storeBinary(
	bytes: Buffer,
	fileName: string,
	mimeType: string,
): Promise<IBinaryData> {
	const location = FileLocation.ofExecution('test', 'input');
	return await Container.get(BinaryDataService).store(location, bytes, {
		data: '',
		fileName,
		mimeType,
	});
}

/** Read the bytes of a binary the node has returned. */
export async function readBinary(binary: IBinaryData): Promise<Buffer> {
	return await Container.get(BinaryDataService).getAsBuffer(binary);
}

function sourceType(items: InputItem[]): INodeType {
	return {
		description: {
			displayName: 'Source',
			name: 'source',
			group: ['trigger'],
			version: 1,
			description: 'Hands out the test items',
			defaults: { name: 'Source' },
			inputs: [],
			outputs: [NodeConnectionTypes.Main],
			properties: [],
		},
		async execute(this: IExecuteFunctions) {
			return [await Promise.all(items.map(async (item) => await toItem(this, item)))];
		},
	};
}

async function toItem(host: IExecuteFunctions, item: InputItem): Promise<INodeExecutionData> {
	const binary: Record<string, IBinaryData> = { ...item.binary };
	for (const [name, file] of Object.entries(item.files ?? {})) {
		binary[name] = await host.helpers.prepareBinaryData(file.bytes, file.fileName, file.mimeType);
	}
	return { json: item.json ?? {}, ...(Object.keys(binary).length > 0 ? { binary } : {}) };
}

function workflowOf(options: RunOptions): SavedWorkflow {
	const { retryOnFail } = options;
	const nodes: INode[] = [
		{
			id: 'source',
			name: 'Source',
			type: SOURCE_TYPE,
			typeVersion: 1,
			position: [0, 0],
			parameters: {},
		},
		{
			id: 'aiuta',
			name: NODE_NAME,
			type: NODE_TYPE,
			typeVersion: 1,
			position: [200, 0],
			parameters: options.parameters,
			credentials: { aiutaApi: { id: '1', name: 'Aiuta' } },
			...(options.onError === undefined ? {} : { onError: options.onError }),
			...(retryOnFail === undefined
				? {}
				: {
						retryOnFail: true,
						maxTries: retryOnFail.maxTries,
						// The engine takes 0 for "not set" and waits a second.
						waitBetweenTries: retryOnFail.waitMs ?? 1,
					}),
		},
	];
	const connections: IConnections = {
		Source: { main: [[{ node: NODE_NAME, type: NodeConnectionTypes.Main, index: 0 }]] },
	};
	return { nodes, connections };
}

function additionalDataFor(
	credential: ICredentialType,
	data: ICredentialDataDecryptedObject,
	hooks: ExecutionLifecycleHooks,
	executionId: string,
	stored: IRunExecutionData | undefined,
	tables: DataTables | undefined,
): IWorkflowExecuteAdditionalData {
	const authenticate = credential.authenticate;
	// Without Save Execution Progress n8n stores what a run begins with, until it ends.
	const atBegin = structuredClone(stored);
	const credentialsHelper = {
		getDecrypted: async () => await Promise.resolve(data),
		getCredentials: async () => await Promise.resolve({ id: '1', name: 'Aiuta' }),
		getParentTypes: () => [],
		preAuthentication: async () => await Promise.resolve(undefined),
		authenticate: async (
			decrypted: ICredentialDataDecryptedObject,
			_type: string,
			options: IHttpRequestOptions,
		) => (typeof authenticate === 'function' ? await authenticate(decrypted, options) : options),
	};
	return {
		credentialsHelper,
		...(tables === undefined ? {} : { executeWorkflow: tables.executeWorkflow }),
		executionId,
		hooks,
		currentNodeExecutionIndex: 0,
		getRunExecutionData: async (id: string) =>
			await Promise.resolve(id === executionId ? atBegin : undefined),
		restApiUrl: 'http://localhost',
		instanceBaseUrl: 'http://localhost',
		webhookBaseUrl: 'http://localhost/webhook',
		webhookWaitingBaseUrl: 'http://localhost/webhook-waiting',
		webhookTestBaseUrl: 'http://localhost/webhook-test',
		formWaitingBaseUrl: 'http://localhost/form-waiting',
		variables: {},
		setExecutionStatus: () => undefined,
		logAiEvent: () => undefined,
	} as unknown as IWorkflowExecuteAdditionalData;
}

/** Run the node under test in a workflow of two nodes. */
export async function runNode(under: NodeUnderTest, options: RunOptions): Promise<RunResult> {
	return await execute(under, options, workflowOf(options), undefined);
}

/** Run a saved workflow; its first node, whatever its type, hands out the items given here. */
export async function runWorkflow(
	under: NodeUnderTest,
	options: HostOptions,
	saved: SavedWorkflow,
): Promise<RunResult> {
	return await execute(under, options, saved, undefined);
}

async function execute(
	under: NodeUnderTest,
	options: HostOptions,
	saved: SavedWorkflow,
	stored: IRunExecutionData | undefined,
): Promise<RunResult> {
	const executionId = String(nextExecutionId++);
	const { nodes, connections } = saved;
	const source = nodes[0];
	const types: Record<string, INodeType> = {
		[source?.type ?? SOURCE_TYPE]: sourceType(options.items),
		[NODE_TYPE]: under.nodeType,
	};
	const find = (type: string) => {
		const nodeType = types[type];
		if (nodeType === undefined) throw new Error(`no such node type: ${type}`);
		return nodeType;
	};
	const nodeTypes: INodeTypes = {
		getByName: find,
		getByNameAndVersion: find,
		getKnownTypes: () => ({}),
	};
	const workflow = new Workflow({ id: 'test', nodes, connections, active: false, nodeTypes });
	const mode = stored === undefined ? (options.mode ?? 'trigger') : 'retry';
	const hooks = new ExecutionLifecycleHooks(mode, executionId, {
		id: 'test',
		name: 'test',
		nodes,
		connections,
		active: false,
		isArchived: false,
		createdAt: new Date(),
		updatedAt: new Date(),
		activeVersionId: null,
	});
	const data = additionalDataFor(
		under.credential,
		options.credential,
		hooks,
		executionId,
		stored,
		options.tables,
	);
	const engine =
		stored === undefined
			? new WorkflowExecute(data, mode)
			: new WorkflowExecute(data, mode, createRunExecutionData(stored));
	const running =
		stored === undefined
			? engine.run({ workflow, ...(source === undefined ? {} : { startNode: source }) })
			: engine.processRunExecutionData(workflow);
	hooks.addHandler('nodeExecuteBefore', (nodeName) => {
		if (nodeName === NODE_NAME) options.onStart?.(() => running.cancel());
	});
	const run = await running;
	return resultOf(under, options, saved, run);
}

function resultOf(
	under: NodeUnderTest,
	options: HostOptions,
	saved: SavedWorkflow,
	run: IRun,
): RunResult {
	const task = run.data.resultData.runData[NODE_NAME]?.at(-1);
	const outputs = task?.data?.['main'] ?? [];
	const error = task?.error ?? run.data.resultData.error;
	const description = error !== undefined && 'description' in error ? error.description : undefined;
	return {
		run,
		success: outputs[0] ?? [],
		failed: outputs[1] ?? [],
		error:
			error === undefined
				? undefined
				: { message: error.message, ...(description === undefined ? {} : { description }) },
		hints: (task?.hints ?? []).map((hint) => hint.message),
		retry: async (alter) => {
			// n8n stores the execution as JSON and drops the failed try before it continues.
			const stored = JSON.parse(JSON.stringify(run.data)) as IRunExecutionData;
			delete stored.resultData.error;
			stored.resultData.runData[NODE_NAME]?.pop();
			alter?.(stored);
			return await execute(under, options, saved, stored);
		},
	};
}
