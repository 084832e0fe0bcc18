/**
 * What the README tells the user to do after a crash: give the operation IDs of the log to Wait for
 * Operation, look the doubtful ones up in the account, and run the remaining products anew.
 */
import { AIUTA, START } from '../../support/n8n/n8nFlows';
import { saveCollection, saveRemainder, type Batch } from './flows';
import type { Stage } from './stage';
import { operationsInLog } from './verdict';

const RUN_LIMIT_MS = 120_000;

export interface Recovery {
	/** IDs given to Wait for Operation: those in the log. */
	collected: number;
	/** IDs that only the account knew: here, the sandbox's own list. */
	lookedUp: number;
	/** Creates that Wait for Operation caused; must be none. */
	createsWhileCollecting: number;
	/** Products that were run anew. */
	remaining: number;
	/** Products whose picture came out of the two runs. */
	pictured: string[];
	/** Runs that did not succeed. */
	problems: string[];
}

interface Facts {
	log: string;
	/** Begins the names of the workflows. */
	name: string;
}

/** Do it, and count. */
export async function recover(stage: Stage, batch: Batch, { log, name }: Facts): Promise<Recovery> {
	const { client, sandbox } = stage;
	const problems: string[] = [];
	const pictured: string[] = [];
	const logged = operationsInLog(log);
	const account = new Map(sandbox.stats().operations.map(({ id, title }) => [id, title ?? '']));
	const lookedUp = [...account.keys()].filter((id) => !logged.has(id));
	const operationIds = [...logged.keys(), ...lookedUp];
	const before = sandbox.stats().createsAccepted;
	if (operationIds.length > 0) {
		const flow = await saveCollection(stage, `${name}-collect`, operationIds);
		const execution = await client.run(flow, START, RUN_LIMIT_MS);
		if (execution.status !== 'success') problems.push(`Wait for Operation: ${execution.status}`);
		for (const { json, binary } of execution.items(AIUTA)) {
			const product = account.get(String(json['operation_id']));
			if (product !== undefined && binary['data'] !== undefined) pictured.push(product);
		}
	}
	const createsWhileCollecting = sandbox.stats().createsAccepted - before;
	const taken = new Set(account.values());
	const remainder = batch.items.filter((_, index) => !taken.has(batch.products[index] ?? ''));
	if (remainder.length > 0) {
		const flow = await saveRemainder(stage, `${name}-rest`, remainder);
		const execution = await client.run(flow, START, RUN_LIMIT_MS);
		if (execution.status !== 'success') problems.push(`the rest: ${execution.status}`);
		for (const { json, binary } of execution.items(AIUTA)) {
			if (binary['data'] !== undefined) pictured.push(String(json['product_id']));
		}
	}
	return {
		collected: logged.size,
		lookedUp: lookedUp.length,
		createsWhileCollecting,
		remaining: remainder.length,
		pictured,
		problems,
	};
}
