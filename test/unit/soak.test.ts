/** The parts of the soak run that decide: which calls fail, and what counts as duplicated or lost. */
import { recognizeFile, SIGNATURE_BYTES } from '../../nodes/Aiuta/core/fileSignature';
import { Faults } from '../sandbox/faults';
import { decodeImage } from '../sandbox/photos';
import { FAULT_KINDS, planFaults, SOAK_CALLS, type SoakCall } from '../evidence/soak/faultMix';
import { handlesBeyond } from '../evidence/soak/gauges';
import type { EngineReport, ItemReport, SandboxReport } from '../evidence/soak/messages';
import { photoSource } from '../evidence/soak/photo';
import { accountFor, countOutcomes, itemProblems, judge } from '../evidence/soak/verdict';

const MEGABYTE = 1024 * 1024;

describe('the faults of a soak run', () => {
	const options = { products: 2000, percent: 2, seed: 7 };

	it('are the same for the same seed and others for another', () => {
		expect(planFaults(options)).toEqual(planFaults(options));
		expect(planFaults({ ...options, seed: 8 })).not.toEqual(planFaults(options));
	});

	it('hit the calls they were planned for when they are planted one after the other', () => {
		const planned = planFaults(options);
		const faults = new Faults();
		for (const { fault } of planned) faults.add(fault);
		const hit = (call: SoakCall) =>
			Array.from({ length: options.products }, (_, position) => position).filter(
				() => faults.take(call) !== undefined,
			);
		for (const call of SOAK_CALLS) {
			const wanted = planned
				.filter((one) => one.call === call && one.position < options.products)
				.map(({ position }) => position);
			expect(hit(call)).toEqual(wanted);
		}
	});

	it.each([1, 2, 5, 10])('make %d percent of the calls of every kind fail', (percent) => {
		const planned = planFaults({ ...options, percent });
		for (const call of SOAK_CALLS) {
			const ofCall = planned.filter((one) => one.call === call && one.position < options.products);
			const share = (ofCall.length / options.products) * 100;
			expect(Math.abs(share - percent)).toBeLessThan(0.1 * percent);
		}
	});

	it('are of every kind on every call that the kind is for, in a run of 5,000', () => {
		const planned = planFaults({ products: 5000, percent: 1.8, seed: 1 });
		const reached = planned.filter(({ position }) => position < 5000);
		const seen = new Set(reached.map(({ call, name }) => `${call} ${name}`));
		const all = FAULT_KINDS.flatMap(({ name, calls }) => calls.map((call) => `${call} ${name}`));
		expect([...seen].sort()).toEqual([...new Set(all)].sort());
	});

	it('never refuse the key, which would end the run', () => {
		const statuses = planFaults(options).flatMap(({ fault }) =>
			fault.effect.kind === 'status' ? [fault.effect.status] : [],
		);
		expect(statuses.filter((status) => [401, 402, 403].includes(status))).toEqual([]);
	});

	it('hold calls until their time limit only in the first half', () => {
		const hangs = planFaults(options).filter(({ fault }) => fault.effect.kind === 'hang');
		expect(hangs).not.toEqual([]);
		expect(hangs.filter(({ position }) => position >= options.products / 2)).toEqual([]);
	});

	it('are none at 0 percent', () => {
		expect(planFaults({ ...options, percent: 0 })).toEqual([]);
	});
});

describe('the photos of a soak run', () => {
	it('are of the size asked for, all different, and pictures to the node and to the sandbox', async () => {
		const photoOf = photoSource(MEGABYTE);
		const first = Buffer.from(photoOf(0));
		const second = Buffer.from(photoOf(1));
		expect([first.length, second.length]).toEqual([MEGABYTE, MEGABYTE]);
		expect(first.equals(second)).toBe(false);
		expect(Buffer.from(photoOf(0)).equals(first)).toBe(true);
		expect(recognizeFile(first.subarray(0, SIGNATURE_BYTES))).toMatchObject({ kind: 'image' });
		expect(await decodeImage(first, true)).toMatchObject({ contentType: 'image/png' });
	});

	it('are made one at a time in the same memory', () => {
		const photoOf = photoSource(1000);
		expect(photoOf(1).buffer).toBe(photoOf(2).buffer);
	});

	it('cannot be smaller than a picture', () => {
		expect(() => photoSource(10)).toThrow(RangeError);
	});
});

const item = (index: number, more: Partial<ItemReport> = {}): ItemReport => ({
	inputIndex: index,
	productId: `P${index}`,
	code: undefined,
	operationIds: [],
	pictures: 1,
	...more,
});

const unknown = (index: number) => item(index, { code: 'CREATE_OUTCOME_UNKNOWN', pictures: 0 });

describe('the money account of a soak run', () => {
	const account = (
		operations: SandboxReport['operations'],
		items: ItemReport[],
		journalIds: string[] = [],
		loggedIds: string[] = [],
	) => accountFor(operations, { items, journalIds, loggedIds });

	it.each([
		['an item', [item(0, { operationIds: ['a'] })], [], []],
		['the journal', [item(0)], ['a'], []],
		['the log', [item(0)], [], ['a']],
	])('finds an operation in %s', (_place, items, journalIds, loggedIds) => {
		const operations = [{ operationId: 'a', title: 'P0' }];
		expect(account(operations, items, journalIds, loggedIds)).toMatchObject({
			lostIds: [],
			neverAnswered: 0,
			duplicates: [],
		});
	});

	it('takes an operation that nobody knows for lost', () => {
		expect(account([{ operationId: 'a', title: 'P0' }], [item(0)]).lostIds).toEqual(['a']);
	});

	it('does not when its product says that the outcome is unknown', () => {
		const { lostIds, neverAnswered } = account([{ operationId: 'a', title: 'P0' }], [unknown(0)]);
		expect({ lostIds, neverAnswered }).toEqual({ lostIds: [], neverAnswered: 1 });
	});

	it('lets the unknown outcome of one product excuse neither another one nor a second operation', () => {
		const operations = [
			{ operationId: 'a', title: 'P0' },
			{ operationId: 'b', title: 'P0' },
			{ operationId: 'c', title: 'P1' },
		];
		const { lostIds, duplicates } = account(operations, [unknown(0), item(1)]);
		expect(lostIds).toEqual(['b', 'c']);
		expect(duplicates).toEqual(['P0']);
	});

	it('counts how many operations each place knows', () => {
		const operations = [
			{ operationId: 'a', title: 'P0' },
			{ operationId: 'b', title: 'P1' },
		];
		const items = [item(0, { operationIds: ['a', 'x'] })];
		expect(account(operations, items, ['a', 'b'], ['b']).known).toEqual({
			items: 1,
			journal: 2,
			log: 1,
		});
	});
});

describe('the items of a soak run', () => {
	it('are fine when each input came out once', () => {
		expect(itemProblems(2, [item(1), unknown(0)])).toEqual([]);
	});

	it.each([
		['one is missing', [item(0)], '1 input items did not come out'],
		['one came twice', [item(0), item(1), item(1)], '1 came out more than once'],
		[
			'a success has no picture',
			[item(0), item(1, { pictures: 0 })],
			'1 successes have no picture',
		],
	])('are not when %s', (_case, items, problem) => {
		expect(itemProblems(2, items)).toEqual([problem]);
	});

	it('are counted by outcome, the most frequent first', () => {
		expect(countOutcomes([unknown(0), item(1), item(2)])).toEqual([
			['success', 2],
			['CREATE_OUTCOME_UNKNOWN', 1],
		]);
	});
});

describe('the verdict on a soak run', () => {
	const memory = (rss: number) => ({
		rss,
		heapTotal: 0,
		heapUsed: 0,
		external: 0,
		arrayBuffers: 0,
	});
	const engine: EngineReport = {
		kind: 'report',
		items: [item(0, { operationIds: ['a'] })],
		loggedIds: [],
		journalIds: [],
		error: undefined,
		hints: [],
		durationMs: 1000,
		cpuSeconds: 1,
		before: memory(100 * MEGABYTE),
		peak: memory(250 * MEGABYTE),
		end: memory(0),
		afterGc: memory(0),
		lag: { p50Ms: 10, p99Ms: 100, maxMs: 900 },
		handlesBefore: { Timeout: 1 },
		handlesAtEnd: { Timeout: 3 },
		handlesSettled: { Timeout: 1 },
		settledAfterMs: 0,
		refusedConnections: 0,
		openConnections: [],
		ledger: undefined,
	};
	const sandbox: SandboxReport = {
		kind: 'report',
		operations: [{ operationId: 'a', title: 'P0' }],
		duplicates: 0,
		requests: { upload: 1, create: 1, getOperation: 1, file: 1 },
		throttled: 0,
		faults: [],
		refusals: 0,
		uploadedBytes: MEGABYTE,
		distinctPhotos: 1,
		readyRss: 1,
		maxRss: 1,
		endRss: 1,
	};
	const missed = (more: Partial<EngineReport>, ledger: Partial<SandboxReport> = {}) =>
		judge(1, { ...sandbox, ...ledger }, { ...engine, ...more })
			.criteria.filter(({ isMet }) => !isMet)
			.map(({ name }) => name);

	it('meets every criterion right at its bound', () => {
		expect(missed({})).toEqual([]);
	});

	it.each<[string, Partial<EngineReport>, Partial<SandboxReport>]>([
		['growth of memory (RSS)', { peak: memory(250 * MEGABYTE + 1) }, {}],
		['event-loop lag, p99', { lag: { p50Ms: 1, p99Ms: 100.1, maxMs: 101 } }, {}],
		['products created twice', {}, { duplicates: 1 }],
		['lost operation IDs', { items: [item(0)] }, {}],
		['handles left open', { handlesSettled: { Timeout: 2 } }, {}],
		['items in = items out', { items: [], loggedIds: ['a'] }, {}],
		['handles left open', { handlesSettled: { Timeout: 1, TCPSocketWrap: 1 } }, {}],
	])('misses "%s" beyond it', (name, more, ledger) => {
		expect(missed(more, ledger)).toEqual([name]);
	});

	it('does not blame the node for the sockets of requests that timed out', () => {
		const handlesSettled = { Timeout: 1, TCPSocketWrap: 3 };
		const timedOut = (hits: number) => [{ call: 'create' as const, name: 'timeout', hits }];
		expect(missed({ handlesSettled }, { faults: timedOut(3) })).toEqual([]);
		expect(missed({ handlesSettled }, { faults: timedOut(2) })).toEqual(['handles left open']);
	});

	const ledger = { rows: 2, calls: 3, operationIds: ['a'], twice: [], unknown: [], open: [] };

	it('asks the ledger for every operation whose create was answered', () => {
		expect(missed({ ledger })).toEqual([]);
		expect(missed({ ledger: { ...ledger, operationIds: [] } })).toEqual([
			'operation IDs missing in the ledger',
		]);
		const lost = { ...ledger, operationIds: [], unknown: ['P0'] };
		expect(missed({ ledger: lost, items: [unknown(0)] })).toEqual([]);
	});

	it.each([
		['products twice in the ledger', { twice: ['P0'] }],
		['claims left open in the ledger', { open: ['P0'] }],
	])('misses "%s" beyond 0', (name, more) => {
		expect(missed({ ledger: { ...ledger, ...more } })).toEqual([name]);
	});

	it('counts only the handles that were not there before', () => {
		expect(handlesBeyond({ Timeout: 2, Pipe: 1 }, { Timeout: 1, Pipe: 1, Socket: 2 })).toEqual({
			Socket: 2,
		});
	});
});
