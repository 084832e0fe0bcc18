/** Where a create meets a ledger: when it is asked, what its answers do, and what it is told. */
import { failure } from '../../nodes/Aiuta/api/failures';
import type { Claimed, JobLedger, KnownJob } from '../../nodes/Aiuta/batch/records';
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
	/** What a claim is answered, the last one again and again. */
	claim?: Claimed | [Claimed, ...Claimed[]];
	claimTakesMs?: number;
}

/** A ledger that answers as it is told, and remembers what it was asked, with the calls beside it. */
function ledgerOf(bench: Bench, { known, claim, claimTakesMs = 0 }: Answers) {
	const told: string[] = [];
	const claims = [claim ?? { kind: 'go' as const }].flat();
	const ledger: JobLedger = {
		lookUp: async ({ productId }) => {
			told.push(`lookUp ${productId} after ${bench.api.sent.length} calls`);
			return await Promise.resolve(known);
		},
		leave: ({ productId }) => told.push(`leave ${productId}`),
		waitForOthers: async () => {
			await Promise.resolve(told.push('waitForOthers'));
			return undefined;
		},
		claim: async ({ inputs }) => {
			told.push(`claim${inputs.photos === undefined ? '' : ' with photos'}`);
			if (claimTakesMs > 0) await bench.clock.wakeAt(bench.clock.now() + claimTakesMs);
			return (claims.length > 1 ? claims.shift() : claims[0]) ?? { kind: 'go' };
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
		'waitForOthers',
		'claim with photos',
		'created op-1 before 0 polls',
		'leave sku-0',
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
	[{ kind: 'unknown', failure: failure('CREATE_OUTCOME_UNKNOWN') }, 'CREATE_OUTCOME_UNKNOWN'],
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
	expect((await generate(lost, {})).told.slice(3)).toEqual(['unknown', 'leave sku-0']);
	const refused = new Bench();
	refused.api.scripts.create = () => answer(422);
	expect((await generate(refused, {})).told.slice(3)).toEqual(['released', 'leave sku-0']);
});

it.each([
	['a 429', answer(429, {}, { 'retry-after': '60' })],
	['a connection that never opened', NEVER_OPENED],
])('%s gives the claim back at once, and the next try claims anew', async (_, first) => {
	const bench = new Bench();
	bench.api.scripts.create = (nth) => (nth === 1 ? first : undefined);
	const { told } = await generate(bench, {});
	expect(told.slice(2, 6)).toEqual([
		'claim with photos',
		'released',
		'claim with photos',
		'created op-2 before 0 polls',
	]);
});

it('a turn that others have taken sends nothing: they are waited for, and another one is asked for', async () => {
	const bench = new Bench();
	const { told } = await generate(bench, { claim: [{ kind: 'again' }, { kind: 'go' }] });
	expect(told.slice(1, 6)).toEqual([
		'waitForOthers',
		'claim with photos',
		'waitForOthers',
		'claim with photos',
		'created op-1 before 0 polls',
	]);
});

it('a stop while the claim is made gives it back, and no create leaves', async () => {
	const bench = new Bench();
	const stop = new AbortController();
	const { ledger, told } = ledgerOf(bench, { claimTakesMs: 5_000 });
	const run = bench.openRun({ signal: stop.signal });
	const ports = {
		run,
		journal: new Journal(bench.store, 0),
		uploads: new Uploads(run),
		ledger,
	};
	const generating = generateProduct(ports, bench.downloads(run), product(0), FINISH);
	await bench.clock.advance(3_000);
	stop.abort();
	const end = await bench.clock.run(generating);
	expect(told.slice(2)).toEqual(['claim with photos', 'released', 'leave sku-0']);
	expect(calls(bench)).toEqual(['upload']);
	expect(end).toMatchObject({ kind: 'failed', failure: { code: 'CANCELLED' } });
	expect(bench.record(0)).toMatchObject({ state: 'uploaded' });
});

it('the answer of a create that is on its way at a stop is waited for: its ID is told', async () => {
	const bench = new Bench();
	const stop = new AbortController();
	const { ledger, told } = ledgerOf(bench, {});
	bench.api.scripts.create = () => {
		stop.abort();
		return undefined;
	};
	const run = bench.openRun({ signal: stop.signal });
	const journal = new Journal(bench.store, 0);
	const ports = { run, journal, uploads: new Uploads(run), ledger };
	const generating = generateProduct(ports, bench.downloads(run), product(0), FINISH);
	const end = await bench.clock.run(generating);
	expect(bench.api.of('create')[0]?.request).toMatchObject({ outlivesStop: true });
	expect(told.slice(-2)).toEqual(['created op-1 before 0 polls', 'leave sku-0']);
	expect(end).toMatchObject({ failure: { code: 'CANCELLED', operationId: 'op-1' } });
});

it('a failed operation is told with its status', async () => {
	const bench = new Bench();
	bench.api.scripts.get = () => operation('FAILED');
	const { told, end } = await generate(bench, { claimTakesMs: 500 });
	expect(told.at(-1)).toBe('ended op-1 FAILED ');
	// Another execution would report it again: only its row, or the user's choice, lets it be generated anew.
	const description = expect.stringContaining('delete its row there, or choose Generate Again');
	expect(end).toMatchObject({ failure: { code: 'OPERATION_FAILED', description } });
});

it('a product without an ID is no job', async () => {
	const bench = new Bench();
	const images = { kind: 'sources' as const, sources: [photo('nameless')] };
	const { told } = await generate(bench, {}, product(0, { productId: undefined, images }));
	expect(told).toEqual([]);
	expect(bench.api.of('create')[0]?.request).not.toHaveProperty('outlivesStop');
	expect(bench.api.count('create')).toBe(1);
});
