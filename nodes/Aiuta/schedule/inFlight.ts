/** Limits how many requests of each kind are on their way at once, by Little's law and by memory. */
import type { RequestKind } from './queue';

const MIN_IN_FLIGHT = 4;
/**
 * An upload holds its body in memory; the others are a few hundred bytes. At a round trip of 2 s and
 * 20 requests/s 40 requests are on their way: 32 would cost a fifth of the rate.
 */
const MAX_IN_FLIGHT: Readonly<Record<RequestKind, number>> = { create: 64, upload: 48, poll: 64 };
const ASSUMED_LATENCY_MS = 500;
/** Weight of the newest observation in the moving averages. */
const NEWEST_WEIGHT = 0.2;
/** What uploads may take together; the host's request helper copies each body once more. */
const UPLOAD_MEMORY_BYTES = 32 * 1024 * 1024;

export class InFlight {
	private readonly counts: Record<RequestKind, number> = { create: 0, upload: 0, poll: 0 };

	private readonly latencyMs: Record<RequestKind, number> = {
		create: ASSUMED_LATENCY_MS,
		upload: ASSUMED_LATENCY_MS,
		poll: ASSUMED_LATENCY_MS,
	};

	/** What an upload takes, as far as the latest ones tell. */
	private uploadBytes = 0;

	/**
	 * Tell whether one more of this kind may leave: rate x latency, between 4 and the maximum; for
	 * uploads no more than fit into 32 MB at the size that they had lately, but 4 in any case.
	 */
	hasRoom(kind: RequestKind, ratePerSecond: number): boolean {
		const wanted = Math.ceil((ratePerSecond * this.latencyMs[kind]) / 1000);
		const fitting = kind === 'upload' ? UPLOAD_MEMORY_BYTES / this.uploadBytes : wanted;
		const most = Math.min(MAX_IN_FLIGHT[kind], wanted, fitting);
		return this.counts[kind] < Math.max(MIN_IN_FLIGHT, most);
	}

	/** Take the size of an upload that is about to ask for its turn into account. */
	noteUploadSize(sizeBytes: number): void {
		// A larger one counts at once, a smaller one by and by: the limit is there for the large ones.
		const change = sizeBytes - this.uploadBytes;
		this.uploadBytes += change > 0 ? change : NEWEST_WEIGHT * change;
	}

	add(kind: RequestKind): void {
		this.counts[kind] += 1;
	}

	/** @param latencyMs how long it took, undefined when nothing was sent */
	remove(kind: RequestKind, latencyMs: number | undefined): void {
		this.counts[kind] -= 1;
		if (latencyMs === undefined) return;
		this.latencyMs[kind] += NEWEST_WEIGHT * (latencyMs - this.latencyMs[kind]);
	}
}
