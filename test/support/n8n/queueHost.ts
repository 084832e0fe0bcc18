/** An n8n in queue mode: Redis, PostgreSQL, one main process and workers, the node installed on all. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { identityOf, logInWith, type Credentials, type Host } from './n8nHost';
import type { N8nInstall } from './n8nInstall';
import { installNode, type PackedNode } from './n8nPackage';
import { startN8n, type N8nServer } from './n8nServer';
import { cacheFolder } from './n8nVersions';
import { startQueueServices } from './queueServices';

/** Shorter times than n8n's own, so that a lost worker is noticed soon. */
const QUEUE_SETTINGS = {
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '3000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

export type Release = () => Promise<void> | void;

export interface QueueMaterials {
	install: N8nInstall;
	packed: PackedNode;
	credentials: Credentials;
	/** How many there are at first; two where it is left out. */
	workerCount?: number;
	/** How many executions each worker runs at the same time; n8n's own number where it is left out. */
	concurrency?: number;
}

export interface QueueHost extends Pick<Host, 'client' | 'credentialId' | 'credentialIds'> {
	main: N8nServer;
	workers: N8nServer[];
	/** Start one more worker. */
	startWorker: () => Promise<N8nServer>;
}

/** Start everything; `releases` is filled as things come up, so that a failure half way is undone. */
export async function startQueueHost(
	{ install, packed, credentials, workerCount = 2, concurrency }: QueueMaterials,
	releases: Release[],
): Promise<QueueHost> {
	const services = await startQueueServices();
	releases.push(services.stop);
	const root = join(cacheFolder(), 'users', `queue-${install.version}-${process.pid}`);
	releases.push(() => rmSync(root, { recursive: true, force: true }));
	const { owner, encryptionKey } = identityOf(root);
	const env = { ...services.env, ...QUEUE_SETTINGS };
	const start = async (name: string, role: 'main' | 'worker'): Promise<N8nServer> => {
		const userFolder = join(root, name);
		await installNode(userFolder, packed);
		const server = await startN8n({
			install,
			userFolder,
			encryptionKey,
			env,
			role,
			...(concurrency === undefined ? {} : { concurrency }),
		});
		releases.push(server.stop);
		return server;
	};
	// The main makes the tables; the workers would wait for them in vain.
	const main = await start('main', 'main');
	let started = 0;
	const startWorker = async () => {
		started += 1;
		return await start(`worker-${started}`, 'worker');
	};
	const workers = await Promise.all(
		Array.from({ length: workerCount }, async () => await startWorker()),
	);
	return { main, workers, startWorker, ...(await logInWith(main.url, owner, credentials)) };
}
