import { Ledger, type LedgerSettings } from '../../nodes/Aiuta/batch/ledger';
import { attemptsOf, jobKey, type LedgerRow } from '../../nodes/Aiuta/batch/ledgerRows';
import type { Claimed, Job } from '../../nodes/Aiuta/batch/records';
import { MINUTE_MS, SECOND_MS } from '../../nodes/Aiuta/core/clock';
import { playLedger } from '../evidence/simulation/ledger/play';
import { ledgerScenarioOf } from '../evidence/simulation/ledger/scenario';
import { SimulatedTable } from '../evidence/simulation/ledger/table';
import { Random } from '../support/random';
import { FakeClock } from '../support/time/fakeClock';

const SEEDS = 200;

function jobOf(productId: string, fields = 'f1'): Job {
	return { api: 'studio', productId, imageTypes: ['flat_front'], inputs: { fields, photos: 'p' } };
}

/** As the engine does: it waits for others, and asks again when its turn was in vain. */
async function claim(ledger: Ledger, job: Job): Promise<Claimed> {
	for (;;) {
		const known = await ledger.waitForOthers(job);
		if (known !== undefined) return known;
		const claimed = await ledger.claim(job);
		if (claimed.kind !== 'again') return claimed;
	}
}

interface Bench {
	clock: FakeClock;
	table: SimulatedTable;
	/** Open the ledger as another run of the node. */
	open: (run: string, settings?: Partial<LedgerSettings>) => Promise<Ledger>;
	ended: (ledger: Ledger) => Promise<LedgerRow[]>;
	/** Create a job's operation as the engine does. */
	make: (ledger: Ledger, job: Job, operationId: string) => Promise<Claimed | undefined>;
}

function bench(): Bench {
	const clock = new FakeClock();
	const faults = { failShare: 0, slowShare: 0, skewMs: 0 };
	const table = new SimulatedTable(clock, new Random(7), faults, () => undefined);
	const open = async (run: string, settings: Partial<LedgerSettings> = {}) => {
		const ledger = new Ledger(
			{ table: table.connect(() => false), clock, isStopped: () => false, onLost: () => undefined },
			{ whenKnown: 'return', limits: { perDay: 0, perMonth: 0 }, run, ...settings },
		);
		expect(await clock.run(ledger.view.open('all'))).toBeUndefined();
		return ledger;
	};
	const ended = async (ledger: Ledger) => {
		await clock.run(ledger.close());
		return table.all();
	};
	const make = async (ledger: Ledger, job: Job, operationId: string) => {
		const known = await clock.run(ledger.lookUp(job));
		if (known !== undefined) return known;
		const claimed = await clock.run(ledger.claim(job));
		if (claimed.kind !== 'go') return claimed;
		ledger.created(job, operationId);
		return undefined;
	};
	return { clock, table, open, ended, make };
}

const SUCCESS = { status: 'SUCCESS', failureReason: null, imageUrl: 'https://files.example/1.png' };

describe('the ledger', () => {
	test('a create leaves only after its claim is committed', async () => {
		const { clock, table, open } = bench();
		const ledger = await open('1.0');
		expect(await clock.run(ledger.lookUp(jobOf('A')))).toBeUndefined();
		expect(table.all()).toEqual([]);
		expect(await clock.run(ledger.claim(jobOf('A')))).toEqual({ kind: 'go' });
		expect(table.all()).toMatchObject([{ state: 'claimed', product_id: 'A', api: 'studio' }]);
	});

	test('claims that share a commit let their creates leave as far apart as their turns came', async () => {
		const { clock, table, open } = bench();
		const ledger = await open('1.0');
		const leftAtMs: number[] = [];
		const claims = [0, 50, 150].map(async (turnMs, n) => {
			await clock.wakeAt(clock.now() + turnMs);
			await ledger.claim(jobOf(`P${n}`));
			leftAtMs.push(clock.now());
		});
		await clock.run(Promise.all(claims));
		const [first = 0] = leftAtMs;
		expect(leftAtMs.map((atMs) => atMs - first)).toEqual([0, 50, 150]);
		expect(new Set(table.all().map(({ createdAtMs }) => createdAtMs)).size).toBe(1);
	});

	test('a claim that cannot be committed keeps its create from leaving', async () => {
		const { clock, table, open } = bench();
		const ledger = await open('1.0');
		table.faults.failShare = 1;
		const claimed = await clock.run(ledger.claim(jobOf('A')));
		expect(claimed).toMatchObject({ kind: 'refused', failure: { code: 'LEDGER_FAILED' } });
	});

	test('of two runs that claim the same job one creates and the other gets its operation', async () => {
		const { clock, open } = bench();
		const [one, two] = [await open('1.0'), await open('2.0')];
		const claims = [one, two].map(async (ledger) => {
			const claimed = await claim(ledger, jobOf('A'));
			if (claimed.kind === 'go') ledger.created(jobOf('A'), 'op-1');
			return claimed.kind === 'exists' ? claimed.operationId : claimed.kind;
		});
		expect((await clock.run(Promise.all(claims))).sort()).toEqual(['go', 'op-1']);
	});

	test('the same job twice in one run is one create, and both items get the operation', async () => {
		const { clock, table, open } = bench();
		const ledger = await open('1.0');
		const first = await clock.run(ledger.claim(jobOf('A')));
		expect(await clock.run(ledger.claim(jobOf('A')))).toEqual({ kind: 'again' });
		const second = ledger.waitForOthers(jobOf('A'));
		await clock.advance(5 * SECOND_MS);
		ledger.created(jobOf('A'), 'op-1');
		expect(first).toEqual({ kind: 'go' });
		expect(await clock.run(second)).toMatchObject({ operationId: 'op-1', fromLedger: false });
		expect(table.all().filter(({ state }) => state === 'claimed')).toHaveLength(1);
	});

	test('a claim of another run that was open long ago is read again before it counts as unknown', async () => {
		const { clock, open } = bench();
		const one = await open('1.0');
		expect(await clock.run(one.claim(jobOf('A')))).toEqual({ kind: 'go' });
		const two = await open('2.0');
		one.created(jobOf('A'), 'op-1');
		await clock.advance(10 * MINUTE_MS);
		const known = await clock.run(two.lookUp(jobOf('A')));
		expect(known).toMatchObject({ kind: 'exists', operationId: 'op-1', fromLedger: true });
	});

	test('a create whose turn has come does not wait for the claim of another run', async () => {
		const { clock, table, open } = bench();
		const [one, two] = [await open('1.0'), await open('2.0')];
		expect(await clock.run(one.claim(jobOf('A')))).toEqual({ kind: 'go' });
		const startMs = clock.now();
		expect(await clock.run(two.claim(jobOf('A')))).toEqual({ kind: 'again' });
		expect(clock.now() - startMs).toBeLessThan(SECOND_MS);
		await clock.advance(SECOND_MS);
		expect(table.all().map(({ state }) => state)).toEqual(['claimed', 'claimed', 'released']);
	});

	test('a claim that a slow table has made too old is given back before its create leaves', async () => {
		const { clock, table, open } = bench();
		const ledger = await open('1.0');
		table.stallMs = 1.1 * MINUTE_MS;
		expect(await clock.run(ledger.claim(jobOf('A')))).toEqual({ kind: 'again' });
		table.stallMs = 0;
		expect(await clock.run(claim(ledger, jobOf('A')))).toEqual({ kind: 'go' });
	});

	test('an ID is committed at most a second after it was received', async () => {
		const { clock, table, open, make } = bench();
		await make(await open('1.0'), jobOf('A'), 'op-1');
		await clock.advance(SECOND_MS);
		expect(table.all().map((row) => row.operation_id)).toContain('op-1');
	});

	test('claims that come close together share one call, which reads them back', async () => {
		const { clock, open, table } = bench();
		const ledger = await open('1.0');
		const jobs = ['A', 'B', 'C', 'D'].map((id) => jobOf(id));
		const callsBefore = table.calls;
		await clock.run(Promise.all(jobs.map(async (job) => await ledger.claim(job))));
		expect(new Set(table.all().map(({ createdAtMs }) => createdAtMs)).size).toBe(1);
		expect(table.calls - callsBefore).toBe(1);
	});

	test('a finished operation is one row in the table, with what a person looks for', async () => {
		const { open, make, ended } = bench();
		const ledger = await open('1.0');
		await make(ledger, jobOf('A'), 'op-1');
		ledger.ended(jobOf('A'), 'op-1', SUCCESS);
		expect(await ended(ledger)).toMatchObject([
			{
				product_id: 'A',
				state: 'succeeded',
				operation_id: 'op-1',
				status: 'SUCCESS',
				image_url: 'https://files.example/1.png',
				image_types: 'flat_front',
			},
		]);
	});

	test('a claim without a successor is open for three minutes and then unknown, never created again', async () => {
		const { clock, open, ended } = bench();
		const dead = await open('1.0');
		expect(await clock.run(dead.claim(jobOf('A')))).toEqual({ kind: 'go' });
		const next = await open('2.0');
		const startMs = clock.now();
		const known = await clock.run(next.lookUp(jobOf('A')));
		expect(known).toMatchObject({ kind: 'unknown' });
		expect(clock.now() - startMs).toBeGreaterThan(2.9 * MINUTE_MS);
		expect(clock.now() - startMs).toBeLessThan(3.1 * MINUTE_MS);
		expect(known).toHaveProperty('failure.description', expect.stringContaining('delete the row'));
		expect(await ended(next)).toMatchObject([{ state: 'unknown' }]);
	});

	describe('an unknown outcome is settled in the table', () => {
		async function withUnknown() {
			const tools = bench();
			const ledger = await tools.open('1.0');
			await tools.clock.run(ledger.claim(jobOf('A')));
			ledger.unknown(jobOf('A'), 'HTTP 502');
			const [row] = await tools.ended(ledger);
			if (row === undefined) throw new Error('no row');
			return { ...tools, row };
		}

		test('by entering the operation ID', async () => {
			const { clock, table, open, row } = await withUnknown();
			table.rows.set(row.id, { ...row, operation_id: ' op-9 ' });
			const known = await clock.run((await open('2.0')).lookUp(jobOf('A')));
			expect(known).toMatchObject({ kind: 'exists', operationId: 'op-9' });
		});

		test('by deleting the row', async () => {
			const { clock, table, open, row } = await withUnknown();
			table.rows.delete(row.id);
			expect(await clock.run((await open('2.0')).lookUp(jobOf('A')))).toBeUndefined();
		});

		test('and until then it is said again', async () => {
			const { clock, open } = await withUnknown();
			const known = await clock.run((await open('2.0')).lookUp(jobOf('A')));
			const detail = expect.stringContaining('502') as unknown;
			expect(known).toMatchObject({ kind: 'unknown', failure: { detail } });
		});
	});

	test.each([
		{ whenKnown: 'return', fields: 'f1', expected: { kind: 'exists', inputsChanged: false } },
		{ whenKnown: 'return', fields: 'f2', expected: { kind: 'exists', inputsChanged: true } },
		{ whenKnown: 'returnUnlessChanged', fields: 'f1', expected: { kind: 'exists' } },
		{ whenKnown: 'returnUnlessChanged', fields: 'f2', expected: undefined },
		{ whenKnown: 'skip', fields: 'f1', expected: { kind: 'skipped' } },
		{ whenKnown: 'generateAgain', fields: 'f1', expected: undefined },
	] as const)(
		'a known product under $whenKnown with inputs $fields',
		async ({ whenKnown, fields, expected }) => {
			const { clock, open, make, ended } = bench();
			const ledger = await open('1.0');
			await make(ledger, jobOf('A'), 'op-1');
			await ended(ledger);
			const next = await open('2.0', { whenKnown });
			const known = await clock.run(next.lookUp(jobOf('A', fields)));
			if (expected === undefined) expect(known).toBeUndefined();
			else expect(known).toMatchObject(expected);
		},
	);

	test('a retry of the same run finds its own operation, even when it is to generate again', async () => {
		const { clock, open, make, ended } = bench();
		const ledger = await open('1.0', { whenKnown: 'generateAgain' });
		await make(ledger, jobOf('A'), 'op-1');
		await ended(ledger);
		const again = await open('1.0', { whenKnown: 'generateAgain' });
		const known = await clock.run(again.lookUp(jobOf('A')));
		expect(known).toMatchObject({ kind: 'exists', operationId: 'op-1', fromLedger: false });
	});

	test('a failed operation stays failed, with its reason', async () => {
		const { clock, open, make, ended } = bench();
		const ledger = await open('1.0');
		await make(ledger, jobOf('A'), 'op-1');
		ledger.ended(jobOf('A'), 'op-1', {
			status: 'FAILED',
			failureReason: 'no garment',
			imageUrl: undefined,
		});
		await ended(ledger);
		const known = await clock.run((await open('2.0')).lookUp(jobOf('A')));
		expect(known).toMatchObject({ kind: 'failed', failureReason: 'no garment' });
	});

	test('what a budget allows is created, and what exceeds it is refused with nothing claimed', async () => {
		const { clock, open, ended } = bench();
		const limits = { perDay: 2, perMonth: 0 };
		const ledgers = [await open('1.0', { limits }), await open('2.0', { limits })];
		const claims = ledgers.flatMap((ledger, run) =>
			['A', 'B'].map(async (id) => {
				const job = jobOf(`${id}${run}`);
				const claimed = await claim(ledger, job);
				if (claimed.kind === 'go') ledger.created(job, `op-${id}${run}`);
				return claimed.kind === 'refused' ? claimed.failure.code : claimed.kind;
			}),
		);
		const kinds = await clock.run(Promise.all(claims));
		expect(kinds.sort()).toEqual(['BUDGET_REACHED', 'BUDGET_REACHED', 'go', 'go']);
		for (const ledger of ledgers) await ended(ledger);
		const third = await open('3.0', { limits });
		const refused = await clock.run(third.lookUp(jobOf('C')));
		expect(refused).toMatchObject({ failure: { code: 'BUDGET_REACHED' } });
		await clock.advance(24 * 60 * MINUTE_MS);
		expect(await clock.run(third.lookUp(jobOf('C')))).toBeUndefined();
	});

	test('what a budget has no room for is refused before its photos are uploaded', async () => {
		const { clock, open } = bench();
		const ledger = await open('1.0', { limits: { perDay: 1, perMonth: 0 } });
		expect(await clock.run(ledger.lookUp(jobOf('A')))).toBeUndefined();
		const second = ledger.lookUp(jobOf('B'));
		expect(await clock.run(ledger.claim(jobOf('A')))).toEqual({ kind: 'go' });
		ledger.created(jobOf('A'), 'op-1');
		expect(await clock.run(second)).toMatchObject({ failure: { code: 'BUDGET_REACHED' } });
	});

	test('the place in the budget of a product that is not created goes to the next', async () => {
		const { clock, open } = bench();
		const ledger = await open('1.0', { limits: { perDay: 1, perMonth: 0 } });
		const first = jobOf('A');
		expect(await clock.run(ledger.lookUp(first))).toBeUndefined();
		const second = ledger.lookUp(jobOf('B'));
		ledger.leave(first);
		expect(await clock.run(second)).toBeUndefined();
	});

	test('the place of a create that is given back and comes again is kept for it', async () => {
		const { clock, open } = bench();
		const ledger = await open('1.0', { limits: { perDay: 1, perMonth: 0 } });
		expect(await clock.run(ledger.lookUp(jobOf('A')))).toBeUndefined();
		const second = ledger.lookUp(jobOf('B'));
		expect(await clock.run(ledger.claim(jobOf('A')))).toEqual({ kind: 'go' });
		ledger.released(jobOf('A'));
		await clock.advance(2 * SECOND_MS);
		expect(await clock.run(claim(ledger, jobOf('A')))).toEqual({ kind: 'go' });
		ledger.created(jobOf('A'), 'op-1');
		expect(await clock.run(second)).toMatchObject({ failure: { code: 'BUDGET_REACHED' } });
	});

	test('the same job twice in one run is uploaded once: the second waits for the first', async () => {
		const { clock, open } = bench();
		const ledger = await open('1.0');
		expect(await clock.run(ledger.lookUp(jobOf('A')))).toBeUndefined();
		const second = ledger.lookUp(jobOf('A'));
		expect(await clock.run(ledger.claim(jobOf('A')))).toEqual({ kind: 'go' });
		ledger.created(jobOf('A'), 'op-1');
		expect(await clock.run(second)).toMatchObject({ operationId: 'op-1', fromLedger: false });
	});

	test('of the same job twice in one run the second is created when the first was not', async () => {
		const { clock, open } = bench();
		const ledger = await open('1.0');
		const first = jobOf('A');
		expect(await clock.run(ledger.lookUp(first))).toBeUndefined();
		const second = jobOf('A');
		const lookedUp = ledger.lookUp(second);
		expect(await clock.run(ledger.claim(first))).toEqual({ kind: 'go' });
		ledger.released(first);
		ledger.leave(first);
		await clock.advance(2 * SECOND_MS);
		expect(await clock.run(lookedUp)).toBeUndefined();
		// The first is long gone: what it leaves again is not the second's place.
		ledger.leave(first);
		const third = ledger.lookUp(jobOf('A'));
		ledger.leave(second);
		expect(await clock.run(third)).toBeUndefined();
	});

	test('the table contains no text of the product', async () => {
		const { open, make, ended } = bench();
		const ledger = await open('1.0');
		await make(ledger, jobOf('A', 'hash'), 'op-1');
		const [row] = await ended(ledger);
		expect(row).toMatchObject({ inputs: 'hash.p', job: jobKey(jobOf('A')) });
	});

	test('an operation ID counts more than what else stands in a row', () => {
		const row: LedgerRow = {
			...{ id: 3, createdAtMs: 0, product_id: 'A', state: 'released', image_url: '', reason: '' },
			...{ operation_id: 'op-1', status: '', image_types: '', api: 'studio', inputs: '', run: '' },
			job: 'j',
		};
		expect(attemptsOf([row], 10)).toMatchObject([{ state: 'operation' }]);
	});
});

test(`${SEEDS} seeds of the simulated ledger break no rule`, async () => {
	for (let seed = 1; seed <= SEEDS; seed += 1) {
		const { violations } = await playLedger(ledgerScenarioOf(seed));
		expect({ seed, violations }).toEqual({ seed, violations: [] });
	}
});
