/**
 * `npm run n8n [-- --once]`: the n8n editor with the packed node installed, on the sandbox, with an
 * owner, a credential and the example workflows. Everything lives in the cache folder; Ctrl-C ends it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';

import { startSandbox, type Sandbox } from '../sandbox';
import type { N8nClient } from '../support/n8nClient';
import { messageOf } from '../support/n8nCommand';
import { CREDENTIAL_NAME, startHost, type Host } from '../support/n8nHost';
import { installN8n } from '../support/n8nInstall';
import { packNode } from '../support/n8nPackage';
import { poll } from '../support/n8nServer';
import { NEWEST_N8N, cacheFolder, recipeOf } from '../support/n8nVersions';
import { importable } from '../support/n8nWorkflowFile';
import { ROOT_DIR } from '../tools/projectFiles';

const EXAMPLES_DIR = join(ROOT_DIR, 'examples');
const API_KEY = 'sandbox-key';
const STOP_LOOK_MS = 500;
const FOREVER_MS = Number.MAX_SAFE_INTEGER;

interface CliOptions {
	n8n: string;
	port: number;
	once?: boolean;
	built?: boolean;
}

function say(line = ''): void {
	process.stdout.write(`${line}\n`);
}

/** Put the example workflows in that are not there yet; what the user has changed is left alone. */
async function addExamples(client: N8nClient, credentialId: string): Promise<number> {
	const files = existsSync(EXAMPLES_DIR)
		? readdirSync(EXAMPLES_DIR).filter((name) => name.endsWith('.json'))
		: [];
	const known = await client.flowNames();
	let added = 0;
	for (const file of files) {
		const text = readFileSync(join(EXAMPLES_DIR, file), 'utf8');
		const flow = importable(text, file, { id: credentialId, name: CREDENTIAL_NAME });
		if (known.includes(flow.name)) continue;
		await client.createFlow(flow);
		added += 1;
	}
	return added;
}

async function checkLoaded({ client, credentialId }: Host, sandbox: Sandbox): Promise<void> {
	const types = await client.nodeTypes('n8n-nodes-aiuta');
	if (!types.includes('n8n-nodes-aiuta.aiuta')) throw new Error('n8n has not loaded the node');
	const data = { apiKey: API_KEY, baseUrl: sandbox.url, api: 'flatLays' };
	const tested = await client.testCredential(credentialId, data);
	if (!tested.isGood) throw new Error(`The credential test failed: ${tested.message}`);
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

function announce({ server, owner }: Host, sandbox: Sandbox): void {
	say();
	// The bare address leads to n8n's assistant, not to the workflows (observed on n8n 2.40).
	say(`  Editor     ${server.url}/home/workflows`);
	say(`  Log-in     ${owner.email}`);
	say(`  Password   ${owner.password}`);
	say(`  Sandbox    ${sandbox.url} (API key ${API_KEY}; statistics at /__sandbox/stats)`);
	say();
	say('The credential "Aiuta sandbox" and the example workflows are there: open one and press');
	say('Execute workflow. Nothing leaves this machine and nothing costs money. Ctrl-C ends it.');
}

async function run({ n8n, port, once = false, built = false }: CliOptions): Promise<void> {
	const interrupt = listenForCtrlC();
	const install = await installN8n(recipeOf(n8n), say);
	const packed = await packNode(built);
	const sandbox = await startSandbox({
		apiKey: API_KEY,
		generationMs: { minMs: 4000, maxMs: 10_000 },
	});
	try {
		say(`Starting n8n ${n8n} ...`);
		const host = await startHost({
			install,
			userFolder: join(cacheFolder(), 'users', `editor-${n8n}`),
			packed,
			credential: { apiKey: API_KEY, baseUrl: sandbox.url, api: 'flatLays' },
			...(once ? {} : { port }),
		});
		try {
			await checkLoaded(host, sandbox);
			const added = await addExamples(host.client, host.credentialId);
			if (added > 0) say(`${added} example workflows added.`);
			announce(host, sandbox);
			if (once) say('\nIt is up, the node is loaded, the credential test is green. Stopping.');
			else await poll(() => (interrupt.isOver ? true : undefined), FOREVER_MS, STOP_LOOK_MS);
		} finally {
			await host.server.stop();
		}
	} finally {
		await sandbox.close();
		packed.remove();
	}
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
		.option('--once', 'start, check that the node is loaded, and stop')
		.option('--built', 'dist is up to date: do not build')
		.parse()
		.opts<CliOptions>(),
).catch((error: unknown) => {
	process.stderr.write(`${messageOf(error)}\n`);
	process.exitCode = 1;
});
