/**
 * Finds out whether n8n has lost the node's notes on an execution that Executions > Retry continues.
 * n8n saves them when the node ends, so a process that was killed in between has saved none, and Stop
 * (n8n 2.40.7, regular mode) writes back what was saved before the node began. The retry then begins
 * with the trigger, or under Save Execution Progress with this node (observed on 2.40.7 and 2.0.3).
 */
import type { IExecuteFunctions, IRunExecutionData } from 'n8n-workflow';

import { Journal } from '../batch/journal';
import { runIndexOf } from './openRun';

/** So soon after the node before it a node begins, also when n8n saves much data in between. */
const FOLLOWS_WITHIN_MS = 3000;

/** A run of any node, as n8n has saved it. */
export interface SavedRun {
	executionIndex: number;
	endMs: number;
}

/** What n8n had saved of the retry when this node began. */
export interface SavedPlan {
	/** Where n8n goes on: at the workflow's beginning, at this node, or at a node between. */
	next: 'start' | 'own' | 'between';
	/** Whether a run of this node was cut short: recorded as crashed, or taken out for the retry. */
	isOwnRunCut: boolean;
	/** Whether it was saved while the execution waited in a Wait node. */
	isWaiting: boolean;
	runs: readonly SavedRun[];
}

/**
 * Decide whether an earlier try may have created operations of which nothing is known any more.
 *
 * @param plan undefined when it could not be read: then nobody can tell, and nothing may be paid twice
 * @param nowMs when this node began, in the time of `endMs`
 */
export function mayHaveLost(plan: SavedPlan | undefined, nowMs: number): boolean {
	if (plan === undefined || plan.isOwnRunCut || plan.next === 'start') return true;
	const indexes = plan.runs.map(({ executionIndex }) => executionIndex);
	// Every try counts from 0, so an index comes twice as soon as a node has run in a retry.
	const hasRunInRetry = new Set(indexes).size < indexes.length;
	if (plan.next === 'between') return plan.isWaiting && !hasRunInRetry;
	// That retry may be an earlier one that was stopped: in this one the node before has just ended.
	const lastEndMs = Math.max(...plan.runs.map(({ endMs }) => endMs));
	return !hasRunInRetry || nowMs - lastEndMs > FOLLOWS_WITHIN_MS;
}

/**
 * Begin the notes of this run of the node, unless those of an earlier try are lost. Must be called
 * before the parameters are read: a try that these end has notes, too, so its retry goes on.
 *
 * @returns false when they may be lost; then nothing may be sent, neither now nor in a retry of this
 */
export async function beginNotes(host: IExecuteFunctions): Promise<boolean> {
	const nowMs = Date.now();
	const store = host.getContext('node');
	const runIndex = runIndexOf(host);
	const executionId = host.getExecutionId();
	if (host.getMode() === 'retry' && !Journal.isKnown(store, runIndex, executionId)) {
		if (Journal.isLost(store) || mayHaveLost(await readPlan(host, executionId), nowMs)) {
			Journal.markLost(store);
			return false;
		}
	}
	Journal.begin(store, runIndex, executionId);
	return true;
}

/**
 * Read what n8n has stored of this execution; undefined when that is not possible. Without Save
 * Execution Progress it is what the retry began with (observed on n8n 2.40.7 and 2.0.3).
 */
async function readPlan(
	host: IExecuteFunctions,
	executionId: string,
): Promise<SavedPlan | undefined> {
	try {
		const saved = await host.getExecutionDataById(executionId);
		const next = saved?.executionData?.nodeExecutionStack[0]?.node.name;
		return saved === undefined || next === undefined ? undefined : planOf(host, saved, next);
	} catch {
		host.logger.warn('Aiuta: n8n does not say what this retry continues');
		return undefined;
	}
}

function planOf(
	host: IExecuteFunctions,
	{ resultData: { runData }, waitTill }: IRunExecutionData,
	next: string,
): SavedPlan {
	const own = host.getNode().name;
	const ownRuns = runData[own];
	const isStart = host.getParentNodes(next).length === 0;
	return {
		next: next === own ? 'own' : isStart ? 'start' : 'between',
		// Before a retry n8n takes the failed run out and leaves an empty list behind.
		isOwnRunCut: ownRuns?.length === 0 || ownRuns?.at(-1)?.executionStatus === 'crashed',
		isWaiting: waitTill !== undefined && waitTill !== null,
		runs: Object.values(runData)
			.flat()
			.map(({ executionIndex, startTime, executionTime }) => ({
				executionIndex,
				endMs: startTime + executionTime,
			})),
	};
}
