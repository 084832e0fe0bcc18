/** A stand-in for a chat model with OpenAI's interface: calls a tool once, then repeats its answer. */
import { createServer, type IncomingMessage } from 'node:http';

import { at, listAt } from '../../support/n8n/n8nValues';

export interface ChatModel {
	/** Base URL for the credential. */
	url: string;
	/** Names of the tools the model was offered in its first request. */
	offered: () => string[];
	/** How the first of them was described. */
	described: () => string;
	/** What the tool answered, as the model has seen it. */
	toolAnswer: () => string;
	close: () => Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
	return JSON.parse(Buffer.concat(chunks).toString());
}

/**
 * Start a model that calls the first tool it is offered with these arguments.
 *
 * @param breakdowns how often it fails for good when it is told what the tool answered
 */
export async function startChatModel(
	toolArguments: Readonly<Record<string, string>>,
	breakdowns = 0,
): Promise<ChatModel> {
	let breakdownsLeft = breakdowns;
	let offered: string[] = [];
	let described = '';
	let toolAnswer = '';
	const server = createServer((request, response) => {
		void bodyOf(request).then((body) => {
			const tools = listAt(body, 'tools').map((tool) => String(at(tool, 'function', 'name')));
			if (offered.length === 0) {
				offered = tools;
				described = String(at(listAt(body, 'tools')[0], 'function', 'description'));
			}
			const last = listAt(body, 'messages').at(-1);
			const isAnswered = at(last, 'role') === 'tool';
			if (isAnswered) toolAnswer = JSON.stringify(at(last, 'content'));
			if (isAnswered && breakdownsLeft > 0) {
				breakdownsLeft -= 1;
				response.writeHead(400, { 'content-type': 'application/json' });
				response.end(JSON.stringify({ error: { message: 'The model broke down' } }));
				return;
			}
			const call = {
				index: 0,
				id: 'call_1',
				type: 'function',
				function: { name: tools[0] ?? '', arguments: JSON.stringify(toolArguments) },
			};
			const message = isAnswered
				? { role: 'assistant', content: `Done: ${toolAnswer}` }
				: { role: 'assistant', content: null, tool_calls: [call] };
			const reason = isAnswered ? 'stop' : 'tool_calls';
			const common = { id: 'chatcmpl-1', created: 1, model: 'stand-in' };
			if (at(body, 'stream') === true) {
				response.setHeader('content-type', 'text/event-stream');
				const chunk = (delta: unknown, finish: string | null) =>
					`data: ${JSON.stringify({
						...common,
						object: 'chat.completion.chunk',
						choices: [{ index: 0, delta, finish_reason: finish }],
					})}\n\n`;
				response.end(`${chunk(message, null)}${chunk({}, reason)}data: [DONE]\n\n`);
				return;
			}
			response.setHeader('content-type', 'application/json');
			response.end(
				JSON.stringify({
					...common,
					object: 'chat.completion',
					choices: [{ index: 0, message, finish_reason: reason }],
					usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
				}),
			);
		});
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	return {
		url: `http://127.0.0.1:${port}/v1`,
		offered: () => offered,
		described: () => described,
		toolAnswer: () => toolAnswer,
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
