/** Counts what arrives and what was accepted: the evidence tests and the demo report from. */
import type { IncomingHttpHeaders } from 'node:http';
import { nowMs } from './clock';
import {
	ROUTE_KINDS,
	type CreateRecord,
	type RouteKind,
	type RouteStats,
	type SandboxStats,
	type UploadRecord,
} from './types';

const LOG_LIMIT = 20_000;

export interface Arrival {
	host: 'api' | 'files';
	route: RouteKind;
	method: string;
	url: string;
	headers: IncomingHttpHeaders;
}

/** A request that is being served. */
export interface OpenRequest {
	/** Note how it ended; `0` is a connection without an answer. Only the first call counts. */
	leave(status: number): void;
}

type OpenCounts = Record<'all' | RouteKind, number>;

function perRoute<Value>(make: () => Value): Record<RouteKind, Value> {
	const entries = ROUTE_KINDS.map((kind) => [kind, make()] as const);
	return Object.fromEntries(entries) as Record<RouteKind, Value>;
}

type Counts = Omit<
	SandboxStats,
	'requests' | 'throttled' | 'createsAccepted' | 'duplicates' | 'operations'
>;

function emptyCounts(): Counts {
	return {
		routes: perRoute<RouteStats>(() => ({
			requests: 0,
			statuses: {},
			throttled: 0,
			maxConcurrent: 0,
		})),
		maxConcurrentRequests: 0,
		creates: [],
		uploads: [],
		headersSeen: { api: {}, files: {} },
		keySeenOn: { api: 0, files: 0 },
		keyInUrl: 0,
		requestLog: [],
	};
}

function increment(counts: Record<string, number>, name: string): void {
	counts[name] = (counts[name] ?? 0) + 1;
}

export class Ledger {
	private counts = emptyCounts();

	/** Requests being served now; survives a reset, since they are still there. */
	private readonly open: OpenCounts = { all: 0, ...perRoute(() => 0) };

	constructor(private readonly apiKeys: () => readonly string[]) {}

	/** Note a request the moment its head has arrived. */
	arrive(arrival: Arrival): OpenRequest {
		const { counts, open } = this;
		const { host, route, method, url } = arrival;
		const stats = counts.routes[route];
		stats.requests += 1;
		this.noteHeaders(arrival);
		open[route] += 1;
		stats.maxConcurrent = Math.max(stats.maxConcurrent, open[route]);
		if (host === 'api') {
			open.all += 1;
			counts.maxConcurrentRequests = Math.max(counts.maxConcurrentRequests, open.all);
		}
		const startedAtMs = nowMs();
		let left = false;
		return {
			leave: (status) => {
				if (left) return;
				left = true;
				open[route] -= 1;
				if (host === 'api') open.all -= 1;
				increment(stats.statuses, String(status));
				if (status === 429) stats.throttled += 1;
				const path = url.split('?')[0] ?? url;
				const endedAtMs = nowMs();
				counts.requestLog.push({ host, route, method, path, status, startedAtMs, endedAtMs });
				if (counts.requestLog.length > LOG_LIMIT) counts.requestLog.shift();
			},
		};
	}

	uploaded(record: UploadRecord): void {
		this.counts.uploads.push(record);
	}

	created(record: CreateRecord): void {
		this.counts.creates.push(record);
	}

	/** Give a snapshot; later requests do not change it. */
	stats(operations: SandboxStats['operations']): SandboxStats {
		const { counts } = this;
		const routes = Object.values(counts.routes);
		return structuredClone({
			...counts,
			requests: routes.reduce((sum, { requests }) => sum + requests, 0),
			throttled: routes.reduce((sum, { throttled }) => sum + throttled, 0),
			createsAccepted: counts.creates.length,
			duplicates: this.duplicates(),
			operations,
		});
	}

	reset(): void {
		this.counts = emptyCounts();
	}

	private duplicates(): SandboxStats['duplicates'] {
		const byIdentity = new Map<string, string[]>();
		for (const { identity, operationId } of this.counts.creates) {
			byIdentity.set(identity, [...(byIdentity.get(identity) ?? []), operationId]);
		}
		return [...byIdentity]
			.filter(([, operationIds]) => operationIds.length > 1)
			.map(([identity, operationIds]) => ({ identity, operationIds }));
	}

	private noteHeaders({ host, url, headers }: Arrival): void {
		const { counts } = this;
		const keys = this.apiKeys();
		const hasKey = (text: string) => keys.some((key) => text.includes(key));
		for (const name of Object.keys(headers)) increment(counts.headersSeen[host], name);
		const inHeaders =
			headers['x-api-key'] !== undefined ||
			Object.values(headers).some((value) => hasKey(String(value)));
		const inUrl = hasKey(decodeURIComponent(url.replace(/%(?![0-9a-f]{2})/gi, '%25')));
		if (inHeaders || inUrl) counts.keySeenOn[host] += 1;
		if (inUrl) counts.keyInUrl += 1;
	}
}
