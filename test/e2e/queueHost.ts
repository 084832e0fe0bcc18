/** An n8n in queue mode: Redis, PostgreSQL, one main process and two workers, the node installed on all. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Sandbox } from '../sandbox';
import { credentialsFor, identityOf, logInWith, type Host } from '../support/n8n/n8nHost';
import { installN8n } from '../support/n8n/n8nInstall';
import { installNode, packNode } from '../support/n8n/n8nPackage';
import { startN8n, type N8nServer } from '../support/n8n/n8nServer';
import { cacheFolder, recipeOf } from '../support/n8n/n8nVersions';
import { startQueueServices } from '../support/n8n/queueServices';

/** Shorter times than n8n's own, so that a lost worker is noticed soon. */
const QUEUE_SETTINGS = {
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '3000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

export interface QueueHostOptions {
	/** Version of n8n. */
	n8n: string;
	/** Whether `dist` is up to date. */
	isBuilt: boolean;
	sandbox: Sandbox;
}

export interface QueueHost extends Pick<Host, 'client' | 'credentialId' | 'credentialIds'> {
	main: N8nServer;
	workers: N8nServer[];
	/** Start one more worker. */
	startWorker: () => Promise<N8nServer>;
}

export type Release = () => Promise<void> | void;

/** Start everything; `releases` is filled as things come up, so that a failure half way is undone. */
export async function startQueueHost(
	{ n8n, isBuilt, sandbox }: QueueHostOptions,
	releases: Release[],
): Promise<QueueHost> {
	const install = await installN8n(recipeOf(n8n), console.log);
	const packed = await packNode(isBuilt);
	releases.push(packed.remove);
	const services = await startQueueServices();
	releases.push(services.stop);
	const root = join(cacheFolder(), 'users', `queue-${n8n}-${process.pid}`);
	releases.push(() => rmSync(root, { recursive: true, force: true }));
	const { owner, encryptionKey } = identityOf(root);
	const env = { ...services.env, ...QUEUE_SETTINGS };
	const start = async (name: string, role: 'main' | 'worker'): Promise<N8nServer> => {
		const userFolder = join(root, name);
		await installNode(userFolder, packed);
		const server = await startN8n({ install, userFolder, encryptionKey, env, role });
		releases.push(server.stop);
		return server;
	};
	// The main makes the tables; the workers would wait for them in vain.
	const main = await start('main', 'main');
	let workerCount = 0;
	const startWorker = async () => {
		workerCount += 1;
		return await start(`worker-${workerCount}`, 'worker');
	};
	const workers = await Promise.all([startWorker(), startWorker()]);
	const credentials = credentialsFor(sandbox, sandbox.url);
	return { main, workers, startWorker, ...(await logInWith(main.url, owner, credentials)) };
}
