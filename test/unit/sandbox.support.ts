/** What the sandbox's own tests share: a started sandbox, and plain calls to its API. */
import sharp from 'sharp';
import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox';

export interface Reply {
	status: number;
	headers: Headers;
	text: string;
	json: unknown;
}

interface CallInit {
	headers?: Record<string, string>;
	body?: string | FormData;
	signal?: AbortSignal;
}

export const BASE_PATHS = {
	flatLays: '/flat-lays/v1',
	studio: '/studio/v1',
	unified: '/v1',
} as const;

export type Api = keyof typeof BASE_PATHS;

/** Make a one-coloured photo; each colour is a different photo. */
export async function photo(background = '#b3182b'): Promise<Buffer> {
	const create = { width: 16, height: 20, channels: 3 as const, background };
	return await sharp({ create }).png().toBuffer();
}

/** Read a member of an unknown JSON value, by path. */
export function at(value: unknown, ...path: Array<string | number>): unknown {
	return path.reduce<unknown>(
		(inner, key) =>
			typeof inner === 'object' && inner !== null
				? (Object.entries(inner).find(([name]) => name === String(key)) ?? [])[1]
				: undefined,
		value,
	);
}

/** Calls to one generation of a sandbox's API. */
export class Client {
	constructor(
		private readonly sandbox: Sandbox,
		readonly api: Api = 'flatLays',
	) {}

	async call(method: string, path: string, init: CallInit = {}): Promise<Reply> {
		const url = `${this.sandbox.url}${BASE_PATHS[this.api]}${path}`;
		const headers = { 'x-api-key': this.sandbox.apiKeys[this.api], ...init.headers };
		return await this.raw(url, { ...init, method, headers, redirect: 'manual' });
	}

	async raw(url: string, init: RequestInit = {}): Promise<Reply> {
		const response = await fetch(url, init);
		const text = await response.text();
		let json: unknown;
		try {
			json = JSON.parse(text);
		} catch {
			json = undefined;
		}
		return { status: response.status, headers: response.headers, text, json };
	}

	async uploadForm(form: FormData): Promise<Reply> {
		return await this.call('POST', '/uploaded_images', { body: form });
	}

	async upload(bytes?: Buffer, fileName = 'front.png'): Promise<string> {
		const form = new FormData();
		form.append('image_data', new Blob([new Uint8Array(bytes ?? (await photo()))]), fileName);
		return String(at((await this.uploadForm(form)).json, 'id'));
	}

	async create(body: unknown): Promise<Reply> {
		return await this.call('POST', '/flat_lay_operations', {
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
	}

	/** Create an operation of the plainest kind and give its ID. */
	async start(title: string, imageIds?: string[]): Promise<string> {
		const ids = imageIds ?? [await this.upload()];
		return String(at((await this.create(plainBody(this.api, ids, title))).json, 'operation_id'));
	}

	async operation(id: string): Promise<Reply> {
		return await this.call('GET', `/flat_lay_operations/${id}`);
	}
}

/** The smallest create body of a generation that names a title. */
export function plainBody(api: Api, ids: unknown[], title: string): Record<string, unknown> {
	const type = { flat_lay_type: 'flat', viewpoint: 'front' };
	const product_info = { uploaded_image_ids: ids, title };
	switch (api) {
		case 'flatLays':
			return { uploaded_product_image_ids: ids, product_title: title };
		case 'studio':
			return { product_info, image_types: [type] };
		case 'unified':
			return { product_info, image_type: type };
	}
}

/** Move the sandbox's clock forward, without waiting, for the rest of the test. */
export function advanceClock(byMs: number): void {
	const before = performance.now.bind(performance);
	const shiftedMs = before() + byMs - process.uptime() * 1000;
	jest.spyOn(performance, 'now').mockImplementation(() => process.uptime() * 1000 + shiftedMs);
}

/** Start a sandbox before the tests of a file, empty it after each, close it at the end. */
export function useSandbox(options: SandboxOptions = {}): () => Sandbox {
	let started: Sandbox | undefined;
	const get = () => {
		if (started === undefined) throw new Error('The sandbox is not started yet');
		return started;
	};
	beforeAll(async () => {
		started = await startSandbox({ generationMs: 0, ...options });
	});
	afterEach(() => get().reset());
	afterAll(async () => await get().close());
	return get;
}
