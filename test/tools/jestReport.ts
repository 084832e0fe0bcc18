/**
 * Turns the JSON report of one jest project into passed and failed. Stricter than jest: a project
 * that runs nothing, a skipped test and a test still to be written are failures.
 */

/** Results of one step; a command counts as one check, a jest project by its tests. */
export interface Counts {
	passed: number;
	failed: number;
	/** Why something counts as failed that no test reported itself. */
	remarks: string[];
}

const COUNTERS = [
	'numPassedTests',
	'numFailedTests',
	'numPendingTests',
	'numTodoTests',
	'numRuntimeErrorTestSuites',
] as const;

type JestTotals = Record<(typeof COUNTERS)[number], number>;

function isTotals(value: unknown): value is JestTotals {
	if (typeof value !== 'object' || value === null) return false;
	const record = value as Record<string, unknown>;
	return COUNTERS.every((counter) => typeof record[counter] === 'number');
}

/**
 * Count a project's results.
 *
 * @param reportText The file written by `jest --json --outputFile`; undefined when there is none.
 * @param exitCode Jest's own; a failure that no counter explains counts as one.
 */
export function countJestReport(reportText: string | undefined, exitCode: number): Counts {
	const report = parse(reportText);
	if (!isTotals(report)) {
		return { passed: 0, failed: 1, remarks: ['jest left no report'] };
	}
	const extra: Array<[number, string]> = [
		[report.numPendingTests, 'skipped'],
		[report.numTodoTests, 'still to be written'],
		[report.numRuntimeErrorTestSuites, 'test files could not run'],
	];
	const remarks = extra.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
	const passed = report.numPassedTests;
	let failed = report.numFailedTests + extra.reduce((total, [n]) => total + n, 0);
	if (passed + report.numFailedTests === 0) {
		remarks.push('no test ran');
		failed = Math.max(failed, 1);
	}
	if (failed === 0 && exitCode !== 0) {
		remarks.push(`jest ended with ${exitCode}`);
		failed = 1;
	}
	return { passed, failed, remarks };
}

function parse(text: string | undefined): unknown {
	if (text === undefined) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
