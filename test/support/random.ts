/** Seeded chance: the same seed gives the same numbers on every machine. */
import prand, { type RandomGenerator } from 'pure-rand';

const RANGE = 0x1_0000_0000;

export class Random {
	private readonly generator: RandomGenerator;

	constructor(seed: number) {
		this.generator = prand.xoroshiro128plus(seed);
		// Neighbouring seeds begin alike; the first numbers are thrown away.
		for (let index = 0; index < 8; index += 1) this.generator.unsafeNext();
	}

	/** A number in [0, 1). */
	next(): number {
		return (this.generator.unsafeNext() >>> 0) / RANGE;
	}

	/** A whole number in [low, high]. */
	int(low: number, high: number): number {
		return low + Math.floor(this.next() * (high - low + 1));
	}

	/** A number in [low, high). */
	between(low: number, high: number): number {
		return low + this.next() * (high - low);
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	pick<T>(choices: readonly [T, ...T[]]): T {
		return choices[this.int(0, choices.length - 1)] ?? choices[0];
	}

	/**
	 * A lognormal value.
	 *
	 * @param median half of all values are below it
	 * @param p95 95 % of all values are below it
	 */
	lognormal(median: number, p95: number): number {
		const z = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
		return median * Math.exp((Math.log(p95 / median) / 1.645) * z);
	}
}
