/** Talks to a running n8n the way its editor does. */
import type { Generation } from '../../sandbox';
import { FINAL_STATES, StoredExecution } from './n8nExecution';
import { poll } from './n8nServer';
import { at, listAt, textAt } from './n8nValues';
import type { Flow } from './n8nFlows';

const REQUEST_LIMIT_MS = 60_000;
const ACTIVE_LIMIT_MS = 30_000;

export interface Owner {
	email: string;
	password: string;
}

/** What the user enters in the credential. */
export interface AiutaCredential {
	apiKey: string;
	baseUrl: string;
	api: Generation;
}

export interface SavedFlow {
	id: string;
	/** The stored workflow as n8n answered it. */
	stored: unknown;
}

interface Answer {
	status: number;
	text: string;
}

export class N8nClient {
	private cookie = '';

	constructor(readonly url: string) {}

	private async send(
		method: string,
		path: string,
		body?: unknown,
		limitMs = REQUEST_LIMIT_MS,
	): Promise<Answer> {
		const response = await fetch(`${this.url}${path}`, {
			method,
			headers: {
				// n8n closes a connection that was idle for five seconds, at any moment.
				connection: 'close',
				...(this.cookie === '' ? {} : { cookie: this.cookie }),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(limitMs),
		});
		const cookie = response.headers.getSetCookie().find((line) => line.startsWith('n8n-auth='));
		if (cookie !== undefined) this.cookie = cookie.split(';')[0] ?? '';
		return { status: response.status, text: await response.text() };
	}

	/** Send a request to n8n's REST API and return the `data` of its answer; throws on any status but 2xx. */
	async rest(method: string, path: string, body?: unknown, limitMs?: number): Promise<unknown> {
		const { status, text } = await this.send(method, `/rest${path}`, body, limitMs);
		if (status < 200 || status > 299) {
			throw new Error(`n8n answered ${method} ${path} with ${status}: ${text.slice(0, 500)}`);
		}
		return text === '' ? undefined : at(JSON.parse(text), 'data');
	}

	/** Log in as the owner, who is made first where there is none. */
	async logIn({ email, password }: Owner): Promise<void> {
		const setup = await this.send('POST', '/rest/owner/setup', {
			email,
			password,
			firstName: 'Sand',
			lastName: 'Box',
		});
		if (setup.status < 300) return;
		await this.rest('POST', '/login', { emailOrLdapLoginId: email, password });
	}

	/** Names of the node types that are loaded from community packages of this name. */
	async nodeTypes(packageName: string): Promise<string[]> {
		const { text } = await this.send('GET', '/types/nodes.json');
		const types: unknown = JSON.parse(text);
		return listAt(types)
			.map((type) => textAt(type, 'name'))
			.filter((name) => name.startsWith(`${packageName}.`));
	}

	async createCredential(name: string, data: AiutaCredential): Promise<string> {
		const body = { name, type: 'aiutaApi', data };
		return textAt(await this.rest('POST', '/credentials', body), 'id');
	}

	/** Find a credential by its name. */
	async findCredential(name: string): Promise<string | undefined> {
		const all = listAt(await this.rest('GET', '/credentials'));
		const found = all.find((credential) => at(credential, 'name') === name);
		return found === undefined ? undefined : textAt(found, 'id');
	}

	async updateCredential(id: string, name: string, data: AiutaCredential): Promise<void> {
		await this.rest('PATCH', `/credentials/${id}`, { id, name, type: 'aiutaApi', data });
	}

	/** Press Test on a credential with other values than the stored ones. */
	async testCredential(
		id: string,
		data: AiutaCredential,
	): Promise<{ isGood: boolean; message: string }> {
		const body = { credentials: { id, name: 'Tested', type: 'aiutaApi', data } };
		const answer = await this.rest('POST', '/credentials/test', body);
		return { isGood: at(answer, 'status') === 'OK', message: textAt(answer, 'message') };
	}

	async createFlow(flow: Flow): Promise<SavedFlow> {
		const stored = await this.rest('POST', '/workflows', { ...flow, active: false });
		return { id: textAt(stored, 'id'), stored };
	}

	/** Names and IDs of the workflows that are there. */
	async flowNames(): Promise<string[]> {
		return listAt(await this.rest('GET', '/workflows')).map((flow) => textAt(flow, 'name'));
	}

	/** Press Execute; returns the execution's ID at once. */
	async execute({ id, stored }: SavedFlow, trigger: string): Promise<string> {
		const answer = await this.rest('POST', `/workflows/${id}/run`, {
			workflowData: stored,
			triggerToStartFrom: { name: trigger },
			startNodes: [],
		});
		return textAt(answer, 'executionId');
	}

	/** Press Execute and wait for the end. */
	async run(flow: SavedFlow, trigger: string, limitMs: number): Promise<StoredExecution> {
		return await this.finished(await this.execute(flow, trigger), limitMs);
	}

	async execution(id: string): Promise<StoredExecution> {
		const { status, text } = await this.send('GET', `/rest/executions/${id}`);
		if (status !== 200) throw new Error(`execution ${id}: ${status} ${text.slice(0, 300)}`);
		return new StoredExecution(text);
	}

	/**
	 * Wait for the end of an execution.
	 *
	 * @throws Error when it is not at its end within `limitMs`
	 */
	async finished(id: string, limitMs: number): Promise<StoredExecution> {
		let last = 'never seen';
		const found = await poll(async () => {
			const execution = await this.execution(id);
			last = execution.status;
			return FINAL_STATES.includes(last) ? execution : undefined;
		}, limitMs);
		if (found === undefined) {
			throw new Error(`execution ${id} is ${last} after ${limitMs / 1000} s`);
		}
		return found;
	}

	/** IDs of the latest executions of all workflows, or of those a filter lets through; newest first. */
	async executionIds(filter: Record<string, string> = {}): Promise<string[]> {
		const query = new URLSearchParams({ filter: JSON.stringify(filter), limit: '50' });
		const answer = await this.rest('GET', `/executions?${query.toString()}`);
		// While it runs, a sub-execution is listed under the workflow that has started it.
		return listAt(answer, 'results')
			.filter((execution) => at(execution, 'mode') !== 'integrated')
			.map((execution) => textAt(execution, 'id'));
	}

	/** IDs of a workflow's executions, newest first. */
	async executionsOf({ id }: SavedFlow): Promise<string[]> {
		return await this.executionIds({ workflowId: id });
	}

	async stop(id: string): Promise<void> {
		await this.rest('POST', `/executions/${id}/stop`);
	}

	/** Retry a failed execution as it was saved, and wait for the end of the new one. */
	async retry(flow: SavedFlow, id: string, limitMs: number): Promise<StoredExecution> {
		await this.rest('POST', `/executions/${id}/retry`, { loadWorkflow: false }, limitMs);
		const [newest] = await this.executionsOf(flow);
		if (newest === undefined || newest === id) throw new Error(`execution ${id} was not retried`);
		return await this.finished(newest, limitMs);
	}

	/** Publish a workflow, so that its trigger works without the editor. */
	async activate({ id, stored }: SavedFlow): Promise<void> {
		await this.rest('POST', `/workflows/${id}/activate`, { versionId: at(stored, 'versionId') });
	}

	async deactivate({ id }: SavedFlow): Promise<void> {
		await this.rest('POST', `/workflows/${id}/deactivate`, {});
	}

	/** Call a production webhook. */
	async callWebhook(path: string, body: () => RequestInit): Promise<Answer> {
		return await this.post(`webhook/${path}`, body);
	}

	/** Send to the address of a trigger once it is there (activation goes on in the background). */
	async post(path: string, body: () => RequestInit): Promise<Answer> {
		const answer = await poll(async () => {
			const response = await fetch(`${this.url}/${path}`, {
				method: 'POST',
				signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
				...body(),
			});
			const text = await response.text();
			return response.status === 404 ? undefined : { status: response.status, text };
		}, ACTIVE_LIMIT_MS);
		if (answer === undefined) throw new Error(`the trigger ${path} did not become active`);
		return answer;
	}

	/** Read a stored binary as the editor shows it. */
	async binary(id: string): Promise<Buffer> {
		const response = await fetch(
			`${this.url}/rest/binary-data?id=${encodeURIComponent(id)}&action=view`,
			{ headers: { cookie: this.cookie }, signal: AbortSignal.timeout(REQUEST_LIMIT_MS) },
		);
		if (!response.ok) throw new Error(`binary ${id}: ${response.status}`);
		return Buffer.from(await response.arrayBuffer());
	}
}
