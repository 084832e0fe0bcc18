/**
 * What one call of the node works with: the credential, its place in the scheduler of that
 * credential, the journal, and the ports that lead to n8n.
 */
import { createHash } from 'crypto';
import type { IBinaryData, IExecuteFunctions } from 'n8n-workflow';

import { parseApiKey } from '../api/apiKey';
import { parseBaseUrl } from '../api/baseUrl';
import { failure, type Failure } from '../api/failures';
import type { Generation } from '../api/generation';
import { GENERATIONS } from '../api/generations';
import { oneLine } from '../core/oneLine';
import { Downloads } from '../batch/downloads';
import type { Journal } from '../batch/journal';
import type { Ledger } from '../batch/ledger';
import { Run, type RunLog } from '../batch/run';
import { openJournal } from '../inputs/journal';
import { SchedulerRegistry } from '../schedule/schedulerRegistry';
import { Uploads } from '../batch/uploads';
import { CREDENTIAL_NAME, createSend, type Access } from '../transport/send';
import { hostClock } from '../transport/hostClock';
import { createFetchPicture } from '../transport/pictures';
import { webPorts } from '../transport/webFile';

/** One scheduler for each credential in this process. */
const schedulers = new SchedulerRegistry(hostClock);

export interface Execution {
	host: IExecuteFunctions;
	run: Run;
	journal: Journal;
	/** Undefined without a ledger. */
	ledger: Ledger | undefined;
	uploads: Uploads;
	downloads: Downloads<IBinaryData>;
	close: () => void;
}

function logOf(host: IExecuteFunctions): RunLog {
	return {
		operationCreated: (operationId, productId, itemIndex) => {
			const product = productId === undefined ? '' : ` for product ${oneLine(productId)}`;
			host.logger.info(`Aiuta operation ${operationId} created${product} (item ${itemIndex})`, {
				operationId,
				productId,
				itemIndex,
			});
		},
	};
}

/** Whether the node runs as an AI agent's tool. */
export function isTool(host: IExecuteFunctions): boolean {
	return host.getNode().type.endsWith('Tool');
}

/**
 * Whether a failure ends the node with an error. As an agent's tool it never does: a thrown error
 * reaches the agent as an empty string (observed on n8n 2.40), a failed item as a sentence.
 */
export function stopsOnFailure(host: IExecuteFunctions): boolean {
	return !host.continueOnFail() && !isTool(host);
}

/**
 * Read the credential, join its scheduler, and open what leads to n8n.
 *
 * @param generation the API that the node is set to
 * @param requestsPerSecond the run's ceiling
 * @returns a failure that names the field when the credential cannot be used; nothing was sent
 */
export async function openExecution(
	host: IExecuteFunctions,
	generation: Generation,
	requestsPerSecond: number,
): Promise<{ ok: true; execution: Omit<Execution, 'ledger'> } | { ok: false; failure: Failure }> {
	const credential = await readAccess(host, generation);
	if (!credential.ok) return credential;
	const { baseUrl, apiKey } = credential.access;
	const web = webPorts(host);
	const schedulerKey = createHash('sha256')
		.update(JSON.stringify([baseUrl, apiKey]))
		.digest('hex');
	const run = new Run(
		{
			send: createSend(web, credential.access),
			clock: hostClock,
			scheduler: schedulers.get(schedulerKey),
			log: logOf(host),
			signal: web.signal,
		},
		{
			generation,
			requestsPerSecond,
			stopOnFailure: stopsOnFailure(host),
		},
	);
	const execution: Omit<Execution, 'ledger'> = {
		host,
		run,
		journal: openJournal(host),
		uploads: new Uploads(run),
		downloads: new Downloads(run, createFetchPicture(web)),
		close: () => {
			run.close();
			schedulers.release(schedulerKey);
		},
	};
	return { ok: true, execution };
}

/** Read whom to call and with which key; the failure names the field of the credential that is wrong. */
export async function readAccess(
	host: IExecuteFunctions,
	generation: Generation,
): Promise<{ ok: true; access: Access } | { ok: false; failure: Failure }> {
	const credential = await host.getCredentials(CREDENTIAL_NAME);
	const text = (value: unknown) => (typeof value === 'string' ? value : '');
	const parsed = parseBaseUrl(text(credential['baseUrl']));
	if (!parsed.ok) {
		const description = 'Correct the Base URL in the Aiuta API credential.';
		return { ok: false, failure: failure('INVALID_PARAMETER', parsed.message, { description }) };
	}
	const key = parseApiKey(credential['apiKey']);
	if (!key.ok) {
		const description = 'Enter the key in the Aiuta API credential.';
		return { ok: false, failure: failure('INVALID_PARAMETER', key.message, { description }) };
	}
	const mismatch = apiMismatch(generation, text(credential['api']));
	if (mismatch !== undefined) return { ok: false, failure: mismatch };
	return { ok: true, access: { baseUrl: parsed.baseUrl, apiKey: key.apiKey } };
}

/**
 * A key belongs to one API: refuse to try another one with it. A credential that was saved before it said
 * which API its key is for is not doubted.
 */
function apiMismatch(generation: Generation, credentialApi: string): Failure | undefined {
	if (credentialApi === '' || credentialApi === generation.name) return undefined;
	const other = Object.values(GENERATIONS).find(({ name }) => name === credentialApi);
	const message = `API is set to ${generation.label} in the node, but to ${other?.label ?? credentialApi} in the Aiuta API credential`;
	return failure('API_MISMATCH', message);
}
