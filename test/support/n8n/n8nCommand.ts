/** Runs a program to its end, with a limit in time and its output kept for the error message. */
import { spawn } from 'node:child_process';

const KEPT_OUTPUT_LENGTH = 4000;

export interface CommandOptions {
	cwd: string;
	env?: NodeJS.ProcessEnv;
	limitMs: number;
}

/**
 * Run a program without input and return its standard output.
 *
 * @throws Error with the end of its output when it cannot start, fails or takes longer than `limitMs`
 */
export async function command(
	program: string,
	args: readonly string[],
	{ cwd, env = process.env, limitMs }: CommandOptions,
): Promise<string> {
	return await new Promise((resolve, reject) => {
		const child = spawn(program, [...args], {
			cwd,
			env,
			stdio: ['ignore', 'pipe', 'pipe'],
			timeout: limitMs,
		});
		let output = '';
		let everything = '';
		child.stdout.on('data', (chunk: Buffer) => {
			output += chunk.toString();
			everything += chunk.toString();
		});
		child.stderr.on('data', (chunk: Buffer) => {
			everything += chunk.toString();
		});
		child.once('error', reject);
		child.once('close', (code, signal) => {
			if (code === 0) {
				resolve(output);
				return;
			}
			const line = [program, ...args].join(' ');
			const end =
				signal === null
					? `ended with ${code ?? 'nothing'}`
					: `was ended by ${signal} (limit ${limitMs / 1000} s)`;
			reject(new Error(`${line} ${end}: ${everything.slice(-KEPT_OUTPUT_LENGTH)}`));
		});
	});
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
