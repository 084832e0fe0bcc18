/** Options with a fixed set of values: an expression may give any text, the API takes these only. */
import type { CreateInput, CreateOptions, RuleViolation } from './types';

/** `OperationPriority`, the same in all three specs. */
export const PRIORITIES = ['online', 'offline'] as const;

type Choices = Partial<Record<keyof CreateOptions, readonly string[]>>;

/** Find the options whose value is none of those that the API's schema lists. */
export function choiceViolations({ options }: CreateInput, choices: Choices): RuleViolation[] {
	return Object.entries(choices).flatMap(([parameter, allowed]) => {
		const value = options[parameter as keyof CreateOptions];
		if (value === undefined || (typeof value === 'string' && allowed.includes(value))) return [];
		return [
			{
				parameter,
				message: `the value ${JSON.stringify(value)} is none of ${allowed.join(', ')}`,
				description: 'Choose a value from the list, or let the expression give one of these.',
			},
		];
	});
}
