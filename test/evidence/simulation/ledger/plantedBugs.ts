/** Bugs that the simulation of the ledger must notice. */
import { bug, type PlantedCampaign } from '../plantedBugs';

const LEDGER = 'batch/ledger.ts';
const WRITER = 'batch/ledgerWriter.ts';
const APPEND = 'const answer = await this.table.append(rows, readBack);';
const CONTEST = 'batch/ledgerContest.ts';
const ROWS = 'batch/ledgerRows.ts';
const ANSWERS = 'batch/ledgerAnswers.ts';
const BUDGET = 'batch/ledgerBudget.ts';

const BUGS = [
	bug(
		'the create leaves before its claim is committed',
		WRITER,
		APPEND,
		'const value = rows.map((row, id) => ({ ...row, id: 10 ** 6 + id, createdAtMs: this.clock.now() })); void this.table.append(rows, []); const answer = readBack.length > 0 ? { ok: true as const, value } : await this.table.append(rows, readBack);',
	),
	bug(
		'a claim is read back as the table was before it',
		WRITER,
		APPEND,
		`const before = await this.table.rowsOf(readBack); ${APPEND} if (answer.ok && before.ok) answer.value = [...before.value, ...answer.value.filter((read) => rows.some(({ run }) => run === read.run))];`,
	),
	bug(
		'a claim is not read back',
		LEDGER,
		'await this.contest.judge(job, key, attempt, committed)',
		"committed.ok ? ({ kind: 'go' } as Claimed) : refused(committed.failure)",
	),
	{
		name: 'the newest claim wins',
		edits: [
			{ file: CONTEST, from: 'firstId < mine.id', to: 'firstId > mine.id' },
			{ file: CONTEST, from: 'if (others.length === 0) {', to: 'if (others.length >= 0) {' },
		],
	},
	bug(
		'the oldest claim does not wait for younger ones',
		CONTEST,
		'if (others.length === 0) {',
		'if (others.length >= 0) {',
	),
	bug(
		'a create whose turn has come waits for the claims of others to end',
		CONTEST,
		'if (watches >= MAX_WATCHES) return AGAIN;',
		'',
	),
	bug(
		'what was read long ago says that the outcome of a claim is unknown',
		CONTEST,
		'(isReadAgain || !attempts.some(isAbandoned))',
		'true',
	),
	bug(
		'an unknown outcome is written as released',
		LEDGER,
		"this.conclude(job, 'unknown', { reason: message });",
		"this.conclude(job, 'released', {});",
	),
	bug(
		'what is unknown is created again',
		ROWS,
		"return found('unknown', other);",
		"return found('released', other);",
	),
	bug(
		'a claim that is open no more counts as given back',
		ROWS,
		"CLAIM_OPEN_MS ? 'open' : 'unknown'",
		"CLAIM_OPEN_MS ? 'open' : 'released'",
	),
	bug(
		'an ID is written at the end of the run only',
		LEDGER,
		'this.recorder.write(job, state, work.attempt, SOON_MS, particulars);',
		'this.recorder.write(job, state, work.attempt, 10 ** 8, particulars);',
	),
	bug(
		'an ID that could not be written is forgotten',
		'batch/ledgerRecorder.ts',
		'{ withinMs, isClaim: false }',
		'{ withinMs, isClaim: true }',
	),
	bug(
		'open claims of other runs are removed',
		ROWS,
		"if (state === 'open') return [];",
		"if (state === 'open') return [row];",
	),
	bug(
		'the only row of an operation is removed',
		ROWS,
		"return state === 'released' ? [...superseded, row] : superseded;",
		'return [...superseded, row];',
	),
	bug(
		'an operation of another execution is created again',
		ANSWERS,
		"if (whenKnown === 'generateAgain') return true;",
		'return true;',
	),
	bug(
		'the last of a budget goes to everybody who asks',
		BUDGET,
		"if (this.problem(isOver) === undefined) return 'go';",
		"if (this.problem(isOver) === undefined || own.firstId > 0) return 'go';",
	),
];

/** The simulation of the ledger, with so many seeds to notice a bug. */
export function ledgerCampaign(seeds: number): PlantedCampaign {
	const command = ['test/evidence/simulation/ledger/cli.ts', '--seeds', String(seeds)];
	return { bugs: BUGS, command, report: ' seeds: ' };
}
