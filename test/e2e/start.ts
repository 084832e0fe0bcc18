/**
 * `npm run n8n [-- --once]`: the n8n editor with the packed node installed, on the sandbox, with an
 * owner, a credential, and the example workflows, which can be run at once. Everything lives in the
 * cache folder; Ctrl-C ends it. With `--once` a new n8n runs the examples and is thrown away.
 */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';

import { messageOf } from '../support/n8n/n8nCommand';
import type { Host } from '../support/n8n/n8nHost';
import { poll } from '../support/n8n/n8nServer';
import { NEWEST_N8N } from '../support/n8n/n8nVersions';
import { enter, exampleFiles, readExample } from './examples/files';
import { prepareSamples, type PreparedExample } from './examples/samples';
import { tryExamples } from './examples/try';
import { withTrial, type Trial, type TrialOptions } from './trial';

/** Slow enough to be watched. */
const GENERATION_MS = { minMs: 4000, maxMs: 10_000 };
const ONCE_GENERATION_MS = 300;
const FILE_WIDTH = 28;
const STOP_LOOK_MS = 500;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

/** n8n's log names every operation when it is created. */
const CREATED = /Aiuta operation \S+ created.*/g;

interface CliOptions {
	n8n: string;
	port: number;
	once?: boolean;
	built?: boolean;
}

function say(line = ''): void {
	process.stdout.write(`${line}\n`);
}

/**
 * Put the example workflows in that are not there yet, with what was prepared for them in their
 * Settings; what the user has changed is left alone.
 *
 * @returns the IDs of the new ones, by file
 */
async function addExamples(
	host: Host,
	prepared: readonly PreparedExample[],
): Promise<Map<string, string>> {
	const known = await host.client.flowNames();
	const added = new Map<string, string>();
	// The last first: the editor lists on top what came in last, and the form is to be on top.
	for (const file of exampleFiles().reverse()) {
		const flow = readExample(file, host);
		if (known.includes(flow.name)) continue;
		enter(flow, prepared.find((example) => example.file === file)?.settings ?? {});
		added.set(file, (await host.client.createFlow(flow)).id);
	}
	return added;
}

async function checkLoaded({ client, credentialIds, credentials }: Trial): Promise<void> {
	const types = await client.nodeTypes('n8n-nodes-aiuta');
	if (!types.includes('n8n-nodes-aiuta.aiuta')) throw new Error('n8n has not loaded the node');
	for (const credential of Object.values(credentials)) {
		const { api } = credential;
		const tested = await client.testCredential(credentialIds[api], credential);
		if (!tested.isGood) throw new Error(`The credential test failed (${api}): ${tested.message}`);
	}
}

/** Notice Ctrl-C from now on; the second one ends everything at once. */
function listenForCtrlC(): { isOver: boolean } {
	const state = { isOver: false };
	const end = () => {
		if (state.isOver) process.exit(130);
		state.isOver = true;
	};
	process.on('SIGINT', end);
	process.on('SIGTERM', end);
	return state;
}

/** Where the operations stand that this n8n has created. */
function operationsFile({ folder }: Pick<Trial, 'folder'>): string {
	return join(folder, 'operations.log');
}

/** Say which operations were created since the last look, and keep them in a file: Stop and crashes end runs. */
function operationsNoted(trial: Trial): () => void {
	let readLength = 0;
	return () => {
		const output = trial.server.output();
		const end = output.lastIndexOf('\n') + 1;
		for (const [line] of output.slice(readLength, end).matchAll(CREATED)) {
			say(`  ${line}`);
			appendFileSync(operationsFile(trial), `${new Date().toISOString()} ${line}\n`);
		}
		readLength = end;
	};
}

function announce(
	{ server, owner, sandbox, folder }: Trial,
	prepared: readonly PreparedExample[],
): void {
	say();
	// The bare address leads to n8n's assistant, not to the workflows (observed on n8n 2.40).
	say(`  Editor     ${server.url}/home/workflows`);
	say(`  Log-in     ${owner.email}`);
	say(`  Password   ${owner.password}`);
	say(`  Sandbox    ${sandbox.url} (statistics at /__sandbox/stats)`);
	say(`  API keys   ${sandbox.apiKeys.flatLays} (Flat Lays)`);
	say(`             ${sandbox.apiKeys.studio} (Studio)`);
	say(`             ${sandbox.apiKeys.unified} (Unified)`);
	say(`  Files      ${folder}`);
	say(`  Operations ${operationsFile({ folder })} (and below, as they are created)`);
	say();
	say('Sample products are prepared, new on every start; pictures are written below Files:');
	for (const { file, what } of prepared) say(`  ${file.padEnd(FILE_WIDTH)} ${what}`);
	say();
	say(
		'A credential for each API ("Aiuta sandbox", "... (Studio)", "... (Unified)") and the example',
	);
	say(
		'workflows are there: open one and press Execute workflow (from 7 on they want a shop of yours first).',
	);
	say('Nothing leaves this machine and nothing costs money. Ctrl-C ends it.');
}

/** Run the examples in the n8n that has just been made, and prepare them again as a second start does. */
async function checkExamples(
	trial: Trial,
	prepared: readonly PreparedExample[],
	ids: ReadonlyMap<string, string>,
): Promise<void> {
	say();
	for (const line of await tryExamples(trial.client, prepared, ids)) say(`  ran ${line}`);
	const again = await prepareSamples(trial);
	assert.deepEqual(again, prepared, 'a second start prepares the same');
	assert.equal((await addExamples(trial, again)).size, 0, 'a second start adds no example');
}

/** How to start: a new n8n to check and throw away, or an editor to stay in. */
function trialOptions({ n8n, port, once = false, built = false }: CliOptions): TrialOptions {
	const common = { n8n, isBuilt: built };
	return once
		? {
				...common,
				user: `once-${n8n}-${process.pid}`,
				sandbox: { generationMs: ONCE_GENERATION_MS },
			}
		: {
				...common,
				user: `sandbox-${n8n}`,
				isKept: true,
				port,
				sandbox: { generationMs: GENERATION_MS },
			};
}

async function run(options: CliOptions): Promise<void> {
	const interrupt = listenForCtrlC();
	await withTrial(trialOptions(options), async (trial) => {
		await checkLoaded(trial);
		const prepared = await prepareSamples(trial);
		const added = await addExamples(trial, prepared);
		if (added.size > 0) say(`${added.size} example workflows added.`);
		announce(trial, prepared);
		const noteOperations = operationsNoted(trial);
		if (options.once === true) {
			await checkExamples(trial, prepared, added);
			noteOperations();
			assert.ok(existsSync(operationsFile(trial)), 'the operations are in their file');
			say('\nThe node is loaded, the credential test is green, the examples run. Stopping.');
		} else {
			const isOver = () => {
				noteOperations();
				return interrupt.isOver ? true : undefined;
			};
			await poll(isOver, FOREVER_MS, STOP_LOOK_MS);
		}
	});
}

function portNumber(text: string): number {
	const port = Number(text);
	if (!(Number.isInteger(port) && port > 0 && port < 65_536)) throw new Error(`no port: ${text}`);
	return port;
}

run(
	new Command('n8n')
		.description('Open the node in the n8n editor, on a sandbox.')
		.option('--n8n <version>', 'version of n8n', NEWEST_N8N)
		.option('--port <number>', 'port of the editor', portNumber, 5678)
		.option('--once', 'check it with a new n8n: start it, run the examples, and stop')
		.option('--built', 'dist is up to date: do not build')
		.parse()
		.opts<CliOptions>(),
).catch((error: unknown) => {
	process.stderr.write(`${messageOf(error)}\n`);
	process.exitCode = 1;
});
