/** Run on an n8n that keeps binaries in its database, as it does by default in queue mode. */
import assert from 'node:assert/strict';

import { AIUTA, GENERATE, aiutaNode, itemsNode, productItems } from '../../support/n8n/n8nFlows';
import { isPng, runRow, storedPhotoNodes, check, type Case } from './case';

export const databaseModeCases: Case[] = [
	check(
		'in database mode photos are read from, and pictures are written to, the database',
		async (context) => {
			const { client, credentialId, sandbox } = context;
			const execution = await runRow(context, [
				itemsNode(await productItems(2, 'stored')),
				...storedPhotoNodes(credentialId),
				aiutaNode({
					parameters: { ...GENERATE, productId: '=stored-{{ $itemIndex }}', productTitle: '' },
					credentialId,
				}),
			]);
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.match(execution.items('Fetch')[0]?.binary['data']?.id ?? '', /^database:/);
			for (const { binary } of execution.items(AIUTA)) {
				assert.match(binary['data']?.id ?? '', /^database:/);
				assert.ok(isPng(await client.binary(binary['data']?.id ?? '')));
			}
			const { uploads } = sandbox.stats();
			assert.equal(uploads.length, 4);
			assert.equal(new Set(uploads.map(({ sha256 }) => sha256)).size, 2);
		},
	),
];
