/**
 * The body of an upload: what the node sends and what an independent client sends (the `form-data`
 * package) arrive as the same part. The name of the part is that of all three OpenAPI files.
 */
import FormDataPackage from 'form-data';
import type { IExecuteFunctions, IHttpRequestOptions } from 'n8n-workflow';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

import { createSend } from '../../nodes/Aiuta/transport/send';
import { webPorts } from '../../nodes/Aiuta/transport/webFile';
import { at, BASE_PATHS, Client, photo, useSandbox, type Api } from '../unit/sandbox.support';

const sandbox = useSandbox({ picture: 'cached' });
const APIS = Object.keys(BASE_PATHS) as Api[];

interface Part {
	fileName: string;
	contentType: string;
	bytes: Buffer;
}

/** The part of the host that the transport calls, sending with Node's own client. */
function hostOf(apiKey: string): IExecuteFunctions {
	const httpRequestWithAuthentication = async (_name: string, options: IHttpRequestOptions) => {
		const response = await fetch(options.url, {
			method: options.method ?? 'GET',
			headers: { ...(options.headers as Record<string, string>), 'x-api-key': apiKey },
			body: options.body as FormData,
		});
		const headers = Object.fromEntries(response.headers);
		const body = Readable.from([Buffer.from(await response.arrayBuffer())]);
		return { statusCode: response.status, headers, body };
	};
	const getExecutionCancelSignal = () => undefined;
	return {
		helpers: { httpRequestWithAuthentication },
		getExecutionCancelSignal,
	} as unknown as IExecuteFunctions;
}

async function sendAsNode(api: Api, { fileName, contentType, bytes }: Part): Promise<unknown> {
	const { url: baseUrl, apiKeys } = sandbox();
	const apiKey = apiKeys[api];
	const send = createSend(webPorts(hostOf(apiKey)), { baseUrl, apiKey });
	return await send({
		method: 'POST',
		path: `${BASE_PATHS[api]}/uploaded_images`,
		body: { kind: 'file', fieldName: 'image_data', fileName, contentType, bytes },
		timeoutMs: 5000,
	});
}

async function sendIndependently(api: Api, part: Part): Promise<number> {
	const { fileName: filename, contentType, bytes } = part;
	const form = new FormDataPackage();
	form.append('image_data', bytes, { filename, contentType });
	const url = `${sandbox().url}${BASE_PATHS[api]}/uploaded_images`;
	const headers = { ...form.getHeaders(), 'x-api-key': sandbox().apiKeys[api] };
	const body = new Uint8Array(form.getBuffer());
	return (await new Client(sandbox(), api).raw(url, { method: 'POST', headers, body })).status;
}

describe.each(APIS)('an upload to %s', (api) => {
	it.each([
		['a plain name', 'front.png', 'image/png'],
		['letters outside ASCII', 'Кофта é 👗.png', 'image/png'],
		['quotes, semicolons and percent signs', 'a "b"; c=%22 d.png', 'image/png'],
		['spaces and no extension', 'my photo', 'application/octet-stream'],
		['another type', 'front.heic', 'image/heic'],
	])('arrives from the node as from another client: %s', async (_title, fileName, contentType) => {
		const bytes = await photo();
		const part = { fileName, contentType, bytes };
		expect(await sendAsNode(api, part)).toMatchObject({ kind: 'response', status: 200 });
		expect(await sendIndependently(api, part)).toBe(200);

		const [ours, theirs, ...others] = sandbox().stats().uploads;
		expect(others).toEqual([]);
		const arrived = { contentType, sizeBytes: bytes.length, sha256: sha256(bytes) };
		expect(ours).toMatchObject(arrived);
		expect(theirs).toMatchObject({ ...arrived, fileName: ours?.fileName });
		// Browsers and the package alike write a quote in a name as %22 (HTML, multipart encoding).
		expect(ours?.fileName).toBe(fileName.replaceAll('"', '%22'));
	});
});

it('reads the node’s upload answer as text, with the image in it', async () => {
	const part = { fileName: 'a.png', contentType: 'image/png', bytes: await photo() };
	const outcome = await sendAsNode('studio', part);
	const body: unknown = JSON.parse(String(at(outcome, 'body')));
	expect(at(body, 'id')).toBe(sandbox().stats().uploads[0]?.id);
});

function sha256(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}
