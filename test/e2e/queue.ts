/**
 * `npm run test:queue [-- --n8n 2.40.7] [--only text] [--built]`: queue mode, with Redis, PostgreSQL, one main and two
 * workers. Several executions share one key and one rate limit, a worker is killed in the middle of a batch,
 * and a fleet goes on after one of its workers was killed. Prints a line per case and, last, `N passed, N failed`.
 */
import { randomUUID } from 'node:crypto';

import { Command } from 'commander';

import { keysNamed, startSandbox } from '../sandbox';
import { credentialsFor } from '../support/n8n/n8nHost';
import { installN8n } from '../support/n8n/n8nInstall';
import { packNode } from '../support/n8n/n8nPackage';
import { NEWEST_N8N, recipeOf } from '../support/n8n/n8nVersions';
import { startQueueHost, type Release } from '../support/n8n/queueHost';
import { fleetCases } from './cases/fleet';
import { queueCases, type QueueContext } from './cases/queueMode';
import { reportOn, type Report } from './report';
import { keepingKeyHome } from './secrets';

const CASE_LIMIT_MS = 6 * 60_000;
const START_LIMIT_MS = 20 * 60_000;

interface CliOptions {
	n8n: string;
	only: string;
	built?: boolean;
}

/** Start everything; `releases` is filled as things come up, so that a failure half way is undone. */
async function startAll(
	{ n8n, built = false }: CliOptions,
	releases: Release[],
): Promise<Omit<QueueContext, 'note'>> {
	const install = await installN8n(recipeOf(n8n), console.log);
	const packed = await packNode(built);
	releases.push(packed.remove);
	const sandbox = await startSandbox({
		apiKeys: keysNamed(`queue-${randomUUID()}`),
		picture: 'cached',
	});
	releases.push(async () => await sandbox.close());
	const credentials = credentialsFor(sandbox, sandbox.url);
	return { ...(await startQueueHost({ install, packed, credentials }, releases)), sandbox };
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
		for (const { title, run: runCase } of [...queueCases, ...fleetCases]) {
			if (!title.includes(options.only)) continue;
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
	.option('--only <text>', 'only cases whose title contains this', '')
	.option('--built', 'dist is up to date: do not build')
	.parse()
	.opts<CliOptions>();
reportOn(async (report) => await run(options, report));
