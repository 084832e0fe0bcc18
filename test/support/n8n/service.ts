/** Servers from Debian's packages: started by hand on loopback, with throw-away data, ended with us. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { command } from './n8nCommand';
import { poll } from './n8nServer';

const READY_LIMIT_MS = 30_000;
const INSTALL_LIMIT_MS = 5 * 60_000;
const SHOWN_OUTPUT_LENGTH = 2000;
/** A server may run as another user, who must be able to reach its data folder. */
const DATA_PARENT = '/var/tmp';

export interface Service {
	stop: () => Promise<void>;
}

/** Start a server on a new data folder that goes when it is stopped, or when it cannot be started. */
export async function onDataFolder<Started extends Service>(
	name: string,
	start: (dir: string) => Promise<Started>,
): Promise<Started> {
	const dir = mkdtempSync(join(DATA_PARENT, `aiuta-${name}-`));
	const remove = () => rmSync(dir, { recursive: true, force: true });
	try {
		const started = await start(dir);
		const stop = async () => {
			await started.stop();
			remove();
		};
		return { ...started, stop };
	} catch (error) {
		remove();
		throw error;
	}
}

/**
 * Make sure that a server's program is there; on a build machine Debian's packages are installed where it is
 * missing.
 *
 * @param find where the program is, or undefined
 * @throws Error with what to install
 */
export async function provide(
	packages: readonly string[],
	find: () => string | undefined,
): Promise<string> {
	const there = find();
	if (there !== undefined) return there;
	const args = ['install', '-y', '--no-install-recommends', ...packages];
	if (process.env['CI'] === undefined || process.getuid?.() !== 0) {
		throw new Error(
			`This needs ${packages.join(' and ')}. On Debian, as root: apt-get ${args.join(' ')}`,
		);
	}
	await command('apt-get', args, { cwd: '/', limitMs: INSTALL_LIMIT_MS });
	const installed = find();
	if (installed === undefined) throw new Error(`${packages.join(' and ')}: still missing`);
	return installed;
}

/** Start a server and wait until `isReady`; throws with the end of its output when it ends before. */
export async function startService(
	program: string,
	args: readonly string[],
	cwd: string,
	isReady: () => Promise<unknown>,
): Promise<Service> {
	const child: ChildProcess = spawn(program, [...args], {
		cwd,
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: true,
	});
	let output = '';
	const keep = (chunk: Buffer) => {
		output = (output + chunk.toString()).slice(-SHOWN_OUTPUT_LENGTH);
	};
	child.stdout?.on('data', keep);
	child.stderr?.on('data', keep);
	child.once('error', (error) => {
		output += error.message;
	});
	const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
	const killWithUs = () => child.kill('SIGKILL');
	process.once('exit', killWithUs);
	const stop = async () => {
		// SIGINT is PostgreSQL's fast shutdown; Redis takes it as well.
		child.kill('SIGINT');
		await poll(() => (hasEnded() ? true : undefined), READY_LIMIT_MS, 50);
		child.kill('SIGKILL');
		process.removeListener('exit', killWithUs);
	};
	const outcome = await poll(async () => {
		if (hasEnded() || child.pid === undefined) return 'ended';
		return await isReady().then(
			() => 'ready',
			() => undefined,
		);
	}, READY_LIMIT_MS);
	if (outcome === 'ready') return { stop };
	await stop();
	throw new Error(`${program} did not come up: ${output}`);
}
