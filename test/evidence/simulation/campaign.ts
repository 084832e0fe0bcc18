/** Plays many scenarios, counts what was broken, and names the first ones to replay. */
import { describePlacements, allPlacements } from './placements';
import { scenarioOf, type Scenario } from './scenario';
import { simulate } from './simulate';
import type { ViolationKind } from './world';

const MAX_SHOWN = 10;

export interface Campaign {
	seeds: number;
	/** Placements of which every fault was met. */
	placements: number;
	/** Placements that never came about, because no such request was sent. */
	unmet: number;
	violations: Record<ViolationKind, number>;
	/** One line for each broken scenario, the first ones only. */
	broken: string[];
}

export function newCampaign(): Campaign {
	return {
		seeds: 0,
		placements: 0,
		unmet: 0,
		violations: {
			'duplicate create': 0,
			'lost operation ID': 0,
			hang: 0,
			'lost item': 0,
			rule: 0,
		},
		broken: [],
	};
}

/** Tell whether any rule was broken. */
export function isBroken({ violations }: Campaign): boolean {
	return Object.values(violations).some((count) => count > 0);
}

async function play(campaign: Campaign, scenario: Scenario, name: string): Promise<number> {
	const { violations, faultsReached } = await simulate(scenario);
	for (const { kind } of violations) campaign.violations[kind] += 1;
	const [first] = violations;
	if (first !== undefined && campaign.broken.length < MAX_SHOWN) {
		campaign.broken.push(`${name}: ${first.kind}: ${first.text}`);
	}
	return faultsReached;
}

/** Play the scenarios of `count` seeds, beginning with 1; with `failFast` only to the first failure. */
export async function playSeeds(
	campaign: Campaign,
	count: number,
	failFast: boolean,
): Promise<void> {
	for (let seed = 1; seed <= count && !(failFast && isBroken(campaign)); seed += 1) {
		await play(campaign, scenarioOf(seed), `seed ${seed}`);
		campaign.seeds += 1;
	}
}

/** Play all single and pair placements; with `failFast` only to the first failure. */
export async function playPlacements(campaign: Campaign, failFast: boolean): Promise<void> {
	for (const scenario of allPlacements()) {
		if (failFast && isBroken(campaign)) return;
		const reached = await play(campaign, scenario, describePlacements(scenario));
		if (reached === scenario.placements.length) campaign.placements += 1;
		else campaign.unmet += 1;
	}
}

/** The figure: what was played and what went wrong. */
export function summary({ seeds, placements, violations }: Campaign): string {
	const counts = [
		`${violations['duplicate create']} duplicate creates`,
		`${violations['lost operation ID']} lost operation IDs`,
		`${violations.hang} hangs`,
		`${violations['lost item']} lost items`,
		...(violations.rule === 0 ? [] : [`${violations.rule} broken rules`]),
	];
	return `${seeds} seeds, ${placements} placements: ${counts.join(', ')}`;
}
