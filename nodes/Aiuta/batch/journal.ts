/**
 * What this execution has paid for, kept where the host saves it with the execution, so that a re-run
 * of the node resumes. A record is found by its place alone, whatever its inputs have become. Plain data
 * only: the host stores it as JSON.
 */
import { isJsonObject, nonEmptyString, type JsonObject } from '../core/json';
import type { InputsHash, OperationRecord, OperationState, Place } from './records';

/** Property of the host's node context that belongs to the journal. */
const ROOT = 'aiutaJournal';

/** Property beside it: the ID of the execution that has begun the journal, or that it is lost. */
const OWNER = 'aiutaJournalOwner';
const LOST = 'lost';

/** Where a place stands in the journal of one run of the node. */
function keyOf({ itemIndex, api, imageTypes }: Place): string {
	return [itemIndex, api, ...[...imageTypes].sort()].join(' ');
}

function listOf<T>(value: unknown, isOne: (it: unknown) => it is T): T[] {
	return Array.isArray(value) ? value.filter(isOne) : [];
}

const isText = (it: unknown): it is string => typeof it === 'string';
const isIndex = (it: unknown): it is number => Number.isInteger(it);

/** What the host gave back; where that is no record, one that says nothing. */
function fieldsOf(value: unknown): JsonObject {
	return isJsonObject(value) ? value : {};
}

function readInputs(value: unknown): InputsHash | undefined {
	const inputs = fieldsOf(value);
	const fields = nonEmptyString(inputs['fields']);
	return fields === undefined ? undefined : { fields, photos: nonEmptyString(inputs['photos']) };
}

/** How far an operation came; what cannot be read counts as an unanswered create. */
function readState(record: JsonObject): OperationState {
	const { state } = record;
	if (state === 'uploaded' || state === 'refused') return { state };
	if (state === 'unknown') return { state, message: nonEmptyString(record['message']) };
	const operationId = nonEmptyString(record['operationId']);
	if (operationId === undefined) return { state: 'intent' };
	if (state === 'created' || state === 'succeeded') return { state, operationId };
	if (state !== 'failed') return { state: 'intent' };
	const status = nonEmptyString(record['status']);
	// Its end cannot be read, but the operation exists: it is asked for again.
	if (status === undefined) return { state: 'created', operationId };
	const failureReason = nonEmptyString(record['failureReason']) ?? null;
	return { state, operationId, status, failureReason };
}

/** Narrow what the host gave back; undefined where nothing was begun. */
function readRecord(value: unknown): OperationRecord | undefined {
	if (value === undefined) return undefined;
	const record = fieldsOf(value);
	const state = readState(record);
	const imageIds = listOf(record['imageIds'], isText);
	// Nothing was created yet: without readable IDs the photos are uploaded again.
	if (state.state === 'uploaded' && imageIds.length === 0) return undefined;
	return { ...state, imageIds, inputs: readInputs(record['inputs']) };
}

/** Tell whether nothing may be created any more where this record stands. */
function settles(record: OperationRecord | undefined): boolean {
	return record !== undefined && record.state !== 'uploaded' && record.state !== 'refused';
}

/** One operation's page in the journal. */
export interface JournalEntry {
	readonly place: Place;
	/** What is known, undefined when it was never begun. */
	read: () => OperationRecord | undefined;
	/** Note how far it came; durable as soon as the host saves the execution. */
	write: (record: OperationRecord) => void;
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

	/** Tell whether this run of the node, or another one in the same execution, has begun its journal. */
	static isKnown(store: Record<string, unknown>, runIndex: number, executionId: string): boolean {
		const root = store[ROOT];
		const isBegun = isJsonObject(root) && isJsonObject(root[String(runIndex)]);
		return !Journal.isLost(store) && (isBegun || store[OWNER] === executionId);
	}

	/** Tell whether an earlier try has found the journal lost. */
	static isLost(store: Record<string, unknown>): boolean {
		return store[OWNER] === LOST;
	}

	/** Remember that it is lost, for the retries of a retry. */
	static markLost(store: Record<string, unknown>): void {
		store[OWNER] = LOST;
	}

	/** Begin the journal of a run of the node, or take up the one that exists. */
	static begin(store: Record<string, unknown>, runIndex: number, executionId: string): void {
		new Journal(store, runIndex);
		store[OWNER] = executionId;
	}

	/** How many records are kept. */
	get size(): number {
		return Object.keys(this.records).length;
	}

	/** Open the page of one operation. */
	at(place: Place): JournalEntry {
		const key = keyOf(place);
		return {
			place,
			read: () => readRecord(this.records[key]),
			write: (record) => {
				this.records[key] = { ...record, otherItems: place.otherItems };
			},
		};
	}

	/**
	 * The product that each item was part of when its operation was begun, by the first item of it. In a
	 * retry an expression may group the items otherwise, and nothing may be created for them again.
	 */
	firstItems(): Map<number, number> {
		const settled = Object.entries(this.records).filter(([, it]) => settles(readRecord(it)));
		return new Map(
			settled.flatMap(([key, record]) => {
				const first = Number.parseInt(key, 10);
				const others = listOf(fieldsOf(record)['otherItems'], isIndex);
				return [first, ...others].map((item) => [item, first] as const);
			}),
		);
	}

	/**
	 * Tell whether an operation exists or may exist: then its inputs are not needed any more, and nothing
	 * is created whatever they have become.
	 */
	settles(place: Place): boolean {
		return settles(this.at(place).read());
	}

	/** Tell whether the ID of an operation is known. */
	hasOperation(place: Place): boolean {
		const record = this.at(place).read();
		return record !== undefined && 'operationId' in record;
	}
}
