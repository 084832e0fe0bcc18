/** What all executions of one scenario share: time, the server, the faults, the scheduler, the verdict. */
import { SchedulerRegistry } from '../../nodes/Aiuta/batch/schedulerRegistry';
import { SimulationClock } from './clock';
import { FaultPlan } from './faults';
import { Random } from './random';
import type { Scenario } from './scenario';
import { SimulatedServer } from './server';
import { RateWatch } from './watch';

/** All executions of a scenario use one credential. */
export const CREDENTIAL = 'credential';

/** Capacity of the engine's own bucket (batch/scheduler.ts). */
const CLIENT_BURST = 2;

export type ViolationKind = 'duplicate create' | 'lost operation ID' | 'hang' | 'lost item' | 'rule';

export interface Violation {
	kind: ViolationKind;
	text: string;
}

export class World {
	readonly clock: SimulationClock;

	readonly server: SimulatedServer;

	readonly faults: FaultPlan;

	readonly registry: SchedulerRegistry;

	readonly violations: Violation[] = [];

	private readonly rateWatch: RateWatch;

	constructor(
		scenario: Scenario,
		private readonly log?: (line: string) => void,
	) {
		const random = new Random(scenario.seed ^ 0x5eed);
		this.clock = new SimulationClock(random);
		this.server = new SimulatedServer(scenario.server, random);
		this.faults = new FaultPlan(scenario.placements);
		this.registry = new SchedulerRegistry(this.clock);
		const ceilings = scenario.executions.map((execution) => execution.requestsPerSecond);
		this.rateWatch = new RateWatch(Math.max(...ceilings), CLIENT_BURST);
	}

	/** Let virtual time pass for the world outside the engine. */
	async pass(delayMs: number): Promise<void> {
		await this.clock.wakeAt(this.clock.now() + delayMs);
	}

	/** Count a request against the ceiling. */
	noteRequest(): void {
		if (!this.rateWatch.note(this.clock.now())) this.report('rule', 'more than ceiling x t + burst');
	}

	report(kind: ViolationKind, text: string): void {
		this.violations.push({ kind, text });
		this.trace(`VIOLATION ${kind}: ${text}`);
	}

	trace(line: string): void {
		this.log?.(`${new Date(this.clock.now()).toISOString().slice(5, 23)} ${line}`);
	}
}
