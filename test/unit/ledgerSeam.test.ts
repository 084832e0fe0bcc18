/** Where a create meets a ledger: when it is asked, what its answers do, and what it is told. */
import type { JobLedger, KnownJob } from '../../nodes/Aiuta/batch/records';
import { Journal } from '../../nodes/Aiuta/batch/journal';
import { generateProduct } from '../../nodes/Aiuta/batch/deliver';
import { Uploads } from '../../nodes/Aiuta/batch/uploads';
import {
	answer,
	Bench,
	FINISH,
	LOST,
	NEVER_OPENED,
	operation,
	photo,
	product,
} from './batch.support';

interface Answers {
	known?: KnownJob;
	claim?: KnownJob;
	claimTakesMs?: number;
}

/** A ledger that answers as it is told, and remembers what it was asked, with the calls beside it. */
function ledgerOf(bench: Bench, { known, claim, claimTakesMs = 0 }: Answers) {
	const told: string[] = [];
	const ledger: JobLedger = {
		lookUp: async ({ productId }) => {
			told.push(`lookUp ${productId} after ${bench.api.sent.length} calls`);
			return await Promise.resolve(known);
		},
		claim: async ({ inputs }) => {
			told.push(`claim${inputs.photos === undefined ? '' : ' with photos'}`);
			if (claimTakesMs > 0) await bench.clock.wakeAt(bench.clock.now() + claimTakesMs);
			return claim ?? { kind: 'go' };
		},
		created: (_, id) => told.push(`created ${id} before ${bench.api.count('get')} polls`),
		released: () => told.push('released'),
		unknown: () => told.push('unknown'),
		ended: (_, id, { status, imageUrl }) => told.push(`ended ${id} ${status} ${imageUrl ?? ''}`),
	};
	return { ledger, told };
}

async function generate(bench: Bench, answers: Answers, plan = product(0)) {
	const { ledger, told } = ledgerOf(bench, answers);
	const run = bench.openRun();
	const journal = new Journal(bench.store, 0);
	const ports = { run, journal, uploads: new Uploads(run), ledger };
	const generating = generateProduct(ports, bench.downloads(run), plan, FINISH);
	return { end: await bench.clock.run(generating), told };
}

const calls = (bench: Bench) => bench.api.sent.map(({ call }) => call);

it('a new job is looked up before its upload, claimed before its create, and told to the end', async () => {
	const bench = new Bench();
	const { end, told } = await generate(bench, {});
	expect(end).toMatchObject({ kind: 'finished', status: 'SUCCESS' });
	expect(told).toEqual([
		'lookUp sku-0 after 0 calls',
		'claim with photos',
		'created op-1 before 0 polls',
		'ended op-1 SUCCESS https://files.example/generated-op-1.png',
	]);
});

it.each<[string, 'known' | 'claim', string[]]>([
	['before the upload', 'known', ['get']],
	['by the claim', 'claim', ['upload', 'get']],
])(
	'an operation of another run that shows %s is followed and not created',
	async (_, when, sent) => {
		const bench = new Bench();
		const exists: KnownJob = {
			kind: 'exists',
			operationId: 'op-theirs',
			inputsChanged: true,
			fromLedger: true,
		};
		const { end } = await generate(bench, { [when]: exists });
		expect(calls(bench)).toEqual(sent);
		expect(end).toMatchObject({
			kind: 'finished',
			operationId: 'op-theirs',
			inputsChanged: true,
			fromLedger: true,
		});
		expect(bench.record(0)).toMatchObject({ state: 'succeeded', operationId: 'op-theirs' });
	},
);

it.each<[KnownJob, string]>([
	[{ kind: 'unknown', message: 'settle it' }, 'CREATE_OUTCOME_UNKNOWN'],
	[
		{ kind: 'failed', operationId: 'op-old', status: 'FAILED', failureReason: null },
		'OPERATION_FAILED',
	],
])('what another run has settled is reported and not created: %j', async (known, code) => {
	const bench = new Bench();
	const { end } = await generate(bench, { known });
	expect(end).toMatchObject({ kind: 'failed', failure: { code, isOfEarlierTry: true } });
	expect(bench.api.sent).toEqual([]);
});

it('a job that is to be left out sends nothing', async () => {
	const bench = new Bench();
	const { end } = await generate(bench, { known: { kind: 'skipped' } });
	expect(end).toEqual({ kind: 'skipped' });
	expect(bench.api.sent).toEqual([]);
});

it('a lost answer is unknown, a refusal is released', async () => {
	const lost = new Bench();
	lost.api.scripts.create = () => LOST;
	expect((await generate(lost, {})).told.slice(2)).toEqual(['unknown']);
	const refused = new Bench();
	refused.api.scripts.create = () => answer(422);
	expect((await generate(refused, {})).told.slice(2)).toEqual(['released']);
});

it('a create that waits too long for its next try gives the claim back and claims anew', async () => {
	const bench = new Bench();
	const startMs = bench.clock.now();
	bench.api.scripts.create = () =>
		bench.clock.now() - startMs < 120_000 ? answer(429, {}, { 'retry-after': '60' }) : undefined;
	const { told } = await generate(bench, {});
	expect(told.slice(1, 4)).toEqual(['claim with photos', 'released', 'claim with photos']);
	expect(told).toContain('created op-3 before 0 polls');
});

it('a try that never opened its connection keeps the claim for the next one', async () => {
	const bench = new Bench();
	bench.api.scripts.create = (nth) => (nth === 1 ? NEVER_OPENED : undefined);
	const { told } = await generate(bench, {});
	expect(told.slice(1, 3)).toEqual(['claim with photos', 'created op-2 before 0 polls']);
});

it('a failed operation is told with its status', async () => {
	const bench = new Bench();
	bench.api.scripts.get = () => operation('FAILED');
	const { told } = await generate(bench, { claimTakesMs: 500 });
	expect(told.at(-1)).toBe('ended op-1 FAILED ');
});

it('a product without an ID is no job', async () => {
	const bench = new Bench();
	const images = { kind: 'sources' as const, sources: [photo('nameless')] };
	const { told } = await generate(bench, {}, product(0, { productId: undefined, images }));
	expect(told).toEqual([]);
	expect(bench.api.count('create')).toBe(1);
});
