/** How long the operations of a run take, as far as a few scouts have told. */
import { TypicalDuration } from '../../nodes/Aiuta/schedule/typicalDuration';

function told(answers: ReadonlyArray<[ageMs: number, hasEnded: boolean]>): TypicalDuration {
	const typical = new TypicalDuration();
	for (const [ageMs, hasEnded] of answers) typical.learn(ageMs, hasEnded);
	return typical;
}

/** Take seats until there is none. */
function seatsFor(typical: TypicalDuration, ageMs: number): number[] {
	const atMs: number[] = [];
	for (let seat = typical.takeSeat(ageMs); seat !== undefined; seat = typical.takeSeat(ageMs)) {
		atMs.push(seat);
	}
	return atMs;
}

describe('the scouts of a run', () => {
	it('are six at a time, asked at different ages between 3 and 6 seconds', () => {
		const atMs = seatsFor(new TypicalDuration(), 0);
		expect(new Set(atMs).size).toBe(6);
		expect(Math.min(...atMs)).toBe(3_000);
		expect(Math.max(...atMs)).toBeLessThan(6_000);
	});

	it('make room for others, which are asked later', () => {
		const typical = new TypicalDuration();
		seatsFor(typical, 0);
		typical.leaveSeat(40_000);
		expect(typical.takeSeat(25_000)).toBe(40_000);
		expect(typical.takeSeat(25_000)).toBeUndefined();
	});

	it('are old enough to tell soon', () => {
		const typical = new TypicalDuration();
		seatsFor(typical, 0);
		typical.leaveSeat(40_000);
		expect(typical.takeSeat(19_000)).toBeUndefined();
		expect(typical.takeSeat(20_000)).toBe(40_000);
	});

	it('are not needed once the duration is known', () => {
		const typical = told([
			[10, true],
			[11, true],
			[12, true],
		]);
		expect(typical.takeSeat(60_000)).toBeUndefined();
	});
});

describe('the median duration', () => {
	it.each<[string, Array<[number, boolean]>, number | undefined]>([
		['nothing was asked', [], undefined],
		[
			'less than half of the answers are ends',
			[
				[10, false],
				[20, true],
				[30, true],
			],
			undefined,
		],
		[
			'all have ended',
			[
				[10, true],
				[20, true],
				[30, true],
			],
			20,
		],
		[
			'half of the latest answers are ends',
			[
				[1, false],
				[2, false],
				[3, false],
				[10, false],
				[11, true],
				[12, false],
				[13, true],
				[14, false],
				[15, true],
			],
			13,
		],
	])('when %s is as expected', (_, answers, expected) => {
		expect(told(answers).times?.firstMs).toBe(expected);
	});

	it('does not change once it is known', () => {
		const typical = told([
			[10, true],
			[20, true],
			[30, true],
			[900, true],
			[900, true],
			[900, true],
		]);
		expect(typical.times?.firstMs).toBe(20);
	});
});
