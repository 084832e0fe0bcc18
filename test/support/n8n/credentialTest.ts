/**
 * Run the credential test the way n8n's credential tester does: a throw-away node with the test
 * request as its routing, executed by n8n-core's own RoutingNode.
 */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Container } from '@n8n/di';
import { ExecuteContext, RoutingNode } from 'n8n-core';
import { SSHClientsManager } from 'n8n-core/dist/execution-engine/ssh-clients-manager';
import {
	createEmptyRunExecutionData,
	NodeApiError,
	NodeConnectionTypes,
	Workflow,
	type ICredentialDataDecryptedObject,
	type IHttpRequestOptions,
	type INode,
	type INodeType,
	type IWorkflowExecuteAdditionalData,
} from 'n8n-workflow';

import { AiutaApi } from '../../../credentials/AiutaApi.credentials';

export interface SeenRequest {
	path: string;
	apiKey: string | undefined;
}

export interface LocalServer {
	baseUrl: string;
	seen: SeenRequest[];
	close(): Promise<void>;
}

function headerText(request: IncomingMessage, name: string): string | undefined {
	const value = request.headers[name];
	return Array.isArray(value) ? value.join() : value;
}

/** Start a server on a free loopback port that notes every request and answers with `listener`. */
export async function startServer(listener: RequestListener): Promise<LocalServer> {
	const seen: SeenRequest[] = [];
	const server = createServer((request, response) => {
		seen.push({ path: request.url ?? '', apiKey: headerText(request, 'x-api-key') });
		listener(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		baseUrl: `http://127.0.0.1:${port}`,
		seen,
		close: async () => {
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

export type CredentialTestResult =
	{ passed: true } | { passed: false; status: number | undefined; message: string };

/** Stop the timer that every ExecuteContext of n8n-core starts; jest cannot exit while it runs. */
export function releaseHost(): void {
	Container.get(SSHClientsManager).onShutdown();
}

/**
 * The status of the answer, if there was one, and n8n-core's message. n8n's tester reads the status
 * from the error's cause; n8n-workflow 2.8 loses the cause (and so shows its own message instead of
 * the rule's), but states the same status in `httpCode`.
 */
function errorFacts(error: unknown): { status: number | undefined; message: string } {
	if (!(error instanceof NodeApiError)) return { status: undefined, message: String(error) };
	const status = Number(error.httpCode ?? Number.NaN);
	return { status: Number.isInteger(status) ? status : undefined, message: error.message };
}

/** Test `data` as the button in n8n's credential dialog does, rules included. */
export async function runCredentialTest(
	data: ICredentialDataDecryptedObject,
): Promise<CredentialTestResult> {
	const credential = new AiutaApi();
	const nodeType: INodeType = {
		description: {
			displayName: 'Temp',
			name: 'temp',
			group: ['input'],
			version: 1,
			description: 'Carries the test request',
			defaults: { name: 'Temp' },
			inputs: [NodeConnectionTypes.Main],
			outputs: [NodeConnectionTypes.Main],
			credentials: [{ name: credential.name, required: true }],
			properties: [
				{
					displayName: 'Temp',
					name: 'temp',
					type: 'string',
					default: '',
					routing: { request: credential.test.request },
				},
			],
		},
	};
	const node: INode = {
		id: 'temp',
		name: 'Temp',
		type: 'temp',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
		credentials: { [credential.name]: { id: '1', name: 'Aiuta' } },
	};
	const workflow = new Workflow({
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: {
			getByName: () => nodeType,
			getByNameAndVersion: () => nodeType,
			getKnownTypes: () => ({}),
		},
	});
	const additionalData = {
		credentialsHelper: {
			getParentTypes: () => [],
			preAuthentication: async () => await Promise.resolve(undefined),
			authenticate: async (
				credentials: ICredentialDataDecryptedObject,
				_type: string,
				options: IHttpRequestOptions,
			) => await credential.authenticate(credentials, options),
		},
	} as unknown as IWorkflowExecuteAdditionalData;
	const inputData = { main: [[{ json: {} }]] };
	const executeData = { node, data: inputData, source: null };
	const context = new ExecuteContext(
		workflow,
		node,
		additionalData,
		'internal',
		createEmptyRunExecutionData(),
		0,
		[{ json: {} }],
		inputData,
		executeData,
		[],
	);
	const decrypted = { id: '1', name: 'Aiuta', type: credential.name, data };
	try {
		await new RoutingNode(context, nodeType, decrypted).runNode();
		return { passed: true };
	} catch (error) {
		const facts = errorFacts(error);
		const ruleMessage = (credential.test.rules ?? []).flatMap((rule) =>
			rule.type === 'responseCode' && rule.properties.value === facts.status
				? [rule.properties.message]
				: [],
		)[0];
		return { passed: false, status: facts.status, message: ruleMessage ?? facts.message };
	}
}
