/**
 * `npm run test:e2e [-- --n8n 2.40.7] [--only text] [--built]`: the packed node in real n8n servers of
 * the newest and the oldest version, against the sandbox. Prints a line per case and, last,
 * `N passed, N failed`.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';

import { keysNamed, startSandbox } from '../sandbox';
import { credentialsFor, startHost, type Host } from '../support/n8n/n8nHost';
import { installN8n, type N8nInstall } from '../support/n8n/n8nInstall';
import { packNode, type PackedNode } from '../support/n8n/n8nPackage';
import { TESTED_N8N, cacheFolder, recipeOf } from '../support/n8n/n8nVersions';
import { batchCases } from './cases/batches';
import type { Case, CaseContext } from './cases/case';
import { credentialCases } from './cases/credential';
import { databaseModeCases } from './cases/databaseMode';
import { faultCases } from './cases/faults';
import { ledgerCases } from './cases/ledger';
import { operationCases } from './cases/operations';
import { savedCases } from './cases/saved';
import { productionCases } from './cases/production';
import { resumingCases } from './cases/resuming';
import { stoppingCases } from './cases/stopping';
import { reportOn, type Report } from './report';
import { assertKeyInNoFile, keepingKeyHome } from './secrets';

const CASE_LIMIT_MS = 90_000;
const START_LIMIT_MS = 20 * 60_000;
const GENERATION_MS = 600;

const FILESYSTEM_CASES: readonly Case[] = [
	...credentialCases,
	...operationCases,
	...savedCases,
	...batchCases,
	...resumingCases,
	...stoppingCases,
	...faultCases,
	...productionCases,
	...ledgerCases,
];

interface CliOptions {
	n8n?: string;
	only: string;
	built?: boolean;
}

/** What the cases of one n8n version share. */
interface Suite {
	install: N8nInstall;
	packed: PackedNode;
	userFolder: string;
	context: Omit<CaseContext, keyof Host | 'note'>;
	report: Report;
	only: string;
}

/** Start the server, as a case of its own, and run cases on it one after the other. */
async function runCases(
	{ install, packed, userFolder, context, report, only }: Suite,
	mode: 'filesystem' | 'database',
	cases: readonly Case[],
): Promise<void> {
	const chosen = cases.filter(({ title }) => title.includes(only));
	if (chosen.length === 0) return;
	const where = `n8n ${install.version}`;
	const { credentials, sandbox } = context;
	const hosts: Host[] = [];
	await report.run(
		where,
		`the server starts with binaries in ${mode} mode`,
		START_LIMIT_MS,
		async () => {
			const env = { N8N_DEFAULT_BINARY_DATA_MODE: mode };
			hosts.push(await startHost({ install, userFolder, packed, credentials, env }));
		},
	);
	const [host] = hosts;
	if (host === undefined) return;
	try {
		for (const { title, run, limitMs = CASE_LIMIT_MS } of chosen) {
			sandbox.reset();
			const { client, server, credentialId, credentialIds } = host;
			await report.run(where, title, limitMs, async (note) => {
				await keepingKeyHome({ client, sandbox, servers: [server] }, async () => {
					await run({ ...context, client, server, credentialId, credentialIds, note });
				});
			});
		}
	} finally {
		await host.server.stop();
	}
}

async function runVersion(version: string, packed: PackedNode, report: Report, only: string) {
	const installs: N8nInstall[] = [];
	await report.run(`n8n ${version}`, 'is installed', START_LIMIT_MS, async () => {
		installs.push(await installN8n(recipeOf(version), console.log));
	});
	const [install] = installs;
	if (install === undefined) return;
	const userFolder = join(cacheFolder(), 'users', `e2e-${version}-${process.pid}`);
	const keyName = `e2e-${randomUUID()}`;
	const sandbox = await startSandbox({
		apiKeys: keysNamed(keyName),
		generationMs: GENERATION_MS,
	});
	const credentials = credentialsFor(sandbox, sandbox.url);
	const context = { version, sandbox, credentials };
	try {
		const suite = { install, packed, userFolder, context, report, only };
		await runCases(suite, 'filesystem', FILESYSTEM_CASES);
		await runCases(suite, 'database', databaseModeCases);
		await report.run(
			`n8n ${version}`,
			'the key is in no file n8n has written',
			CASE_LIMIT_MS,
			async (note) => {
				const { files, bytes } = assertKeyInNoFile(keyName, userFolder);
				note(`${files} files, ${(bytes / 1024 / 1024).toFixed(1)} MB searched`);
			},
		);
	} finally {
		await sandbox.close();
		rmSync(userFolder, { recursive: true, force: true });
	}
}

async function main(report: Report): Promise<void> {
	const {
		n8n,
		only,
		built = false,
	} = new Command('test:e2e')
		.option('--n8n <version>', 'only this version of n8n')
		.option('--only <text>', 'only cases whose title contains this', '')
		.option('--built', 'dist is up to date: do not build')
		.parse()
		.opts<CliOptions>();
	const versions = n8n === undefined ? TESTED_N8N : [n8n];
	const packed = await packNode(built);
	try {
		for (const version of versions) await runVersion(version, packed, report, only);
	} finally {
		packed.remove();
	}
}

reportOn(main);
