/**
 * What this execution has paid for, kept where the host saves it with the execution, so that a re-run
 * of the node resumes. A record is keyed by its inputs and never by uploaded image IDs, which are new
 * on every upload. Plain data only: the host stores it as JSON.
 */
import { isJsonObject, nonEmptyString } from '../core/json';

export type JournalRecord =
	/** Photos are uploaded, nothing is created: the IDs are reused. */
	| { state: 'uploaded'; imageIds: string[] }
	/** A photo or the create was refused, so nothing exists: it is tried again, but is no new failure. */
	| { state: 'refused'; imageIds: string[] }
	/** A create is about to be sent. Found on a re-run, its answer never came: it is not sent again. */
	| { state: 'intent'; imageIds: string[] }
	/** The operation exists: it is polled. */
	| { state: 'created'; imageIds: string[]; operationId: string }
	/** It succeeded: its images are delivered again, from fresh URLs. */
	| { state: 'succeeded'; imageIds: string[]; operationId: string }
	/** It failed for good: the failure is reported again. */
	| {
			state: 'failed';
			imageIds: string[];
			operationId: string;
			status: string;
			failureReason: string | null;
	  }
	/** Its create may have been accepted: reported again, never sent again. */
	| { state: 'unknown'; imageIds: string[]; message: string };

/** Property of the host's node context that belongs to the journal. */
const ROOT = 'aiutaJournal';

/** Property beside it: the ID of the execution that has begun the notes, or that they are lost. */
const OWNER = 'aiutaJournalOwner';
const LOST = 'lost';

function strings(value: unknown): string[] {
	return Array.isArray(value) ? value.filter((it): it is string => typeof it === 'string') : [];
}

/** Narrow what the host gave back; a record that cannot be read counts as an unanswered create. */
function readRecord(value: unknown): JournalRecord | undefined {
	if (value === undefined) return undefined;
	if (!isJsonObject(value)) return { state: 'intent', imageIds: [] };
	const { state } = value;
	const imageIds = strings(value['imageIds']);
	const operationId = nonEmptyString(value['operationId']);
	if (state === 'refused') return { state, imageIds };
	// Nothing was created yet: without readable IDs the photos are uploaded again.
	if (state === 'uploaded') return imageIds.length > 0 ? { state, imageIds } : undefined;
	if (state === 'unknown') {
		return { state, imageIds, message: nonEmptyString(value['message']) ?? '' };
	}
	if (operationId !== undefined && (state === 'created' || state === 'succeeded')) {
		return { state, imageIds, operationId };
	}
	if (operationId !== undefined && state === 'failed') {
		const status = nonEmptyString(value['status']) ?? '';
		const failureReason = nonEmptyString(value['failureReason']) ?? null;
		return { state, imageIds, operationId, status, failureReason };
	}
	return { state: 'intent', imageIds };
}

export class Journal {
	private readonly records: Record<string, unknown>;

	/**
	 * @param store the host's context object, changed in place
	 * @param runIndex which run of the node within the execution this is; records of earlier runs are
	 *   dropped, because the host retries only the last one
	 */
	constructor(store: Record<string, unknown>, runIndex: number) {
		const run = String(runIndex);
		const root = store[ROOT];
		const kept = isJsonObject(root) && isJsonObject(root[run]) ? root[run] : {};
		store[ROOT] = { [run]: kept };
		this.records = kept;
	}

	/** Tell whether this run of the node, or another one in the same execution, has begun its notes. */
	static isKnown(store: Record<string, unknown>, runIndex: number, executionId: string): boolean {
		const root = store[ROOT];
		const hasNotes = isJsonObject(root) && isJsonObject(root[String(runIndex)]);
		return !Journal.isLost(store) && (hasNotes || store[OWNER] === executionId);
	}

	/** Tell whether an earlier try has found the notes lost. */
	static isLost(store: Record<string, unknown>): boolean {
		return store[OWNER] === LOST;
	}

	/** Remember that the notes are lost, for the retries of a retry. */
	static markLost(store: Record<string, unknown>): void {
		store[OWNER] = LOST;
	}

	/** Begin the notes of a run of the node, or take up those that exist. */
	static begin(store: Record<string, unknown>, runIndex: number, executionId: string): void {
		new Journal(store, runIndex);
		store[OWNER] = executionId;
	}

	/** How many records are kept. */
	get size(): number {
		return Object.keys(this.records).length;
	}

	/** Read what is known of an operation's inputs, undefined when it was never begun. */
	read(key: string): JournalRecord | undefined {
		return readRecord(this.records[key]);
	}

	/** Write a record; it is durable as soon as the host saves the execution. */
	write(key: string, record: JournalRecord): void {
		this.records[key] = record;
	}

	/** Forget a record whose create is known not to have been accepted, so that a re-run creates. */
	forget(key: string): void {
		delete this.records[key];
	}
}
