/**
 * Decides how an operation ends: by words in square brackets in the product's texts
 * (`[fail]`, `[slow:5000]`, `[fail:flat_back]` for one image type), and by rules set by a test.
 */
import type { Outcome, OutcomeTarget } from './types';

const WORDS: Record<string, Outcome> = {
	fail: { result: 'fail' },
	abort: { result: 'abort' },
	cancel: { result: 'cancel' },
	forever: { result: 'forever' },
	'unknown-status': { result: 'unknownStatus' },
	pause: { pause: true },
	'no-image': { noImage: true },
	expired: { expired: true },
	'no-such-picture': { noSuchPicture: true },
	reordered: { reordered: true },
};

/** Read the outcome words of a product; an unknown word is ordinary text. */
export function outcomeFromText(text: string, imageTypes: readonly string[]): Outcome {
	const outcome: Outcome = {};
	for (const [, word = '', argument] of text.matchAll(/\[([a-z-]+)(?::([\w-]+))?\]/g)) {
		if (word === 'slow') {
			if (argument !== undefined && /^\d+$/.test(argument)) {
				outcome.generationMs = Number(argument);
			}
		} else if (word === 'no-image' && argument !== undefined) {
			if (imageTypes.includes(argument)) outcome.noImageOf = argument;
		} else if (argument === undefined || imageTypes.includes(argument)) {
			Object.assign(outcome, WORDS[word]);
		}
	}
	return outcome;
}

interface Rule {
	target: OutcomeTarget;
	outcome: Outcome;
	left: number;
}

/** Rules for operations that do not exist yet; a later rule wins over an earlier one. */
export class OutcomeRules {
	private rules: Rule[] = [];

	add(target: OutcomeTarget, outcome: Outcome): void {
		this.rules.push({ target, outcome, left: target.times ?? Infinity });
	}

	/** Work out the outcome of a new operation; rules win over words. */
	decide(text: string, imageTypes: readonly string[]): Outcome {
		const outcome = outcomeFromText(text, imageTypes);
		for (const rule of this.rules) {
			const { textContains = '', imageType } = rule.target;
			const fits =
				text.includes(textContains) && (imageType === undefined || imageTypes.includes(imageType));
			if (fits && rule.left > 0) {
				rule.left -= 1;
				Object.assign(outcome, rule.outcome);
			}
		}
		return outcome;
	}

	clear(): void {
		this.rules = [];
	}
}
