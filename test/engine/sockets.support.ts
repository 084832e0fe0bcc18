/**
 * What the tests on real sockets share: the sandbox's two hosts behind fault proxies, faults named by
 * what they do to a connection, and a count of the requests as the client began them.
 */
import type { INodeParameters } from 'n8n-workflow';

import { tapClient, type TappedRequest } from '../support/net/clientTap';
import type { CutPoint, Effect } from '../support/net/faultEffects';
import { FaultProxy } from '../support/net/faultProxy';
import type { RunOptions, RunResult } from '../support/n8n/host';
import type { Bench } from './engine.support';

export const CALLS = ['upload', 'create', 'get', 'delete', 'download'] as const;

export type CallKind = (typeof CALLS)[number];

export type SocketFault =
	| Effect
	/** Nothing listens on the port. */
	| { kind: 'refuse' }
	/** The connection is accepted and reset before anything is read. */
	| { kind: 'resetOnConnect' }
	/** Every connection that is open is cut in the moment in which the request begins. */
	| { kind: 'cutIdle'; by: 'reset' | 'close' };

type ConnectionFault = Extract<SocketFault, { kind: 'refuse' | 'resetOnConnect' | 'cutIdle' }>;

interface PlantedFault {
	kind: CallKind;
	fault: ConnectionFault;
	path: string;
	times: number;
	/** Requests to let through first. */
	after: number;
}

/** A read timeout in real milliseconds: n8n's request helper knows no other clock. */
const STALL_TIMEOUT_MS = 50;

const FILE_PATH = /^\/(generated|uploads|linked)\//;

/** What a request asks for; the probe that reopens the creates is a `get`. */
export function kindOf(method: string, path: string): CallKind {
	if (FILE_PATH.test(path)) return 'download';
	if (method === 'DELETE') return 'delete';
	if (method === 'GET') return 'get';
	return path.endsWith('/uploaded_images') ? 'upload' : 'create';
}

/** Tell whether a fault strikes too late: the answer to a delete is complete with its head. */
export function leavesAnswerWhole(call: CallKind, fault: SocketFault): boolean {
	return call === 'delete' && fault.kind === 'cut' && (fault.at === 'head' || fault.at === 'body');
}

export interface SentRequest {
	kind: CallKind;
	path: string;
}

export class Sockets {
	/** Requests that the client began, in order, whether or not they got anywhere. */
	readonly sent: SentRequest[] = [];

	private planted: PlantedFault[] = [];

	private constructor(
		readonly api: FaultProxy,
		readonly files: FaultProxy,
		private readonly bench: Bench,
	) {}

	static async start(bench: Bench): Promise<Sockets> {
		const { url, filesUrl } = bench.sandbox;
		const files = await FaultProxy.start({ targetPort: portOf(filesUrl), kindOf });
		const api = await FaultProxy.start({
			targetPort: portOf(url),
			kindOf,
			rewrite: { from: filesUrl, to: files.url },
		});
		return new Sockets(api, files, bench);
	}

	/** Watch the client's requests; once in each test, before the first of them. */
	watch(): void {
		tapClient((request) => this.begun(request));
	}

	/** Break requests of a kind, one after the other; `path` is a part of theirs. */
	plant(
		kind: CallKind,
		fault: SocketFault,
		times: number,
		{ path = '', after = 0 }: { path?: string; after?: number } = {},
	): void {
		if (fault.kind === 'cut' || fault.kind === 'drip' || fault.kind === 'answer') {
			this.proxyOf(kind).plant({ kind, effect: fault, times, path });
		} else {
			this.planted.push({ kind, fault, times, path, after });
		}
	}

	/** Count the requests of a kind that the client began. */
	sentCount(kind: CallKind, path = ''): number {
		return this.sent.filter((it) => it.kind === kind && it.path.includes(path)).length;
	}

	/** Run the node through the proxies; what fails comes out of the error output. */
	async run(options: Partial<RunOptions>): Promise<RunResult> {
		const credential = { baseUrl: this.api.url, ...options.credential };
		return await this.bench.run({ onError: 'continueErrorOutput', ...options, credential });
	}

	/** An address of the sandbox's file host as it is seen through its proxy. */
	throughProxy(url: string): string {
		return url.replace(this.bench.sandbox.filesUrl, this.files.url);
	}

	async reset(): Promise<void> {
		this.planted = [];
		this.sent.length = 0;
		for (const proxy of [this.api, this.files]) {
			proxy.reset();
			await proxy.open();
		}
	}

	close(): void {
		this.api.close();
		this.files.close();
	}

	private proxyOf(kind: CallKind): FaultProxy {
		return kind === 'download' ? this.files : this.api;
	}

	private begun({ method, path, timeoutMs, onEnd }: TappedRequest): number {
		const kind = kindOf(method, path);
		this.sent.push({ kind, path });
		const proxy = this.proxyOf(kind);
		const fault = this.takeFault(kind, path);
		if (fault?.kind === 'refuse') {
			proxy.refuse();
			onEnd(() => void proxy.open());
		}
		if (fault?.kind === 'resetOnConnect') proxy.resetNextConnection();
		if (fault?.kind === 'cutIdle') proxy.cutAll(fault.by);
		const next = proxy.next(kind, path);
		const isStall = next?.kind === 'cut' && next.by === 'stall' && !leavesAnswerWhole(kind, next);
		return isStall ? STALL_TIMEOUT_MS : timeoutMs;
	}

	private takeFault(kind: CallKind, path: string): ConnectionFault | undefined {
		const found = this.planted.find(
			(it) => it.kind === kind && it.times > 0 && path.includes(it.path),
		);
		if (found === undefined) return undefined;
		if (found.after > 0) {
			found.after -= 1;
			return undefined;
		}
		found.times -= 1;
		return found.fault;
	}
}

function portOf(url: string): number {
	return Number(new URL(url).port);
}

/** Set the proxies up before the tests of a file, after the bench. */
export function useSockets(bench: () => Bench): () => Sockets {
	let sockets: Sockets | undefined;
	const get = () => {
		if (sockets === undefined) throw new Error('The proxies are not set up yet');
		return sockets;
	};
	beforeAll(async () => {
		sockets = await Sockets.start(bench());
	});
	beforeEach(() => get().watch());
	afterEach(async () => await get().reset());
	afterAll(() => get().close());
	return get;
}

/** An answer that closes the connection. */
export function rawAnswer(status: string, headers: string[], body = ''): Effect {
	const head = [`HTTP/1.1 ${status}`, ...headers, 'Connection: close'].join('\r\n');
	return { kind: 'answer', text: `${head}\r\n\r\n${body}` };
}

export function cut(at: CutPoint, by: 'reset' | 'close' | 'stall'): Effect {
	return { kind: 'cut', at, by };
}

export const ONE_BY_ONE: INodeParameters = { batching: { maxProductsInFlight: 1 } };
