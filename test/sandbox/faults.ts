/** Faults a test plants on routes: which request is hit, and by what. Carrying them out is `pipeline.ts`. */
import type { Fault, FaultHandle, RouteKind } from './types';

interface Planted {
	id: string;
	fault: Fault;
	skipped: number;
	hits: number;
}

/** Hold the planted faults; each request is hit by at most one, the one planted first. */
export class Faults {
	private planted: Planted[] = [];

	private nextId = 1;

	add(fault: Fault): FaultHandle {
		const entry: Planted = { id: `fault-${this.nextId}`, fault, skipped: 0, hits: 0 };
		this.nextId += 1;
		this.planted.push(entry);
		return {
			id: entry.id,
			hits: () => entry.hits,
			clear: () => this.remove(entry.id),
		};
	}

	/**
	 * Tell which fault, if any, hits this request, and count it. A request that one fault lets
	 * through (`after`) or that finds it used up (`times`) can still be hit by the next.
	 */
	take(route: RouteKind): Fault | undefined {
		for (const entry of this.planted) {
			const { fault } = entry;
			if (fault.route !== route || entry.hits >= (fault.times ?? Infinity)) continue;
			if (entry.skipped < (fault.after ?? 0)) {
				entry.skipped += 1;
			} else {
				entry.hits += 1;
				return fault;
			}
		}
		return undefined;
	}

	/** Remove a fault; true when it was there. */
	remove(id: string): boolean {
		const before = this.planted.length;
		this.planted = this.planted.filter((entry) => entry.id !== id);
		return this.planted.length < before;
	}

	list(): Array<Fault & { id: string; hits: number }> {
		return this.planted.map(({ id, fault, hits }) => ({ ...fault, id, hits }));
	}

	clear(): void {
		this.planted = [];
	}
}
