/** Whether n8n has lost the notes, decided from what it has saved. */
import type { IExecuteFunctions, WorkflowExecuteMode } from 'n8n-workflow';

import { beginRun, mayHaveLost, type SavedState } from '../../nodes/Aiuta/actions/retryGuard';
import { Journal } from '../../nodes/Aiuta/batch/journal';

const NOW_MS = 1_000_000;

/** Trigger and source have run, one after the other, and both long ago. */
const OLD_RUNS = [
	{ executionIndex: 0, endMs: NOW_MS - 60_000 },
	{ executionIndex: 1, endMs: NOW_MS - 59_000 },
];

const plan = (given: Partial<SavedState>): SavedState => ({
	next: 'between',
	isOwnRunCut: false,
	isWaiting: false,
	runs: OLD_RUNS,
	...given,
});

/** The node before ours has run again, in this retry or in an earlier one. */
const withRerun = (endMs: number) => [...OLD_RUNS, { executionIndex: 0, endMs }];

describe('the notes of a retry', () => {
	it.each<[string, Partial<SavedState>]>([
		['the workflow begins anew', { next: 'start', runs: [] }],
		['n8n goes on at this node', { next: 'own' }],
		['n8n goes on at this node and knows of no run at all', { next: 'own', runs: [] }],
		['a run of this node was cut short', { isOwnRunCut: true }],
		['it was saved while the execution waited', { isWaiting: true }],
		['a node ran again, but in an earlier retry', { next: 'own', runs: withRerun(NOW_MS - 3001) }],
	])('may be lost when %s', (_case, given) => {
		expect(mayHaveLost(plan(given), NOW_MS)).toBe(true);
	});

	it('may be lost when nothing can be read', () => {
		expect(mayHaveLost(undefined, NOW_MS)).toBe(true);
	});

	it.each<[string, Partial<SavedState>]>([
		['n8n goes on at a node before this one', {}],
		['a node before this one has just run again', { next: 'own', runs: withRerun(NOW_MS - 3000) }],
		['the retry itself has waited', { isWaiting: true, runs: withRerun(NOW_MS - 90_000) }],
	])('were never begun when %s', (_case, given) => {
		expect(mayHaveLost(plan(given), NOW_MS)).toBe(false);
	});
});

/** A run of the node, or of the tool that n8n makes of it; in a retry n8n has kept nothing. */
function hostOf(mode: WorkflowExecuteMode, type = 'aiuta', store = {}): IExecuteFunctions {
	return {
		getMode: () => mode,
		getContext: () => store,
		getExecutionId: () => '2',
		getExecutionDataById: async () => await Promise.resolve(undefined),
		getWorkflowDataProxy: () => ({ $runIndex: 0 }),
		getNode: () => ({ type: `n8n-nodes-aiuta.${type}` }),
		logger: { warn: () => undefined },
	} as unknown as IExecuteFunctions;
}

const LEDGER = { name: 'Aiuta ledger' };

describe('a retry without the notes', () => {
	it('creates nothing without a ledger', async () => {
		const refused = { ok: false, failure: expect.objectContaining({ code: 'NOTES_LOST' }) };
		expect(await beginRun(hostOf('retry'), undefined)).toEqual(refused);
	});

	it.each(['return', 'returnUnlessChanged', 'skip'] as const)(
		'goes by the ledger where known products are to be treated so: %s',
		async (whenKnown) => {
			const ledgerChoice = { ...LEDGER, whenKnown };
			expect(await beginRun(hostOf('retry'), ledgerChoice)).toEqual({ ok: true, ledgerChoice });
		},
	);

	it('delivers what the ledger knows instead of generating it again, also when it is retried itself', async () => {
		const store = {};
		for (const type of ['aiuta', 'aiuta', 'aiutaTool']) {
			expect(
				await beginRun(hostOf('retry', type, store), { ...LEDGER, whenKnown: 'generateAgain' }),
			).toEqual({ ok: true, ledgerChoice: { ...LEDGER, whenKnown: 'return' } });
		}
	});

	it('in which n8n has kept them generates again as it is told', async () => {
		const store = {};
		const ledgerChoice = { ...LEDGER, whenKnown: 'generateAgain' } as const;
		for (const mode of ['trigger', 'retry'] as const) {
			const begun = await beginRun(hostOf(mode, 'aiuta', store), ledgerChoice);
			expect(begun).toEqual({ ok: true, ledgerChoice });
		}
	});
});

describe("a call of the node as an AI agent's tool", () => {
	it('creates nothing in a retry, and says so: the agent starts over', async () => {
		const refused = await beginRun(hostOf('retry', 'aiutaTool'), undefined);
		expect(refused).toMatchObject({
			failure: {
				code: 'NOTES_LOST',
				message: expect.stringMatching(/^Nothing was created: an AI agent/) as unknown,
			},
		});
	});

	it('goes on in an execution of its own', async () => {
		const begun = await beginRun(hostOf('manual', 'aiutaTool'), undefined);
		expect(begun).toEqual({ ok: true, ledgerChoice: undefined });
	});
});

const PLACE = { itemIndex: 0, api: 'flatLays', imageTypes: [] } as const;

describe('the journal', () => {
	const stored = (store: Record<string, unknown>) =>
		JSON.parse(JSON.stringify(store)) as Record<string, unknown>;

	it('knows the notes of an earlier try once they are begun, even when nothing was noted', () => {
		const store = {};
		expect(Journal.isKnown(store, 0, '1')).toBe(false);
		Journal.begin(store, 0, '1');
		expect(Journal.isKnown(stored(store), 0, '2')).toBe(true);
	});

	it('knows every run of the node in the execution that has begun the notes, and no other', () => {
		const store = {};
		Journal.begin(store, 0, '1');
		expect(Journal.isKnown(store, 1, '1')).toBe(true);
		expect(Journal.isKnown(stored(store), 1, '2')).toBe(false);
	});

	it('keeps what is noted when the notes are taken up', () => {
		const store = {};
		Journal.begin(store, 0, '1');
		new Journal(store, 0).at(PLACE).write({ state: 'created', imageIds: [], operationId: 'op' });
		const after = stored(store);
		Journal.begin(after, 0, '2');
		expect(new Journal(after, 0).at(PLACE).read()).toMatchObject({ operationId: 'op' });
	});

	it('never forgets that the notes are lost', () => {
		const store = {};
		Journal.begin(store, 0, '1');
		Journal.markLost(store);
		const after = stored(store);
		expect(Journal.isLost(after)).toBe(true);
		expect(Journal.isKnown(after, 0, '1')).toBe(false);
	});
});
