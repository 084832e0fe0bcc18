/** The node as an agent's tool, in an execution that is retried, without and with a ledger. */
import assert from 'node:assert/strict';

import type { SavedFlow } from '../../support/n8n/n8nClient';
import { START, flowOf, manualTrigger, plainNode } from '../../support/n8n/n8nFlows';
import { textAt } from '../../support/n8n/n8nValues';
import { startChatModel, type ChatModel } from '../examples/model';
import { hostPhoto } from '../examples/photos';
import {
	EXECUTION_LIMIT_MS,
	check,
	flowName,
	nothingTwice,
	type Case,
	type CaseContext,
} from './case';
import { newLedger } from './ledgerTable';

const AGENT = 'Agent';
const LANGCHAIN = '@n8n/n8n-nodes-langchain';
const LIMITS = { limitMs: 120_000 };

/** An agent whose model has the node as its one tool. */
async function agentFlow(
	{ client, credentialId, sandbox }: CaseContext,
	model: ChatModel,
	parameters: Record<string, unknown> = {},
): Promise<SavedFlow> {
	const { url: imageUrls } = await hostPhoto(sandbox, 6);
	const openAi = await client.rest('POST', '/credentials', {
		name: 'Stand-in model',
		type: 'openAiApi',
		data: { apiKey: 'stand-in-key', url: model.url, header: false },
	});
	const flow = flowOf(flowName(), [
		manualTrigger(),
		plainNode(AGENT, `${LANGCHAIN}.agent`, 2.2, {
			promptType: 'define',
			text: 'Make a flat lay',
			options: { maxIterations: 3 },
		}),
	]);
	const chat = plainNode('Model', `${LANGCHAIN}.lmChatOpenAi`, 1.2, {
		model: { __rl: true, mode: 'list', value: 'gpt-4.1-mini' },
		options: { maxRetries: 0 },
	});
	const tool = plainNode('Make a flat lay', 'n8n-nodes-aiuta.aiutaTool', 1, {
		descriptionType: 'manual',
		toolDescription: 'Makes a flat lay picture',
		imageSource: 'imageUrls',
		imageUrls,
		productTitle: "={{ $fromAI('title', 'What it is', 'string') }}",
		...parameters,
	});
	flow.nodes.push(
		{ ...chat, credentials: { openAiApi: { id: textAt(openAi, 'id'), name: 'Stand-in' } } },
		{ ...tool, credentials: { aiutaApi: { id: credentialId, name: 'Aiuta' } } },
	);
	const link = (type: string) => ({ [type]: [[{ node: AGENT, type, index: 0 }]] });
	const connections = {
		...flow.connections,
		[chat.name]: link('ai_languageModel'),
		[tool.name]: link('ai_tool'),
	};
	return await client.createFlow({ ...flow, connections });
}

/** Run an agent whose model breaks down once it has its tool's answer. */
async function brokenDown(context: CaseContext, flow: SavedFlow): Promise<string> {
	const failed = await context.client.run(flow, START, EXECUTION_LIMIT_MS);
	assert.equal(failed.status, 'error');
	nothingTwice(context, 1);
	return failed.id;
}

export const agentCases: Case[] = [
	check(
		"an agent's tool call in a retry creates nothing, and tells the agent so",
		async (context) => {
			const model = await startChatModel({ title: 'red dress' }, 1);
			try {
				const flow = await agentFlow(context, model);
				const failed = await brokenDown(context, flow);
				await context.client.retry(flow, failed, EXECUTION_LIMIT_MS);
				assert.match(model.toolAnswer(), /Nothing was created/);
				nothingTwice(context, 1);
			} finally {
				await model.close();
			}
		},
		LIMITS,
	),
	check(
		"ledger: an agent's tool call is paid for once, in a retry and in another execution, too",
		async (context) => {
			const { client, sandbox } = context;
			const { name } = await newLedger(context);
			const model = await startChatModel({ sku: 'DRESS-1', title: 'red dress' }, 1);
			try {
				const productId = "={{ $fromAI('sku', 'Its number', 'string') }}";
				const flow = await agentFlow(context, model, { ledger: name, productId });
				const failed = await brokenDown(context, flow);
				const first = model.toolAnswer();
				const [operationId = ''] = sandbox.stats().creates.map((create) => create.operationId);
				assert.ok(first.includes(operationId), first);
				assert.doesNotMatch(first, /from_ledger/);
				const again = [
					async () => await client.retry(flow, failed, EXECUTION_LIMIT_MS),
					async () => await client.run(flow, START, EXECUTION_LIMIT_MS),
				];
				for (const next of again) {
					const execution = await next();
					assert.equal(execution.status, 'success', execution.error(AGENT)?.message);
					const answer = model.toolAnswer();
					assert.ok(answer.includes(operationId), answer);
					assert.match(answer, /from_ledger/);
					nothingTwice(context, 1);
				}
			} finally {
				await model.close();
			}
		},
		LIMITS,
	),
];
