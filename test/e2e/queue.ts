/**
 * `npm run test:queue [-- --n8n 2.40.7] [--built]`: queue mode, with Redis, PostgreSQL, one main and two
 * workers. Several executions share one key and one rate limit, and a worker is killed in the middle
 * of a batch. Prints a line per case and, last, `N passed, N failed`.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';

import { keysNamed, startSandbox } from '../sandbox';
import { credentialsFor, identityOf, logInWith } from '../support/n8n/n8nHost';
import { installN8n } from '../support/n8n/n8nInstall';
import { installNode, packNode } from '../support/n8n/n8nPackage';
import { startN8n, type N8nServer } from '../support/n8n/n8nServer';
import { NEWEST_N8N, cacheFolder, recipeOf } from '../support/n8n/n8nVersions';
import { startQueueServices } from '../support/n8n/queueServices';
import { queueCases, type QueueContext } from './cases/queueMode';
import { reportOn, type Report } from './report';
import { keepingKeyHome } from './secrets';

const CASE_LIMIT_MS = 6 * 60_000;
const START_LIMIT_MS = 20 * 60_000;

/** Shorter times than n8n's own, so that a lost worker is noticed soon. */
const QUEUE_SETTINGS = {
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '3000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

interface CliOptions {
	n8n: string;
	built?: boolean;
}

type Release = () => Promise<void> | void;

/** Start everything; `releases` is filled as things come up, so that a failure half way is undone. */
async function startAll(
	{ n8n, built = false }: CliOptions,
	releases: Release[],
): Promise<Omit<QueueContext, 'note'>> {
	const install = await installN8n(recipeOf(n8n), console.log);
	const packed = await packNode(built);
	releases.push(packed.remove);
	const services = await startQueueServices();
	releases.push(services.stop);
	const sandbox = await startSandbox({
		apiKeys: keysNamed(`queue-${randomUUID()}`),
		picture: 'cached',
	});
	releases.push(async () => await sandbox.close());
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
	const { client, credentialId } = await logInWith(main.url, owner, credentials);
	return { main, workers, startWorker, client, sandbox, credentialId };
}

async function run(options: CliOptions, report: Report): Promise<void> {
	const where = `n8n ${options.n8n} queue`;
	const releases: Release[] = [];
	const contexts: Array<Omit<QueueContext, 'note'>> = [];
	try {
		await report.run(where, 'one main and two workers start', START_LIMIT_MS, async () => {
			contexts.push(await startAll(options, releases));
		});
		const [context] = contexts;
		if (context === undefined) return;
		const { client, main, sandbox, workers } = context;
		for (const { title, run: runCase } of queueCases) {
			sandbox.reset();
			await report.run(where, title, CASE_LIMIT_MS, async (note) => {
				await keepingKeyHome({ client, sandbox, servers: [main, ...workers] }, async () => {
					await runCase({ ...context, note });
				});
			});
		}
	} finally {
		for (const release of releases.reverse()) await release();
	}
}

const options = new Command('test:queue')
	.option('--n8n <version>', 'version of n8n', NEWEST_N8N)
	.option('--built', 'dist is up to date: do not build')
	.parse()
	.opts<CliOptions>();
reportOn(async (report) => await run(options, report));
