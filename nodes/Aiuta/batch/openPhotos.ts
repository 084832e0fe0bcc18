/**
 * Photos that are opened ahead of their upload, so that the upload has its bytes at hand when its turn
 * comes. What they hold together is bounded by count and by bytes.
 */
import { Limiter } from '../core/limiter';
import type { OpenedImage } from './plan';

/** As many as uploads can be on their way at once (schedule/inFlight.ts). */
const MAX_OPEN = 48;
const MAX_OPEN_BYTES = 64 * 1024 * 1024;
/** What a photo is taken to need before the size of any is known. */
const ASSUMED_BYTES = 8 * 1024 * 1024;
/** As many connections as a browser opens to one host. */
const MAX_OPENING_FROM_HOST = 6;

/** What became of opening a photo, and the room it takes. */
export interface HeldPhoto {
	/** `withheld`: it was not wanted any more when there was room. */
	opened: OpenedImage | { kind: 'withheld' };
	/** Give the room back: in any case, once, when the photo is not needed any more. */
	release: () => void;
}

export class OpenPhotos {
	private count = 0;

	private bytes = 0;

	/** Of the largest photo so far. */
	private largestBytes: number | undefined;

	private readonly waiting: Array<(reservedBytes: number) => void> = [];

	private readonly hosts = new Map<string, Limiter>();

	/**
	 * Open a photo when there is room.
	 *
	 * @param host where it is fetched from, undefined for one that lies in n8n's store
	 * @param load loads the bytes, or finds that they are not wanted any more
	 */
	async open(
		host: string | undefined,
		load: () => Promise<HeldPhoto['opened']>,
	): Promise<HeldPhoto> {
		const admit = async () => await this.admit(load);
		return host === undefined ? await admit() : await this.limiterOf(host).run(admit);
	}

	private async admit(load: () => Promise<HeldPhoto['opened']>): Promise<HeldPhoto> {
		const reservedBytes = await this.room();
		const opened = await load();
		const sizeBytes = opened.kind === 'opened' ? opened.bytes.length : 0;
		if (sizeBytes > 0) this.largestBytes = Math.max(this.largestBytes ?? 0, sizeBytes);
		this.bytes += sizeBytes - reservedBytes;
		this.letIn();
		const release = () => {
			this.count -= 1;
			this.bytes -= sizeBytes;
			this.letIn();
		};
		return { opened, release };
	}

	/** Wait for room and take it; the bytes that are reserved until the photo's own are known. */
	private async room(): Promise<number> {
		return await new Promise<number>((proceed) => {
			this.waiting.push(proceed);
			this.letIn();
		});
	}

	/** What a photo that is being opened is taken to need. */
	private get expectedBytes(): number {
		return this.largestBytes ?? ASSUMED_BYTES;
	}

	private letIn(): void {
		while (this.waiting.length > 0 && this.hasRoom()) {
			this.count += 1;
			this.bytes += this.expectedBytes;
			this.waiting.shift()?.(this.expectedBytes);
		}
	}

	/** One photo may be opened in any case, however large. */
	private hasRoom(): boolean {
		if (this.count === 0) return true;
		return this.count < MAX_OPEN && this.bytes + this.expectedBytes <= MAX_OPEN_BYTES;
	}

	private limiterOf(host: string): Limiter {
		const limiter = this.hosts.get(host) ?? new Limiter(MAX_OPENING_FROM_HOST);
		this.hosts.set(host, limiter);
		return limiter;
	}
}
