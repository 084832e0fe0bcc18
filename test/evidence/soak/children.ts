/** Starts the processes of the soak run and talks to them; they end with this one. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

import type { Request } from './messages';

export interface Child<Message> {
	pid: number | undefined;
	/** Wait for a message; rejects when the process ends first. */
	next: <Kind extends string>(kind: Kind) => Promise<Extract<Message, { kind: Kind }>>;
	ask: (request: Request) => void;
	/** Tell it to end, and wait until it has. */
	end: () => Promise<void>;
}

/**
 * Start a TypeScript file of this folder as a process with a message channel.
 *
 * @param job handed over as its only argument, as JSON
 * @param onMessage told of every message
 */
export function startChild<Message extends { kind: string }>(
	file: string,
	job: unknown,
	{
		env = {},
		execArgv = [],
		onMessage = () => undefined,
	}: {
		env?: NodeJS.ProcessEnv;
		execArgv?: string[];
		onMessage?: (message: Message) => void;
	} = {},
): Child<Message> {
	const child = fork(join(__dirname, file), [JSON.stringify(job)], {
		// What runs TypeScript here runs it there.
		execArgv: [...process.execArgv, ...execArgv],
		env: { ...process.env, ...env },
	});
	const endWithUs = () => child.kill('SIGKILL');
	// First of all: what it works in may be removed by a later handler.
	process.prependOnceListener('exit', endWithUs);
	child.once('exit', () => process.removeListener('exit', endWithUs));
	child.on('message', (message) => onMessage(message as Message));
	return {
		pid: child.pid,
		next: async (kind) => await nextMessage(child, file, kind),
		ask: (request) => child.send(request),
		end: async () => {
			if (child.exitCode !== null || child.signalCode !== null) return;
			const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
			if (child.connected) child.send('end' satisfies Request);
			await ended;
		},
	};
}

async function nextMessage<Message>(
	child: ChildProcess,
	file: string,
	kind: string,
): Promise<Message> {
	return await new Promise<Message>((resolve, reject) => {
		const onExit = (code: number | null, signal: string | null) =>
			reject(new Error(`${file} ended early (${signal ?? code})`));
		const onMessage = (message: unknown) => {
			if (typeof message !== 'object' || message === null) return;
			if (!('kind' in message) || message.kind !== kind) return;
			child.off('message', onMessage);
			child.off('exit', onExit);
			resolve(message as Message);
		};
		child.on('message', onMessage);
		child.once('exit', onExit);
	});
}
