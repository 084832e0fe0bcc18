/** The Clock of a real n8n. Timers are not available to community nodes; n8n's `sleep` is. */
import { sleep } from 'n8n-workflow';

import type { Clock } from '../core/clock';

export const hostClock: Clock = {
	now: () => Date.now(),
	sleep: async (delayMs) => await sleep(delayMs),
	random: () => Math.random(),
};
