/**
 * Runs n8n's Data Table node. Its helpers are closed to community nodes, so an inline workflow of two
 * nodes does it: any node of n8n is within its reach (observed on n8n 2.0.3 and 2.40.7, in manual and
 * production runs, sub-workflows, queue mode and team projects). Rows are committed when it returns, and
 * it works after a stop, too.
 */
import type {
	IDataObject,
	IExecuteFunctions,
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

function inlineWorkflow(parameters: INodeParameters): IWorkflowBase {
	const position: [number, number] = [0, 0];
	const trigger = {
		id: 'start',
		name: 'Start',
		type: 'n8n-nodes-base.executeWorkflowTrigger',
		typeVersion: 1.1,
		position,
		parameters: { inputSource: 'passthrough' },
	};
	const table = {
		id: 'table',
		name: 'Table',
		type: 'n8n-nodes-base.dataTable',
		typeVersion: TABLE_NODE_VERSION,
		position,
		parameters,
	};
	return {
		id: '',
		name: 'Aiuta ledger',
		active: false,
		isArchived: false,
		activeVersionId: null,
		createdAt: new Date(),
		updatedAt: new Date(),
		nodes: [trigger, table],
		connections: { Start: { main: [[{ node: 'Table', type: 'main', index: 0 }]] } },
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

	/** @param isDetached do not wait: what the time limit of the workflow does not forbid (n8n 2.40.7) */
	async run(
		parameters: INodeParameters,
		items: INodeExecutionData[] = [{ json: {} }],
		isDetached = false,
	): Promise<TableAnswer<IDataObject[]>> {
		const deadline = this.deadlines.start(TIMEOUT_MS);
		const answer = await deadline.wait(this.execute(parameters, items, isDetached));
		return answer ?? failed(`n8n did not answer within ${TIMEOUT_MS / SECOND_MS} seconds`);
	}

	private async execute(
		parameters: INodeParameters,
		items: INodeExecutionData[],
		isDetached: boolean,
	): Promise<TableAnswer<IDataObject[]>> {
		const { host } = this;
		const workflow = inlineWorkflow(parameters);
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
