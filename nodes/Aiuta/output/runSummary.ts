/** What sums up a run: a hint above the output, and an entry that n8n keeps with the execution. */
import type { IExecuteFunctions } from 'n8n-workflow';

import type { UnitResult } from './items';
import type { RunFacts } from './runReport';

/** n8n cuts custom data at 512 characters and keeps ten keys an execution: we use one. */
const CUSTOM_DATA_KEY = 'aiuta';
const MAX_CUSTOM_DATA_LENGTH = 512;

function count(results: readonly UnitResult[], isSo: (result: UnitResult) => boolean): number {
	return results.filter(isSo).length;
}

/** Whether every item of a unit says so under `finished`; there is no such key where nothing is awaited. */
const everyItem = ({ items, failures }: UnitResult, finished: boolean | undefined): boolean =>
	failures.length === 0 &&
	items.length > 0 &&
	items.every(({ json }) => json['finished'] === finished);

/** Whether it was left out, as the ledger knows it and the user wants it. */
const isSkipped = ({ items, failures }: UnitResult): boolean =>
	failures.length === 0 && items.length === 0;

/** Sum up a run in one line, e.g. `3 of 4 finished, 1 failed, 38 s`. */
export function runSummary(results: readonly UnitResult[], facts: RunFacts): string {
	const failed = count(results, ({ failures }) => failures.length > 0);
	const skipped = count(results, isSkipped);
	const finished = count(results, (result) => everyItem(result, true));
	const done = count(results, (result) => everyItem(result, undefined));
	const running = results.length - failed - skipped - finished - done;
	const known = count(results, ({ items }) =>
		items.some(({ json }) => json['from_ledger'] === true),
	);
	const incomplete = count(results, ({ items }) =>
		items.some(({ json }) => json['missing_types'] !== undefined),
	);
	const parts = [
		done > 0 ? `${done} of ${results.length} done` : `${finished} of ${results.length} finished`,
		...(incomplete > 0 ? [`${incomplete} without a picture of every type asked for`] : []),
		...(known > 0 ? [`${known} of them known to the ledger and not paid for again`] : []),
		...(skipped > 0 ? [`${skipped} left out, as the ledger knows them`] : []),
		...(failed > 0 ? [`${failed} failed`] : []),
		...(running > 0 ? [`${running} still running`] : []),
		...(facts.unknownOperations > 0
			? [`${facts.unknownOperations} may have been accepted without an ID`]
			: []),
		`${facts.seconds} s`,
		...(facts.wasThrottled ? ['slowed down by the rate limit'] : []),
	];
	return parts.join(', ');
}

function operationIds(results: readonly UnitResult[]): string[] {
	const ids = results.flatMap(({ items, failures }) => [
		...items.map(({ json }) => json['operation_id']),
		...failures.map(({ operationId }) => operationId),
	]);
	return [...new Set(ids)].filter((id) => typeof id === 'string');
}

/** Add as many whole IDs as fit. */
function withFirstIds(summary: string, ids: string[]): string {
	return ids.reduce((text, id, index) => {
		const longer = `${text}${index === 0 ? '; ' : ' '}${id}`;
		return longer.length <= MAX_CUSTOM_DATA_LENGTH ? longer : text;
	}, summary);
}

/** When to come back for what people review; empty where nothing is left to wait for. */
function comeBack(results: readonly UnitResult[], { isReviewed }: RunFacts): string {
	const isLeft = results.some(({ items }) => items.some(({ json }) => json['finished'] !== true));
	return isReviewed && isLeft
		? '. People review the pictures, which takes hours: get them then with Wait for Operation'
		: '';
}

/** Show the summary with the output, and with the first operation IDs in n8n's list of executions. */
export function reportRun(
	host: IExecuteFunctions,
	results: readonly UnitResult[],
	facts: RunFacts,
): void {
	const ids = operationIds(results);
	const summary = runSummary(results, facts);
	const hasFailed = results.some(({ failures }) => failures.length > 0);
	if (ids.length === 0 && !hasFailed && !results.some(isSkipped)) return;
	host.addExecutionHints({
		message: `Aiuta: ${summary}${comeBack(results, facts)}`,
		location: 'outputPane',
		...(hasFailed ? { type: 'warning' as const } : {}),
	});
	try {
		// `this.customData` is missing on n8n 2.0.3; the data proxy has it on every supported version.
		const { $execution: execution } = host.getWorkflowDataProxy(0) as {
			$execution?: { customData?: { set: (key: string, value: string) => void } };
		};
		execution?.customData?.set(CUSTOM_DATA_KEY, withFirstIds(summary, ids));
	} catch {
		host.logger.debug('Aiuta: this execution takes no custom data');
	}
}
