/** Plays one round: a batch, a kill in the middle of it, the restart, the retry, and what is left to do. */
import { setTimeout as sleep } from 'node:timers/promises';

import { AIUTA, START } from '../../support/n8n/n8nFlows';
import { messageOf } from '../../support/n8n/n8nCommand';
import { FINAL_STATES, type StoredExecution } from '../../support/n8n/n8nExecution';
import { poll } from '../../support/n8n/n8nServer';
import { saveBatch, type Batch } from './flows';
import type { RoundPlan } from './plan';
import { recover, type Recovery } from './recovery';
import type { CallKind } from './relay';
import type { Stage } from './stage';
import { countIds, duplicatesAmong, type Accepted, type IdCount } from './verdict';

const GENERATION = { minMs: 3000, maxMs: 8000 };
const MOMENT_LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 500;
/** So long after a kill what was on its way arrives at the sandbox or never does. */
const SETTLE_MS = 400;
const NOTICED_LIMIT_MS = 60_000;
const RETRY_LIMIT_MS = 120_000;

/** How far the batch was when it was killed. */
export interface Moment {
	/** What the latest request before the kill was for. */
	phase: CallKind;
	requests: number;
	uploads: number;
	creates: number;
	polls: number;
}

export interface RoundSettings {
	products: number;
	/** Whether Executions > Retry is pressed after the restart, or left alone. */
	retry: boolean;
}

export interface RetryOutcome {
	/** The retried execution's status, or n8n's refusal. */
	answer: string;
	/** Runs of the node in the retried execution. */
	nodeRuns: number;
	items: number;
	/** Creates that were accepted during it. */
	creates: number;
}

export interface RoundResult {
	plan: RoundPlan;
	/** Undefined when the batch was at its end before the kill. */
	moment: Moment | undefined;
	/** What n8n made of the killed execution. */
	status: string;
	/** The nodes that n8n would begin a retry with, or nothing to retry. */
	waitingNodes: string[] | undefined;
	retry: RetryOutcome;
	ids: IdCount;
	/** From the answer to the line in the log, for each ID of this round. */
	logDelaysMs: number[];
	duplicatesByRetry: string[];
	/** Undefined when nothing was left to do. */
	recovery: Recovery | undefined;
	/** All duplicates at the end of the round. */
	duplicates: string[];
	/** Products with a picture at the end. */
	pictured: number;
	products: number;
	/** Starts after the kill that n8n did not survive. */
	failedStarts: number;
	seconds: number;
}

/** The product of each accepted create, in order: Flat Lays carries it as the title. */
function createdProducts({ sandbox }: Stage): Map<string, string> {
	return new Map(sandbox.stats().operations.map(({ id, title }) => [id, title ?? '']));
}

async function start(stage: Stage, plan: RoundPlan, batch: Batch): Promise<string> {
	const { client } = stage;
	if (plan.start === 'manual') return await client.execute(batch.flow, START);
	await client.activate(batch.flow);
	await client.callWebhook(batch.path, () => ({}));
	const id = await poll(
		async () => (await client.executionsOf(batch.flow))[0],
		MOMENT_LIMIT_MS,
		LOOK_EVERY_MS,
	);
	if (id === undefined) throw new Error('the webhook started no execution');
	return id;
}

/** Wait for the planned moment; false when the execution was at its end before. */
async function untilMoment(stage: Stage, plan: RoundPlan, id: () => string | undefined) {
	let isReached = false;
	const reached = new Promise<boolean>((resolve) => {
		stage.relay.onArrival(plan.afterRequest, () => {
			setTimeout(() => {
				isReached = true;
				resolve(true);
			}, plan.delayMs);
		});
	});
	const ended = poll(
		async () => {
			if (isReached) return true;
			const known = id();
			if (known === undefined) return undefined;
			const execution = await stage.client.execution(known).catch(() => undefined);
			return FINAL_STATES.includes(execution?.status ?? '') ? false : undefined;
		},
		MOMENT_LIMIT_MS,
		LOOK_EVERY_MS,
	);
	const outcome = await Promise.race([reached, ended]);
	if (outcome === undefined) throw new Error('neither the moment nor the end came');
	return outcome;
}

interface Retried {
	execution: StoredExecution | undefined;
	result: RetryOutcome;
}

const NOT_RETRIED: Retried = {
	execution: undefined,
	result: { answer: 'not pressed', nodeRuns: 0, items: 0, creates: 0 },
};

interface Killed {
	executionId: string;
	moment: Moment | undefined;
	killedAtMs: number;
}

async function runAndKill(stage: Stage, plan: RoundPlan, batch: Batch): Promise<Killed> {
	const { relay } = stage;
	let executionId: string | undefined;
	const isReached = untilMoment(stage, plan, () => executionId);
	// A kill may come before n8n has answered the request that starts the batch.
	const started = start(stage, plan, batch).then((id) => {
		executionId = id;
	});
	const isKilled = await isReached;
	const killedAtMs = Date.now();
	const gone = isKilled ? stage.kill(plan.victim) : Promise.resolve();
	const { upload: uploads, create: creates, poll: polls, other } = relay.arrived;
	const requests = uploads + creates + polls + other;
	const moment = { phase: relay.latest, requests, uploads, creates, polls };
	await gone;
	await started.catch(() => undefined);
	await sleep(SETTLE_MS);
	return { executionId: executionId ?? '', moment: isKilled ? moment : undefined, killedAtMs };
}

async function retry(stage: Stage, batch: Batch, id: string): Promise<Retried> {
	const before = stage.sandbox.stats().createsAccepted;
	const outcome = await stage.client.retry(batch.flow, id, RETRY_LIMIT_MS).catch(messageOf);
	const creates = stage.sandbox.stats().createsAccepted - before;
	if (typeof outcome === 'string') {
		const said = /"message":"([^"]*)"/.exec(outcome)?.[1] ?? outcome.slice(0, 200);
		return { execution: undefined, result: { answer: said, nodeRuns: 0, items: 0, creates } };
	}
	return {
		execution: outcome,
		result: {
			answer: outcome.status,
			nodeRuns: outcome.runs(AIUTA),
			items: outcome.items(AIUTA).length,
			creates,
		},
	};
}

/** Products of an execution's output that have a picture. */
export function picturedIn(execution: StoredExecution | undefined): string[] {
	return (execution?.items(AIUTA) ?? [])
		.filter(({ binary }) => binary['data'] !== undefined)
		.map(({ json }) => String(json['product_id'] ?? json['operation_id']));
}

function acceptedSoFar(stage: Stage): Accepted[] {
	const answers = new Map(
		stage.relay.createAnswers.map(({ operationId, handedOverAtMs }) => [
			operationId,
			handedOverAtMs,
		]),
	);
	return [...createdProducts(stage)].map(([operationId, product]) => ({
		operationId,
		product,
		handedOverAtMs: answers.get(operationId),
	}));
}

function logDelays(stage: Stage, accepted: readonly Accepted[]): number[] {
	return accepted.flatMap(({ operationId, handedOverAtMs }) => {
		const seenAtMs = stage.log.seenAt(operationId);
		if (seenAtMs === undefined || handedOverAtMs === undefined) return [];
		return [Math.max(0, seenAtMs - handedOverAtMs)];
	});
}

async function statusAfterRestart(stage: Stage, id: string): Promise<StoredExecution> {
	return await stage.client
		.finished(id, NOTICED_LIMIT_MS)
		.catch(async () => await stage.client.execution(id));
}

/** Play a round on a stage that is up; it is up again afterwards. */
export async function playRound(
	stage: Stage,
	plan: RoundPlan,
	{ products, retry: isRetried }: RoundSettings,
): Promise<RoundResult> {
	const startedMs = Date.now();
	const { sandbox, relay, log } = stage;
	sandbox.reset();
	sandbox.configure({ generationMs: GENERATION });
	relay.reset();
	log.reset();
	const batch = await saveBatch(stage, plan, products);
	const { executionId, moment, killedAtMs } = await runAndKill(stage, plan, batch);
	const logUntilKill = log.text;
	const accepted = acceptedSoFar(stage);
	const logDelaysMs = logDelays(stage, accepted);
	const failedStarts = await stage.restart();
	const id =
		executionId === '' ? ((await stage.client.executionsOf(batch.flow))[0] ?? '') : executionId;
	const execution = await statusAfterRestart(stage, id);
	const survivors = acceptedSoFar(stage);
	const retried = isRetried ? await retry(stage, batch, id) : NOT_RETRIED;
	const duplicatesByRetry = duplicatesAmong([...createdProducts(stage).values()]);
	const isAlive = plan.victim === 'main' && plan.mode === 'queue';
	const known = isAlive ? survivors : accepted;
	const ids = countIds(
		known,
		{
			log: isAlive ? log.text : logUntilKill,
			execution: execution.raw,
			retry: retried.execution?.raw ?? '',
		},
		killedAtMs,
	);
	const done = [...picturedIn(execution), ...picturedIn(retried.execution)];
	const recovery =
		new Set(done).size >= products
			? undefined
			: await recover(stage, batch, { log: logUntilKill, name: batch.path });
	if (plan.start === 'webhook') await stage.client.deactivate(batch.flow);
	const pictured = new Set([...done, ...(recovery?.pictured ?? [])]);
	return {
		plan,
		moment,
		status: execution.status,
		waitingNodes: execution.waitingNodes(),
		retry: retried.result,
		ids,
		logDelaysMs,
		duplicatesByRetry,
		recovery,
		duplicates: duplicatesAmong([...createdProducts(stage).values()]),
		pictured: pictured.size,
		products,
		failedStarts,
		seconds: Math.round((Date.now() - startedMs) / 1000),
	};
}
