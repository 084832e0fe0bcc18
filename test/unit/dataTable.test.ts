/** What the data table's failures say to a user. */
import type { IExecuteFunctions, INodeParameters, IWorkflowBase } from 'n8n-workflow';

import { openDataTable } from '../../nodes/Aiuta/transport/dataTable';

/** An n8n with one table, "Ledger", that answers inserts with an error. */
function hostThatRefuses(message: string): IExecuteFunctions {
	const answer = ({ resource, operation }: INodeParameters) => {
		if (operation === 'insert') throw new Error(message);
		return resource === 'table' ? [{ json: { id: 't1', name: 'Ledger' } }] : [];
	};
	return {
		getWorkflow: () => ({ id: 'w1' }),
		getExecutionId: () => '7',
		executeWorkflow: async ({ code }: { code: IWorkflowBase }) => {
			const [, ...steps] = code.nodes;
			return await Promise.resolve({ data: [steps.flatMap((step) => answer(step.parameters))] });
		},
	} as unknown as IExecuteFunctions;
}

async function refusedInsert(message: string) {
	const opened = await openDataTable(hostThatRefuses(message), 'Ledger', () => false);
	return opened.ok ? await opened.value.append([], []) : opened;
}

describe('rows that a data table does not take', () => {
	it('because it is full: the failure says how to make room', async () => {
		const said = 'Data table size limit exceeded: 50MB used, limit is 50MB';
		expect(await refusedInsert(said)).toMatchObject({
			failure: {
				code: 'LEDGER_FAILED',
				message: `The ledger "Ledger" cannot be used: ${said}`,
				description: expect.stringMatching(
					/Delete rows .*N8N_DATA_TABLES_MAX_SIZE_BYTES/,
				) as string,
			},
		});
	});

	it('for another reason: the failure does not speak of room', async () => {
		const answer = await refusedInsert('SQLITE_BUSY: database is locked');
		expect(answer.ok ? '' : answer.failure.message).toMatch(/SQLITE_BUSY/);
		expect(answer.ok ? '' : answer.failure.description).not.toMatch(/MAX_SIZE/);
	});
});
