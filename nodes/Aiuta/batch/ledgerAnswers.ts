/** What a row means for somebody who asks for its job, and what a new row says. */
import { failure, type Failure } from '../api/failures';
import type { ApiName, ImageType } from '../api/types';
import type { Clock } from '../core/clock';
import { jobKey, type LedgerRow, type NewRow, type RowState } from './ledgerRows';
import type { ProductPlan } from './plan';
import type { InputsHash, Job, KnownJob } from './records';

export type WhenKnown = 'return' | 'returnUnlessChanged' | 'skip' | 'generateAgain';

export const NO_ANSWER = 'its run ended before it was written down what became of the create';
export const CLAIM_GONE =
	'The row of the claim has disappeared from the ledger: the table was changed while the run was on';

export const MAY_EXIST =
	'The ledger says that the operation may have been accepted, but its ID was not received';
/** What to do about a create of unknown outcome that stands in the ledger. */
export const HOW_TO_SETTLE =
	'It is not sent again, so that you do not pay twice. Look for it in your Aiuta account: enter its ID in the column operation_id of its row in the ledger, or delete the row if there is none.';

export function refused(problem: Failure): KnownJob {
	return { kind: 'refused', failure: problem };
}

export function unknownJob({ reason, run }: LedgerRow): KnownJob {
	const detail = `${reason === '' ? NO_ANSWER : reason}; ${run}`;
	const particulars = { description: HOW_TO_SETTLE, detail };
	return { kind: 'unknown', failure: failure('CREATE_OUTCOME_UNKNOWN', MAY_EXIST, particulars) };
}

function inputsText({ fields, photos = '' }: InputsHash): string {
	return `${fields}.${photos}`;
}

/** Whether an operation was made from other inputs. What is not known of either side is not compared. */
function inputsChanged({ inputs }: LedgerRow, job: Job): boolean {
	const [fields, photos = ''] = inputs.split('.');
	if (fields === undefined || fields === '') return false;
	if (fields !== job.inputs.fields) return true;
	return photos !== '' && job.inputs.photos !== undefined && photos !== job.inputs.photos;
}

/** Whether an operation that exists does not keep its job from being created. */
export function isPassedOver(whenKnown: WhenKnown, row: LedgerRow, job: Job): boolean {
	if (whenKnown === 'generateAgain') return true;
	return whenKnown === 'returnUnlessChanged' && inputsChanged(row, job);
}

/** What the row of an operation says. */
export function knownOperation(row: LedgerRow, job: Job, fromLedger: boolean): KnownJob {
	const operationId = row.operation_id.trim();
	if (row.state === 'failed') {
		const failureReason = row.reason === '' ? null : row.reason;
		return { kind: 'failed', operationId, status: row.status, failureReason };
	}
	return { kind: 'exists', operationId, inputsChanged: inputsChanged(row, job), fromLedger };
}

/** The same job twice in one run: the second item gets what the first has created. */
export function ourOperation(operationId: string): KnownJob {
	return { kind: 'exists', operationId, inputsChanged: false, fromLedger: false };
}

/** Name an attempt as no other is named; it ends with the time, which budgets read off it. */
export function attemptName(run: string, count: number, clock: Clock): string {
	const chance = clock.random().toString(36).slice(2, 10);
	return `${run} ${count}-${chance} ${new Date(clock.now()).toISOString()}`;
}

/** Make a row; what is not given is empty. */
export function newRow(
	job: Job,
	state: RowState,
	run: string,
	particulars: Partial<NewRow>,
): NewRow {
	return {
		product_id: job.productId,
		state,
		image_url: '',
		reason: '',
		operation_id: '',
		status: '',
		image_types: job.imageTypes.join(', '),
		api: job.api,
		inputs: inputsText(job.inputs),
		run,
		job: jobKey(job),
		...particulars,
	};
}

/** The job of a row that a run has written. */
export function jobOf(row: LedgerRow): Job {
	const [fields = '', photos] = row.inputs.split('.');
	return {
		api: row.api as ApiName,
		productId: row.product_id,
		imageTypes: row.image_types.split(', ').filter((type) => type !== '') as ImageType[],
		inputs: { fields, photos: photos === '' ? undefined : photos },
	};
}

/** The jobs of products, by name. */
export function jobsOf(plans: readonly ProductPlan[]): string[] {
	return plans.flatMap(({ productId, operations }) =>
		productId === undefined ? [] : operations.map((place) => jobKey({ ...place, productId })),
	);
}
