/**
 * The first few operations of a run, followed closely, so that the others need not be asked before they
 * have probably ended. What they tell is not one-sided as the durations of everything that has ended are:
 * of many operations, the quick ones are known long before the slow ones.
 */

const SAMPLE_SIZE = 6;
/**
 * With half of the sample ended, the others have probably ended after so many times its median: the more
 * there are, the later the last of them ends, and the more requests it saves to wait.
 */
const LATE_FACTOR_PER_DOUBLING = 0.38;
/** Weight of the newest answer in the share of the others that had ended when they were asked. */
const NEWEST_WEIGHT = 0.05;
/** Below this share the others take longer than the sample, as they do when Aiuta works on one after the other. */
const MISLEADING_SHARE = 0.3;

export class GenerationSample {
	private members = 0;

	private readonly endedMs: number[] = [];

	private endedShare = 1;

	/** Whether the sample has turned out to say little about the others; once so, always so. */
	isMisleading = false;

	/**
	 * Take an operation into the sample, as long as there is room.
	 *
	 * @returns its phase in [0, 1), so that the members are not all asked at the same time; undefined
	 *   when it is not taken
	 */
	join(): number | undefined {
		if (this.members >= SAMPLE_SIZE) return undefined;
		this.members += 1;
		return (this.members - 1) / SAMPLE_SIZE;
	}

	/**
	 * A member is known to have ended.
	 *
	 * @param durationMs since its create, or since this run began for an operation that existed before
	 */
	ended(durationMs: number): void {
		this.endedMs.push(durationMs);
		this.endedMs.sort((a, b) => a - b);
	}

	/** A member is not followed any longer, its end unknown. */
	left(): void {
		this.members -= 1;
	}

	/** One of the others was asked when it had probably ended. */
	noteAnswer(hasEnded: boolean): void {
		this.endedShare += NEWEST_WEIGHT * ((hasEnded ? 1 : 0) - this.endedShare);
		this.isMisleading ||= this.endedShare < MISLEADING_SHARE;
	}

	/** Whether any member is known to have ended. */
	get hasEnds(): boolean {
		return this.endedMs.length > 0;
	}

	/**
	 * Tell after how long an operation has probably ended, in milliseconds from its create.
	 *
	 * @param pendingOperations how many it is one of
	 * @returns undefined while less than half of the sample has ended
	 */
	probablyEndedMs(pendingOperations: number): number | undefined {
		const { endedMs, members } = this;
		const median = endedMs[Math.ceil(members / 2) - 1];
		if (median === undefined) return undefined;
		const lateMs = LATE_FACTOR_PER_DOUBLING * Math.log2(pendingOperations) * median;
		return endedMs.length < members ? lateMs : Math.min(lateMs, endedMs.at(-1) ?? lateMs);
	}

	/** How far the known durations of the sample lie apart, in milliseconds. */
	get spreadMs(): number {
		return (this.endedMs.at(-1) ?? 0) - (this.endedMs[0] ?? 0);
	}
}
