/** Looks for the API key everywhere it must not be: stored executions, logs, traffic, files. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { N8nClient } from '../support/n8n/n8nClient';
import type { N8nServer } from '../support/n8n/n8nServer';
import type { Sandbox } from '../sandbox';

/** Where a key could have got to. */
export interface KeyPlaces {
	client: N8nClient;
	sandbox: Sandbox;
	servers: ReadonlyArray<Pick<N8nServer, 'output'>>;
}

/** Run a case and check what it has left behind: executions, log lines and traffic without the key. */
export async function keepingKeyHome(
	{ client, sandbox, servers }: KeyPlaces,
	run: () => Promise<void>,
): Promise<void> {
	const keys = Object.values(sandbox.apiKeys);
	const hasKey = (text: string) => keys.some((key) => text.includes(key));
	const known = await client.executionIds();
	const lengths = servers.map((server) => server.output().length);
	await run();
	for (const id of await client.executionIds()) {
		if (known.includes(id)) continue;
		const { raw } = await client.execution(id);
		assert.equal(hasKey(raw), false, `the key is in the stored execution ${id}`);
	}
	for (const [index, server] of servers.entries()) {
		const log = server.output().slice(lengths[index]);
		assert.equal(hasKey(log), false, "the key is in n8n's log");
	}
	const { keySeenOn, keyInUrl } = sandbox.stats();
	assert.equal(keySeenOn.files, 0, 'the key was sent to the file host');
	assert.equal(keyInUrl, 0, 'the key was in a URL');
}

/**
 * Check every file n8n has written: database, binaries, logs. The credentials in it are encrypted.
 *
 * @param keyName what all keys begin with
 */
export function assertKeyInNoFile(keyName: string, dir: string): { files: number; bytes: number } {
	let files = 0;
	let bytes = 0;
	for (const path of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
		const file = join(dir, path);
		if (path.includes('node_modules') || !statSync(file).isFile()) continue;
		const content = readFileSync(file);
		assert.equal(content.includes(keyName), false, `the key is in ${path}`);
		files += 1;
		bytes += content.length;
	}
	assert.ok(files > 0, 'there was nothing to search');
	return { files, bytes };
}
