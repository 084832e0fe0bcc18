/**
 * The real batch engine on virtual time: a scripted Aiuta in place of the network, and the products,
 * photos and answers that the tests of `batch/` are made of.
 */
import { createHash } from 'crypto';
import type { Failure } from '../../nodes/Aiuta/api/failures';
import { flatLays } from '../../nodes/Aiuta/api/flatLays';
import type { Generation } from '../../nodes/Aiuta/api/generation';
import { Downloads, type FetchPicture } from '../../nodes/Aiuta/batch/downloads';
import {
	generateProduct,
	type FinishedProduct,
	type FinishSettings,
	type ProductOutcome,
} from '../../nodes/Aiuta/batch/deliver';
import type { Followed } from '../../nodes/Aiuta/batch/follow';
import { Ledger } from '../../nodes/Aiuta/batch/ledger';
import type { NewRow } from '../../nodes/Aiuta/batch/ledgerRows';
import type { SimulatedTable } from '../evidence/simulation/ledger/table';
import { Journal } from '../../nodes/Aiuta/batch/journal';
import type { ImageSource, ProductPlan } from '../../nodes/Aiuta/batch/plan';
import type { Place } from '../../nodes/Aiuta/batch/records';
import { Run, type RunSettings } from '../../nodes/Aiuta/batch/run';
import { Scheduler } from '../../nodes/Aiuta/schedule/scheduler';
import { Uploads } from '../../nodes/Aiuta/batch/uploads';
import type { HttpOutcome, HttpRequest } from '../../nodes/Aiuta/core/http';
import { FakeClock } from '../support/time/fakeClock';

export const MINUTE_MS = 60_000;

/** An answer with a JSON body. */
export function answer(
	status: number,
	body: unknown = { detail: `status ${status}` },
	headers: Record<string, string> = {},
): HttpOutcome {
	return { kind: 'response', status, headers, body: JSON.stringify(body) };
}

/** An answer with a body that is text. */
export function textAnswer(status: number, body: string): HttpOutcome {
	return { kind: 'response', status, headers: {}, body };
}

export const LOST: HttpOutcome = { kind: 'connectionLost', code: 'ECONNRESET' };
export const NEVER_OPENED: HttpOutcome = { kind: 'neverOpened', code: 'ECONNREFUSED' };
export const BAD_CERTIFICATE: HttpOutcome = { kind: 'certificateError', code: 'CERT_HAS_EXPIRED' };
export const ABORTED: HttpOutcome = { kind: 'aborted' };

/** The operation object that a Flat Lays GET answers. */
export function operation(status: string, imageIds: string[] = []): HttpOutcome {
	return answer(200, {
		status,
		error: status === 'FAILED' ? 'blurred photo' : null,
		generated_images: imageIds.map((id) => ({ id, url: `https://files.example/${id}.png` })),
	});
}

export type SentCall = 'upload' | 'create' | 'get' | 'delete';

export interface Sent {
	call: SentCall;
	request: HttpRequest;
	atMs: number;
	/** Of a GET, the operation asked for. */
	operationId: string;
}

/** Decides one answer; `nth` counts the calls of its kind from 1. Undefined: the healthy answer. */
export type Script = (
	nth: number,
	sent: Sent,
) => HttpOutcome | undefined | Promise<HttpOutcome | undefined>;

/** Stands where Aiuta stands, and remembers everything it was sent. */
export class ScriptedApi {
	readonly sent: Sent[] = [];

	outstanding = 0;

	maxOutstanding = 0;

	roundTripMs = 100;

	/** How often an operation is IN_PROGRESS before it is SUCCESS. */
	pollsInProgress = 0;

	scripts: Partial<Record<SentCall, Script>> = {};

	private readonly answers: Partial<Record<SentCall, number>> = {};

	private readonly pollsOf = new Map<string, number>();

	constructor(private readonly clock: FakeClock) {}

	of(call: SentCall): Sent[] {
		return this.sent.filter((it) => it.call === call);
	}

	count(call: SentCall): number {
		return this.of(call).length;
	}

	/** How many calls of a kind have their answer. */
	answered(call: SentCall): number {
		return this.answers[call] ?? 0;
	}

	readonly send = async (request: HttpRequest): Promise<HttpOutcome> => {
		const call = callOf(request);
		const operationId = request.path.split('/').at(-1) ?? '';
		const sent: Sent = { call, request, atMs: this.clock.now(), operationId };
		this.sent.push(sent);
		this.outstanding += 1;
		this.maxOutstanding = Math.max(this.maxOutstanding, this.outstanding);
		const nth = this.count(call);
		const scripted = await this.scripts[call]?.(nth, sent);
		const outcome = scripted ?? this.healthy(sent, nth);
		if (this.roundTripMs > 0) await this.clock.wakeAt(this.clock.now() + this.roundTripMs);
		this.outstanding -= 1;
		this.answers[call] = this.answered(call) + 1;
		return outcome;
	};

	private healthy({ call, operationId }: Sent, nth: number): HttpOutcome {
		switch (call) {
			case 'upload':
				return answer(201, { id: `img-${nth}`, url: `https://files.example/img-${nth}` });
			case 'create':
				return answer(200, { operation_id: `op-${nth}` });
			case 'delete':
				return textAnswer(204, '');
			case 'get': {
				const polls = (this.pollsOf.get(operationId) ?? 0) + 1;
				this.pollsOf.set(operationId, polls);
				if (polls <= this.pollsInProgress) return operation('IN_PROGRESS');
				return operation('SUCCESS', [`generated-${operationId}`]);
			}
		}
	}
}

function callOf({ method, path }: HttpRequest): SentCall {
	if (method === 'DELETE') return 'delete';
	if (method === 'POST') return path.endsWith('/uploaded_images') ? 'upload' : 'create';
	return 'get';
}

/** A photo whose bytes are its name; `opened` counts how often it was read. */
export function photo(name: string): ImageSource & { opened: number } {
	const source = {
		label: `${name}.jpg`,
		place: 'in the binary field "data"',
		host: undefined,
		identity: async () => await Promise.resolve(`bytes of ${name}`),
		opened: 0,
		open: async () => {
			source.opened += 1;
			const bytes = new TextEncoder().encode(name);
			return await Promise.resolve({
				kind: 'opened' as const,
				fileName: `${name}.jpg`,
				contentType: 'image/jpeg',
				bytes,
				contentHash: createHash('sha256').update(bytes).digest('hex'),
			});
		},
	};
	return source;
}

/** The only operation of a product on the Flat Lays API. */
export function placeOf(itemIndex: number): Place {
	return { itemIndex, api: 'flatLays', imageTypes: [] };
}

/** A product of one photo and one operation, `sku-<n>`, on item `n`. */
export function product(n: number, changes: Partial<ProductPlan> = {}): ProductPlan {
	return {
		itemIndexes: [n],
		productId: `sku-${n}`,
		images: { kind: 'sources', sources: [photo(`photo-${n}`)] },
		background: undefined,
		fields: { product: {}, options: {} },
		operations: [placeOf(n)],
		...changes,
	};
}

export function products(count: number): ProductPlan[] {
	return Array.from({ length: count }, (_, n) => product(n));
}

/** An operation to follow for an hour, created by somebody else unless `changes` say so. */
export function operationToFollow(changes: Partial<Followed> = {}): Followed {
	return {
		operationId: 'op',
		createdAtMs: undefined,
		isOurs: false,
		maxWaitMs: 60 * MINUTE_MS,
		...changes,
	};
}

export interface LoggedOperation {
	operationId: string;
	productId: string | undefined;
	itemIndex: number;
}

export const FINISH: FinishSettings = {
	maxWaitMs: 60 * MINUTE_MS,
	onTimeout: 'error',
	downloadImages: true,
};

export interface RunChanges extends Partial<RunSettings> {
	signal?: AbortSignal;
	generation?: Generation;
	scheduler?: Scheduler;
}

/** One execution as the host keeps it: what survives from one try of the node to the next. */
export class Bench {
	readonly clock: FakeClock;

	readonly api: ScriptedApi;

	readonly logged: LoggedOperation[] = [];

	/** URLs that were fetched, in order; they never pass through `send`. */
	readonly fetched: string[] = [];

	/** The data table of the ledger; none by default. */
	table: SimulatedTable | undefined;

	/** Rows that a ledger has given up on. */
	readonly lostRows: NewRow[] = [];

	/** The host's node context. */
	store: Record<string, unknown> = {};

	fetchPicture: FetchPicture<string> = async (url, baseName) =>
		await Promise.resolve({ kind: 'picture', picture: `${baseName} from ${url}` });

	constructor(random: () => number = () => 0.5) {
		this.clock = new FakeClock(undefined, random);
		this.api = new ScriptedApi(this.clock);
	}

	/** The ledger as another execution opens it; undefined while the bench has no table. */
	private openLedger(run: string): Ledger | undefined {
		const { clock, table } = this;
		if (table === undefined) return undefined;
		const onLost = (row: NewRow) => this.lostRows.push(row);
		const ports = { table: table.connect(() => false), clock, isStopped: () => false, onLost };
		const limits = { perDay: 0, perMonth: 0 };
		return new Ledger(ports, { whenKnown: 'return', limits, run });
	}

	openRun(changes: RunChanges = {}): Run {
		const { signal, scheduler, ...settings } = changes;
		return new Run(
			{
				send: this.api.send,
				clock: this.clock,
				scheduler: scheduler ?? new Scheduler(this.clock),
				log: {
					operationCreated: (operationId, productId, itemIndex) => {
						this.logged.push({ operationId, productId, itemIndex });
					},
				},
				signal,
			},
			{ generation: flatLays, requestsPerSecond: 20, stopOnFailure: false, ...settings },
		);
	}

	downloads(run: Run): Downloads<string> {
		return new Downloads(run, async (url, baseName) => {
			this.fetched.push(url);
			return await this.fetchPicture(url, baseName);
		});
	}

	/** The record that the journal holds for a product, without the hashes of its inputs. */
	record(itemIndex: number, runIndex = 0): unknown {
		const record = new Journal(this.store, runIndex).at(placeOf(itemIndex)).read();
		if (record === undefined) return undefined;
		const { inputs: _, ...rest } = record;
		return rest;
	}

	/** Run the node once over these products, as one try of the execution. */
	async try(
		plans: ProductPlan[],
		changes: RunChanges & Partial<FinishSettings> & { runIndex?: number; ledgerRun?: string } = {},
	): Promise<Array<ProductOutcome<string>>> {
		const { maxWaitMs, onTimeout, downloadImages, runIndex, ledgerRun, ...runChanges } = changes;
		const run = this.openRun(runChanges);
		const ledger = this.openLedger(ledgerRun ?? '1.0');
		const ports = {
			run,
			journal: new Journal(this.store, runIndex ?? 0),
			uploads: new Uploads(run),
			ledger,
		};
		const downloads = this.downloads(run);
		const finish: FinishSettings = {
			maxWaitMs: maxWaitMs ?? FINISH.maxWaitMs,
			onTimeout: onTimeout ?? FINISH.onTimeout,
			downloadImages: downloadImages ?? FINISH.downloadImages,
		};
		run.expect(plans.flatMap((plan) => plan.operations).length);
		const all = async () => {
			await ledger?.view.open('all');
			const outcomes = await Promise.all(
				plans.map(async (plan) => await generateProduct(ports, downloads, plan, finish)),
			);
			await ledger?.close();
			run.close();
			return outcomes;
		};
		return await this.clock.run(all());
	}
}

/** The failure of an outcome; fails the test when the product succeeded. */
export function failureOf(outcome: ProductOutcome<string> | undefined): Failure {
	if (outcome?.kind !== 'failed') throw new Error(`not a failure: ${JSON.stringify(outcome)}`);
	return outcome.failure;
}

/** The result of a finished product; fails the test when it failed. */
export function finishedOf(outcome: ProductOutcome<string> | undefined): FinishedProduct<string> {
	if (outcome?.kind !== 'finished') throw new Error(`not finished: ${JSON.stringify(outcome)}`);
	return outcome;
}
