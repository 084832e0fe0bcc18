/** Measures the process it runs in: memory, event-loop lag, open handles, refused connections. */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Handles, LagFigures, Memory } from './messages';

const SAMPLE_EVERY_MS = 100;
/** Each value of the monitor includes this: a loop without any work shows about 10 ms. */
const LAG_RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1e6;
const SETTLE_LIMIT_MS = 20_000;
const SETTLE_STEP_MS = 250;

/** Read the memory of this process. */
export function memoryNow(): Memory {
	const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
	return { rss, heapTotal, heapUsed, external, arrayBuffers };
}

/** Collect garbage, wait a moment, and read the memory; needs `--expose-gc`. */
export async function memoryAfterGc(): Promise<Memory> {
	if (globalThis.gc === undefined) throw new Error('start the engine with --expose-gc');
	globalThis.gc();
	await sleep(SETTLE_STEP_MS);
	globalThis.gc();
	await sleep(SETTLE_STEP_MS);
	return memoryNow();
}

export interface Watch {
	/** Values at the moment of the highest RSS. */
	peak: () => Memory;
	/** Stop, and tell how late the event loop was. */
	stop: () => LagFigures;
}

/** Watch the event loop until stopped. */
export function watchLag(): () => LagFigures {
	const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
	lag.enable();
	return () => {
		lag.disable();
		const inMs = (nanoseconds: number) => nanoseconds / NANOSECONDS_PER_MS;
		return {
			p50Ms: inMs(lag.percentile(50)),
			p99Ms: inMs(lag.percentile(99)),
			maxMs: inMs(lag.max),
		};
	};
}

/** Watch memory and event loop until stopped. */
export function watchProcess(): Watch {
	let peak = memoryNow();
	const sampling = setInterval(() => {
		if (process.memoryUsage.rss() > peak.rss) peak = memoryNow();
	}, SAMPLE_EVERY_MS);
	const stopLag = watchLag();
	return {
		peak: () => peak,
		stop: () => {
			clearInterval(sampling);
			return stopLag();
		},
	};
}

/** Count the open resources of this process by kind. */
export function openHandles(): Handles {
	const handles: Handles = {};
	for (const kind of process.getActiveResourcesInfo()) handles[kind] = (handles[kind] ?? 0) + 1;
	return handles;
}

/** Tell which handles there are beyond those of before. */
export function handlesBeyond(before: Handles, after: Handles): Handles {
	const more = Object.entries(after)
		.map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
		.filter(([, count]) => count > 0);
	return Object.fromEntries(more);
}

/** Wait until no handle is left beyond those of before, at most 20 s: idle connections last 5 s. */
export async function settledHandles(before: Handles): Promise<{ handles: Handles; ms: number }> {
	const startedAtMs = performance.now();
	for (;;) {
		const handles = openHandles();
		const ms = performance.now() - startedAtMs;
		const isSettled = Object.keys(handlesBeyond(before, handles)).length === 0;
		if (isSettled || ms > SETTLE_LIMIT_MS) return { handles, ms };
		await sleep(SETTLE_STEP_MS);
	}
}

export interface SocketWatch {
	/** How many connections of this process were refused. */
	refused: () => number;
	/** The connections that are open, each with its latest request. */
	open: () => string[];
}

/** Watch the connections that this process opens from now on. */
export function watchSockets(): SocketWatch {
	let refused = 0;
	const open = new Map<Socket, string>();
	subscribe('net.client.socket', (message) => {
		const { socket } = message as { socket: Socket };
		open.set(socket, 'no request');
		socket.once('close', () => open.delete(socket));
		socket.once('error', (error: NodeJS.ErrnoException) => {
			if (error.code === 'ECONNREFUSED') refused += 1;
		});
	});
	subscribe('http.client.request.start', (message) => {
		const { request } = message as { request: ClientRequest };
		const note = (what: string) => {
			const { socket } = request;
			if (socket !== null && open.has(socket)) {
				open.set(socket, `${request.method} ${request.path.replace(/\?.*/, '')} (${what})`);
			}
		};
		if (request.socket === null) request.once('socket', () => note('no answer'));
		else note('no answer');
		request.once('response', ({ statusCode }) => note(`answer ${statusCode}`));
	});
	return { refused: () => refused, open: () => [...open.values()] };
}
