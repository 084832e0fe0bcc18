/** Executions > Retry of an execution of which n8n has kept a plan, but not the node's journal. */
import { randomUUID } from 'node:crypto';

import type { IExecuteData, INode, IRunExecutionData, ITaskData } from 'n8n-workflow';

import { runWorkflow, type RunResult } from '../support/n8n/host';
import {
	errorOf,
	errorText,
	failedItems,
	generate,
	NODE,
	products,
	useBench,
} from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench();

const PRODUCTS = 3;
const AIUTA = 'Aiuta';
const SOURCE = 'Source';
const REFUSED = /started this retry without the notes/;

/** What the node cannot work with, and what it can. */
const WRONG = { maxWaitMinutes: 0 };
const CORRECT = { maxWaitMinutes: 60, batching: {} };

type Alter = (stored: IRunExecutionData) => void;

function executionDataOf(stored: IRunExecutionData) {
	const { executionData } = stored;
	if (executionData === undefined) throw new Error('nothing is planned');
	return executionData;
}

/** What is stored when the process was killed or the execution stopped, with progress saved. */
const cutAtNode: Alter = (stored) => {
	executionDataOf(stored).contextData = {};
	delete stored.resultData.runData[AIUTA];
};

/** The same after n8n's recovery, which knows from its event log that the node had begun. */
const recovered: Alter = (stored) => {
	executionDataOf(stored).contextData = {};
	stored.resultData.runData[AIUTA] = [];
};

/** What n8n goes on with: a node and its input. */
function goOnAt(stored: IRunExecutionData, node: INode): void {
	const executionData = executionDataOf(stored);
	executionData.contextData = {};
	executionData.nodeExecutionStack = [{ node, data: { main: [[{ json: {} }]] }, source: null }];
}

function nodeOf(name: string, type = 'test.source'): INode {
	return { id: name, name, type, typeVersion: 1, position: [0, 0], parameters: {} };
}

/** The same without progress: n8n has stored what the execution began with. */
const cutFromStart: Alter = (stored) => {
	goOnAt(stored, nodeOf(SOURCE));
	stored.resultData.runData = {};
};

/** Take the node's fault away, as the user does who retries with the corrected workflow. */
function corrected(stored: IRunExecutionData): void {
	const [next] = executionDataOf(stored).nodeExecutionStack;
	if (next !== undefined) Object.assign(next.node.parameters, CORRECT);
}

/** Create all products and fail, so that there is an execution to retry. */
async function created(): Promise<RunResult> {
	bench().sandbox.setOutcome({}, { result: 'fail' });
	const result = await bench().run({
		items: await products(PRODUCTS),
		parameters: generate(),
	});
	bench().sandbox.clearOutcomes();
	expect(bench().sandbox.stats().createsAccepted).toBe(PRODUCTS);
	return result;
}

const AIUTA_TYPE = 'n8n-nodes-aiuta.aiuta';
const CREDENTIALS = { aiutaApi: { id: '1', name: 'Aiuta' } };

/** Retry an execution in which a node between the trigger and this one has failed. */
async function betweenFailed(
	alter?: (stored: IRunExecutionData, own: IExecuteData) => void,
): Promise<RunResult> {
	const { sandbox } = bench();
	const own = {
		...nodeOf(AIUTA, AIUTA_TYPE),
		parameters: generate(WRONG),
		credentials: CREDENTIALS,
	};
	const main = (...names: string[]) => ({
		main: [names.map((node) => ({ node, type: 'main' as const, index: 0 }))],
	});
	const stopped = await runWorkflow(
		NODE,
		{
			items: await products(PRODUCTS),
			credential: { apiKey: sandbox.apiKeys.flatLays, baseUrl: sandbox.url, api: 'flatLays' },
		},
		{
			nodes: [nodeOf('Trigger'), nodeOf('Between'), own, nodeOf('Beside')],
			connections: { Trigger: main('Between', 'Beside'), Between: main(AIUTA) },
		},
	);
	Object.assign(own.parameters, CORRECT);
	return await stopped.retry((stored) => {
		corrected(stored);
		const [planned] = executionDataOf(stored).nodeExecutionStack;
		const { runData } = stored.resultData;
		goOnAt(stored, nodeOf('Between'));
		stored.resultData.runData = { Trigger: runData['Trigger'] ?? [], Between: [] };
		if (planned !== undefined) alter?.(stored, planned);
	});
}

function expectNothingSent(): void {
	const { createsAccepted, routes } = bench().sandbox.stats();
	expect(createsAccepted).toBe(PRODUCTS);
	expect(routes.upload.requests).toBe(PRODUCTS);
	expect(routes.create.requests).toBe(PRODUCTS);
}

describe.each([
	['with progress saved', cutAtNode],
	['after a recovery', recovered],
	['without progress saved', cutFromStart],
])('a retry without the notes, %s', (_case, cut) => {
	it('stops with one error that says what to do, and sends nothing', async () => {
		const retried = await (await created()).retry(cut);
		expect(retried.error?.message).toMatch(REFUSED);
		expect(errorText(retried)).toContain('Nothing was sent');
		expect(errorText(retried)).toContain('Wait for Operation');
		expectNothingSent();
	});

	it('refuses a retry of the retry as well', async () => {
		const retried = await (await created()).retry(cut);
		const again = await retried.retry();
		expect(again.error?.message).toMatch(REFUSED);
		expectNothingSent();
	});
});

describe('a retry without the notes', () => {
	it('under Continue gives one failed item for each input item', async () => {
		const retried = await (
			await created()
		).retry((stored) => {
			cutAtNode(stored);
			const [next] = executionDataOf(stored).nodeExecutionStack;
			if (next !== undefined) next.node.onError = 'continueRegularOutput';
		});
		expect(retried.error).toBeUndefined();
		expect(failedItems(retried)).toHaveLength(PRODUCTS);
		for (const item of failedItems(retried)) {
			expect(Object.keys(item.json)).toEqual(['error']);
			expect(errorOf(item)).toMatchObject({ code: 'NOTES_LOST', retryable: false });
		}
		expectNothingSent();
	});

	it('refuses when what n8n has stored cannot be read', async () => {
		const retried = await betweenFailed((stored) => {
			stored.resultData.runData['Trigger'] = JSON.parse('[null]') as ITaskData[];
		});
		expect(retried.error?.message).toMatch(REFUSED);
		expect(bench().sandbox.stats().requests).toBe(0);
	});

	it('of Wait for Operation goes on, since that creates nothing', async () => {
		const effect = { kind: 'status', status: 404 } as const;
		bench().sandbox.fault({ route: 'getOperation', times: 1, effect });
		const parameters = { operation: 'wait', operationId: randomUUID(), ...generate() };
		const stopped = await bench().run({ items: [{}], parameters });
		expect(stopped.error).toBeDefined();
		const retried = await stopped.retry(cutAtNode);
		expect(retried.error?.message).toBe(stopped.error?.message);
		expect(bench().sandbox.stats().routes.getOperation.requests).toBe(2);
	});
});

describe('an ordinary retry', () => {
	it('after a wrong parameter creates each product once', async () => {
		const stopped = await bench().run({
			items: await products(PRODUCTS),
			parameters: generate(WRONG),
		});
		expect(bench().sandbox.stats().requests).toBe(0);
		const { success, error } = await stopped.retry(corrected);
		expect(error).toBeUndefined();
		expect(success).toHaveLength(PRODUCTS);
		expect(bench().sandbox.stats().createsAccepted).toBe(PRODUCTS);
	});

	it('after a wrong setting of the whole batch creates each product once', async () => {
		const stopped = await bench().run({
			items: await products(PRODUCTS),
			parameters: generate({ batching: { maxProductsInFlight: 0 } }),
		});
		expect(stopped.error).toBeDefined();
		const { success } = await stopped.retry(corrected);
		expect(success).toHaveLength(PRODUCTS);
	});

	it('after a node before this one has failed creates each product once', async () => {
		const { success, error } = await betweenFailed();
		expect(error).toBeUndefined();
		expect(success).toHaveLength(PRODUCTS);
		expect(bench().sandbox.stats().createsAccepted).toBe(PRODUCTS);
	});

	it('after a node beside this one has failed creates each product once', async () => {
		const { success, error } = await betweenFailed((stored, own) => {
			goOnAt(stored, nodeOf('Beside'));
			executionDataOf(stored).nodeExecutionStack.push(own);
		});
		expect(error).toBeUndefined();
		expect(success).toHaveLength(PRODUCTS);
		expect(bench().sandbox.stats().createsAccepted).toBe(PRODUCTS);
	});

	it('of a failed retry keeps what the retry has noted', async () => {
		const effect = { kind: 'status', status: 402 } as const;
		bench().sandbox.fault({ route: 'create', times: 1, effect });
		const parameters = generate({ batching: { maxProductsInFlight: 1 } });
		const stopped = await bench().run({ items: await products(PRODUCTS), parameters });
		bench().sandbox.fault({ route: 'create', after: 1, times: 1, effect });
		const retried = await stopped.retry();
		expect(retried.error).toBeDefined();
		expect(bench().sandbox.stats().createsAccepted).toBe(1);
		const { success } = await retried.retry();
		expect(success).toHaveLength(PRODUCTS);
		expect(bench().sandbox.stats().createsAccepted).toBe(PRODUCTS);
	});
});
