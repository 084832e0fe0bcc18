/** The sandbox's changeable settings: defaults, checks, and the state that hangs on them. */
import { TokenBucket } from './rateLimit';
import type { ApiKeys, GenerationTime, SandboxOptions, SandboxSettings } from './types';

/** Make the keys of the three generations, alike but for their ends. */
export function keysNamed(name: string): ApiKeys {
	return { flatLays: `${name}-flat-lays`, studio: `${name}-studio`, unified: `${name}-unified` };
}

const DEFAULTS: SandboxSettings = {
	apiKeys: keysNamed('sandbox-key'),
	forbiddenKeys: ['forbidden-key'],
	skuCount: 24,
	generationMs: 2000,
	concurrency: null,
	rateLimit: null,
	picture: 'compose',
	cachedPictureBytes: 0,
	namesUnknownImages: true,
};

function checkGenerationTime(time: GenerationTime): void {
	if (typeof time === 'object' && 'listMs' in time) {
		if (time.listMs.length > 0 && time.listMs.every((timeMs) => timeMs >= 0)) return;
		throw new RangeError('the list of generationMs must not be empty, each entry 0 or more');
	}
	const { minMs, maxMs } = typeof time === 'number' ? { minMs: time, maxMs: time } : time;
	if (!(minMs >= 0 && maxMs >= minMs)) {
		throw new RangeError('generationMs must be 0 or more, and maxMs at least minMs');
	}
}

function check(settings: SandboxSettings): void {
	const { generationMs, concurrency, rateLimit } = settings;
	checkGenerationTime(generationMs);
	if (concurrency !== null && !(concurrency >= 1)) {
		throw new RangeError('concurrency must be at least 1, or null');
	}
	if (rateLimit !== null && !(rateLimit.requestsPerSecond > 0 && rateLimit.burst >= 1)) {
		throw new RangeError('rateLimit needs requestsPerSecond above 0 and a burst of at least 1');
	}
}

/** Hold the current settings and the token bucket that follows from them. */
export class Settings {
	private readonly initial: SandboxSettings;

	private values: SandboxSettings;

	private currentBucket: TokenBucket | null = null;

	constructor(options: SandboxOptions) {
		const { port: _port, filesPort: _filesPort, seed: _seed, ...given } = options;
		this.initial = { ...DEFAULTS, ...given };
		this.values = this.initial;
		this.configure({});
		this.refill();
	}

	get current(): Readonly<SandboxSettings> {
		return this.values;
	}

	get bucket(): TokenBucket | null {
		return this.currentBucket;
	}

	/** Change settings; throws a RangeError, and changes nothing, when one makes no sense. */
	configure(change: Partial<SandboxSettings>): void {
		const next = { ...this.values, ...change };
		check(next);
		this.values = next;
		if ('rateLimit' in change) this.refill();
	}

	/** Go back to the settings of the start, with a full bucket. */
	reset(): void {
		this.values = this.initial;
		this.refill();
	}

	private refill(): void {
		const { rateLimit } = this.values;
		this.currentBucket = rateLimit === null ? null : new TokenBucket(rateLimit);
	}
}
