/** Max Operations per Run, counted over the runs of the node in one execution. */
import { reserveCreates } from '../../nodes/Aiuta/actions/createLimit';

const creates = (planned: number, settled = 0, executionId = '1') => ({
	planned,
	settled,
	executionId,
});

/** One run of the node that plans so many creates and makes so many; false when it is refused. */
function run(store: Record<string, unknown>, limit: number, planned: number, made = planned) {
	const { correct } = reserveCreates(store, creates(planned), limit);
	correct?.(made);
	return correct !== undefined;
}

describe('the limit of operations', () => {
	it('is used up by a loop, run by run', () => {
		const store = {};
		expect([run(store, 2, 1), run(store, 2, 1), run(store, 2, 1)]).toEqual([true, true, false]);
	});

	it('counts what was made, and what was planned only as long as the run lasts', () => {
		const store = {};
		expect(run(store, 5, 5, 3)).toBe(true);
		expect(run(store, 5, 2)).toBe(true);
		expect(run(store, 5, 1)).toBe(false);
	});

	it('lets a run pass that creates nothing', () => {
		const store = {};
		run(store, 1, 1);
		expect(run(store, 1, 0)).toBe(true);
	});

	it('is not used up twice by runs side by side', () => {
		const store = {};
		const first = reserveCreates(store, creates(1), 1);
		expect(run(store, 1, 1)).toBe(false);
		first.correct?.(0);
		expect(run(store, 1, 1)).toBe(true);
	});

	it('of 0 is none, and is counted all the same for the run that has one', () => {
		const store = {};
		expect(run(store, 0, 100)).toBe(true);
		expect(reserveCreates(store, creates(1), 50)).toEqual({ made: 100 });
	});

	it('outlives the way into the database and back', () => {
		const store = {};
		run(store, 1, 1);
		expect(run(JSON.parse(JSON.stringify(store)) as Record<string, unknown>, 1, 1)).toBe(false);
	});

	it('of a run that was cut short counts in a retry what its journal knows, and not what was planned', () => {
		const saved = {};
		run(saved, 5, 2);
		reserveCreates(saved, creates(3, 1), 5);
		// Two of the three creates have left by then, and the journal knew one of before.
		const retry = reserveCreates(saved, creates(1, 3, '2'), 5);
		expect(retry.made).toBe(4);
		retry.correct?.(1);
		expect(reserveCreates(saved, creates(1, 0, '2'), 5)).toEqual({ made: 5 });
	});
});
