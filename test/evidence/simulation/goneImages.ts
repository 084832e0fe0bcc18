/** Whether images that Aiuta has forgotten are uploaded again before a product is given up. */
import type { HttpOutcome } from '../../../nodes/Aiuta/core/http';

/** Whether this answer may mean that an image is gone. */
export function mayMissImages(outcome: HttpOutcome): boolean {
	if (outcome.kind !== 'response') return false;
	return [400, 404].includes(outcome.status) || outcome.body.includes('unknown image');
}

export class GoneImagesWatch {
	/** The latest create of each operation: whether an image of an earlier try may have been missing. */
	private readonly mayBeGone = new Map<string, boolean>();

	/** @param hasOldImages whether the create names images that an earlier try has uploaded */
	note(operationKey: string, outcome: HttpOutcome, hasOldImages: boolean): void {
		this.mayBeGone.set(operationKey, hasOldImages && mayMissImages(outcome));
	}

	/** Whether nothing but images that may be gone can explain why a product's creates were refused. */
	isOnlyCause(productKey: string): boolean {
		const own = [...this.mayBeGone].filter(([it]) => it.split('/')[0] === productKey);
		return own.length > 0 && own.every(([, mayBeGone]) => mayBeGone);
	}
}
