/**
 * `npm test`: every check in order, all of them even when one fails, and as the very last line
 * exactly `N passed, N failed`.
 */

import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';
import { countJestReport } from './jestReport';
import type { Counts } from './jestReport';
import { exitWith, stream } from './run';

const ROOT_DIR = resolve(__dirname, '../..');
const SPECS = '../shared/aiuta';
const SIMULATION = 'test/evidence/simulation/cli.ts';
/** A step that hangs is a failed step; the slowest takes a few minutes on two cores. */
const STEP_LIMIT_MS = 15 * 60_000;

/** One line of the plan: an npm script that counts as one check, or a project of jest. */
export type Step =
	{ kind: 'script'; name: string; args: string[] } | { kind: 'jest'; name: string; args: string[] };

/** A step that ran. */
export interface StepResult extends Counts {
	name: string;
	seconds: number;
}

function script(name: string, ...args: string[]): Step {
	return { kind: 'script', name, args: args.length === 0 ? [] : ['--', ...args] };
}

/**
 * List the steps in order, those that may run at the same time together: each of them keeps one core busy
 * at most. The simulation only when the tree has one.
 */
export function planSteps(hasSimulation: boolean): Step[][] {
	return [
		[script('typecheck'), script('lint')],
		[script('build')],
		[script('gate', '--built')],
		[{ kind: 'jest', name: 'unit', args: [] }],
		[{ kind: 'jest', name: 'contract', args: [] }],
		[
			// n8n-core keeps a handle open; jest would wait for it for ever (observed with 2.8.1).
			{ kind: 'jest', name: 'engine', args: ['--forceExit'] },
			...(hasSimulation ? [script('simulate', '--seeds', '300')] : []),
		],
	];
}

/** Write the closing table, and the line that other programs read as the last one. */
export function summarise(results: readonly StepResult[], seconds: number): string[] {
	const row = (name: string, passed: string, failed: string, seconds: string, remark: string) =>
		`${name.padEnd(12)}${passed.padStart(8)}${failed.padStart(8)}${seconds.padStart(9)}  ${remark}`.trimEnd();
	const total = (key: 'passed' | 'failed') => results.reduce((sum, result) => sum + result[key], 0);
	return [
		row('step', 'passed', 'failed', 'seconds', ''),
		...results.map(({ name, passed, failed, seconds, remarks }) =>
			row(name, String(passed), String(failed), seconds.toFixed(1), remarks.join(', ')),
		),
		row('all', String(total('passed')), String(total('failed')), seconds.toFixed(1), ''),
		'',
		`${total('passed')} passed, ${total('failed')} failed`,
	];
}

/** Run steps at the same time; what each has printed is shown when it has ended. */
async function runTogether(steps: readonly Step[], workDir: string): Promise<StepResult[]> {
	const [first, ...others] = steps;
	if (first === undefined) return [];
	if (others.length === 0) {
		console.log(`\n=== ${first.name} ===`);
		return [await runStep(first, { workDir })];
	}
	return await Promise.all(
		steps.map(async (step) => {
			const log = join(workDir, `${step.name}.log`);
			const outputFd = openSync(log, 'w');
			const result = await runStep(step, { workDir, outputFd });
			closeSync(outputFd);
			console.log(`\n=== ${step.name} ===\n${readFileSync(log, 'utf8').trimEnd()}`);
			return result;
		}),
	);
}

interface Place {
	workDir: string;
	/** Where the output goes, unless straight to the terminal. */
	outputFd?: number;
}

async function runStep(step: Step, place: Place): Promise<StepResult> {
	const startedMs = Date.now();
	const counts = step.kind === 'script' ? await runScript(step, place) : await runJest(step, place);
	return { name: step.name, seconds: (Date.now() - startedMs) / 1000, ...counts };
}

async function runScript({ name, args }: Step, place: Place): Promise<Counts> {
	const code = await run('npm', ['run', '--silent', name, ...args], place);
	return code === 0
		? { passed: 1, failed: 0, remarks: [] }
		: { passed: 0, failed: 1, remarks: [`ended with ${code}`] };
}

async function runJest({ name, args }: Step, place: Place): Promise<Counts> {
	const reportFile = join(place.workDir, `${name}.json`);
	const code = await run(
		process.execPath,
		[
			require.resolve('jest/bin/jest'),
			...['-c', 'test/jest.config.js', '--selectProjects', name, '--ci'],
			...['--json', '--outputFile', reportFile, ...args],
		],
		place,
	);
	const text = existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : undefined;
	return countJestReport(text, code);
}

async function run(command: string, args: string[], { workDir, ...to }: Place): Promise<number> {
	// What the tools leave in the temporary directory is removed with `workDir`.
	const env = { ...process.env, TMPDIR: workDir };
	return stream(command, args, { cwd: ROOT_DIR, env, limitMs: STEP_LIMIT_MS, ...to });
}

async function main(): Promise<number> {
	const workDir = mkdtempSync(join(tmpdir(), 'tests-'));
	try {
		const startedMs = Date.now();
		const results: StepResult[] = [];
		for (const steps of planSteps(existsSync(join(ROOT_DIR, SIMULATION)))) {
			results.push(...(await runTogether(steps, workDir)));
		}
		console.log('\n=== summary ===');
		if (!existsSync(join(ROOT_DIR, SPECS))) {
			console.log(`Left out: every check against the OpenAPI files, for ${SPECS} is not there.`);
		}
		for (const line of summarise(results, (Date.now() - startedMs) / 1000)) console.log(line);
		return results.some(({ failed }) => failed > 0) ? 1 : 0;
	} finally {
		rmSync(workDir, { recursive: true, force: true });
	}
}

if (require.main === module) {
	exitWith(
		main().catch((error: unknown) => {
			console.error(error);
			console.log('0 passed, 1 failed');
			return 1;
		}),
	);
}
