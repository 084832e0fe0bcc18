/** Faults of an answer that is otherwise right: disguised, compressed badly, far too long, or far too slow. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { Answer } from './answer';
import { pause } from './clock';
import type { FaultEffect } from './types';

type Damage = Extract<FaultEffect, { kind: 'disguise' | 'drip' | 'gzip' | 'huge' }>;

interface Content {
	bytes: Buffer;
	contentType: string;
}

function contentOf({ raw, json }: Answer): Content {
	if (raw !== undefined) {
		const { body, contentType } = raw;
		if (body instanceof Readable) throw new TypeError('an answer is damaged once');
		return { bytes: Buffer.from(body), contentType };
	}
	const text = json === undefined ? '' : JSON.stringify(json);
	return { bytes: Buffer.from(text), contentType: 'application/json' };
}

/** Blanks, one at a time, and then the answer; ends early with the sandbox. */
async function* drips(
	bytes: Buffer,
	{ everyMs, forMs }: Extract<Damage, { kind: 'drip' }>,
	closing: AbortSignal,
): AsyncGenerator<Buffer> {
	for (let passedMs = 0; passedMs < forMs && !closing.aborted; passedMs += everyMs) {
		yield Buffer.from(' ');
		await pause(everyMs, closing);
	}
	yield bytes;
}

/** Compress; a damaged stream has the full head and cannot be read to its end. */
function compress(bytes: Buffer, damage: 'none' | 'cut' | 'broken'): Buffer {
	const whole = gzipSync(bytes);
	if (damage === 'none') return whole;
	const middle = Math.ceil(whole.length / 2);
	if (damage === 'cut') return whole.subarray(0, middle);
	const broken = Buffer.from(whole);
	broken.fill(0xff, middle);
	return broken;
}

/** Damage an answer. */
export function damaged(answer: Answer, effect: Damage, closing: AbortSignal): Answer {
	const { bytes, contentType } = contentOf(answer);
	const { status, headers = {} } = answer;
	switch (effect.kind) {
		case 'disguise': {
			const shown = effect.body === undefined ? bytes : Buffer.from(effect.body);
			const body = shown.subarray(0, effect.keepBytes ?? shown.length);
			const type = effect.contentType ?? contentType;
			return { status: effect.status ?? status, headers, raw: { body, contentType: type } };
		}
		case 'drip': {
			const body = Readable.from(drips(bytes, effect, closing), { objectMode: false });
			return { status, headers, raw: { body, contentType } };
		}
		case 'gzip': {
			const body = compress(bytes, effect.damage);
			return {
				status,
				headers: { ...headers, 'content-encoding': 'gzip' },
				raw: { body, contentType },
			};
		}
		case 'huge': {
			const blanks = Buffer.alloc(Math.max(0, effect.sizeBytes - bytes.length), ' ');
			return { status, headers, raw: { body: Buffer.concat([blanks, bytes]), contentType } };
		}
	}
}
