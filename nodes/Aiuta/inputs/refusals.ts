/** Refusing what cannot be used: readers stop by throwing, `readItem` turns it into an outcome. */
import type { INodeProperties } from 'n8n-workflow';

/** A field of the panel: its name for reading, its label for messages. */
export type NamedField = Pick<INodeProperties, 'name' | 'displayName'>;

type RefusalCode = 'INVALID_PARAMETER' | 'NOT_AN_IMAGE';

/** Why one item cannot be used. Caught by `readItem`, never by the host. */
export class ParameterProblem extends Error {
	constructor(
		message: string,
		readonly advice: string | undefined,
		readonly code: RefusalCode,
	) {
		super(message);
	}
}

/**
 * Stop reading this item.
 *
 * @param message what is wrong, with the field called as the panel shows it; which item it is, is said
 *   by whoever reports it
 * @param advice what to do next, as full sentences
 */
export function refuse(
	message: string,
	advice?: string,
	code: RefusalCode = 'INVALID_PARAMETER',
): never {
	throw new ParameterProblem(message, advice, code);
}
