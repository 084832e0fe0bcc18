/**
 * Schedulers under endless load against one rate limit: how close to the limit they come, and how many
 * requests are refused on the way. Each scheduler stands for a process of its own.
 */
import { Scheduler } from '../../../nodes/Aiuta/schedule/scheduler';
import type { HttpOutcome } from '../../../nodes/Aiuta/core/http';
import { SimulationClock } from './clock';
import { Random } from '../../support/random';
import { SimulatedServer } from './server';

/** Enough requests waiting that a scheduler never runs out of work. */
const WAITING_REQUESTS = 50;
const START_WITHIN_MS = 5_000;
/** Answers take up to a fifth less or more than usual. */
const LATENCY_SPREAD = 0.4;

export interface LoadSettings {
	schedulers: number;
	requestsPerSecond: number;
	burst: number;
	roundTripMs: number;
	/** What a refusal says of when to come again; nothing where it is left out. */
	retryAfter?: 'seconds' | 'none';
	/**
	 * Decides when within the first seconds each process begins, and how long each answer takes. Without
	 * one all begin at once, and all answers take the same time.
	 */
	seed?: number;
}

export interface LoadWindow {
	/** Accepted requests per second, over all schedulers. */
	acceptedPerSecond: number;
	/** Refused requests for each accepted one. */
	refusedShare: number;
	/** Accepted requests of each scheduler. */
	accepted: number[];
}

export class EndlessLoad {
	private readonly random: Random;

	private readonly isVaried: boolean;

	private readonly clock: SimulationClock;

	private readonly server: SimulatedServer;

	private accepted: number[];

	/** Ends a process, by its place. */
	private readonly stop: Array<() => void> = [];

	/** While true the server refuses everything. */
	isDown = false;

	constructor(private readonly settings: LoadSettings) {
		const { requestsPerSecond, burst, schedulers, seed = 1 } = settings;
		this.random = new Random(seed);
		this.isVaried = settings.seed !== undefined;
		this.clock = new SimulationClock(new Random(seed + 1));
		this.server = new SimulatedServer(
			{
				api: 'flatLays',
				roundTripMs: settings.roundTripMs,
				generationMedianMs: 1,
				generationP95Ms: 2,
				rateLimit: { requestsPerSecond, burst, retryAfter: settings.retryAfter ?? 'none' },
				concurrency: 1,
				visibleAfterMs: 0,
				failedShare: 0,
				oddStatusShare: 0,
				lateImagesShare: 0,
				noImagesShare: 0,
				namesGoneImages: true,
			},
			new Random(1),
		);
		this.accepted = Array.from({ length: schedulers }, () => 0);
		for (let index = 0; index < schedulers; index += 1) this.load(index, settings.roundTripMs);
	}

	/** One more process begins. */
	join(roundTripMs = this.settings.roundTripMs): void {
		this.accepted.push(0);
		this.load(this.accepted.length - 1, roundTripMs);
	}

	/** A process ends. */
	leave(index: number): void {
		this.stop[index]?.();
	}

	/** Change the server's rate limit from now on. */
	setRate(requestsPerSecond: number): void {
		this.server.setRate(requestsPerSecond);
	}

	/** Let time pass and say what got through in it. */
	async watch(seconds: number): Promise<LoadWindow> {
		this.accepted = this.accepted.map(() => 0);
		const refusedBefore = this.server.throttled;
		await this.clock.advance(seconds * 1000);
		const total = this.accepted.reduce((sum, count) => sum + count, 0);
		return {
			acceptedPerSecond: total / seconds,
			refusedShare: (this.server.throttled - refusedBefore) / total,
			accepted: [...this.accepted],
		};
	}

	private load(index: number, roundTripMs: number): void {
		const scheduler = new Scheduler(this.clock);
		const run = scheduler.openRun(100);
		this.stop[index] = () => scheduler.closeRun(run);
		const startMs = this.clock.now() + (this.isVaried ? this.random.int(0, START_WITHIN_MS) : 0);
		const repeat = async () => {
			await this.clock.wakeAt(startMs);
			while (!run.stopped) {
				const granted = await scheduler.awaitTurn(run, 'upload');
				if (granted.kind === 'granted') granted.end(await this.exchange(index, roundTripMs));
			}
		};
		for (let count = 0; count < WAITING_REQUESTS; count += 1) void repeat();
	}

	private async exchange(index: number, roundTripMs: number): Promise<HttpOutcome> {
		const spread = this.isVaried ? LATENCY_SPREAD * (this.random.next() - 0.5) : 0;
		const halfMs = (roundTripMs / 2) * (1 + spread);
		await this.clock.wakeAt(this.clock.now() + halfMs);
		const down: HttpOutcome = { kind: 'response', status: 429, headers: {}, body: '' };
		const refusal = this.isDown ? down : this.server.refusal(this.clock.now());
		if (refusal === undefined) this.accepted[index] = (this.accepted[index] ?? 0) + 1;
		await this.clock.wakeAt(this.clock.now() + halfMs);
		return refusal ?? { kind: 'response', status: 200, headers: {}, body: '' };
	}
}
