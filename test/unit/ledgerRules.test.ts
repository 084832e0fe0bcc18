/** The rules of the ledger, held by the engine: a product is paid for once, whichever run asks. */
import { newRow } from '../../nodes/Aiuta/batch/ledgerAnswers';
import { attemptsOf, byJob, type Attempt } from '../../nodes/Aiuta/batch/ledgerRows';
import { SimulatedTable } from '../evidence/simulation/ledger/table';
import { Random } from '../support/random';
import { answer, Bench, failureOf, placeOf, product, products } from './batch.support';

type BenchWithLedger = Bench & { table: SimulatedTable };

function benchWithLedger(): BenchWithLedger {
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

function attemptsIn({ clock, table }: BenchWithLedger): Attempt[] {
	return [...byJob(table.all()).values()].flatMap((rows) => attemptsOf(rows, clock.now()));
}

/** Another run has created the operation of a product of ours. */
function addForeignOperation({ clock, table }: BenchWithLedger, n: number): void {
	const job = { ...placeOf(n), productId: `sku-${n}`, inputs: { fields: '', photos: undefined } };
	const row = newRow(job, 'created', '2.0 1-x', { operation_id: 'op-theirs' });
	table.rows.set(900, { ...row, id: 900, createdAtMs: clock.now() });
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

it('claims are written for creates that are about to leave: while the server asks for a pause, none is open', async () => {
	const bench = benchWithLedger();
	let openInPause: number | undefined;
	bench.api.scripts.create = (nth) => {
		if (nth !== 8) return undefined;
		void bench.clock.wakeAt(bench.clock.now() + 20_000).then(() => {
			openInPause = attemptsIn(bench).filter(({ state }) => state === 'open').length;
		});
		return answer(429, {}, { 'retry-after': '60' });
	};
	const outcomes = await bench.try(products(60));
	expect(outcomes.every(({ kind }) => kind === 'finished')).toBe(true);
	expect(openInPause).toBe(0);
});

it('a create that is being claimed when the outcome of another becomes unknown does not leave', async () => {
	const bench = benchWithLedger();
	bench.table.stallMs = 300;
	let answeredBeforeThird: number | undefined;
	bench.api.scripts.create = async (nth) => {
		if (nth === 1) return answer(502);
		if (nth === 2) await bench.clock.wakeAt(bench.clock.now() + 5_000);
		if (nth === 3) answeredBeforeThird = bench.api.answered('create');
		return undefined;
	};
	await bench.try(products(12));
	expect(answeredBeforeThird).toBe(2);
	expect(creates(bench)).toBe(12);
});

it('a trial that another run has created meanwhile does not keep the rest waiting', async () => {
	const bench = benchWithLedger();
	bench.api.scripts.create = async (nth) => {
		if (nth === 2) {
			await bench.clock.wakeAt(bench.clock.now() + 5_000);
			addForeignOperation(bench, 3);
		}
		return nth <= 2 ? answer(502) : undefined;
	};
	const outcomes = await bench.try(products(6));
	// One commit claims them all: those that do not leave queue up again, behind the trial.
	expect(outcomes.filter(({ kind }) => kind === 'failed')).toHaveLength(2);
	expect(outcomes.filter(({ kind }) => kind === 'finished')).toHaveLength(4);
	expect(outcomes[3]).toMatchObject({ operationId: 'op-theirs' });
	expect(creates(bench)).toBe(5);
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
	const [first] = await bench.try([product(0)]);
	forget(bench);
	const [outcome] = await bench.try([product(0)], { ledgerRun: '2.0' });
	for (const failed of [failureOf(first), failureOf(outcome)]) {
		expect(failed.code).toBe('CREATE_OUTCOME_UNKNOWN');
		expect(failed.message).toMatch(/may have been accepted, but its ID was not received$/);
		expect(failed.description).toMatch(
			/enter its ID .* or delete the row .*Aiuta answered HTTP 502/,
		);
	}
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

it('a table that is deleted or full in mid-run costs nothing more and loses nothing: what exists is delivered', async () => {
	const bench = benchWithLedger();
	bench.api.scripts.create = (nth) => {
		if (nth === 4) bench.table.faults.failShare = 1;
		return undefined;
	};
	const outcomes = await bench.try(products(20));
	const made = outcomes.filter(({ kind }) => kind === 'finished');
	expect(made).toHaveLength(creates(bench));
	expect(creates(bench)).toBeLessThan(10);
	const refused = outcomes
		.filter(({ kind }) => kind === 'failed')
		.map((one) => failureOf(one).code);
	expect(refused).toEqual(Array<string>(20 - made.length).fill('LEDGER_FAILED'));
	const lost = new Set(bench.lostRows.map((row) => row.operation_id));
	expect(made.filter((one) => 'operationId' in one && lost.has(one.operationId)).length).toBe(
		made.length,
	);
});

it('rows that a person deletes in mid-run are written again with what their operations came to', async () => {
	const bench = benchWithLedger();
	bench.api.pollsInProgress = 3;
	bench.api.scripts.get = () => {
		if (bench.api.count('get') === 1) bench.table.rows.clear();
		return undefined;
	};
	const outcomes = await bench.try(products(6));
	expect(outcomes.every(({ kind }) => kind === 'finished')).toBe(true);
	expect(creates(bench)).toBe(6);
	expect(bench.table.all().map(({ state }) => state)).toEqual(Array<string>(6).fill('succeeded'));
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
