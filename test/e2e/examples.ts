/**
 * `npx tsx test/e2e/examples.ts [--n8n 2.40.7] [--only text] [--built]`: every example workflow in a
 * real n8n, against the sandbox, its results checked. Prints a line per case and, last,
 * `N passed, N failed`.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';

import { startSandbox } from '../sandbox';
import { startHost } from '../support/n8nHost';
import { installN8n } from '../support/n8nInstall';
import { packNode } from '../support/n8nPackage';
import { NEWEST_N8N, cacheFolder, recipeOf } from '../support/n8nVersions';
import { catalogueCases } from './examplesCatalogueCases';
import { peopleCases } from './examplesPeopleCases';
import { Report } from './report';
import { assertKeyStayedHome } from './secrets';

const CASE_LIMIT_MS = 180_000;
const GENERATION_MS = 300;

interface CliOptions {
	n8n: string;
	only: string;
	built?: boolean;
}

async function main(report: Report): Promise<void> {
	const {
		n8n,
		only,
		built = false,
	} = new Command('test:examples')
		.option('--n8n <version>', 'version of n8n', NEWEST_N8N)
		.option('--only <text>', 'only cases whose title contains this', '')
		.option('--built', 'dist is up to date: do not build')
		.parse()
		.opts<CliOptions>();
	const install = await installN8n(recipeOf(n8n), console.log);
	const packed = await packNode(built);
	const userFolder = join(cacheFolder(), 'users', `examples-${n8n}-${process.pid}`);
	const files = join(userFolder, 'files');
	const apiKey = `examples-${randomUUID()}`;
	const sandbox = await startSandbox({ apiKey, generationMs: GENERATION_MS });
	const credential = { apiKey, baseUrl: sandbox.url, api: 'flatLays' };
	try {
		mkdirSync(files, { recursive: true });
		const env = { N8N_RESTRICT_FILE_ACCESS_TO: files };
		const host = await startHost({ install, userFolder, packed, credential, env });
		try {
			const cases = [...peopleCases, ...catalogueCases];
			for (const [number, { title, run }] of cases.entries()) {
				if (!title.includes(only)) continue;
				sandbox.reset();
				const folder = join(files, `case-${number}`);
				mkdirSync(folder, { recursive: true });
				const { client, server } = host;
				const known = await client.executionIds();
				const logLength = server.output().length;
				await report.run(`n8n ${n8n}`, title, CASE_LIMIT_MS, async () => {
					await run({ ...host, sandbox, credential, folder });
					const log = server.output().slice(logLength);
					const made = (await client.executionIds()).filter((id) => !known.includes(id));
					await assertKeyStayedHome(apiKey, { client, sandbox, log }, made);
				});
			}
		} finally {
			await host.server.stop();
		}
	} finally {
		await sandbox.close();
		packed.remove();
		rmSync(userFolder, { recursive: true, force: true });
	}
}

const report = new Report();
main(report).then(
	() => report.close(),
	(error: unknown) => {
		console.error(error);
		report.abort();
		report.close();
	},
);
