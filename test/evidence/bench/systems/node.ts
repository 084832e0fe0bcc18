/** Systems a and d: one node of this package, Generate and Wait, for all items, without and with a ledger. */
import { CREDENTIAL_NAME } from '../../../support/n8n/n8nHost';
import { AIUTA, aiutaNode, flowOf, manualTrigger } from '../../../support/n8n/n8nFlows';
import { photosNode } from '../photos';
import type { System } from './system';

const systemWith = (more: Record<string, string>): System => ({
	lastNode: AIUTA,
	needsPackage: true,
	prepare: () => ({}),
	makeCredential: async (client, { url, apiKey }) =>
		await client.createCredential(CREDENTIAL_NAME, { apiKey, baseUrl: url, api: 'flatLays' }),
	flow: async (job) =>
		flowOf(job.name, [
			manualTrigger(),
			await photosNode(job),
			aiutaNode({
				credentialId: job.credentialId,
				parameters: {
					api: 'flatLays',
					resource: 'flatLay',
					operation: 'generateAndWait',
					imageSource: 'binary',
					binaryPropertyNames: 'data',
					productId: '={{ $json.product_id }}',
					productTitle: '={{ $json.product_id }}',
					batching: { requestsPerSecond: job.requestsPerSecond },
					...more,
				},
			}),
		]),
});

export const nodeSystem = systemWith({});

/** n8n makes the data table in the first execution. */
export const ledgerSystem = systemWith({ ledger: 'Bench' });
