/** What one seed lets happen to a ledger: executions that overlap, are killed, and a user who settles. */
import type { WhenKnown } from '../../../../nodes/Aiuta/batch/ledgerAnswers';
import { MINUTE_MS, SECOND_MS } from '../../../../nodes/Aiuta/core/clock';
import { Random } from '../../../support/random';
import type { TableFaults } from './table';

export interface ExecutionPlan {
	startMs: number;
	/** Between the opening of the ledger and the first product, as with photos that upload slowly. */
	busyMs: number;
	/** Products by number; the same one twice is the same job twice. */
	products: number[];
	whenKnown: WhenKnown;
	/** Which version of the inputs it sends. */
	inputs: number;
	/** Killed so long after its start. */
	killAfterMs: number | undefined;
	maxInFlight: number;
}

export interface LedgerScenario {
	seed: number;
	faults: TableFaults;
	executions: ExecutionPlan[];
	/** Of creates: accepted without an answer, refused, and how long an answer takes. */
	unansweredShare: number;
	refusedShare: number;
	maxAnswerMs: number;
	perDay: number;
	/** How often the user looks into the table and settles what is unknown. */
	editEveryMs: number | undefined;
}

export function ledgerScenarioOf(seed: number): LedgerScenario {
	const random = new Random(seed);
	const products = random.int(1, 5);
	const isRough = random.chance(0.5);
	const executionCount = random.int(1, 4);
	const spreadMs = random.pick([0, 50, 500, 5 * SECOND_MS, 4 * MINUTE_MS]);
	const plan = (): ExecutionPlan => ({
		startMs: random.between(0, spreadMs),
		busyMs: random.chance(0.2) ? random.between(0, 5 * MINUTE_MS) : 0,
		products: Array.from({ length: random.int(1, 8) }, () => random.int(1, products)),
		whenKnown: random.chance(0.7)
			? 'return'
			: random.pick(['returnUnlessChanged', 'skip', 'generateAgain']),
		inputs: random.chance(0.8) ? 1 : 2,
		killAfterMs: random.chance(0.35) ? random.between(0, 20 * SECOND_MS) : undefined,
		maxInFlight: random.int(1, 6),
	});
	return {
		seed,
		faults: {
			failShare: isRough && random.chance(0.5) ? random.between(0, 0.3) : 0,
			slowShare: isRough ? random.between(0, 0.3) : 0,
			skewMs: random.pick([0, 0, 700, -700, 20 * SECOND_MS, -20 * SECOND_MS]),
		},
		executions: Array.from({ length: executionCount }, plan),
		unansweredShare: random.chance(0.4) ? 0.2 : 0,
		refusedShare: random.chance(0.3) ? 0.3 : 0,
		maxAnswerMs: random.pick([100, 2 * SECOND_MS, 60 * SECOND_MS]),
		perDay: random.chance(0.3) ? random.int(1, products) : 0,
		editEveryMs: random.chance(0.3) ? random.between(SECOND_MS, 5 * MINUTE_MS) : undefined,
	};
}
