/**
 * `npm run soak`: thousands of large photos through Generate and Wait in n8n's own engine, with the
 * binaries on disk and a share of all calls failing; measures memory, event loop and open handles, and
 * looks for operations that were created twice or lost.
 * Needs a built `dist/` and 5.5 GB of disk space; about 15 minutes on a quiet machine.
 */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Command, InvalidArgumentError } from 'commander';

import { exitOnSignals } from '../../support/n8n/n8nServer';
import { startChild } from './children';
import { watchLag } from './gauges';
import type { EngineJob, EngineMessage, SandboxMessage, SoakOptions } from './messages';
import { printReport } from './report';

const MEGABYTE = 1024 * 1024;
/** Room for the file system's own needs and for the generated pictures. */
const DISK_MARGIN = 1.1;

const say = (text: string) => console.log(text);

function positive(text: string): number {
	const value = Number(text);
	if (!(value > 0)) throw new InvalidArgumentError('must be more than 0');
	return value;
}

function notNegative(text: string): number {
	const value = Number(text);
	if (!(value >= 0 && value <= 50)) throw new InvalidArgumentError('must be 0 to 50');
	return value;
}

function wholeNumber(text: string): number {
	if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('must be a whole number above 0');
	return Number(text);
}

function readOptions(): SoakOptions {
	return new Command('soak')
		.description('Run thousands of large photos through the node and see what it holds on to')
		.option('--products <n>', 'how many products', wholeNumber, 5000)
		.option('--megabytes <n>', 'size of each photo', positive, 1)
		.option('--rps <n>', 'requests per second, at most 100', positive, 20)
		.option('--fault-percent <n>', 'share of the calls that fail', notNegative, 2)
		.option('--seed <n>', 'seed of the faults and the generation times', wholeNumber, 1)
		.option('--ledger', 'keep a ledger in a data table (in the memory of the process itself)')
		.parse()
		.opts<SoakOptions>();
}

function checkDisk({ products, megabytes }: SoakOptions, folder: string): void {
	const { bavail, bsize } = statfsSync(folder);
	const neededBytes = products * megabytes * MEGABYTE * DISK_MARGIN;
	if (bavail * bsize >= neededBytes) return;
	const needed = Math.ceil(neededBytes / MEGABYTE);
	const free = Math.floor((bavail * bsize) / MEGABYTE);
	throw new Error(`The photos need ${needed} MB in ${folder}, and ${free} MB are free`);
}

function announce(message: EngineMessage): void {
	if (message.kind === 'prepared') {
		say(`The photos are written; RSS ${(message.before.rss / MEGABYTE).toFixed(0)} MB. Go.`);
	}
	if (message.kind === 'progress') {
		const { atMs, memory, created } = message;
		const megabytes = [memory.rss, memory.heapUsed, memory.external].map((bytes) =>
			(bytes / MEGABYTE).toFixed(0),
		);
		say(
			`${(atMs / 1000).toFixed(0)} s: ${created} created, RSS ${megabytes[0]} MB (heap ${megabytes[1]}, external ${megabytes[2]})`,
		);
	}
}

async function soak(options: SoakOptions, folder: string): Promise<boolean> {
	checkDisk(options, folder);
	const sandbox = startChild<SandboxMessage>('sandboxChild.ts', options);
	const { url, apiKey } = await sandbox.next('ready');
	const job: EngineJob = { ...options, url, apiKey };
	const engine = startChild<EngineMessage>('engineChild.ts', job, {
		// n8n's folder with its binary store goes where it is removed, whatever happens.
		env: { TMPDIR: folder, TEMP: folder, TMP: folder },
		execArgv: ['--expose-gc'],
		onMessage: announce,
	});
	await engine.next('prepared');
	const stopIdleLag = watchLag();
	const measured = await engine.next('report');
	const idleLag = stopIdleLag();
	const reported = sandbox.next('report');
	sandbox.ask('report');
	const ledger = await reported;
	await engine.end();
	await sandbox.end();
	return printReport(options, { sandbox: ledger, engine: measured, idleLag }, say);
}

exitOnSignals();
const folder = mkdtempSync(join(tmpdir(), 'aiuta-soak-'));
process.once('exit', () =>
	// A child that was killed a moment ago may still be writing.
	rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
);
soak(readOptions(), folder).then(
	(isGood) => process.exit(isGood ? 0 : 1),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
