/**
 * Finds out whether n8n has lost the journal of an execution that Executions > Retry continues. n8n saves
 * it when the node ends, so a process that was killed in between has saved none, and Stop (n8n 2.40.7,
 * regular mode) writes back what was saved before the node began. Without a ledger all that is left is to
 * look at what n8n has saved, and to refuse where it leaves the question open.
 */
import type { IExecuteFunctions, IRunExecutionData } from 'n8n-workflow';

import { failure, type Failure } from '../api/failures';
import { Journal } from '../batch/journal';
import { runIndexOf } from '../inputs/journal';
import type { LedgerChoice } from '../inputs/ledger';
import { isTool } from './openRun';

/** So soon after the node before it a node begins, also when n8n saves much data in between. */
const FOLLOWS_WITHIN_MS = 3000;

/** A run of any node, as n8n has saved it. */
export interface SavedRun {
	/** Counted from 0 in every try of the execution. */
	executionIndex: number;
	endMs: number;
}

/** What n8n had saved of the retry when this node began. */
export interface SavedState {
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
 * @param saved undefined when it could not be read: then nobody can tell
 * @param nowMs when this node began, in the time of `endMs`
 */
export function mayHaveLost(saved: SavedState | undefined, nowMs: number): boolean {
	if (saved === undefined || saved.isOwnRunCut) return true;
	switch (saved.next) {
		case 'start':
			// Nothing was kept of the earlier try, so it says nothing of what this node did in it.
			return true;
		case 'between':
			// A node before this one has failed: this one was not reached. But what was saved in a Wait node is
			// of before; how far the try came after it nobody knows, unless that was this very retry.
			return saved.isWaiting && !hasRunAgain(saved.runs);
		case 'own':
			// This node was next, and may have begun. It had not, if n8n has saved it so in this very retry: the
			// node before it has run again, and has only just ended.
			return !hasRunAgain(saved.runs) || nowMs - lastEndMs(saved.runs) > FOLLOWS_WITHIN_MS;
	}
}

/** Whether a node has run in a retry: every try counts from 0, so its index comes a second time. */
function hasRunAgain(runs: readonly SavedRun[]): boolean {
	return new Set(runs.map(({ executionIndex }) => executionIndex)).size < runs.length;
}

function lastEndMs(runs: readonly SavedRun[]): number {
	return Math.max(...runs.map(({ endMs }) => endMs));
}

/** Which ledger a run goes by, or why nothing may be sent. */
export type BegunRun =
	{ ok: true; ledgerChoice: LedgerChoice | undefined } | { ok: false; failure: Failure };

/**
 * Begin a run that creates operations. A ledger knows what exists, whatever n8n has lost; where it is told to
 * generate all of it again, nobody can tell what a lost try has generated, so that such a retry
 * delivers what exists.
 */
export async function beginRun(
	host: IExecuteFunctions,
	ledgerChoice: LedgerChoice | undefined,
): Promise<BegunRun> {
	if (ledgerChoice !== undefined && ledgerChoice.whenKnown !== 'generateAgain') {
		return { ok: true, ledgerChoice };
	}
	const lost = await beginJournal(host);
	if (lost === undefined) return { ok: true, ledgerChoice };
	if (ledgerChoice === undefined) return { ok: false, failure: lost };
	return { ok: true, ledgerChoice: { ...ledgerChoice, whenKnown: 'return' } };
}

/**
 * Begin the journal of this run of the node, unless that of an earlier try is lost. Must be called before
 * the parameters are read: a try that these end has a journal, too, so its retry goes on.
 *
 * @returns why nothing may be sent, neither now nor in a retry of this; undefined when all is well
 */
async function beginJournal(host: IExecuteFunctions): Promise<Failure | undefined> {
	const nowMs = Date.now();
	const store = host.getContext('node');
	const runIndex = runIndexOf(host);
	const executionId = host.getExecutionId();
	if (host.getMode() === 'retry') {
		// An agent starts over: its call is a new one for n8n, whatever the first try has created.
		if (isTool(host)) return failure('NOTES_LOST', AGENT_STARTS_OVER);
		if (!Journal.isKnown(store, runIndex, executionId)) {
			if (Journal.isLost(store) || mayHaveLost(await readState(host, executionId), nowMs)) {
				Journal.markLost(store);
				return failure('NOTES_LOST');
			}
		}
	}
	Journal.begin(store, runIndex, executionId);
	return undefined;
}

const AGENT_STARTS_OVER =
	'Nothing was created: an AI agent whose execution is retried starts over, and nobody knows what this tool has created in the first try';

/**
 * Read what n8n has stored of this execution; undefined when that is not possible. Without Save
 * Execution Progress it is what the retry began with (observed on n8n 2.40.7 and 2.0.3).
 */
async function readState(
	host: IExecuteFunctions,
	executionId: string,
): Promise<SavedState | undefined> {
	try {
		const saved = await host.getExecutionDataById(executionId);
		const next = saved?.executionData?.nodeExecutionStack[0]?.node.name;
		return saved === undefined || next === undefined ? undefined : stateOf(host, saved, next);
	} catch {
		host.logger.warn('Aiuta: n8n does not say what this retry continues');
		return undefined;
	}
}

function stateOf(
	host: IExecuteFunctions,
	{ resultData: { runData }, waitTill }: IRunExecutionData,
	next: string,
): SavedState {
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
