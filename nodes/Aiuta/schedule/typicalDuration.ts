/**
 * How long the operations of one run take, learned from a few scouts that are asked early. Of many
 * operations the quick ones are known to have ended long before the slow ones; among those that were
 * asked at about the same age, the share that has ended tells without such a bias.
 */
import { SECOND_MS } from '../core/clock';
import { AskTimes, wantedShareOf } from './askTimes';

/** So many scouts at a time; each is asked when its age has doubled, together six times in a doubling. */
const SEATS = 6;
const FIRST_AGE_MS = 3 * SECOND_MS;
/** Once half of the latest answers are ends, their age is the median duration. */
const LATEST_ANSWERS = 6;

export class TypicalDuration {
	/** For each seat without a scout the age at which its next one is to be asked. */
	private readonly freeSeats = Array.from(
		{ length: SEATS },
		(_, n) => FIRST_AGE_MS * 2 ** (n / SEATS),
	);

	private answers: Array<{ ageMs: number; hasEnded: boolean }> = [];

	private learned: AskTimes | undefined;

	private mostOperations = 0;

	/**
	 * When to ask for the others, beginning with the median duration; undefined until half of the scouts'
	 * latest answers were ends.
	 */
	get times(): AskTimes | undefined {
		return this.learned;
	}

	/** The share of questions that is to find an end. */
	get wantedShare(): number {
		return wantedShareOf(this.mostOperations);
	}

	/** Note how many operations of the run have not ended: the most there ever were count. */
	noteOperations(count: number): void {
		this.mostOperations = Math.max(this.mostOperations, count);
	}

	/**
	 * Become a scout where one is wanted. One much younger than the age at which it is to be asked would
	 * tell too late.
	 *
	 * @returns the age at which to ask it, undefined without a seat
	 */
	takeSeat(ageMs: number): number | undefined {
		if (this.learned !== undefined) return undefined;
		const index = this.freeSeats.findIndex((it) => it <= Math.max(2 * FIRST_AGE_MS, 2 * ageMs));
		return index < 0 ? undefined : this.freeSeats.splice(index, 1)[0];
	}

	/** Make room for another scout, to be asked at this age. */
	leaveSeat(nextAgeMs: number): void {
		this.freeSeats.push(nextAgeMs);
	}

	/** Take a scout's answer into account: whether it had ended at this age. */
	learn(ageMs: number, hasEnded: boolean): void {
		if (this.learned !== undefined) return;
		this.answers = [...this.answers, { ageMs, hasEnded }].slice(-LATEST_ANSWERS);
		const endedMs = this.answers.filter((it) => it.hasEnded).map((it) => it.ageMs);
		if (endedMs.length < LATEST_ANSWERS / 2) return;
		this.learned = new AskTimes(endedMs.reduce((sum, it) => sum + it, 0) / endedMs.length);
	}
}
