/** The rules of the ledger, held by the engine: a product is paid for once, whichever run asks. */
import { SimulatedTable } from '../evidence/simulation/ledger/table';
import { Random } from '../support/random';
import { answer, Bench, failureOf, product, products } from './batch.support';

function benchWithLedger(): Bench & { table: SimulatedTable } {
	const bench = new Bench();
	const faults = { failShare: 0, slowShare: 0, skewMs: 0 };
	const table = new SimulatedTable(bench.clock, new Random(3), faults, () => undefined);
	return Object.assign(bench, { table });
}

/** Another execution: nothing of the first is left but the ledger. */
function forget(bench: Bench): void {
	bench.store = {};
}

function creates(bench: Bench): number {
	return bench.api.count('create');
}

it('no create leaves before its claim is committed', async () => {
	const bench = benchWithLedger();
	bench.api.scripts.create = () => {
		expect(bench.table.all().map(({ state }) => state)).toContain('claimed');
		return answer(200, { operation_id: 'op-1' });
	};
	await bench.try([product(0)]);
	expect(creates(bench)).toBe(1);
});

it('another execution returns what exists: no upload, no create', async () => {
	const bench = benchWithLedger();
	await bench.try(products(3));
	forget(bench);
	const before = bench.api.sent.length;
	const outcomes = await bench.try(products(3), { ledgerRun: '2.0' });
	expect(bench.api.sent.slice(before).every(({ call }) => call === 'get')).toBe(true);
	expect(outcomes).toMatchObject([0, 1, 2].map(() => ({ kind: 'finished', fromLedger: true })));
	expect(bench.table.all().map(({ state }) => state)).toEqual(Array(3).fill('succeeded'));
});

it('with a ledger a retry needs no notes', async () => {
	const bench = benchWithLedger();
	await bench.try([product(0)]);
	forget(bench);
	const [outcome] = await bench.try([product(0)], { ledgerRun: '1.0' });
	expect(outcome).toMatchObject({ kind: 'finished', fromLedger: false });
	expect(creates(bench)).toBe(1);
});

it('the same job twice in one run is one create, and both items get the result', async () => {
	const bench = benchWithLedger();
	const twin = { ...product(1), productId: 'sku-0' };
	const outcomes = await bench.try([product(0), twin]);
	expect(outcomes.map(({ kind }) => kind)).toEqual(['finished', 'finished']);
	expect(creates(bench)).toBe(1);
});

it('an unknown outcome stands in the table and is never created again by itself', async () => {
	const bench = benchWithLedger();
	bench.api.scripts.create = () => answer(502);
	await bench.try([product(0)]);
	forget(bench);
	const [outcome] = await bench.try([product(0)], { ledgerRun: '2.0' });
	expect(failureOf(outcome)).toMatchObject({ code: 'CREATE_OUTCOME_UNKNOWN' });
	expect(failureOf(outcome).message).toMatch(/enter its ID .* or delete the row/);
	expect(bench.table.all()).toMatchObject([{ state: 'unknown' }]);
	expect(creates(bench)).toBe(1);
});

it.each([422, 429])('a create answered %i gives its claim back', async (status) => {
	const bench = benchWithLedger();
	let answers = 0;
	bench.api.scripts.create = () => {
		answers += 1;
		return answers === 1 ? answer(status) : answer(200, { operation_id: 'op-1' });
	};
	await bench.try([product(0)]);
	forget(bench);
	const [outcome] = await bench.try([product(0)], { ledgerRun: '2.0' });
	expect(outcome).toMatchObject({ kind: 'finished', operationId: 'op-1' });
	expect(creates(bench)).toBe(2);
	expect(bench.table.all()).toHaveLength(1);
});

it('if a claim cannot be committed, its create does not leave', async () => {
	const bench = benchWithLedger();
	const trying = bench.try([product(0)]);
	bench.table.faults.failShare = 1;
	const [outcome] = await trying;
	expect(failureOf(outcome)).toMatchObject({ code: 'LEDGER_FAILED' });
	expect(creates(bench)).toBe(0);
});

it('if an ID cannot be committed, it stands in the log and the item, and the run does not fail', async () => {
	const bench = benchWithLedger();
	bench.api.scripts.create = () => {
		bench.table.faults.failShare = 1;
		return answer(200, { operation_id: 'op-1' });
	};
	const [outcome] = await bench.try([product(0)]);
	expect(outcome).toMatchObject({ kind: 'finished', operationId: 'op-1' });
	expect(bench.logged).toMatchObject([{ operationId: 'op-1' }]);
	expect(bench.lostRows.map((row) => row.operation_id)).toContain('op-1');
});

it('without a ledger nothing has changed: not a request', async () => {
	const plain = new Bench();
	await plain.try(products(2));
	const requests = ({ sent }: Bench['api']) =>
		sent.map(({ call, request }) => [call, request.path]);
	const kept = benchWithLedger();
	await kept.try(products(2));
	expect(requests(kept.api).sort()).toEqual(requests(plain.api).sort());
	expect(plain.table).toBeUndefined();
});
