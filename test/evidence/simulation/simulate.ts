/** Plays one scenario to its end and says which rules were broken. */
import { MINUTE_MS, SECOND_MS } from '../../../nodes/Aiuta/core/clock';
import { SimulatedExecution } from './execution';
import { checkTimes } from './hardships';
import type { Scenario } from './scenario';
import { World, type Violation } from './world';

/** Longer than any scenario can need: four tries of 20 generation times of an hour, and throttling. */
const TIME_LIMIT_MS = 30 * 24 * 60 * MINUTE_MS;

export interface SimulationResult {
	violations: Violation[];
	requests: number;
	creates: number;
	/** How many of the placed faults were met. */
	faultsReached: number;
}

/** @param log told every event, for a replay */
export async function simulate(
	scenario: Scenario,
	log?: (line: string) => void,
): Promise<SimulationResult> {
	const world = new World(scenario, log);
	const executions = scenario.executions.map((plan) => new SimulatedExecution(world, plan));
	try {
		const played = Promise.all(executions.map(async (execution) => await execution.play()));
		await world.clock.run(played, TIME_LIMIT_MS);
		await world.clock.advance(SECOND_MS);
		checkLeftovers(world);
	} catch (error) {
		world.report('hang', error instanceof Error ? error.message : String(error));
	}
	checkLedger(world);
	checkTimes(world);
	return {
		violations: world.violations,
		requests: world.server.requests,
		creates: world.server.operations.size,
		faultsReached: world.faults.reached,
	};
}

/** A second after the last run nothing of the engine may be left. */
function checkLeftovers(world: World): void {
	const { clock, registry } = world;
	if (clock.engineSleepers > 0)
		world.report('rule', `${clock.engineSleepers} sleeps outlived the run`);
	if (registry.size > 0) world.report('rule', 'a scheduler outlived its runs');
	if (clock.badDelayMs !== undefined) world.report('rule', `slept for ${clock.badDelayMs} ms`);
}

/** Every product may be paid for once in its execution. */
function checkLedger(world: World): void {
	const accepted = new Map<string, number>();
	for (const { operationKey } of world.server.operations.values()) {
		accepted.set(operationKey, (accepted.get(operationKey) ?? 0) + 1);
	}
	for (const [key, count] of accepted) {
		if (count > 1) world.report('duplicate create', `${key} was accepted ${count} times`);
	}
}
