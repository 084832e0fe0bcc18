/** Looks for the API key everywhere it must not be: stored executions, logs, traffic, files. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { N8nClient } from '../support/n8nClient';
import type { Sandbox } from '../sandbox';

/** Check what one case has left behind; `since` is the last execution before it. */
export async function assertKeyStayedHome(
	apiKey: string,
	{ client, sandbox, log }: { client: N8nClient; sandbox: Sandbox; log: string },
	executionIds: readonly string[],
): Promise<void> {
	for (const id of executionIds) {
		const { raw } = await client.execution(id);
		assert.equal(raw.includes(apiKey), false, `the key is in the stored execution ${id}`);
	}
	assert.equal(log.includes(apiKey), false, "the key is in n8n's log");
	const { keySeenOn, keyInUrl } = sandbox.stats();
	assert.equal(keySeenOn.files, 0, 'the key was sent to the file host');
	assert.equal(keyInUrl, 0, 'the key was in a URL');
}

/** Check every file n8n has written: database, binaries, logs. The credential in it is encrypted. */
export function assertKeyInNoFile(apiKey: string, dir: string): { files: number; bytes: number } {
	let files = 0;
	let bytes = 0;
	for (const path of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
		const file = join(dir, path);
		if (path.includes('node_modules') || !statSync(file).isFile()) continue;
		const content = readFileSync(file);
		assert.equal(content.includes(apiKey), false, `the key is in ${path}`);
		files += 1;
		bytes += content.length;
	}
	assert.ok(files > 0, 'there was nothing to search');
	return { files, bytes };
}
