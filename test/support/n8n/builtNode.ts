/** The node and its credential as they are shipped: loaded from `dist/`, which must have been built. */
import { join } from 'node:path';

import type { ICredentialType, INodeType } from 'n8n-workflow';

import type { NodeUnderTest } from './host';

const DIST_DIR = join(__dirname, '../../../dist');

/** Load both; rejects when `dist/` is not there. */
export async function loadBuiltNode(): Promise<NodeUnderTest> {
	const node = (await import(join(DIST_DIR, 'nodes/Aiuta/Aiuta.node.js'))) as {
		Aiuta: new () => INodeType;
	};
	const credential = (await import(join(DIST_DIR, 'credentials/AiutaApi.credentials.js'))) as {
		AiutaApi: new () => ICredentialType;
	};
	return { nodeType: new node.Aiuta(), credential: new credential.AiutaApi() };
}
