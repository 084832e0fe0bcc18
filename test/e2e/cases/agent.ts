/** The node as an agent's tool, in an execution that is retried. */
import assert from 'node:assert/strict';

import { START, flowOf, manualTrigger, plainNode } from '../../support/n8n/n8nFlows';
import { textAt } from '../../support/n8n/n8nValues';
import { startChatModel } from '../examples/model';
import { hostPhoto } from '../examples/photos';
import { EXECUTION_LIMIT_MS, check, flowName, nothingTwice, type Case } from './case';

const AGENT = 'Agent';
const LANGCHAIN = '@n8n/n8n-nodes-langchain';

export const agentCases: Case[] = [
	check(
		"an agent's tool call in a retry creates nothing, and tells the agent so",
		async (context) => {
			const { client, credentialId, sandbox } = context;
			const { url: imageUrls } = await hostPhoto(sandbox, 6);
			const model = await startChatModel({ title: 'red dress' }, 1);
			try {
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
				const saved = await client.createFlow({ ...flow, connections });
				const failed = await client.run(saved, START, EXECUTION_LIMIT_MS);
				assert.equal(failed.status, 'error');
				nothingTwice(context, 1);
				await client.retry(saved, failed.id, EXECUTION_LIMIT_MS);
				assert.match(model.toolAnswer(), /Nothing was created/);
				nothingTwice(context, 1);
			} finally {
				await model.close();
			}
		},
		{ limitMs: 120_000 },
	),
];
