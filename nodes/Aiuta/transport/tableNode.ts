/**
 * Runs n8n's Data Table node. Its helpers are closed to community nodes, so an inline workflow does it:
 * any node of n8n is within its reach (observed on n8n 2.0.3 and 2.40.7, in manual and production runs,
 * sub-workflows, queue mode and team projects). Rows are committed when it returns, and it works after a
 * stop, too.
 */
import type {
	IDataObject,
	IExecuteFunctions,
	INodeConnections,
	INodeExecutionData,
	INodeParameters,
	IWorkflowBase,
} from 'n8n-workflow';

import { failure, type Failure } from '../api/failures';
import type { TableAnswer } from '../batch/ledgerRows';
import { SECOND_MS } from '../core/clock';
import type { Deadlines } from './deadlines';

/** The table node of n8n 2.0.3 has version 1 only, and takes this one for it. */
const TABLE_NODE_VERSION = 1.1;

/** A create may wait for the table while it holds a place among the requests; a page of rows takes 0.4 s. */
const TIMEOUT_MS = 30 * SECOND_MS;

function inlineWorkflow(steps: readonly INodeParameters[]): IWorkflowBase {
	const position: [number, number] = [0, 0];
	const trigger = {
		id: 'start',
		name: 'Start',
		type: 'n8n-nodes-base.executeWorkflowTrigger',
		typeVersion: 1.1,
		position,
		parameters: { inputSource: 'passthrough' },
	};
	const tables = steps.map((parameters, index) => ({
		id: `table${index}`,
		name: `Table ${index}`,
		type: 'n8n-nodes-base.dataTable',
		typeVersion: TABLE_NODE_VERSION,
		position,
		parameters,
	}));
	const links = tables.map(({ name }, index): [string, INodeConnections] => [
		index === 0 ? trigger.name : `Table ${index - 1}`,
		{ main: [[{ node: name, type: 'main', index: 0 }]] },
	]);
	return {
		id: '',
		name: 'Aiuta ledger',
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: new Date(),
		updatedAt: new Date(),
		nodes: [trigger, ...tables],
		connections: Object.fromEntries(links),
		settings: {
			executionOrder: 'v1',
			saveDataSuccessExecution: 'none',
			saveDataErrorExecution: 'none',
			// Without it an instance whose sub-workflows may be called by nobody refuses it.
			callerPolicy: 'any',
			executionTimeout: -1,
		},
	};
}

/** Runs operations of the Data Table node. */
export class TableNode {
	/** @param deadlines those of a stop must not be among them: rows are written after it, too */
	constructor(
		private readonly host: IExecuteFunctions,
		private readonly deadlines: Deadlines,
	) {}

	/**
	 * Run operations one after the other, in one call of n8n.
	 *
	 * @param steps their parameters
	 * @param items what the first one gets
	 * @param isDetached do not wait: what the time limit of the workflow does not forbid (n8n 2.40.7)
	 * @returns what comes out of the last one
	 */
	async run(
		steps: readonly INodeParameters[],
		items: INodeExecutionData[] = [{ json: {} }],
		isDetached = false,
	): Promise<TableAnswer<IDataObject[]>> {
		const deadline = this.deadlines.start(TIMEOUT_MS);
		const answer = await deadline.wait(this.execute(steps, items, isDetached));
		return answer ?? failed(`n8n did not answer within ${TIMEOUT_MS / SECOND_MS} seconds`);
	}

	private async execute(
		steps: readonly INodeParameters[],
		items: INodeExecutionData[],
		isDetached: boolean,
	): Promise<TableAnswer<IDataObject[]>> {
		const { host } = this;
		const workflow = inlineWorkflow(steps);
		workflow.id = host.getWorkflow().id ?? '';
		const parentExecution = { executionId: host.getExecutionId(), workflowId: workflow.id };
		try {
			const { data } = await host.executeWorkflow({ code: workflow }, items, undefined, {
				parentExecution,
				doNotWaitToFinish: isDetached,
			});
			return { ok: true, value: (data[0] ?? []).map(({ json }) => json) };
		} catch (error) {
			return failed(error instanceof Error ? error.message : String(error));
		}
	}
}

function failed(message: string): { ok: false; failure: Failure } {
	return { ok: false, failure: failure('LEDGER_FAILED', message) };
}
