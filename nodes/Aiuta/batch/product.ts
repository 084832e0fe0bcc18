/**
 * One product: upload its photos, create its operations, follow them to their ends. The journal is
 * asked first at every step that costs something.
 */
import { failure, type Failure } from '../api/failures';
import { createOperation, journaledIds, type UploadedIds } from './create';
import type { Journal, JournalRecord } from './journal';
import {
	endFromJournal,
	finishOperation,
	type ExistingOperation,
	type OperationEnd,
} from './operationEnd';
import type { OperationPlan, ProductPlan } from './plan';
import type { Run } from './run';
import type { Uploads } from './uploads';

export interface ProductPorts {
	run: Run;
	journal: Journal;
	uploads: Uploads;
}

/** An operation that exists, or why it does not. */
export type StartedOperation =
	{ kind: 'exists'; existing: ExistingOperation } | (OperationEnd & { kind: 'failed' });

type Prepared = { kind: 'uploaded'; uploaded: UploadedIds } | (OperationEnd & { kind: 'failed' });

function failed(cause: Failure, isNew: boolean): OperationEnd & { kind: 'failed' } {
	return { kind: 'failed', operationId: cause.operationId, failure: cause, isNew };
}

/** Starts the operations of one product and follows them. */
export class Product {
	/** IDs of the product's images at Aiuta, as far as they are known. */
	uploadedImageIds: string[] = [];

	private prepared: Promise<Prepared> | undefined;

	/** Whether an earlier try of this execution met a refusal: the same one again is not new. */
	private readonly wasRefused: boolean;

	constructor(
		private readonly ports: ProductPorts,
		private readonly plan: ProductPlan,
	) {
		if (plan.images.kind === 'uploadedImageIds') this.uploadedImageIds = plan.images.ids;
		this.wasRefused = plan.operations.some(
			({ journalKey }) => ports.journal.read(journalKey)?.state === 'refused',
		);
	}

	/** Make sure that each operation exists, without waiting for any of them to finish. */
	async start(): Promise<StartedOperation[]> {
		const started = await Promise.all(
			this.plan.operations.map(async (operation) => {
				const one = await this.startOperation(operation);
				if (one.kind === 'failed' && one.isNew) this.ports.run.noteNewFailure(one.failure);
				return one;
			}),
		);
		return started;
	}

	/** Start each operation and follow it to its end. */
	async generate(maxWaitMs: number): Promise<OperationEnd[]> {
		const started = await this.start();
		return await Promise.all(
			started.map(async (one, index): Promise<OperationEnd> => {
				if (one.kind === 'failed') return one;
				const key = this.plan.operations[index]?.journalKey ?? '';
				const journaled = { journal: this.ports.journal, key };
				const end = await finishOperation(this.ports.run, one.existing, maxWaitMs, journaled);
				// At once, not when the product's other operations have ended: nothing new is started from here on.
				if (end.kind === 'failed' && end.isNew) this.ports.run.noteNewFailure(end.failure);
				return end;
			}),
		);
	}

	private async startOperation(operation: OperationPlan): Promise<StartedOperation> {
		const record = this.ports.journal.read(operation.journalKey);
		const known = endFromJournal(record);
		if (known?.kind === 'failed') {
			if (known.operationId !== undefined) this.ports.run.operationsResumed += 1;
			return known;
		}
		if (record?.state === 'created' || record?.state === 'succeeded') {
			const { operationId, imageIds } = record;
			this.noteUploads(imageIds);
			this.ports.run.operationsResumed += 1;
			const existing = { operationId, imageIds, createdAtMs: undefined, body: undefined };
			return { kind: 'exists', existing };
		}
		try {
			return await this.uploadAndCreate(operation, record);
		} finally {
			this.ports.run.createsLeft -= 1;
		}
	}

	private async uploadAndCreate(
		operation: OperationPlan,
		record: JournalRecord | undefined,
	): Promise<StartedOperation> {
		if (this.ports.run.isCancelled) return this.cancelled([]);
		if (this.ports.run.halt !== undefined) return this.notStarted([]);
		const prepared = await this.prepare(record);
		if (prepared.kind === 'failed') return prepared;
		this.noteUploads(journaledIds(prepared.uploaded));
		return await this.create(operation, prepared.uploaded);
	}

	private async create(operation: OperationPlan, uploaded: UploadedIds): Promise<StartedOperation> {
		const { run, journal } = this.ports;
		const outcome = await createOperation(run, journal, this.plan, operation, uploaded);
		switch (outcome.kind) {
			case 'created': {
				const { operationId, createdAtMs, body } = outcome;
				const existing = { operationId, createdAtMs, body, imageIds: uploaded.imageIds };
				return { kind: 'exists', existing };
			}
			case 'imagesGone': {
				const fresh = await this.uploadAll(true);
				if (fresh.kind === 'failed') return fresh;
				this.noteUploads(journaledIds(fresh.uploaded));
				return await this.create(operation, fresh.uploaded);
			}
			case 'failed': {
				const uploadedImageIds = journaledIds(uploaded);
				return failed({ ...outcome.failure, uploadedImageIds }, !this.wasRefused);
			}
			case 'notStarted':
				return this.notStarted(journaledIds(uploaded));
			case 'cancelled':
				return this.cancelled(journaledIds(uploaded));
		}
	}

	private noteUploads(imageIds: string[]): void {
		if (imageIds.length > 0) this.uploadedImageIds = imageIds;
	}

	/** Upload the product's images once, however many operations need them. */
	private async prepare(record: JournalRecord | undefined): Promise<Prepared> {
		const isUploaded = record?.state === 'uploaded' || record?.state === 'refused';
		if (isUploaded && record.imageIds.length > 0) {
			return { kind: 'uploaded', uploaded: this.reuse(record) };
		}
		this.prepared ??= this.uploadAll(false);
		return await this.prepared;
	}

	private reuse({ imageIds }: JournalRecord): UploadedIds {
		if (this.plan.background === undefined) {
			return { imageIds, backgroundImageId: undefined, isReused: true };
		}
		return {
			imageIds: imageIds.slice(0, -1),
			backgroundImageId: imageIds.at(-1),
			isReused: true,
		};
	}

	private async uploadAll(fresh: boolean): Promise<Prepared> {
		const { images, background } = this.plan;
		const photos = images.kind === 'sources' ? images.sources : [];
		const sources = background === undefined ? photos : [...photos, background];
		const outcomes = await Promise.all(
			sources.map(async (source) => {
				const outcome = await this.ports.uploads.upload(source, fresh);
				// At once: under On Error = Stop no other product is started while the rest is uploaded.
				if (outcome.kind === 'failed' && !this.wasRefused) {
					this.ports.run.noteNewFailure(outcome.failure);
				}
				return outcome;
			}),
		);
		const ids = outcomes.flatMap((it) => (it.kind === 'uploaded' ? [it.image.id] : []));
		const refused = outcomes.find((outcome) => outcome.kind === 'failed');
		if (refused !== undefined) {
			this.noteRefusal(refused.failure);
			return failed({ ...refused.failure, uploadedImageIds: ids }, !this.wasRefused);
		}
		if (outcomes.some((outcome) => outcome.kind === 'cancelled')) return this.cancelled(ids);
		if (outcomes.some((outcome) => outcome.kind === 'notStarted')) return this.notStarted(ids);
		const uploaded: UploadedIds = {
			imageIds: background === undefined ? ids : ids.slice(0, -1),
			backgroundImageId: background === undefined ? undefined : ids.at(-1),
			isReused: false,
		};
		for (const { journalKey } of this.plan.operations) {
			const { state = 'refused' } = this.ports.journal.read(journalKey) ?? {};
			if (state === 'refused' && ids.length > 0) {
				this.ports.journal.write(journalKey, { state: 'uploaded', imageIds: ids });
			}
		}
		return { kind: 'uploaded', uploaded };
	}

	/** A refused key or plan is the run's failure, not the product's. */
	private noteRefusal({ code }: Failure): void {
		if (code === 'KEY_REFUSED' || code === 'PAYMENT_REQUIRED') return;
		for (const { journalKey } of this.plan.operations) {
			const { state = 'uploaded' } = this.ports.journal.read(journalKey) ?? {};
			// The product's other operations may exist already, when photos that were gone are uploaded anew.
			if (state === 'uploaded') {
				this.ports.journal.write(journalKey, { state: 'refused', imageIds: [] });
			}
		}
	}

	private notStarted(uploadedImageIds: string[]): OperationEnd & { kind: 'failed' } {
		const cause = this.ports.run.halt?.message ?? 'the run was stopped';
		const message = `Not started, because of an earlier failure: ${cause}`;
		return failed(failure('NOT_STARTED', message, { uploadedImageIds }), false);
	}

	private cancelled(uploadedImageIds: string[]): OperationEnd & { kind: 'failed' } {
		const message = 'The execution was stopped before an operation was created';
		return failed(failure('CANCELLED', message, { uploadedImageIds }), true);
	}
}
