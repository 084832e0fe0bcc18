/** The virtual clock of a simulation: counts the sleeps of the engine apart from the server's. */
import { MAX_SLEEP_SLICE_MS } from '../../../nodes/Aiuta/core/clock';
import { FakeClock } from '../../support/time/fakeClock';
import type { Random } from '../../support/random';

export class SimulationClock extends FakeClock {
	/** Sleeps of the code under test that have not ended. */
	engineSleepers = 0;

	/** The first delay that was asked for and is not within (0, 1 s]. */
	badDelayMs: number | undefined;

	constructor(random: Random) {
		super(Date.UTC(2026, 0, 1), () => random.next());
	}

	override async sleep(delayMs: number): Promise<void> {
		if (!(delayMs > 0 && delayMs <= MAX_SLEEP_SLICE_MS)) this.badDelayMs ??= delayMs;
		this.engineSleepers += 1;
		await this.wakeAt(this.now() + delayMs);
		this.engineSleepers -= 1;
	}
}
