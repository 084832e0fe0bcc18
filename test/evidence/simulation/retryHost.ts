/** As much of n8n as the node asks when it finds out what a retry continues. */
import type { IExecuteFunctions, IRunExecutionData, WorkflowExecuteMode } from 'n8n-workflow';

export interface RetryFacts {
	/** The node context, as n8n hands it out. */
	store: Record<string, unknown>;
	mode: WorkflowExecuteMode;
	executionId: string;
	runIndex: number;
	isTool: boolean;
}

const PREVIOUS = 'Agent';

/** What n8n has saved when the node before this one, or the agent that calls it, runs again. */
const SAVED = {
	resultData: { runData: { Trigger: [{ executionIndex: 0, startTime: 0, executionTime: 1 }] } },
	executionData: { nodeExecutionStack: [{ node: { name: PREVIOUS } }] },
} as unknown as IRunExecutionData;

/** A host that answers the questions of the retry guard and no others. */
export function retryHost(facts: RetryFacts): IExecuteFunctions {
	const { store, mode, executionId, runIndex, isTool } = facts;
	const type = `n8n-nodes-aiuta.aiuta${isTool ? 'Tool' : ''}`;
	return {
		getContext: () => store,
		getMode: () => mode,
		getExecutionId: () => executionId,
		getWorkflowDataProxy: () => ({ $runIndex: runIndex }),
		getNode: () => ({ name: 'Aiuta', type }),
		getParentNodes: (name: string) => (name === PREVIOUS ? [{ name: 'Trigger' }] : []),
		getExecutionDataById: async () => await Promise.resolve(SAVED),
	} as unknown as IExecuteFunctions;
}
