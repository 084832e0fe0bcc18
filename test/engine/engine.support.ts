/** What the engine tests share: the real node in the real engine, against a sandbox over HTTP. */
import type { INodeExecutionData, INodeParameters } from 'n8n-workflow';
import sharp from 'sharp';

import { AiutaApi } from '../../credentials/AiutaApi.credentials';
import { Aiuta } from '../../nodes/Aiuta/Aiuta.node';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox';
import {
	countStoredBinaries,
	initHost,
	recordLog,
	releaseHost,
	runNode,
	type InputItem,
	type LogEntry,
	type NodeUnderTest,
	type RunOptions,
	type RunResult,
} from '../support/n8n/host';

export const NODE: NodeUnderTest = { nodeType: new Aiuta(), credential: new AiutaApi() };

export const ON_ERROR = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;
export const APIS = ['flatLays', 'studio', 'unified'] as const;

export type Api = (typeof APIS)[number];

export interface Bench {
	sandbox: Sandbox;
	/** Everything the host has logged since the test began. */
	log: LogEntry[];
	/** How many files n8n's store has taken in completely since the file's first test. */
	storedBinaries: () => number;
	/** Run the node on the sandbox; Generate and Wait on Flat Lays unless `parameters` say otherwise. */
	run: (options: Partial<RunOptions>) => Promise<RunResult>;
}

/** Start the host and a sandbox before the tests of a file; empty the sandbox after each. */
export function useBench(options: SandboxOptions = {}): () => Bench {
	let bench: Bench | undefined;
	const get = () => {
		if (bench === undefined) throw new Error('The bench is not set up yet');
		return bench;
	};
	beforeAll(async () => {
		await initHost();
		const sandbox = await startSandbox({ generationMs: 20, picture: 'cached', ...options });
		bench = {
			sandbox,
			log: recordLog(),
			storedBinaries: countStoredBinaries(),
			run: async (given) => await runNode(NODE, filled(sandbox, given)),
		};
	});
	afterEach(() => {
		get().sandbox.reset();
		get().log.length = 0;
	});
	afterAll(async () => {
		await get().sandbox.close();
		releaseHost();
	});
	return get;
}

function filled(sandbox: Sandbox, given: Partial<RunOptions>): RunOptions {
	const { parameters = {}, items = [{}], credential, ...others } = given;
	const api = APIS.find((name) => name === parameters['api']) ?? 'flatLays';
	return {
		...others,
		items,
		parameters,
		credential: { apiKey: sandbox.apiKeys[api], baseUrl: sandbox.url, api, ...credential },
	};
}

const photos = new Map<string, Promise<Buffer>>();

/** A one-coloured photo; each colour is a different photo. */
export async function photo(color: string): Promise<Buffer> {
	const create = { width: 16, height: 20, channels: 3 as const, background: color };
	const made = photos.get(color) ?? sharp({ create }).png().toBuffer();
	photos.set(color, made);
	return await made;
}

/** A colour that differs clearly from those of the other indexes below 64. */
export function colorOf(index: number): string {
	const channels = [index & 3, (index >> 2) & 3, (index >> 4) & 3];
	return `#${channels.map((step) => (step * 80).toString(16).padStart(2, '0')).join('')}`;
}

/** Products of one photo each, with a Product ID and a title to steer the sandbox by. */
export async function products(
	count: number,
	titleOf: (index: number) => string = () => '',
): Promise<InputItem[]> {
	return await Promise.all(
		Array.from({ length: count }, async (_unused, index): Promise<InputItem> => ({
			json: { sku: `P${index}`, title: titleOf(index) },
			files: { data: { bytes: await photo(colorOf(index)), fileName: `p${index}.png` } },
		})),
	);
}

/** Generate and Wait for the items that `products` makes. */
export function generate(more: INodeParameters = {}): INodeParameters {
	return { productId: '={{ $json.sku }}', productTitle: '={{ $json.title }}', ...more };
}

/** How many operation IDs the node has received, by its log. */
export function idsReceived({ log }: Bench): number {
	return log.filter(({ level, message }) => level === 'info' && message.includes(' created'))
		.length;
}

/** The operation ID of an item that did not fail. */
export function operationIdOf(item: INodeExecutionData | undefined): string {
	const id = item?.json['operation_id'];
	if (typeof id !== 'string') throw new Error('no operation ID');
	return id;
}

/** What a failed item carries under its only key. */
export function errorOf(item: INodeExecutionData | undefined): Record<string, unknown> {
	const { error } = item?.json ?? {};
	if (typeof error !== 'object' || error === null) throw new Error('not a failed item');
	return error as Record<string, unknown>;
}

/** All that the error of a stopped run says. */
export function errorText({ error }: RunResult): string {
	return error === undefined ? '' : `${error.message}\n${error.description ?? ''}`;
}

/** The failed items of a run, wherever On Error puts them. */
export function failedItems({ success, failed }: RunResult): INodeExecutionData[] {
	return [...success.filter(({ json }) => json['error'] !== undefined), ...failed];
}

/** The keys of an object, sorted; none of anything else. */
export function keysOf(value: unknown): string[] {
	return typeof value === 'object' && value !== null ? Object.keys(value).sort() : [];
}

const LOOK_AGAIN_MS = 2;
/** Far more than it takes, for a machine that is busy with others. */
const GIVE_UP_MS = 20_000;

/** Wait, in real time, until something holds. */
export async function until(holds: () => boolean): Promise<void> {
	const endMs = Date.now() + GIVE_UP_MS;
	while (!holds()) {
		if (Date.now() > endMs) throw new Error(`still not so after ${GIVE_UP_MS} ms`);
		await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
	}
}

/** Wait until these operations have ended at the sandbox. */
export async function untilGenerated(
	{ sandbox }: Bench,
	operationIds: ReadonlyArray<string | undefined>,
): Promise<void> {
	const isUnderWay = (status: string) => status === 'CREATED' || status === 'IN_PROGRESS';
	await until(() =>
		sandbox
			.stats()
			.operations.filter(({ id }) => operationIds.includes(id))
			.every(({ status }) => !isUnderWay(status)),
	);
}
