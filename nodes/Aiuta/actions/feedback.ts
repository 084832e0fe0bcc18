/** What a user sees of a run besides its items: a hint that sums up, and one custom-data entry. */
import type { Execution } from './openRun';
import type { UnitResult } from '../output/items';

/** n8n cuts custom data at 512 characters and keeps ten keys an execution: we use one. */
const CUSTOM_DATA_KEY = 'aiuta';
const MAX_CUSTOM_DATA_LENGTH = 512;

function idsOf(results: readonly UnitResult[]): string[] {
	return results
		.flatMap(({ items, failures }) => [
			...items.map((item) => item.json['operation_id']),
			...failures.map((failure) => failure.operationId),
		])
		.filter((id): id is string => typeof id === 'string');
}

/** Sum up a run of several products or operations. */
export function reportProgress(
	{ host, run }: Execution,
	unitCount: number,
	results: readonly UnitResult[],
): void {
	const ids = [...new Set(idsOf(results))];
	if (ids.length === 0) return;
	const failed = results.filter(({ failures }) => failures.length > 0).length;
	const running = results.filter(({ items }) =>
		items.some((item) => item.json['finished'] === false),
	).length;
	const seconds = Math.round((run.ports.clock.now() - run.startedAtMs) / 1000);
	const parts = [
		`${unitCount - failed - running} of ${unitCount} finished`,
		...(failed > 0 ? [`${failed} failed`] : []),
		...(running > 0 ? [`${running} still running`] : []),
		...(run.createsUnknown > 0 ? [`${run.createsUnknown} may have been accepted`] : []),
		`${seconds} s`,
		...(run.ports.scheduler.wasThrottled ? ['slowed down by the rate limit'] : []),
	];
	const summary = parts.join(', ');
	if (unitCount > 1 || failed > 0) {
		host.addExecutionHints({ message: `Aiuta: ${summary}`, location: 'outputPane' });
	}
	setCustomData(host, withFirstIds(summary, ids));
}

/** Add as many whole IDs as fit. */
function withFirstIds(summary: string, ids: string[]): string {
	return ids.reduce((text, id, index) => {
		const longer = `${text}${index === 0 ? '; ' : ' '}${id}`;
		return longer.length <= MAX_CUSTOM_DATA_LENGTH ? longer : text;
	}, summary);
}

function setCustomData(host: Execution['host'], value: string): void {
	try {
		// `this.customData` is missing on n8n 2.0.3; the data proxy has it on every supported version.
		const { $execution: execution } = host.getWorkflowDataProxy(0) as {
			$execution?: { customData?: { set: (key: string, value: string) => void } };
		};
		execution?.customData?.set(CUSTOM_DATA_KEY, value);
	} catch {
		host.logger.debug('Aiuta: this execution takes no custom data');
	}
}
