/**
 * One product: upload its photos, create its operations. The journal is asked first at every step that
 * costs something, then the ledger if there is one.
 */
import { failure, type Failure } from '../api/failures';
import { createOperation, type Order, type UploadedIds } from './create';
import { differ, hashFields, hashPhotos } from './inputsHash';
import type { Journal, JournalEntry } from './journal';
import { resume, resumeKnown, type FailedOperation, type Operation } from './operation';
import { sourcesOf, type ProductPlan } from './plan';
import type { Claim, JobLedger, OperationRecord, Place } from './records';
import type { Run } from './run';
import type { UploadOutcome, Uploads } from './uploads';

export interface ProductPorts {
	run: Run;
	journal: Journal;
	uploads: Uploads;
	/** The memory over all executions, if the user keeps one. */
	ledger?: JobLedger | undefined;
}

/** The ledger knows the job, and the user wants it left out. */
interface SkippedOperation {
	kind: 'skipped';
}

/** An operation that exists, or why it does not. */
export type StartedOperation =
	{ kind: 'exists'; operation: Operation } | SkippedOperation | FailedOperation;

type Prepared = { kind: 'uploaded'; uploaded: UploadedIds } | FailedOperation;

/** What one operation is created from, before its photos are uploaded. */
interface Prospect {
	entry: JournalEntry;
	/** Hash of the fields. */
	fields: string;
	/** As it was looked up, undefined without a ledger. */
	claim: Claim | undefined;
}

/** Starts the operations of one product. */
export class Product {
	/** IDs of the product's images at Aiuta, as far as they are known. */
	uploadedImageIds: string[] = [];

	/** The upload of all its photos in this run, once, however many operations need them. */
	private uploading: Promise<Prepared> | undefined;

	private photosHash: Promise<string | undefined> | undefined;

	/** Whether an earlier try of this execution met a refusal: the same one again is not new. */
	private readonly wasRefused: boolean;

	constructor(
		private readonly ports: ProductPorts,
		private readonly plan: ProductPlan,
	) {
		if (plan.images.kind === 'uploadedImageIds') this.uploadedImageIds = plan.images.ids;
		const records = plan.operations.map((place) => ports.journal.at(place).read());
		this.wasRefused = records.some((record) => record?.state === 'refused');
	}

	/** Make sure that an operation of the product exists, without waiting for it to finish. */
	async start(place: Place): Promise<StartedOperation> {
		const { run, journal } = this.ports;
		const entry = journal.at(place);
		const record = entry.read();
		const fields = hashFields(run.settings.generation, this.plan, place);
		const claim = await this.claimOf(place, fields);
		const resumed = resume(entry, record, differ(record?.inputs, { fields }), claim);
		if (resumed !== undefined) return this.noteResumed(resumed);
		try {
			const known = run.mayStart ? await claim?.ledger.lookUp(claim.job) : undefined;
			if (claim !== undefined && known !== undefined) {
				return this.noteResumed(resumeKnown(entry, known, claim));
			}
			if (!run.mayStart) return this.notBegun([]);
			for (let reused = await this.reuse(record); ; reused = undefined) {
				const prepared = reused ?? (await (this.uploading ??= this.uploadPhotos()));
				if (prepared.kind === 'failed') return prepared;
				const created = await this.create(prepared.uploaded, { entry, fields, claim });
				// Once: what is uploaded now does not come from an earlier try.
				if (created.kind !== 'imagesGone') return created;
			}
		} finally {
			claim?.ledger.leave(claim.job);
			run.noteCreateDone();
		}
	}

	private async claimOf(place: Place, fields: string): Promise<Claim | undefined> {
		const { ledger } = this.ports;
		const { productId } = this.plan;
		if (ledger === undefined || productId === undefined) return undefined;
		const photos = ledger.comparesPhotos === true ? await this.hashOfPhotos() : undefined;
		const { api, imageTypes } = place;
		return { ledger, job: { api, productId, imageTypes, inputs: { fields, photos } } };
	}

	private noteResumed(resumed: StartedOperation): StartedOperation {
		if (resumed.kind === 'failed') this.ports.run.noteFailure(resumed.failure);
		if (resumed.kind === 'skipped' || resumed.operation === undefined) return resumed;
		this.noteUploads(resumed.operation.imageIds);
		this.ports.run.noteOperation('resumed');
		return resumed;
	}

	private async create(
		uploaded: UploadedIds,
		{ entry, fields, claim: lookedUp }: Prospect,
	): Promise<StartedOperation | { kind: 'imagesGone' }> {
		const { imageIds } = uploaded;
		this.noteUploads(imageIds);
		const inputs = { fields, photos: await this.hashOfPhotos() };
		const claim = lookedUp && { ...lookedUp, job: { ...lookedUp.job, inputs } };
		const order: Order = { plan: this.plan, entry, inputs, uploaded, claim };
		const outcome = await createOperation(this.ports.run, order);
		switch (outcome.kind) {
			case 'exists':
			case 'imagesGone':
				return outcome;
			case 'known':
				if (claim === undefined) return this.notBegun(imageIds);
				return this.noteResumed(resumeKnown(entry, outcome.known, claim));
			case 'failed':
				return this.failed(outcome.failure, imageIds);
			case 'notStarted':
			case 'cancelled':
				return this.notBegun(imageIds);
		}
	}

	private noteUploads(imageIds: string[]): void {
		if (imageIds.length > 0) this.uploadedImageIds = imageIds;
	}

	/** Images that an earlier try has uploaded, unless the photos are known to be others now. */
	private async reuse(record: OperationRecord | undefined): Promise<Prepared | undefined> {
		const isUploaded = record?.state === 'uploaded' || record?.state === 'refused';
		if (!isUploaded || record.imageIds.length === 0) return undefined;
		if (differ(record.inputs, { photos: await this.hashOfPhotos() })) return undefined;
		const hasBackground = this.plan.background !== undefined;
		const uploaded = { imageIds: record.imageIds, hasBackground, isReused: true };
		return { kind: 'uploaded', uploaded };
	}

	private async hashOfPhotos(): Promise<string | undefined> {
		this.photosHash ??= hashPhotos(this.plan);
		return await this.photosHash;
	}

	private async uploadPhotos(): Promise<Prepared> {
		const uploading: Array<Promise<UploadOutcome>> = [];
		// At once: under On Error = Stop no other product is started while the rest is uploaded.
		const noteFailure = (cause: Failure) => void this.failed(cause, []);
		for (const source of sourcesOf(this.plan)) {
			uploading.push(this.ports.uploads.once(source, noteFailure));
		}
		const outcomes = await Promise.all(uploading);
		const imageIds = outcomes.flatMap((it) => (it.kind === 'uploaded' ? [it.image.id] : []));
		const refused = outcomes.find((outcome) => outcome.kind === 'failed');
		if (refused !== undefined) {
			this.noteRefusal(refused.failure);
			return this.failed(refused.failure, imageIds);
		}
		if (imageIds.length < outcomes.length) return this.notBegun(imageIds);
		await this.noteUploaded(imageIds);
		const hasBackground = this.plan.background !== undefined;
		return { kind: 'uploaded', uploaded: { imageIds, hasBackground, isReused: false } };
	}

	/** Note what was uploaded, where nothing better is known. */
	private async noteUploaded(imageIds: string[]): Promise<void> {
		if (imageIds.length === 0) return;
		const photos = await this.hashOfPhotos();
		for (const place of this.plan.operations) {
			const entry = this.ports.journal.at(place);
			const record = entry.read();
			if (record !== undefined && record.state !== 'refused') continue;
			const fields = hashFields(this.ports.run.settings.generation, this.plan, place);
			entry.write({ state: 'uploaded', imageIds, inputs: { fields, photos } });
		}
	}

	/** A refused key or plan is the run's failure, not the product's. */
	private noteRefusal({ code }: Failure): void {
		if (code === 'KEY_REFUSED' || code === 'PAYMENT_REQUIRED') return;
		for (const place of this.plan.operations) {
			// The product's other operations may exist already, when photos that were gone are uploaded anew.
			if (this.ports.journal.settles(place)) continue;
			this.ports.journal.at(place).write({ state: 'refused', imageIds: [] });
		}
	}

	/** A failure counts at once, not when the product's other operations have ended. */
	private failed(cause: Failure, uploadedImageIds: string[]): FailedOperation {
		const failed: Failure = {
			...cause,
			isOfEarlierTry: this.wasRefused,
			...(uploadedImageIds.length === 0 ? {} : { uploadedImageIds }),
		};
		this.ports.run.noteFailure(failed);
		return { kind: 'failed', operation: undefined, failure: failed };
	}

	/** It was not begun, or not created: the run was stopped, or may start nothing new. */
	private notBegun(uploadedImageIds: string[]): FailedOperation {
		const { run } = this.ports;
		if (run.isCancelled || run.halt === undefined) {
			const message = 'The execution was stopped before an operation was created';
			return this.failed(failure('CANCELLED', message), uploadedImageIds);
		}
		const message = `Not started, because of an earlier failure: ${run.halt.message}`;
		return this.failed(failure('NOT_STARTED', message), uploadedImageIds);
	}
}
