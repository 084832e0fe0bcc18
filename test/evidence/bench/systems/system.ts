/** What the compared systems have in common. */
import { join } from 'node:path';

import type { N8nClient } from '../../../support/n8n/n8nClient';
import type { Flow } from '../../../support/n8n/n8nFlows';
import { textAt } from '../../../support/n8n/n8nValues';

/** One execution to write a workflow for. */
export interface Job {
	name: string;
	products: number;
	/** Size of each photo; a smaller one than this is filled up. */
	photoBytes: number;
	/** The rate that the user was told to keep to. */
	requestsPerSecond: number;
	credentialId: string;
	/** Base URL of the API with the path of its generation. */
	flatLaysUrl: string;
}

/** A way of making N flat lays in n8n. Its last node gives items with `product_id`, `operation_id`, `data`. */
export interface System {
	/** The node whose output, over all its runs, holds the finished products. */
	lastNode: string;
	/** Settings of the n8n server, and whatever must lie in `folder` before its start. */
	prepare: (folder: string) => Record<string, string>;
	/** Whether the package of this project must be installed. */
	needsPackage: boolean;
	makeCredential: (client: N8nClient, api: { url: string; apiKey: string }) => Promise<string>;
	flow: (job: Job) => Promise<Flow>;
}

export const FLAT_LAYS_PATH = '/flat-lays/v1';

/** A folder inside of a user folder that n8n does not use itself. */
export function ownFolder(folder: string): string {
	return join(folder, 'bench-nodes');
}

/** Store n8n's Header Auth credential, the one a user without this package would take. */
export async function makeHeaderCredential(
	client: N8nClient,
	{ apiKey }: { apiKey: string },
): Promise<string> {
	const body = {
		name: HEADER_CREDENTIAL_NAME,
		type: HEADER_CREDENTIAL,
		data: { name: 'x-api-key', value: apiKey },
	};
	return textAt(await client.rest('POST', '/credentials', body), 'id');
}

export const HEADER_CREDENTIAL = 'httpHeaderAuth';
export const HEADER_CREDENTIAL_NAME = 'Header Auth';
