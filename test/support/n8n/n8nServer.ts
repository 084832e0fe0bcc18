/** Starts n8n processes on loopback ports of their own, waits until they are up, and ends them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { N8nInstall } from './n8nInstall';

const UP_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 250;
const SHOWN_OUTPUT_LENGTH = 4000;

/** Settings of the user's own n8n or of npm must not reach the one that is started here. */
const FOREIGN_SETTINGS =
	/^(N8N_|DB_|QUEUE_|EXECUTIONS_|GENERIC_|WEBHOOK_|NODE_OPTIONS$|npm_|NODES_)/i;

export interface N8nOptions {
	install: N8nInstall;
	/** N8N_USER_FOLDER: database, binaries and installed nodes. */
	userFolder: string;
	encryptionKey: string;
	/** A free port unless given. */
	port?: number;
	/** Further settings of n8n. */
	env?: Readonly<Record<string, string>>;
	/** `worker` is a process of queue mode without an editor. */
	role?: 'main' | 'worker';
	/** How many executions a worker runs at the same time; 10 as n8n itself has it. */
	concurrency?: number;
	/** Called with everything it prints, as it comes. */
	onOutput?: (text: string) => void;
}

/** A running n8n process. */
export interface N8nServer {
	/** Where the editor and the REST API are; for a worker, its health check. */
	url: string;
	port: number;
	/** The process that runs the engine; its task runners are children of it. */
	pid: number;
	/** Everything it has printed. */
	output: () => string;
	/** End it as an administrator would, and wait until it is gone. */
	stop: () => Promise<void>;
	/** End it and its children at once, as a crash would. */
	kill: () => Promise<void>;
}

/** Ask the system for a port that is free now. */
export async function freePort(): Promise<number> {
	return await new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once('error', reject);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			const port = typeof address === 'object' && address !== null ? address.port : 0;
			probe.close(() => resolve(port));
		});
	});
}

/** Look again and again until `look` gives a value; undefined when the time is up. */
export async function poll<T>(
	look: () => Promise<T | undefined> | T | undefined,
	limitMs: number,
	everyMs = LOOK_EVERY_MS,
): Promise<T | undefined> {
	const endMs = Date.now() + limitMs;
	for (;;) {
		const found = await look();
		if (found !== undefined || Date.now() > endMs) return found;
		await sleep(everyMs);
	}
}

async function isAnswering(url: string): Promise<boolean> {
	try {
		const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
		await response.arrayBuffer();
		return response.ok;
	} catch {
		return false;
	}
}

async function environment(options: N8nOptions, port: number): Promise<NodeJS.ProcessEnv> {
	const { install, userFolder, encryptionKey, env = {}, role = 'main' } = options;
	const own = Object.entries(process.env).filter(([name]) => !FOREIGN_SETTINGS.test(name));
	return {
		...Object.fromEntries(own),
		PATH: `${dirname(install.nodeBinary)}:${process.env['PATH'] ?? ''}`,
		N8N_USER_FOLDER: userFolder,
		N8N_ENCRYPTION_KEY: encryptionKey,
		N8N_PORT: String(port),
		N8N_LISTEN_ADDRESS: '127.0.0.1',
		N8N_HOST: '127.0.0.1',
		N8N_RUNNERS_BROKER_PORT: String(await freePort()),
		N8N_DIAGNOSTICS_ENABLED: 'false',
		N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
		N8N_TEMPLATES_ENABLED: 'false',
		N8N_PERSONALIZATION_ENABLED: 'false',
		N8N_SECURE_COOKIE: 'false',
		N8N_LOG_LEVEL: 'info',
		...(role === 'worker'
			? {
					QUEUE_HEALTH_CHECK_ACTIVE: 'true',
					QUEUE_HEALTH_CHECK_PORT: String(port),
				}
			: {}),
		...env,
	};
}

async function ended(child: ChildProcess, limitMs: number): Promise<boolean> {
	const isGone = () => (child.exitCode !== null || child.signalCode !== null ? true : undefined);
	return (await poll(isGone, limitMs, 50)) === true;
}

/** End this process with its children on Ctrl-C: without a handler Node.js skips its exit handlers. */
export function exitOnSignals(): void {
	for (const signal of ['SIGINT', 'SIGTERM'] as const)
		process.once(signal, () => process.exit(130));
}

/** Send a signal to the process and everything it has started. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
	if (pid === undefined) return;
	try {
		process.kill(-pid, signal);
	} catch {
		// The group is gone already.
	}
}

/**
 * Start n8n and wait until it answers.
 *
 * @throws Error with the end of its output when it ends or is not up within three minutes
 */
export async function startN8n(options: N8nOptions): Promise<N8nServer> {
	const { install, userFolder, role = 'main', concurrency = 10, onOutput } = options;
	mkdirSync(userFolder, { recursive: true });
	const port = options.port ?? (await freePort());
	const child = spawn(
		install.nodeBinary,
		[
			install.script,
			...(role === 'worker' ? ['worker', `--concurrency=${concurrency}`] : ['start']),
		],
		{
			cwd: userFolder,
			env: await environment(options, port),
			stdio: ['ignore', 'pipe', 'pipe'],
			// A group of its own, so that Ctrl-C reaches it through us and its children end with it.
			detached: true,
		},
	);
	let output = '';
	const keep = (chunk: Buffer) => {
		const text = chunk.toString();
		output += text;
		onOutput?.(text);
	};
	child.stdout.on('data', keep);
	child.stderr.on('data', keep);
	let spawnError: Error | undefined;
	child.once('error', (error) => {
		spawnError = error;
	});
	const killWithUs = () => signalGroup(child, 'SIGKILL');
	process.once('exit', killWithUs);
	const kill = async () => {
		signalGroup(child, 'SIGKILL');
		await ended(child, STOP_LIMIT_MS);
		process.removeListener('exit', killWithUs);
	};
	const stop = async () => {
		child.kill('SIGTERM');
		await ended(child, STOP_LIMIT_MS);
		await kill();
	};

	const url = `http://127.0.0.1:${port}`;
	const upUrl = `${url}/healthz/readiness`;
	const outcome = await poll(async () => {
		if (spawnError !== undefined || child.exitCode !== null || child.signalCode !== null) {
			return 'ended' as const;
		}
		// The server answers before its nodes are loaded; the line comes after.
		const isLoaded = role === 'worker' || output.includes('Editor is now accessible');
		return isLoaded && (await isAnswering(upUrl)) ? ('up' as const) : undefined;
	}, UP_LIMIT_MS);
	const { pid } = child;
	if (outcome === 'up' && pid !== undefined) {
		return { url, port, pid, output: () => output, stop, kill };
	}
	await kill();
	throw new Error(
		`n8n ${install.version} did not come up (${outcome ?? 'time is up'}): ${spawnError?.message ?? ''}${output.slice(-SHOWN_OUTPUT_LENGTH)}`,
	);
}
