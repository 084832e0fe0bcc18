/**
 * `npm run test:e2e [-- --n8n 2.40.7] [--only text] [--built]`: the packed node in real n8n servers of
 * the newest and the oldest version, against sandboxes. A case mostly waits, so several go on at a time,
 * each on a lane of its own: a sandbox, and credentials for it. Prints a line per case and, last,
 * `N passed, N failed`.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';

import { keysNamed, startSandbox, type Sandbox } from '../sandbox';
import {
	credentialsFor,
	putCredentials,
	startHost,
	type Credentials,
	type Host,
} from '../support/n8n/n8nHost';
import { installN8n, type N8nInstall } from '../support/n8n/n8nInstall';
import { packNode, type PackedNode } from '../support/n8n/n8nPackage';
import { TESTED_N8N, cacheFolder, recipeOf } from '../support/n8n/n8nVersions';
import { agentCases } from './cases/agent';
import { batchCases } from './cases/batches';
import type { Case } from './cases/case';
import { credentialCases } from './cases/credential';
import { FULL_TABLES, databaseModeCases } from './cases/databaseMode';
import { failedItemCases } from './cases/failedItems';
import { faultCases } from './cases/faults';
import { ledgerCases } from './cases/ledger';
import { operationCases } from './cases/operations';
import { outputCases } from './cases/outputs';
import { savedCases } from './cases/saved';
import { productionCases } from './cases/production';
import { resumingCases } from './cases/resuming';
import { stoppingCases } from './cases/stopping';
import { triesCases } from './cases/tries';
import { reportOn, type Report } from './report';
import { assertKeyInNoFile, keepingKeyHome } from './secrets';

const CASE_LIMIT_MS = 90_000;
const START_LIMIT_MS = 20 * 60_000;
const GENERATION_MS = 600;

/**
 * Groups that keep to one lane, and cases that run on any. n8n mixes up credential tests that run at the
 * same time.
 */
const FILESYSTEM_CASES: ReadonlyArray<readonly Case[]> = [
	credentialCases,
	ledgerCases,
	...[
		...operationCases,
		...outputCases,
		...savedCases,
		...batchCases,
		...resumingCases,
		...triesCases,
		...stoppingCases,
		...failedItemCases,
		...faultCases,
		...productionCases,
		...agentCases,
	].map((one) => [one]),
];

interface CliOptions {
	n8n?: string;
	only: string;
	built?: boolean;
}

/** Where one case at a time runs. */
interface Lane {
	sandbox: Sandbox;
	credentials: Credentials;
}

/** What the cases of one n8n version share. */
interface Suite {
	install: N8nInstall;
	packed: PackedNode;
	userFolder: string;
	lanes: readonly [Lane, ...Lane[]];
	report: Report;
	only: string;
}

/**
 * Start the server, as a case of its own, and run cases on it, one after the other on each lane.
 *
 * @param cases those of a group stay on one lane
 */
async function runCases(
	{ install, packed, userFolder, lanes, report, only }: Suite,
	mode: 'filesystem' | 'database',
	cases: ReadonlyArray<readonly Case[]>,
): Promise<void> {
	const waiting = cases
		.map((group) => group.filter(({ title }) => title.includes(only)))
		.filter((group) => group.length > 0);
	if (waiting.length === 0) return;
	const { version } = install;
	const where = `n8n ${version}`;
	const hosts: Host[] = [];
	await report.run(
		where,
		`the server starts with binaries in ${mode} mode`,
		START_LIMIT_MS,
		async () => {
			const full = mode === 'database' ? FULL_TABLES : {};
			const env = { N8N_DEFAULT_BINARY_DATA_MODE: mode, ...full };
			const [{ credentials }] = lanes;
			hosts.push(await startHost({ install, userFolder, packed, credentials, env }));
		},
	);
	const [host] = hosts;
	if (host === undefined) return;
	const { client, server } = host;
	const runLane = async ({ sandbox, credentials }: Lane, number: number): Promise<void> => {
		const stored = await putCredentials(client, credentials, ` ${number}`);
		const context = { version, userFolder, client, server, sandbox, credentials, ...stored };
		for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
			for (const { title, run, limitMs = CASE_LIMIT_MS } of group) {
				sandbox.reset();
				await report.run(where, title, limitMs, async (note) => {
					await keepingKeyHome({ client, sandbox, servers: [server] }, async () => {
						await run({ ...context, note });
					});
				});
			}
		}
	};
	try {
		await Promise.all(lanes.map(runLane));
	} finally {
		await server.stop();
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
	const startLane = async (number: number): Promise<Lane> => {
		const apiKeys = keysNamed(`${keyName}-${number}`);
		const sandbox = await startSandbox({ apiKeys, generationMs: GENERATION_MS });
		return { sandbox, credentials: credentialsFor(sandbox, sandbox.url) };
	};
	const lanes = [await startLane(1), await startLane(2), await startLane(3)] as const;
	try {
		const suite = { install, packed, userFolder, lanes, report, only };
		await runCases(suite, 'filesystem', FILESYSTEM_CASES);
		await runCases(suite, 'database', [databaseModeCases]);
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
		for (const { sandbox } of lanes) await sandbox.close();
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
