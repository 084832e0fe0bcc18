/** The seven statuses of `OperationStatus` (the same in all three specs) and what they mean for us. */
import type { OperationState } from './types';

const STATE_BY_STATUS: ReadonlyMap<string, OperationState> = new Map([
	['CREATED', 'running'],
	['IN_PROGRESS', 'running'],
	['PAUSED', 'running'],
	['SUCCESS', 'succeeded'],
	['FAILED', 'failed'],
	['CANCELLED', 'failed'],
	['ABORTED', 'failed'],
]);

/** Map a raw status word to a state; a word that is none of the seven is `unknown`, not terminal. */
export function operationState(status: string): OperationState {
	return STATE_BY_STATUS.get(status) ?? 'unknown';
}

/** Tell whether an operation in this state will not change any more. */
export function isTerminal(state: OperationState): boolean {
	return state === 'succeeded' || state === 'failed';
}
