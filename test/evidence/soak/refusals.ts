/**
 * Refused connections: the listener of the API shuts for a moment now and then, so that connections
 * made meanwhile provably never open. What is being served goes on.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:http';

import { Random } from '../../support/random';

/** Requests of this many slots fall into one shut moment. */
const REQUESTS_SHUT_OUT = 2;
const TAKEN_RETRY_MS = 50;

export interface RefusalOptions {
	port: number;
	rps: number;
	/** Share of the calls to refuse, in percent. */
	percent: number;
	seed: number;
}

/**
 * Shut the listener on `port` at random moments, from its first request on.
 *
 * @returns tells how often it was shut so far
 */
export function refuseNowAndThen(options: RefusalOptions): () => number {
	const { port, rps, percent, seed } = options;
	const random = new Random(seed);
	const shutMs = (REQUESTS_SHUT_OUT / rps) * 1000;
	const meanPauseMs = (shutMs * 100) / percent;
	let server: Server | undefined;
	let refusals = 0;

	const later = () => setTimeout(shut, meanPauseMs * random.between(0.5, 1.5)).unref();
	const shut = () => {
		// Closing ends idle connections too; `listen` before the last one has ended takes it back.
		server?.close();
		refusals += 1;
		setTimeout(reopen, shutMs).unref();
	};
	const reopen = () => server?.listen(port, '127.0.0.1');
	subscribe('http.server.request.start', (message) => {
		const found = serverOf(message);
		if (server !== undefined || found === undefined) return;
		const address = found.address();
		if (typeof address !== 'object' || address?.port !== port) return;
		server = found;
		if (percent <= 0) return;
		server.on('listening', later);
		// Another connection of this machine may have been given the port meanwhile.
		server.on('error', () => setTimeout(reopen, TAKEN_RETRY_MS).unref());
		later();
	});
	return () => refusals;
}

function serverOf(message: unknown): Server | undefined {
	return typeof message === 'object' && message !== null && 'server' in message
		? (message.server as Server)
		: undefined;
}
