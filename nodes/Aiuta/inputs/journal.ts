/** Where this run of the node finds its journal. */
import type { IExecuteFunctions } from 'n8n-workflow';

import { Journal } from '../batch/journal';

/** Which run of the node within the execution this is: a loop runs it again and again. */
export function runIndexOf(host: IExecuteFunctions): number {
	try {
		const { $runIndex: runIndex } = host.getWorkflowDataProxy(0);
		return typeof runIndex === 'number' ? runIndex : 0;
	} catch {
		// As an agent's tool the node has no place in the run data.
		return 0;
	}
}

/** Open the journal of this run of the node. */
export function openJournal(host: IExecuteFunctions): Journal {
	return new Journal(host.getContext('node'), runIndexOf(host));
}
