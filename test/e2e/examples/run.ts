/**
 * `npx tsx test/e2e/examples/run.ts [--n8n 2.40.7] [--only text] [--built]`: every example workflow in a
 * real n8n, against the sandbox, its results checked. Prints a line per case and, last,
 * `N passed, N failed`.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';

import { NEWEST_N8N } from '../../support/n8n/n8nVersions';
import { catalogueCases, type ExampleCase } from './catalogueCases';
import { peopleCases } from './peopleCases';
import { postgresTrip } from './roundTrips/postgres';
import { s3Trip } from './roundTrips/s3';
import { sftpTrip } from './roundTrips/sftp';
import { roundTripCases } from './roundTrips/trip';
import { wooCommerceTrip } from './roundTrips/wooCommerce';
import { keysNamed } from '../../sandbox';
import { reportOn, type Report } from '../report';
import { keepingKeyHome } from '../secrets';
import { withTrial } from '../trial';

const CASE_LIMIT_MS = 180_000;
const GENERATION_MS = 300;

const CASES: readonly ExampleCase[] = [
	...peopleCases,
	...catalogueCases,
	...[postgresTrip, sftpTrip, wooCommerceTrip, s3Trip].flatMap(roundTripCases),
];

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
	const options = {
		n8n,
		isBuilt: built,
		user: `examples-${n8n}-${process.pid}`,
		sandbox: { apiKeys: keysNamed(`examples-${randomUUID()}`), generationMs: GENERATION_MS },
	};
	await withTrial(options, async (trial) => {
		const { client, sandbox, server } = trial;
		for (const [number, { title, run }] of CASES.entries()) {
			if (!title.includes(only)) continue;
			sandbox.reset();
			const folder = join(trial.folder, `case-${number}`);
			mkdirSync(folder);
			await report.run(`n8n ${n8n}`, title, CASE_LIMIT_MS, async () => {
				await keepingKeyHome({ client, sandbox, servers: [server] }, async () => {
					await run({ ...trial, folder });
				});
			});
		}
	});
}

reportOn(main);
