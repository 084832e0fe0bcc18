/** How tools start other programs, collecting their output or streaming it, and how they end. */

import { spawn, spawnSync } from 'child_process';

const ON_WINDOWS = process.platform === 'win32';

/**
 * Run a program to its end and return its standard output.
 *
 * @throws Error with the program's error output when it cannot start or ends with another code than 0.
 */
export function capture(command: string, args: readonly string[], cwd: string): string {
	const result = spawnSync(command, [...args], {
		cwd,
		encoding: 'utf8',
		shell: ON_WINDOWS,
		maxBuffer: 64 * 1024 * 1024,
	});
	if (result.error !== undefined) throw result.error;
	if (result.status !== 0) {
		throw new Error(
			`${[command, ...args].join(' ')} ended with ${result.status}: ${result.stderr}`,
		);
	}
	return result.stdout;
}

export interface StreamOptions {
	cwd: string;
	env: NodeJS.ProcessEnv;
	limitMs: number;
	/** Where its output goes instead, as a file descriptor. */
	outputFd?: number;
}

/**
 * Run a program with its output going straight to this process's own, and without input.
 * Returns its exit code; 1 when it could not start, was killed, or took longer than `limitMs`.
 */
export async function stream(
	command: string,
	args: readonly string[],
	options: StreamOptions,
): Promise<number> {
	const output = options.outputFd ?? 'inherit';
	return new Promise((resolve) => {
		const child = spawn(command, [...args], {
			cwd: options.cwd,
			env: options.env,
			stdio: ['ignore', output, output],
			shell: ON_WINDOWS,
			timeout: options.limitMs,
		});
		child.once('error', (error) => {
			console.error(`${command} could not start: ${error.message}`);
			resolve(1);
		});
		child.once('exit', (code, signal) => {
			if (signal !== null) console.error(`${command} was ended by ${signal}.`);
			resolve(code ?? 1);
		});
	});
}

/** Make a tool's result the exit code of this process; what it throws is printed and counts as 1. */
export function exitWith(result: Promise<number>): void {
	result.then(
		(code) => {
			process.exitCode = code;
		},
		(error: unknown) => {
			console.error(error);
			process.exitCode = 1;
		},
	);
}
