/** What the example cases share: a running n8n, the sandbox, and a folder for files. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { StoredExecution } from '../../support/n8n/n8nExecution';
import type { Flow } from '../../support/n8n/n8nFlows';
import type { Trial } from '../trial';

const EXECUTION_LIMIT_MS = 90_000;

/** The n8n of all cases, with a folder for each. */
export type ExampleContext = Trial;

/** Store a flow, start it at a trigger and wait for the end; a failed execution is an error. */
export async function runExample(
	{ client }: ExampleContext,
	flow: Flow,
	trigger: string,
): Promise<StoredExecution> {
	const execution = await client.run(await client.createFlow(flow), trigger, EXECUTION_LIMIT_MS);
	assert.equal(execution.status, 'success', execution.error(trigger)?.message);
	return execution;
}

/** Make a sub-folder of the case's folder and return its path. */
export function subFolder({ folder }: ExampleContext, name: string): string {
	const path = join(folder, name);
	mkdirSync(path, { recursive: true });
	return path;
}
