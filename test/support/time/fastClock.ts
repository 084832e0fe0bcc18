/**
 * The host's clock, run fast: stands in for `transport/hostClock` where real sockets are needed, so
 * that a poll after five seconds is a poll after an eighth of one. Everything but time is real.
 */
import type { Clock } from '../../../nodes/Aiuta/core/clock';

/** Milliseconds of the node's time in a millisecond of real time. */
export const CLOCK_SPEED = 40;

const originMs = Date.now();
let sleeping = 0;

/** Count the sleeps of a clock for `sleepersNow`. */
export function counted(clock: Clock): Clock {
	return {
		...clock,
		sleep: async (delayMs) => {
			sleeping += 1;
			await clock.sleep(delayMs);
			sleeping -= 1;
		},
	};
}

/** A clock on which time passes `speed` times as fast as it really does. */
export function clockAtSpeed(speed: number): Clock {
	return counted({
		now: () => originMs + (Date.now() - originMs) * speed,
		sleep: async (delayMs) => {
			await new Promise((resolve) => setTimeout(resolve, delayMs / speed));
		},
		// The same jitter every time, on the short side.
		random: () => 0.2,
	});
}

export const hostClock: Clock = clockAtSpeed(CLOCK_SPEED);

/** How many sleeps are under way: timers that the node has left running. */
export function sleepersNow(): number {
	return sleeping;
}
