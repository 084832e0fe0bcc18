/** One system's own n8n server with its own sandbox: what its cells are measured in, one by one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startSandbox, type Sandbox } from '../../sandbox';
import { N8nClient } from '../../support/n8n/n8nClient';
import { doneNode, flowOf, manualTrigger, START } from '../../support/n8n/n8nFlows';
import { identityOf } from '../../support/n8n/n8nHost';
import type { N8nInstall } from '../../support/n8n/n8nInstall';
import { installNode, type PackedNode } from '../../support/n8n/n8nPackage';
import { startN8n } from '../../support/n8n/n8nServer';
import { photosNode } from './photos';
import type { SystemName } from './results';
import { SYSTEMS } from './systems';

const WARM_UP_LIMIT_MS = 120_000;

/** What every bed is made of. */
export interface Materials {
	install: N8nInstall;
	packed: PackedNode;
}

export interface Bed {
	name: SystemName;
	requestsPerSecond: number;
	client: N8nClient;
	/** The process that runs the engine. */
	pid: number;
	sandbox: Sandbox;
	/** Size of each photo and of each generated picture. */
	pictureBytes: number;
	credentialId: string;
	close: () => Promise<void>;
}

/** Run the Code node once: its task runner starts with the first execution, which is not to be measured. */
async function warmUp(client: N8nClient): Promise<void> {
	const row = [
		manualTrigger(),
		await photosNode({ products: 1, name: 'warm-up', photoBytes: 0 }),
		doneNode('Warm'),
	];
	const saved = await client.createFlow(flowOf('Warm-up', row));
	const { status } = await client.run(saved, START, WARM_UP_LIMIT_MS);
	if (status !== 'success') throw new Error(`the warm-up ended with ${status}`);
}

/**
 * Start a sandbox with this rate limit (its burst is one second's worth) and an n8n that has the system
 * and its credential; the Code node that makes the input has run once.
 *
 * @param pictureBytes size of photos and pictures; as small as they can be when left out
 */
export async function startBed(
	name: SystemName,
	requestsPerSecond: number,
	{ install, packed }: Materials,
	pictureBytes = 0,
): Promise<Bed> {
	const system = SYSTEMS[name];
	const userFolder = mkdtempSync(join(tmpdir(), `aiuta-bench-${name}-`));
	const removeFolder = () => {
		try {
			rmSync(userFolder, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
		} catch {
			// A server that is just being killed has written once more: its file stays behind.
		}
	};
	// On Ctrl-C the listeners run in order: once there is a server, the folder must go after it.
	const removeLast = () => {
		process.removeListener('exit', removeFolder);
		process.once('exit', removeFolder);
	};
	removeLast();
	const sandbox = await startSandbox({
		picture: 'cached',
		cachedPictureBytes: pictureBytes,
		rateLimit: { requestsPerSecond, burst: Math.max(1, requestsPerSecond) },
	});
	const ends: Array<() => Promise<void>> = [async () => await sandbox.close()];
	const close = async () => {
		for (const end of ends.reverse()) await end();
		removeFolder();
		process.removeListener('exit', removeFolder);
	};
	try {
		if (system.needsPackage) await installNode(userFolder, packed);
		const { owner, encryptionKey } = identityOf(userFolder);
		const env = system.prepare(userFolder);
		const onOutput = removeLast;
		const server = await startN8n({ install, userFolder, encryptionKey, env, onOutput });
		ends.push(async () => await server.stop());
		const client = new N8nClient(server.url);
		await client.logIn(owner);
		const api = { url: sandbox.url, apiKey: sandbox.apiKeys.flatLays };
		const credentialId = await system.makeCredential(client, api);
		await warmUp(client);
		const { pid } = server;
		return { name, requestsPerSecond, client, pid, sandbox, pictureBytes, credentialId, close };
	} catch (error) {
		await close();
		throw error;
	}
}
