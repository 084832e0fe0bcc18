/** Opens the ledger of a run: the data table, and the protocol on it. */
import type { IExecuteFunctions } from 'n8n-workflow';

import { failure, type Failure } from '../api/failures';
import { Ledger } from '../batch/ledger';
import type { BudgetLimits } from '../batch/ledgerBudget';
import { oneLine } from '../core/oneLine';
import { runIndexOf } from '../inputs/journal';
import type { LedgerChoice } from '../inputs/ledger';
import { openDataTable } from '../transport/dataTable';
import { hostClock } from '../transport/hostClock';

export type OpenedLedger =
	{ ok: true; ledger: Ledger | undefined } | { ok: false; failure: Failure };

/** Open the ledger that the user has chosen, if any. Nothing of it is read yet. */
export async function openLedger(
	host: IExecuteFunctions,
	choice: LedgerChoice | undefined,
	limits: BudgetLimits,
): Promise<OpenedLedger> {
	if (choice === undefined) {
		if (limits.perDay === 0 && limits.perMonth === 0) return { ok: true, ledger: undefined };
		const message = 'A limit per day or month counts over all executions: it needs a ledger';
		const description = 'Fill in Ledger, or remove the limit under Batching.';
		return { ok: false, failure: failure('INVALID_PARAMETER', message, { description }) };
	}
	const signal = host.getExecutionCancelSignal();
	const isStopped = () => signal?.aborted === true;
	const opened = await openDataTable(host, choice.name, isStopped);
	if (!opened.ok) return opened;
	const ports = {
		table: opened.value,
		clock: hostClock,
		isStopped,
		onLost: (row: { operation_id: string; product_id: string; state: string }, cause: Failure) => {
			const reason = oneLine(cause.message);
			host.logger.error(`Aiuta: a row of the ledger could not be written: ${reason}`, {
				operationId: row.operation_id,
				productId: row.product_id,
				state: row.state,
			});
		},
	};
	const run = `${host.getExecutionId()}.${runIndexOf(host)}`;
	const { whenKnown } = choice;
	return { ok: true, ledger: new Ledger(ports, { whenKnown, limits, run }) };
}
