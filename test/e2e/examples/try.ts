/** Presses Execute in every prepared example, as a new user would, and looks at the pictures. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sampleProducts } from '../../demo/products';
import type { N8nClient } from '../../support/n8n/n8nClient';
import { at, listAt, textAt } from '../../support/n8n/n8nValues';
import { isPng } from '../cases/case';
import type { PreparedExample } from './samples';

const EXECUTION_LIMIT_MS = 60_000;
const TRIGGERS: readonly unknown[] = [
	'n8n-nodes-base.manualTrigger',
	'n8n-nodes-base.scheduleTrigger',
];

/** Count the pictures in a folder; whatever else lies there is an error. */
function picturesIn(folder: string): number {
	const names = readdirSync(folder);
	for (const name of names) assert.ok(isPng(readFileSync(join(folder, name))), `${name} is no PNG`);
	return names.length;
}

/** Run a workflow as it is stored, from its trigger. */
async function pressExecute(client: N8nClient, id: string): Promise<void> {
	const stored = await client.rest('GET', `/workflows/${id}`);
	const trigger = listAt(stored, 'nodes').find((node) => TRIGGERS.includes(at(node, 'type')));
	const name = textAt(trigger, 'name');
	const execution = await client.run({ id, stored }, name, EXECUTION_LIMIT_MS);
	const text = execution.error(name)?.message ?? '';
	assert.equal(execution.status, 'success', `${textAt(stored, 'name')}: ${text}`);
}

/**
 * Run one prepared example.
 *
 * @param ids the stored workflow of each example's file
 * @param pictures how many pictures are in its folder then, if it has one
 * @returns a line that tells what came of it
 * @throws Error when the execution fails or a picture is missing
 */
export async function tryExample(
	client: N8nClient,
	{ file, settings: { folder } }: PreparedExample,
	ids: ReadonlyMap<string, string>,
	pictures: number,
): Promise<string> {
	await pressExecute(client, ids.get(file) ?? '');
	if (folder === undefined) return `${file}: submitted`;
	assert.equal(picturesIn(folder), pictures, `pictures of ${file}`);
	return `${file}: ${pictures} picture${pictures === 1 ? '' : 's'}`;
}

/**
 * Run all prepared examples, one after the other: they share a ledger, in which the first to make a product has
 * paid for it.
 */
export async function tryExamples(
	client: N8nClient,
	prepared: readonly PreparedExample[],
	ids: ReadonlyMap<string, string>,
): Promise<string[]> {
	const all = sampleProducts().length;
	const run = async (example: PreparedExample, pictures = all) =>
		await tryExample(client, example, ids, pictures);
	const lines: string[] = [];
	for (const example of prepared) lines.push(await run(example));
	return lines;
}
