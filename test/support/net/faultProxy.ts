/**
 * A TCP proxy in front of an HTTP server that breaks chosen exchanges at chosen bytes, so that a
 * client meets the errors that real sockets report. It reads just enough HTTP/1.1 to tell one request
 * from the next (RFC 9112, section 6).
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

import {
	end,
	PlantedEffects,
	portion,
	write,
	type Effect,
	type PlantedEffect,
} from './faultEffects';
import { messageEnd, splitMessage } from './httpBytes';

const HOST = '127.0.0.1';

/**
 * Below the ports that systems hand out: while a proxy refuses connections its port belongs to nobody, and
 * a server or a connection of another process would be given it.
 */
const PORTS = { from: 20_000, below: 32_000 };
const MAX_PORT_TRIES = 20;

function isInUse(error: unknown): boolean {
	return error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE';
}

export interface SeenRequest {
	kind: string;
	/** Number of its connection, from 1. */
	connection: number;
	hasKey: boolean;
}

export interface FaultProxyOptions {
	/** Port of the server behind, on the same machine. */
	targetPort: number;
	/** Name the kind of a request by its method and path. */
	kindOf: (method: string, path: string) => string;
	/** Texts of equal length to replace in answers: addresses that must lead through another proxy. */
	rewrite?: { from: string; to: string };
	/** Speak TLS with this certificate. */
	tls?: { key: string; cert: string };
}

/** A proxy that listens on a port of its own, which stays the same when it is closed and opened. */
export class FaultProxy {
	/** Every complete request, in the order of arrival, broken ones included. */
	readonly seen: SeenRequest[] = [];

	/** Connections accepted so far. */
	connections = 0;

	/** Bytes that arrived on all connections, after decryption. */
	receivedBytes = 0;

	private readonly effects = new PlantedEffects();

	private readonly sockets = new Set<Socket>();

	private readonly server: Server;

	private resetsLeft = 0;

	private readonly port = randomInt(PORTS.from, PORTS.below);

	private constructor(private readonly options: FaultProxyOptions) {
		const serve = (socket: Socket) => this.serve(socket);
		this.server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
		this.server.on(options.tls === undefined ? 'connection' : 'secureConnection', serve);
	}

	/** Start a proxy on a free loopback port. */
	static async start(options: FaultProxyOptions): Promise<FaultProxy> {
		for (let tries = 1; ; tries += 1) {
			const proxy = new FaultProxy(options);
			try {
				await proxy.open();
				return proxy;
			} catch (error) {
				if (!isInUse(error) || tries === MAX_PORT_TRIES) throw error;
			}
		}
	}

	/** Origin that clients connect to. */
	get url(): string {
		const scheme = this.options.tls === undefined ? 'http' : 'https';
		return `${scheme}://${HOST}:${this.port}`;
	}

	/** Break requests as described. */
	plant(effect: PlantedEffect): void {
		this.effects.plant(effect);
	}

	/** Tell what the next request of a kind and path will meet. */
	next(kind: string, path: string): Effect | undefined {
		return this.effects.next(kind, path);
	}

	/** Reset the next connections as soon as they are accepted, with nothing read. */
	resetNextConnection(): void {
		this.resetsLeft += 1;
	}

	/** Stop listening at once: from now on connections are refused. */
	refuse(): void {
		if (this.server.listening) this.server.close();
	}

	/** Listen, on the same port as before. */
	async open(): Promise<void> {
		if (this.server.listening) return;
		this.server.listen(this.port, HOST);
		await once(this.server, 'listening');
	}

	/** Count the requests of a kind that arrived complete. */
	count(kind: string): number {
		return this.seen.filter((request) => request.kind === kind).length;
	}

	/** Cut every connection that is open, idle ones included. */
	cutAll(by: 'reset' | 'close'): void {
		for (const socket of this.sockets) {
			if (by === 'reset') socket.resetAndDestroy();
			else socket.destroy();
		}
	}

	/** Cut every connection and forget what was planted and seen. */
	reset(): void {
		this.cutAll('close');
		this.effects.clear();
		this.seen.length = 0;
		this.connections = 0;
		this.receivedBytes = 0;
		this.resetsLeft = 0;
	}

	close(): void {
		this.reset();
		this.refuse();
	}

	private track(socket: Socket): void {
		this.sockets.add(socket);
		socket.setNoDelay(true);
		socket.on('close', () => this.sockets.delete(socket));
		// A broken connection is what this is for; whoever waits for it hears of it by `close`.
		socket.on('error', () => socket.destroy());
	}

	private serve(client: Socket): void {
		this.track(client);
		this.connections += 1;
		const connection = this.connections;
		if (this.resetsLeft > 0) {
			this.resetsLeft -= 1;
			client.resetAndDestroy();
			return;
		}
		let received = Buffer.alloc(0);
		client.on('data', (chunk) => {
			this.receivedBytes += chunk.length;
			received = Buffer.concat([received, chunk]);
			const end = messageEnd(received);
			if (end === undefined) return;
			const request = received.subarray(0, end);
			received = received.subarray(end);
			void this.exchange(client, connection, request).catch(() => client.destroy());
		});
	}

	private async exchange(client: Socket, connection: number, request: Buffer): Promise<void> {
		const head = splitMessage(request).head.toString('latin1');
		const [method = '', path = ''] = head.split(' ', 2);
		const kind = this.options.kindOf(method, path);
		this.seen.push({ kind, connection, hasKey: /^x-api-key:/im.test(head) });
		const effect = this.effects.take(kind, path);
		if (effect?.kind === 'answer') {
			client.end(effect.text);
			return;
		}
		if (effect?.kind === 'cut' && effect.at === 'request') {
			await end(client, effect.by);
			return;
		}
		const answer = this.rewritten(await this.forward(request));
		if (effect?.kind === 'cut') {
			await write(client, portion(answer, effect.at));
			await end(client, effect.by);
			return;
		}
		if (effect?.kind === 'drip') {
			for (const byte of answer) await write(client, Buffer.of(byte));
		} else {
			await write(client, answer);
		}
		if (/^connection: *close/im.test(head)) client.end();
	}

	/** Send a request on and wait for its whole answer, whether or not the client is still there. */
	private async forward(request: Buffer): Promise<Buffer> {
		const target = connect(this.options.targetPort, HOST);
		this.track(target);
		target.write(request);
		return await new Promise<Buffer>((resolve, reject) => {
			let answer = Buffer.alloc(0);
			target.on('data', (chunk) => {
				answer = Buffer.concat([answer, chunk]);
				if (messageEnd(answer) === undefined) return;
				resolve(answer);
				target.destroy();
			});
			target.on('close', () => reject(new Error('the server behind has hung up')));
		});
	}

	private rewritten(answer: Buffer): Buffer {
		const change = this.options.rewrite;
		if (change === undefined) return answer;
		const { from, to } = change;
		if (from.length !== to.length) throw new RangeError('both texts must be of the same length');
		return Buffer.from(answer.toString('latin1').replaceAll(from, to), 'latin1');
	}
}
