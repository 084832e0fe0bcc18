/** A ledger in the real engine: executions that know nothing of each other meet in its data table. */
import { DataTables } from '../support/n8n/dataTables';
import { generate, operationIdOf, products, useBench } from './engine.support';

jest.mock('../../nodes/Aiuta/transport/hostClock', () =>
	jest.requireActual<object>('../support/time/fastClock'),
);

const bench = useBench();
const LEDGER = 'Engine';

async function execution(tables: DataTables) {
	return await bench().run({
		items: await products(6),
		parameters: generate({ ledger: LEDGER }),
		tables,
	});
}

it('an execution after another one pays nothing, and gives the same operations', async () => {
	const tables = new DataTables();
	const first = await execution(tables);
	const second = await execution(tables);
	expect(second.error).toBeUndefined();
	expect(bench().sandbox.stats().createsAccepted).toBe(6);
	expect(second.success.map(operationIdOf)).toEqual(first.success.map(operationIdOf));
	const states = tables.rows(LEDGER).map((row) => row['state']);
	expect(states).toEqual(Array.from({ length: 6 }, () => 'succeeded'));
});

it('two executions at the same time pay for each product once, and both have every picture', async () => {
	const tables = new DataTables();
	const both = await Promise.all([execution(tables), execution(tables)]);
	const { createsAccepted, duplicates } = bench().sandbox.stats();
	expect({ createsAccepted, duplicates }).toEqual({ createsAccepted: 6, duplicates: [] });
	const [first, second] = both.map(({ success }) => success.map(operationIdOf));
	expect(first).toHaveLength(6);
	expect(second).toEqual(first);
});
