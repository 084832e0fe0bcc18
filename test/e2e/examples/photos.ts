/** Puts photos and operations on the sandbox past n8n, as a shop or an earlier run would have. */
import assert from 'node:assert/strict';

import type { Sandbox } from '../../sandbox';
import { smallPhoto } from '../../support/n8n/n8nFlows';
import { textAt } from '../../support/n8n/n8nValues';

const BASE_PATHS = { flatLays: '/flat-lays/v1', unified: '/v1' } as const;

type Api = keyof typeof BASE_PATHS;

/** A photo on the sandbox's file host. */
export interface HostedPhoto {
	id: string;
	/** Where it is, for everyone on this machine. */
	url: string;
}

async function post(sandbox: Sandbox, api: Api, path: string, init: RequestInit): Promise<unknown> {
	const response = await fetch(`${sandbox.url}${BASE_PATHS[api]}${path}`, {
		...init,
		method: 'POST',
		headers: { ...init.headers, 'x-api-key': sandbox.apiKeys[api] },
	});
	const text = await response.text();
	assert.ok(response.ok, text);
	return JSON.parse(text);
}

/** Put a JPEG on the sandbox's file host. */
export async function hostJpeg(sandbox: Sandbox, jpeg: Buffer): Promise<HostedPhoto> {
	const body = new FormData();
	const blob = new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' });
	body.append('image_data', blob, 'photo.jpg');
	const image = await post(sandbox, 'flatLays', '/uploaded_images', { body });
	return { id: textAt(image, 'id'), url: textAt(image, 'url') };
}

/** Put the small photo of this number on the sandbox's file host. */
export async function hostPhoto(sandbox: Sandbox, number: number): Promise<HostedPhoto> {
	return await hostJpeg(sandbox, await smallPhoto(number));
}
