/** The data table is reached through n8n, and whatever n8n does, the ledger gets an answer. */
import type { IExecuteFunctions, IWorkflowBase } from 'n8n-workflow';

import { Deadlines } from '../../nodes/Aiuta/transport/deadlines';
import { TableNode } from '../../nodes/Aiuta/transport/tableNode';
import { FakeClock } from '../support/time/fakeClock';

type ExecuteWorkflow = (info: { code: IWorkflowBase }) => Promise<unknown>;

function nodeWith(clock: FakeClock, executeWorkflow: ExecuteWorkflow): TableNode {
	const host = {
		getWorkflow: () => ({ id: 'w1' }),
		getExecutionId: () => '7',
		executeWorkflow,
	} as unknown as IExecuteFunctions;
	return new TableNode(host, new Deadlines(clock, undefined));
}

describe('an operation on the data table', () => {
	it('gives the rows of its last node', async () => {
		const rows = [[{ json: { id: 1 } }, { json: { id: 2 } }]];
		const node = nodeWith(new FakeClock(), async () => await Promise.resolve({ data: rows }));
		expect(await node.run([{}])).toEqual({ ok: true, value: [{ id: 1 }, { id: 2 }] });
	});

	it('that follows another one is part of the same call: its node comes behind', async () => {
		const calls: IWorkflowBase[] = [];
		const node = nodeWith(new FakeClock(), async ({ code }) => {
			calls.push(code);
			return await Promise.resolve({ data: [[]] });
		});
		await node.run([{ operation: 'insert' }, { operation: 'get' }]);
		expect(calls).toHaveLength(1);
		const [start, insert, get] = calls[0]?.nodes ?? [];
		expect([insert, get].map((one) => one?.parameters['operation'])).toEqual(['insert', 'get']);
		expect(calls[0]?.connections).toEqual({
			[start?.name ?? '']: { main: [[{ node: insert?.name, type: 'main', index: 0 }]] },
			[insert?.name ?? '']: { main: [[{ node: get?.name, type: 'main', index: 0 }]] },
		});
	});

	it('that n8n refuses is a failure in its words', async () => {
		const message = 'Data table with name "x" not found';
		const node = nodeWith(new FakeClock(), async () => await Promise.reject(new Error(message)));
		expect(await node.run([{}])).toMatchObject({ ok: false, failure: { message } });
	});

	it('that n8n never answers is given up after half a minute', async () => {
		const clock = new FakeClock();
		const node = nodeWith(clock, async () => await new Promise(() => undefined));
		const startMs = clock.now();
		const answer = await clock.run(node.run([{}]));
		expect(answer).toMatchObject({ ok: false, failure: { code: 'LEDGER_FAILED' } });
		expect(clock.now() - startMs).toBeLessThan(32_000);
	});
});
