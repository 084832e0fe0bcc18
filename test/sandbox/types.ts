/**
 * The words the sandbox is steered with and reports in: options, faults, outcomes and statistics.
 * Holds types and the list of routes only; behaviour lives beside the module each type belongs to.
 */

/** One of the three generations of the API; each has its own base path, bodies and answers. */
export type Generation = 'flatLays' | 'studio' | 'unified';

export const ROUTE_KINDS = [
	'upload',
	'create',
	'getOperation',
	'getImage',
	'deleteImage',
	'deleteGenerated',
	'skuItems',
	'file',
	'other',
] as const;

/** What a request asks for, in all generations alike; `other` is a path the API does not have. */
export type RouteKind = (typeof ROUTE_KINDS)[number];

/**
 * How long a generation takes: fixed, drawn evenly from a range with the sandbox's seed, or taken from
 * a list in the order of the creates since the last reset (from its start again after its end).
 */
export type GenerationTime =
	number | { minMs: number; maxMs: number } | { listMs: readonly number[] };

export interface RateLimit {
	requestsPerSecond: number;
	burst: number;
	/** Send a `Retry-After` header (whole seconds) with each 429; default false. */
	retryAfter?: boolean;
}

/** A key belongs to one generation of the API; the others answer it with 403. */
export type ApiKeys = Readonly<Record<Generation, string>>;

/** What can be changed while the sandbox runs. */
export interface SandboxSettings {
	apiKeys: ApiKeys;
	/** Keys that are known but not allowed: they get 403. */
	forbiddenKeys: string[];
	/** How many SKU items the shop of the Unified key has. */
	skuCount: number;
	generationMs: GenerationTime;
	/** Operations generated at a time; further ones wait in CREATED. Null means no limit. */
	concurrency: number | null;
	rateLimit: RateLimit | null;
	/** `cached` serves one tiny picture for all and drops uploaded bytes after hashing. */
	picture: 'compose' | 'cached';
	/** A cached picture of fewer bytes is filled up to so many. */
	cachedPictureBytes: number;
	/** Whether the refusal of an image ID that is unknown or has expired says which one it is. */
	namesUnknownImages: boolean;
}

export interface SandboxOptions extends Partial<SandboxSettings> {
	/** Port of the API; 0 (default) lets the system choose. */
	port?: number;
	/** Port of the file host; 0 (default) lets the system choose. */
	filesPort?: number;
	/** Seed of the generation times; default 1. */
	seed?: number;
}

export type Result = 'success' | 'fail' | 'abort' | 'cancel' | 'forever' | 'unknownStatus';

/** How an operation ends; what is left out keeps its ordinary value. */
export interface Outcome {
	result?: Result;
	/** Pass through PAUSED on the way. */
	pause?: boolean;
	/** SUCCESS without any picture. */
	noImage?: boolean;
	/** SUCCESS without a picture of this type, for example `flat_back`. */
	noImageOf?: string;
	/** Every further look lists the pictures in the reverse of the order before, within each type. */
	reordered?: boolean;
	/** The first picture URL answers 403; fetching the operation again gives a fresh one. */
	expired?: boolean;
	/** The picture URL answers 404. */
	noSuchPicture?: boolean;
	generationMs?: number;
	/** Text of the `error` field of a FAILED operation. */
	error?: string;
	/** The status shown for `unknownStatus`. */
	status?: string;
}

/** Which operations an outcome is for: one that exists, or future ones by text and image type. */
export interface OutcomeTarget {
	operationId?: string;
	/** Part of the title, product ID, SKU ID, description or extra fields; empty fits every one. */
	textContains?: string;
	/** For example `flat_back`; fits an operation that is asked for this type. */
	imageType?: string;
	/** Operations it applies to before it is used up; default unlimited. */
	times?: number;
}

export type FaultEffect =
	| {
			kind: 'status';
			status: number;
			retryAfter?: string | number;
			/** Text is sent as it is, anything else as JSON. */
			body?: unknown;
			contentType?: string;
	  }
	| { kind: 'resetBefore' }
	| { kind: 'resetAfter' }
	| { kind: 'delay'; delayMs: number }
	| { kind: 'hang' }
	| { kind: 'body'; body: string; contentType?: string }
	/** Served under this type, cut after so many bytes or replaced, all else as it should be. */
	| { kind: 'disguise'; contentType?: string; keepBytes?: number; body?: string; status?: number }
	/** The head and one blank every `everyMs`, until `forMs` have passed; then the answer. */
	| { kind: 'drip'; everyMs: number; forMs: number }
	/** Compressed, and cut in the middle or with a broken byte. */
	| { kind: 'gzip'; damage: 'none' | 'cut' | 'broken' }
	/** JSON of at least this size around the answer, by blanks that mean nothing. */
	| { kind: 'huge'; sizeBytes: number }
	| { kind: 'redirect'; status: number; location: string };

export interface Fault {
	route: RouteKind;
	/** Matching requests to let through first; default 0. */
	after?: number;
	/** Requests it hits before it is used up; default unlimited. */
	times?: number;
	/** For `status`, `hang` and `delay`: does the request take effect first? Default `before`; the others do. */
	when?: 'before' | 'after';
	effect: FaultEffect;
}

export interface FaultHandle {
	id: string;
	/** Tell how many requests the fault has hit so far. */
	hits(): number;
	clear(): void;
}

export interface RouteStats {
	requests: number;
	/** Answers per status code; `0` counts connections that ended without an answer. */
	statuses: Record<string, number>;
	throttled: number;
	maxConcurrent: number;
}

export interface UploadRecord {
	id: string;
	generation: Generation;
	fileName: string;
	contentType: string;
	sizeBytes: number;
	sha256: string;
	/** Who the upload came from, as far as headers tell. */
	userAgent: string;
}

export interface CreateRecord {
	operationId: string;
	generation: Generation;
	/** Product ID or title, image hashes or URLs, and image types: the same for a repeated create. */
	identity: string;
	body: unknown;
	atMs: number;
}

export interface OperationRecord {
	id: string;
	generation: Generation;
	status: string;
	polls: number;
	title: string | null;
	productId: string | null;
	imageTypes: string[];
	createdAtMs: number;
	/** How long its generation takes, from the moment it starts. */
	generationMs: number;
	/** When a final status was first handed out, or null. */
	firstSeenTerminalAtMs: number | null;
}

export interface RequestRecord {
	host: 'api' | 'files';
	route: RouteKind;
	method: string;
	/** Path without query. */
	path: string;
	status: number;
	startedAtMs: number;
	endedAtMs: number;
}

export interface SandboxStats {
	routes: Record<RouteKind, RouteStats>;
	requests: number;
	throttled: number;
	maxConcurrentRequests: number;
	createsAccepted: number;
	creates: CreateRecord[];
	/** Products whose create was accepted more than once. */
	duplicates: Array<{ identity: string; operationIds: string[] }>;
	uploads: UploadRecord[];
	operations: OperationRecord[];
	/** Requests per header name. */
	headersSeen: { api: Record<string, number>; files: Record<string, number> };
	/** Requests that carried `x-api-key`, or a key itself in any header or in the URL. */
	keySeenOn: { api: number; files: number };
	/** Requests with a key in the URL, on either host. */
	keyInUrl: number;
	/** The latest finished requests, oldest first, at most 20,000. */
	requestLog: RequestRecord[];
}
