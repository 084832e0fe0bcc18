/** The ways in which the fault proxy can break an exchange, and which request is hit by which. */
import type { Socket } from 'node:net';

import { splitMessage } from './httpBytes';

/**
 * How far an exchange gets: the request is read and goes nowhere; the server behind has answered and
 * nothing of it is passed on; its head is; its head and half of its body are.
 */
export type CutPoint = 'request' | 'accepted' | 'head' | 'body';

/** `reset` is a RST, `close` a FIN, `stall` neither: the connection stays open in silence. */
export type CutBy = 'reset' | 'close' | 'stall';

export type Effect =
	| { kind: 'cut'; at: CutPoint; by: CutBy }
	/** Answer with these bytes and close; the server behind sees nothing. */
	| { kind: 'answer'; text: string }
	/** Pass the answer on byte by byte. */
	| { kind: 'drip' };

export interface PlantedEffect {
	/** Requests it is for, by what `kindOf` says. */
	kind: string;
	/** Part of their path; default any. */
	path?: string;
	effect: Effect;
	/** Requests it hits before it is used up. */
	times: number;
}

/** Holds the planted effects; each request is hit by at most one, the one planted first. */
export class PlantedEffects {
	private planted: PlantedEffect[] = [];

	plant(effect: PlantedEffect): void {
		this.planted.push({ ...effect });
	}

	clear(): void {
		this.planted = [];
	}

	/** Tell what the next request of a kind and path will meet. */
	next(kind: string, path: string): Effect | undefined {
		return this.find(kind, path)?.effect;
	}

	/** As `next`, and count it as used. */
	take(kind: string, path: string): Effect | undefined {
		const found = this.find(kind, path);
		if (found !== undefined) found.times -= 1;
		return found?.effect;
	}

	private find(kind: string, path: string): PlantedEffect | undefined {
		return this.planted.find(
			(it) => it.kind === kind && it.times > 0 && path.includes(it.path ?? ''),
		);
	}
}

/** What of an answer still gets through. */
export function portion(answer: Buffer, at: CutPoint): Buffer {
	const { head, body } = splitMessage(answer);
	if (at === 'request' || at === 'accepted') return Buffer.alloc(0);
	return at === 'head' ? head : answer.subarray(0, head.length + Math.ceil(body.length / 2));
}

/** Write, and give the other end, in the same process, a turn to read it. */
export async function write(socket: Socket, bytes: Buffer): Promise<void> {
	if (bytes.length > 0) await new Promise((resolve) => socket.write(bytes, resolve));
	await new Promise((resolve) => setImmediate(resolve));
}

/** End a connection, or leave it open in silence. */
export async function end(socket: Socket, by: CutBy): Promise<void> {
	// One more turn: a RST must not overtake what the other end has not read yet.
	await new Promise((resolve) => setImmediate(resolve));
	if (by === 'reset') socket.resetAndDestroy();
	if (by === 'close') socket.end();
}
