/** System a: one node of this package, Generate and Wait, for all items. */
import { CREDENTIAL_NAME } from '../../../support/n8n/n8nHost';
import { AIUTA, aiutaNode, flowOf, manualTrigger } from '../../../support/n8n/n8nFlows';
import { photosNode } from '../photos';
import type { System } from './system';

export const nodeSystem: System = {
	lastNode: AIUTA,
	needsPackage: true,
	prepare: () => ({}),
	makeCredential: async (client, { url, apiKey }) =>
		await client.createCredential(CREDENTIAL_NAME, { apiKey, baseUrl: url, api: 'flatLays' }),
	flow: async ({ name, products, requestsPerSecond, credentialId }) =>
		flowOf(name, [
			manualTrigger(),
			await photosNode(products, name),
			aiutaNode({
				credentialId,
				parameters: {
					api: 'flatLays',
					resource: 'flatLay',
					operation: 'generateAndWait',
					imageSource: 'binary',
					binaryPropertyNames: 'data',
					productId: '={{ $json.product_id }}',
					productTitle: '={{ $json.product_id }}',
					batching: { requestsPerSecond },
				},
			}),
		]),
};
