/** What all executions of one scenario share: time, the server, the faults, the scheduler, the verdict. */
import type { Scheduler } from '../../../nodes/Aiuta/schedule/scheduler';
import { SchedulerRegistry } from '../../../nodes/Aiuta/schedule/schedulerRegistry';
import { SimulationClock } from './clock';
import { FaultPlan } from './faults';
import { Random } from '../../support/random';
import { NO_HARDSHIPS, StormWatch, type Hardships } from './hardships';
import { OneRefused } from './patience';
import type { Scenario } from './scenario';
import { SimulatedServer } from './server';
import { RateWatch } from './watch';

/** All executions of a scenario use one credential. */
export const CREDENTIAL = 'credential';

/** Capacity of the engine's own bucket (batch/pacing.ts). */
const CLIENT_BURST = 1.5;

export type ViolationKind =
	'duplicate create' | 'lost operation ID' | 'hang' | 'lost item' | 'rule';

export interface Violation {
	kind: ViolationKind;
	text: string;
}

export class World {
	readonly clock: SimulationClock;

	readonly server: SimulatedServer;

	readonly faults: FaultPlan;

	readonly registry: SchedulerRegistry;

	readonly oneRefused: OneRefused;

	readonly violations: Violation[] = [];

	readonly hardships: Hardships;

	readonly startedAtMs: number;

	private readonly storms = new StormWatch();

	/** One for each scheduler: a new one begins with a full bucket and knows of no wish for silence. */
	private readonly rateWatches = new WeakMap<Scheduler, RateWatch>();

	private readonly ceilingPerSecond: number;

	/** Whether nothing but the rate limit disturbs this scenario. */
	readonly isUndisturbed: boolean;

	constructor(
		scenario: Scenario,
		private readonly log?: (line: string) => void,
	) {
		const random = new Random(scenario.seed ^ 0x5eed);
		this.clock = new SimulationClock(random);
		this.startedAtMs = this.clock.now();
		this.hardships = scenario.hardships ?? NO_HARDSHIPS;
		this.server = new SimulatedServer(scenario.server, random, this.hardships);
		this.oneRefused = new OneRefused(this.hardships.refused);
		this.faults = new FaultPlan(scenario.placements);
		this.registry = new SchedulerRegistry(this.clock);
		this.isUndisturbed = scenario.placements.length === 0 && this.hardships.refused === undefined;
		const ceilings = scenario.executions.map((execution) => execution.requestsPerSecond);
		this.ceilingPerSecond = Math.max(...ceilings);
	}

	/** Let virtual time pass for the world outside the engine. */
	async pass(delayMs: number): Promise<void> {
		await this.clock.wakeAt(this.clock.now() + delayMs);
	}

	/** The watch over a scheduler's traffic, against the highest ceiling of its runs. */
	watchOf(scheduler: Scheduler): RateWatch {
		const watch =
			this.rateWatches.get(scheduler) ?? new RateWatch(this.ceilingPerSecond, CLIENT_BURST);
		this.rateWatches.set(scheduler, watch);
		return watch;
	}

	/** Take note of a request that the rate limit has refused. */
	noteRefusal(): void {
		if (this.storms.note(this.clock.now())) this.report('rule', 'a storm of refused requests');
	}

	report(kind: ViolationKind, text: string): void {
		this.violations.push({ kind, text });
		this.trace(`VIOLATION ${kind}: ${text}`);
	}

	trace(line: string): void {
		this.log?.(`${new Date(this.clock.now()).toISOString().slice(5, 23)} ${line}`);
	}
}
