/**
 * How fast requests may leave: the rate that the server accepts as far as it is known, the ceiling of
 * the runs, and silence for as long as the server asks for it. It sees outcomes only to learn.
 */
import type { HttpOutcome } from '../core/http';
import { AcceptedRate } from './acceptedRate';
import { retryAfterMs } from '../core/retryAfter';
import { TokenBucket } from '../core/tokenBucket';

/**
 * Requests leave evenly spaced: against a server without a burst a pair is one request and one 429 (at
 * 20 requests/s a capacity of 2 was measured to reach 40 % of the rate, 1 reaches 98 %).
 */
const BUCKET_CAPACITY = 1;
/**
 * How long to hold back after a 429 at least: short at first, because a server that lets one
 * request a second through without a burst gives nothing back for what was missed; doubled with each
 * further one in a row from the fourth on.
 */
const PAUSE_MS = 250;
const SHORT_PAUSES = 3;
const MAX_PAUSE_MS = 4_000;
const SPREAD_SHARE = 0.1;

export class Pacing {
	private readonly rate = new AcceptedRate(Number.POSITIVE_INFINITY);

	/** What the server lets through: a refused request may be repeated without a new token. */
	private readonly bucket: TokenBucket;

	/** What the runs allow, refused requests included. */
	private readonly ceilingBucket: TokenBucket;

	private heldUntilMs = 0;

	private throttledAtMs = 0;

	/** How many 429s came without a success in between; what was on its way together counts once. */
	private throttledInARow = 0;

	/** When the request that waits has its token, infinite when none waits. */
	private tokenAtMs = Number.POSITIVE_INFINITY;

	/** When the latest request left. */
	private sentAtMs = 0;

	/** @param random draws from [0, 1) */
	constructor(
		nowMs: number,
		private readonly random: () => number,
	) {
		this.bucket = new TokenBucket(this.rate.ratePerSecond, BUCKET_CAPACITY, nowMs);
		this.ceilingBucket = new TokenBucket(this.rate.ratePerSecond, BUCKET_CAPACITY, nowMs);
	}

	/** Requests per second to send at now. */
	get ratePerSecond(): number {
		return this.rate.ratePerSecond;
	}

	/** Whether the server has asked to slow down. */
	get wasThrottled(): boolean {
		return this.rate.wasThrottled;
	}

	/** Until when the server has asked for silence, epoch milliseconds. */
	get pausedUntilMs(): number {
		return this.heldUntilMs;
	}

	/** Set the most that may be sent, refused requests included. */
	setCeiling(ceilingPerSecond: number, nowMs: number): void {
		this.rate.setCeiling(ceilingPerSecond);
		this.ceilingBucket.setRate(ceilingPerSecond, nowMs);
		this.bucket.setRate(this.ratePerSecond, nowMs);
	}

	/** When the next request may leave: epoch milliseconds, `nowMs` when it may now. */
	freeAtMs(nowMs: number): number {
		const tokenMs = Math.max(
			this.bucket.msUntilToken(nowMs),
			this.ceilingBucket.msUntilToken(nowMs),
		);
		return Math.max(this.heldUntilMs, nowMs + tokenMs);
	}

	/** Remember when the request that waits has its token. */
	awaitToken(nowMs: number): void {
		const atMs = this.freeAtMs(nowMs);
		if (atMs > nowMs) this.tokenAtMs = Math.min(this.tokenAtMs, atMs);
	}

	/** Count a request that leaves; `freeAtMs` must have allowed it. */
	take(nowMs: number): void {
		// The timer that was to send it may have fired late; nothing is late where no request waited.
		const lateMs = Math.max(0, nowMs - this.tokenAtMs);
		for (const bucket of [this.bucket, this.ceilingBucket]) {
			bucket.tryTake(nowMs);
			bucket.makeUpFor(lateMs);
		}
		this.tokenAtMs = Number.POSITIVE_INFINITY;
		this.sentAtMs = nowMs;
	}

	/** Take back a request that found nothing to send. */
	refund(): void {
		this.bucket.refund();
		this.ceilingBucket.refund();
	}

	/** Learn from an answer to a request that left at `sentAtMs`. */
	learn(outcome: HttpOutcome, sentAtMs: number, nowMs: number): void {
		if (outcome.kind !== 'response') return;
		if (outcome.status === 429) {
			this.holdBack(outcome.headers['retry-after'], sentAtMs, nowMs);
		} else if (outcome.status >= 200 && outcome.status < 300) {
			this.throttledInARow = 0;
			this.rate.onAccepted(nowMs, sentAtMs);
		}
		this.bucket.setRate(this.ratePerSecond, nowMs);
	}

	private holdBack(retryAfter: string | undefined, sentAtMs: number, nowMs: number): void {
		if (sentAtMs >= this.throttledAtMs) this.throttledInARow += 1;
		this.throttledAtMs = nowMs;
		// No time, or one that has passed, is no leave to ask at once: it may lengthen our own pause only.
		const askedMs = Math.max(this.ownPauseMs(), retryAfterMs(retryAfter, nowMs) ?? 0);
		this.rate.onThrottled(nowMs, sentAtMs);
		const pauseMs = askedMs + this.spreadMs(askedMs);
		this.heldUntilMs = Math.max(this.heldUntilMs, nowMs + pauseMs);
		this.tokenAtMs = Number.POSITIVE_INFINITY;
		// Only for the latest request: others that left since would be followed too closely.
		if (sentAtMs >= this.sentAtMs) this.bucket.restoreOne(pauseMs, nowMs);
	}

	/** How long to hold back without being told. */
	private ownPauseMs(): number {
		const doublings = Math.max(0, this.throttledInARow - SHORT_PAUSES);
		return Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** doublings);
	}

	/**
	 * All processes that were told the same time would come back at the same moment: each waits up to
	 * one interval of its rate longer, but no more than a tenth of the pause.
	 */
	private spreadMs(pauseMs: number): number {
		return this.random() * Math.min(SPREAD_SHARE * pauseMs, 1000 / this.ratePerSecond);
	}
}
