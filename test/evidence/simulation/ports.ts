/** The engine's ports onto the simulated world: requests take their time, meet faults, are watched. */
import type { FetchedPicture } from '../../../nodes/Aiuta/batch/downloads';
import type { Scheduler } from '../../../nodes/Aiuta/schedule/scheduler';
import type { HttpOutcome, HttpRequest } from '../../../nodes/Aiuta/core/http';
import { isJsonObject, nonEmptyString, parseJson } from '../../../nodes/Aiuta/core/json';
import type { World } from './world';
import { callOf } from './server';
import { readCreate } from './bodies';
import type { FaultKind, SimulatedCall } from './faults';
import type { RunWatch } from './watch';

/** How long a caller waits for a picture before its transport gives up. */
const DOWNLOAD_TIMEOUT_MS = 30_000;

export class Ports {
	/** Images that this run has uploaded. */
	private readonly uploaded = new Set<string | undefined>();

	/** Ends the requests that are on their way. */
	private readonly abortable = new Set<(outcome: HttpOutcome) => void>();

	constructor(
		private readonly world: World,
		private readonly scheduler: Scheduler,
		private readonly watch: RunWatch,
		private readonly stop: AbortController,
		private readonly onAnswer: (
			request: HttpRequest,
			outcome: HttpOutcome,
			hasOldImages: boolean,
		) => void,
	) {
		stop.signal.addEventListener('abort', this.abort);
	}

	/** Leave the stop signal alone: the next run of the node shares it. */
	close(): void {
		this.stop.signal.removeEventListener('abort', this.abort);
	}

	private readonly abort = (): void => {
		for (const end of this.abortable) end({ kind: 'aborted' });
	};

	/** The `Send` port: never rejects, ends with `aborted` as soon as the run is stopped. */
	readonly send = async (request: HttpRequest): Promise<HttpOutcome> => {
		const { world, stop } = this;
		const call = callOf(request);
		this.watch.begin(call);
		const rateWatch = world.watchOf(this.scheduler);
		const brokenRule = rateWatch.note(world.clock.now());
		if (brokenRule !== undefined) world.report('rule', brokenRule);
		const outcome = await this.orAborted(this.exchange(call, request));
		const hasOldImages = this.hasOldImages(request);
		this.watch.end(call, outcome, hasOldImages);
		if (call === 'upload') this.uploaded.add(imageIdIn(outcome));
		rateWatch.noteAnswer(outcome, world.clock.now());
		if (outcome.kind === 'response' && outcome.status === 429) world.noteRefusal();
		world.trace(`${call} ${request.path} -> ${describe(outcome)}`);
		this.onAnswer(request, outcome, hasOldImages);
		return stop.signal.aborted && outcome.kind !== 'response' ? { kind: 'aborted' } : outcome;
	};

	private hasOldImages({ body }: HttpRequest): boolean {
		if (body?.kind !== 'json') return false;
		const { imageIds } = readCreate(this.world.server.settings.api, body.json);
		return imageIds.some((id) => !this.uploaded.has(id));
	}

	/** The file host; a picture is its URL. */
	readonly fetchPicture = async (url: string): Promise<FetchedPicture<string>> => {
		const { world } = this;
		this.watch.begin('download');
		const fault = world.faults.next('download');
		const outcome = await this.orAborted(this.fetch(fault));
		world.trace(`download ${url} -> ${describe(outcome)}`);
		if (outcome.kind !== 'response' || outcome.status !== 200) return outcome;
		const isPicture = fault === undefined;
		return isPicture
			? { kind: 'picture', picture: url }
			: { kind: 'notAnImage', detail: 'no image' };
	};

	private async fetch(fault: FaultKind | undefined): Promise<HttpOutcome> {
		const { world } = this;
		await world.pass(world.server.settings.roundTripMs);
		if (fault === undefined) return { kind: 'response', status: 200, headers: {}, body: '' };
		return await this.strike(fault, DOWNLOAD_TIMEOUT_MS);
	}

	private async exchange(call: SimulatedCall, request: HttpRequest): Promise<HttpOutcome> {
		const { world } = this;
		const fault = world.faults.next(call);
		const halfMs = world.server.settings.roundTripMs / 2;
		await world.pass(halfMs);
		if (fault !== undefined && !fault.takesEffect) {
			const outcome = await this.strike(fault, request.timeoutMs - halfMs);
			await world.pass(halfMs);
			return outcome;
		}
		const nowMs = world.clock.now();
		const answer =
			world.oneRefused.refusal(world.server, request, nowMs) ??
			world.server.refusal(nowMs) ??
			world.server.answer(request, nowMs);
		const seen =
			fault === undefined ? answer : await this.strike(fault, request.timeoutMs - halfMs);
		await world.pass(halfMs);
		return seen;
	}

	/** Let a fault happen and return what the caller sees of it. */
	private async strike(fault: FaultKind, timeoutMs: number): Promise<HttpOutcome> {
		if (fault.how === 'timeout') await this.world.pass(timeoutMs);
		if (fault.how === 'stop') this.stop.abort();
		return fault.outcome;
	}

	/** A stop ends a request for its caller; what the server does with it goes on. */
	private async orAborted(exchange: Promise<HttpOutcome>): Promise<HttpOutcome> {
		if (this.stop.signal.aborted) return { kind: 'aborted' };
		return await new Promise((resolve) => {
			this.abortable.add(resolve);
			void exchange.then((outcome) => {
				this.abortable.delete(resolve);
				resolve(outcome);
			});
		});
	}
}

/** The image ID in an answer to an upload. */
function imageIdIn(outcome: HttpOutcome): string | undefined {
	if (outcome.kind !== 'response') return undefined;
	const parsed = parseJson(outcome.body);
	return parsed.ok && isJsonObject(parsed.value) ? nonEmptyString(parsed.value['id']) : undefined;
}

function describe(outcome: HttpOutcome): string {
	return outcome.kind === 'response' ? `${outcome.status} ${outcome.body}` : outcome.kind;
}
