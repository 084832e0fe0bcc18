/** Keeps one image host that is slow or dead from holding up the photos of all others. */
import { MINUTE_MS, type Clock } from '../core/clock';
import { Limiter } from '../core/limiter';

/** Requests to one host at once: enough to be quick, few enough to be welcome. */
const MAX_AT_ONCE = 4;
/** So many requests in a row without any answer, and the host counts as down. */
const MAX_SILENT = 3;
/** How long a host that is down is left alone before one request tries it again. */
const REST_MS = MINUTE_MS;

interface Host {
	limiter: Limiter;
	/** Requests without an answer since the last one with an answer. */
	silent: number;
	restsUntilMs: number;
}

/** The image hosts of one execution. */
export class ImageHosts {
	private readonly hosts = new Map<string, Host>();

	constructor(private readonly clock: Clock) {}

	/**
	 * Ask a host for something when it is its turn.
	 *
	 * @param isAnswer whether a result shows that the host is there, whatever it said
	 * @returns undefined, with nothing asked, while the host counts as down
	 */
	async ask<T extends object>(
		url: string,
		task: () => Promise<T>,
		isAnswer: (result: T) => boolean,
	): Promise<T | undefined> {
		const host = this.hostOf(url);
		return await host.limiter.run(async () => {
			if (host.silent >= MAX_SILENT) {
				if (this.clock.now() < host.restsUntilMs) return undefined;
				// One tries; the others are refused until it is answered.
				host.restsUntilMs = this.clock.now() + REST_MS;
			}
			const result = await task();
			if (isAnswer(result)) host.silent = 0;
			else {
				host.silent += 1;
				host.restsUntilMs = this.clock.now() + REST_MS;
			}
			return result;
		});
	}

	private hostOf(url: string): Host {
		const { host: name } = new URL(url);
		const known = this.hosts.get(name);
		if (known !== undefined) return known;
		const host = { limiter: new Limiter(MAX_AT_ONCE), silent: 0, restsUntilMs: 0 };
		this.hosts.set(name, host);
		return host;
	}
}
