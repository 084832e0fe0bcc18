/** Refusing a parameter that cannot be used: readers stop by throwing, `readItem` turns it into an outcome. */
import type { INodeProperties } from 'n8n-workflow';

/** A parameter as messages name it. */
export type NamedField = Pick<INodeProperties, 'name' | 'displayName'>;

type RefusalCode = 'INVALID_PARAMETER' | 'NOT_AN_IMAGE';

/** Why a parameter of one item cannot be used. Caught by `readItem`, never by the host. */
export class ParameterProblem extends Error {
	constructor(
		message: string,
		readonly advice: string | undefined,
		readonly code: RefusalCode,
	) {
		super(message);
	}
}

/** Say what is wrong with a parameter: `problem` completes "<parameter> ...", or begins with a colon. */
export function parameterProblem({ name, displayName }: NamedField, problem: string): string {
	const gap = problem.startsWith(':') ? '' : ' ';
	return `${displayName} (${name})${gap}${problem}`;
}

/** Stop reading this item: `problem` completes the sentence "<parameter> ...". */
export function refuse(
	field: NamedField,
	problem: string,
	advice?: string,
	code: RefusalCode = 'INVALID_PARAMETER',
): never {
	throw new ParameterProblem(parameterProblem(field, problem), advice, code);
}
