import { countJestReport } from '../tools/jestReport';
import { planSteps, summarise, type Step } from '../tools/runTests';

const totals = {
	numPassedTests: 5,
	numFailedTests: 0,
	numPendingTests: 0,
	numTodoTests: 0,
	numRuntimeErrorTestSuites: 0,
};

const count = (change: Partial<typeof totals>, exitCode = 0) =>
	countJestReport(JSON.stringify({ ...totals, ...change }), exitCode);

describe('the count of a jest project', () => {
	it('is its tests when all of them passed', () => {
		expect(count({})).toEqual({ passed: 5, failed: 0, remarks: [] });
	});

	it('has every failed test', () => {
		expect(count({ numFailedTests: 2 }, 1)).toEqual({ passed: 5, failed: 2, remarks: [] });
	});

	it.each([
		['a skipped test', { numPendingTests: 1 }, '1 skipped'],
		['a test still to be written', { numTodoTests: 1 }, '1 still to be written'],
		[
			'a test file that could not run',
			{ numRuntimeErrorTestSuites: 1 },
			'1 test files could not run',
		],
	])('takes %s for a failure', (_case, change, remark) => {
		expect(count(change)).toEqual({ passed: 5, failed: 1, remarks: [remark] });
	});

	it('takes a project without tests for a failure', () => {
		expect(count({ numPassedTests: 0 })).toEqual({
			passed: 0,
			failed: 1,
			remarks: ['no test ran'],
		});
	});

	it('takes an exit code that no counter explains for a failure', () => {
		expect(count({}, 3)).toEqual({ passed: 5, failed: 1, remarks: ['jest ended with 3'] });
	});

	it.each([undefined, '', '{"numPassedTests":5}', 'null'])(
		'takes a missing or broken report for a failure: %p',
		(text) => {
			expect(countJestReport(text, 0)).toMatchObject({ passed: 0, failed: 1 });
		},
	);
});

describe('the plan of npm test', () => {
	it('builds before the steps that look at the build, and forces only the engine to exit', () => {
		const written = ({ name, args }: Step) => [name, ...args].join(' ');
		expect(planSteps(true).map((steps) => steps.map(written))).toEqual([
			['typecheck', 'lint'],
			['build'],
			['gate -- --built'],
			['unit'],
			['contract'],
			['engine --forceExit', 'simulate -- --seeds 300'],
		]);
	});

	it('has no simulation where the tree has none', () => {
		expect(planSteps(false).flatMap((steps) => steps.map(({ name }) => name))).not.toContain(
			'simulate',
		);
	});
});

describe('the summary of npm test', () => {
	it('ends with the sum of all steps in a fixed form', () => {
		const results = [
			{ name: 'lint', passed: 1, failed: 0, seconds: 2.34, remarks: [] },
			{ name: 'unit', passed: 40, failed: 2, seconds: 8, remarks: ['1 skipped'] },
		];
		const lines = summarise(results, 9.5);
		expect(lines).toEqual([
			'step          passed  failed  seconds',
			'lint               1       0      2.3',
			'unit              40       2      8.0  1 skipped',
			'all               41       2      9.5',
			'',
			'41 passed, 2 failed',
		]);
	});
});
