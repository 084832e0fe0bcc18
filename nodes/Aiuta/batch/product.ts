/**
 * One product: upload its photos, create its operations, follow them to their ends. The journal is
 * asked first at every step that costs something.
 */
import { failure, type Failure } from '../api/failures';
import { createOperation, type Order, type UploadedIds } from './create';
import { differ, hashFields, hashPhotos } from './inputsHash';
import type { Journal, JournalEntry } from './journal';
import {
	finishOperation,
	resume,
	resumeKnown,
	type FailedOperation,
	type Operation,
	type OperationEnd,
} from './operation';
import { sourcesOf, type ProductPlan } from './plan';
import type { Claim, JobLedger, OperationRecord, Place } from './records';
import type { Run } from './run';
import type { Uploads } from './uploads';

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

/** Starts the operations of one product and follows them. */
export class Product {
	/** IDs of the product's images at Aiuta, as far as they are known. */
	uploadedImageIds: string[] = [];

	/** The upload of all its photos in this run, once, however many operations need them. */
	private upload: Promise<Prepared> | undefined;

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

	/** Make sure that each operation exists, without waiting for any of them to finish. */
	async start(): Promise<StartedOperation[]> {
		return await this.ofEach(async (place) => await this.startOperation(place));
	}

	/** Start each operation and follow it to its end. */
	async generate(maxWaitMs: number): Promise<Array<OperationEnd | SkippedOperation>> {
		return await this.ofEach(async (place) => {
			const started = await this.startOperation(place);
			if (started.kind !== 'exists') return started;
			return await finishOperation(this.ports.run, started.operation, maxWaitMs);
		});
	}

	/** A failure counts at once, not when the product's other operations have ended. */
	private async ofEach<T extends OperationEnd | SkippedOperation | StartedOperation>(
		bring: (place: Place) => Promise<T>,
	): Promise<T[]> {
		return await Promise.all(
			this.plan.operations.map(async (place) => {
				const end = await bring(place);
				if (end.kind === 'failed') this.ports.run.noteFailure(end.failure);
				return end;
			}),
		);
	}

	private async startOperation(place: Place): Promise<StartedOperation> {
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
			return await this.create(entry, record, fields, claim);
		} finally {
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
		if (resumed.kind === 'skipped' || resumed.operation === undefined) return resumed;
		this.noteUploads(resumed.operation.imageIds);
		this.ports.run.noteOperation('resumed');
		return resumed;
	}

	private async create(
		entry: JournalEntry,
		record: OperationRecord | undefined,
		fields: string,
		lookedUp: Claim | undefined,
	): Promise<StartedOperation> {
		const { run } = this.ports;
		if (!run.mayStart) return this.notBegun([]);
		let prepared = (await this.reuse(record)) ?? (await this.uploadAll());
		for (;;) {
			if (prepared.kind === 'failed') return prepared;
			const { uploaded } = prepared;
			this.noteUploads(uploaded.imageIds);
			const inputs = { fields, photos: await this.hashOfPhotos() };
			const claim = lookedUp && { ...lookedUp, job: { ...lookedUp.job, inputs } };
			const order: Order = { plan: this.plan, entry, inputs, uploaded, claim };
			const outcome = await createOperation(run, order);
			switch (outcome.kind) {
				case 'exists':
					return outcome;
				case 'known':
					if (claim === undefined) return this.notBegun(uploaded.imageIds);
					return this.noteResumed(resumeKnown(entry, outcome.known, claim));
				case 'imagesGone':
					// Once: what is uploaded now does not come from an earlier try.
					prepared = await this.uploadAll();
					break;
				case 'failed':
					return this.failed(outcome.failure, uploaded.imageIds);
				case 'notStarted':
				case 'cancelled':
					return this.notBegun(uploaded.imageIds);
			}
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

	private async uploadAll(): Promise<Prepared> {
		this.upload ??= this.uploadSources();
		return await this.upload;
	}

	private async uploadSources(): Promise<Prepared> {
		const { run, uploads } = this.ports;
		const outcomes = await Promise.all(
			sourcesOf(this.plan).map(async (source) => {
				const outcome = await uploads.once(source);
				// At once: under On Error = Stop no other product is started while the rest is uploaded.
				if (outcome.kind === 'failed') run.noteFailure(this.failed(outcome.failure, []).failure);
				return outcome;
			}),
		);
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

	private failed(cause: Failure, uploadedImageIds: string[]): FailedOperation {
		const particulars = {
			isOfEarlierTry: this.wasRefused,
			...(uploadedImageIds.length === 0 ? {} : { uploadedImageIds }),
		};
		return { kind: 'failed', operation: undefined, failure: { ...cause, ...particulars } };
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
