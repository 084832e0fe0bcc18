/** Max Operations per Run, counted over the runs of the node in one execution. */
import { reserveCreates } from '../../nodes/Aiuta/actions/createLimit';

/** One run of the node that plans so many creates and makes so many; false when it is refused. */
function run(store: Record<string, unknown>, limit: number, planned: number, made = planned) {
	const { settle } = reserveCreates(store, planned, limit);
	settle?.(made);
	return settle !== undefined;
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
		const first = reserveCreates(store, 1, 1);
		expect(run(store, 1, 1)).toBe(false);
		first.settle?.(0);
		expect(run(store, 1, 1)).toBe(true);
	});

	it('of 0 is none, and is counted all the same for the run that has one', () => {
		const store = {};
		expect(run(store, 0, 100)).toBe(true);
		expect(reserveCreates(store, 1, 50)).toEqual({ made: 100 });
	});

	it('outlives the way into the database and back', () => {
		const store = {};
		run(store, 1, 1);
		expect(run(JSON.parse(JSON.stringify(store)) as Record<string, unknown>, 1, 1)).toBe(false);
	});
});
