/**
 * Photos that are opened ahead of their upload, so that the upload has its bytes at hand when its turn
 * comes. What they hold together is bounded by count and by bytes.
 */
import { Limiter } from '../core/limiter';
import type { ImageSource, OpenedImage } from './plan';

/** As many as uploads can be on their way at once (schedule/inFlight.ts). */
const MAX_OPEN = 48;
const MAX_OPEN_BYTES = 64 * 1024 * 1024;
/** What a photo is taken to need before the size of any is known. */
const ASSUMED_BYTES = 8 * 1024 * 1024;
/** As many connections as a browser opens to one host. */
const MAX_OPENING_FROM_HOST = 6;

type Opened = OpenedImage | { kind: 'withheld' };

export class OpenPhotos {
	private count = 0;

	private bytes = 0;

	/** Of the largest photo so far. */
	private largestBytes: number | undefined;

	private readonly waiting: Array<(reservedBytes: number) => void> = [];

	private readonly hosts = new Map<string, Limiter>();

	/**
	 * Open a photo when there is room, and hold it until `use` has ended.
	 *
	 * @param open loads the bytes, or finds that they are not wanted any more
	 */
	async hold<T>(
		{ host }: ImageSource,
		open: () => Promise<Opened>,
		use: (opened: Opened) => Promise<T>,
	): Promise<T> {
		const admitted = async () => await this.admit(open);
		const { opened, sizeBytes } =
			host === undefined ? await admitted() : await this.limiterOf(host).run(admitted);
		try {
			return await use(opened);
		} finally {
			this.count -= 1;
			this.bytes -= sizeBytes;
			this.letIn();
		}
	}

	private async admit(open: () => Promise<Opened>): Promise<{ opened: Opened; sizeBytes: number }> {
		const reservedBytes = await this.room();
		const opened = await open();
		const sizeBytes = opened.kind === 'opened' ? opened.bytes.length : 0;
		if (sizeBytes > 0) this.largestBytes = Math.max(this.largestBytes ?? 0, sizeBytes);
		this.bytes += sizeBytes - reservedBytes;
		this.letIn();
		return { opened, sizeBytes };
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
