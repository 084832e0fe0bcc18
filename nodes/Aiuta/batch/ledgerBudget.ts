/**
 * How many operations all executions that share a ledger may create in a day or a month (UTC). When two
 * of them race for the last one, the IDs of their claims decide.
 */
import { failure, type Failure } from '../api/failures';
import { attemptKey, CLAIM_OPEN_MS, isOperation, type LedgerRow } from './ledgerRows';

/** 0 means no limit. */
export interface BudgetLimits {
	perDay: number;
	perMonth: number;
}

interface Spending {
	firstId: number;
	claimedAtMs: number;
	isReleased: boolean;
	isOperation: boolean;
}

const PERIODS = [
	{ limit: 'perDay', length: 'yyyy-mm-dd'.length, name: 'Max Operations per Day' },
	{ limit: 'perMonth', length: 'yyyy-mm'.length, name: 'Max Operations per Month' },
] as const;

/** When a claim was made: its `run` says so, and still does when only the row of its end is left. */
function claimedAtMs({ run, createdAtMs }: LedgerRow): number {
	const saidMs = Date.parse(run.slice(run.lastIndexOf(' ') + 1));
	return Number.isNaN(saidMs) ? createdAtMs : saidMs;
}

function isCounted({ isReleased, isOperation: isKept }: Spending): boolean {
	return isKept || !isReleased;
}

export class LedgerBudget {
	private readonly spendings = new Map<string, Spending>();

	/** What counts, by day and by month. */
	private readonly counts = new Map<string, number>();

	/** @param nowMs the table's clock */
	constructor(
		private readonly limits: BudgetLimits,
		private readonly nowMs: () => number,
	) {}

	get isLimited(): boolean {
		return this.limits.perDay > 0 || this.limits.perMonth > 0;
	}

	/** Take rows into account; those of a claim may come in any order, and more than once. */
	note(rows: readonly LedgerRow[]): void {
		for (const row of rows) {
			const key = attemptKey(row);
			const known = this.spendings.get(key);
			const spending = {
				firstId: Math.min(row.id, known?.firstId ?? row.id),
				claimedAtMs: known?.claimedAtMs ?? claimedAtMs(row),
				isReleased: row.state === 'released' || known?.isReleased === true,
				isOperation: isOperation(row) || known?.isOperation === true,
			};
			this.spendings.set(key, spending);
			const before = known !== undefined && isCounted(known) ? 1 : 0;
			this.count(spending, (isCounted(spending) ? 1 : 0) - before);
		}
	}

	private count({ claimedAtMs: atMs }: Spending, change: number): void {
		for (const { length } of PERIODS) {
			const period = new Date(atMs).toISOString().slice(0, length);
			this.counts.set(period, change + (this.counts.get(period) ?? 0));
		}
	}

	/** How many more may be created now. */
	get left(): number {
		const lefts = PERIODS.map(({ limit: name, length }) => {
			const limit = this.limits[name];
			const period = new Date(this.nowMs()).toISOString().slice(0, length);
			return limit === 0 ? Number.POSITIVE_INFINITY : limit - this.spentIn(period);
		});
		return Math.max(0, Math.min(...lefts));
	}

	/** Why nothing more may be claimed now; undefined while something may. */
	exhausted(): Failure | undefined {
		return this.problem((limit, period) => this.spentIn(period) >= limit);
	}

	/**
	 * Whether a claim may be made.
	 *
	 * @returns `wait` when that depends on open claims that may yet be given back
	 */
	outlook(): 'go' | 'wait' | Failure {
		if (this.exhausted() === undefined) return 'go';
		return this.problem((limit, period) => this.spentFor(period) >= limit) ?? 'wait';
	}

	/**
	 * Decide about a claim that is committed and was read back.
	 *
	 * @returns `wait` when that depends on claims of others that may yet be given back
	 */
	verdict(key: string): 'go' | 'wait' | Failure {
		const own = this.spendings.get(key);
		if (own === undefined) return 'wait';
		const isOver = (limit: number, period: string) => this.spentIn(period) > limit;
		if (this.problem(isOver) === undefined) return 'go';
		const isOut = (limit: number, period: string) => this.spentFor(period, own) >= limit;
		return this.problem(isOut) ?? 'wait';
	}

	private spentIn(period: string): number {
		return this.counts.get(period) ?? 0;
	}

	/** What is spent for certain, and by claims that are older than one's own. */
	private spentFor(period: string, own?: Spending): number {
		const isOpen = (one: Spending) =>
			!one.isOperation && this.nowMs() - one.claimedAtMs < CLAIM_OPEN_MS;
		return [...this.spendings.values()].filter(
			(one) =>
				one !== own &&
				isCounted(one) &&
				new Date(one.claimedAtMs).toISOString().startsWith(period) &&
				(!isOpen(one) || (own !== undefined && one.firstId < own.firstId)),
		).length;
	}

	private problem(isReached: (limit: number, period: string) => boolean): Failure | undefined {
		for (const { limit: name, length, name: label } of PERIODS) {
			const limit = this.limits[name];
			const period = new Date(this.nowMs()).toISOString().slice(0, length);
			if (limit === 0 || !isReached(limit, period)) continue;
			const message = `${label} allows ${limit}, and so many are in the ledger for ${period} (UTC)`;
			return failure('BUDGET_REACHED', message);
		}
		return undefined;
	}
}
