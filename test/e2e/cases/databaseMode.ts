/**
 * Run on an n8n that keeps binaries in its database, as it does by default in queue mode, and whose data
 * tables are full.
 */
import assert from 'node:assert/strict';

import { AIUTA, GENERATE, aiutaNode, itemsNode, productItems } from '../../support/n8n/n8nFlows';
import { textAt } from '../../support/n8n/n8nValues';
import {
	isPng,
	runItems,
	runRow,
	storedPhotoNodes,
	check,
	errorsOf,
	nothingTwice,
	type Case,
} from './case';
import { newLedger } from './ledgerTable';

/** With this limit of bytes every data table is full. */
export const FULL_TABLES = { N8N_DATA_TABLES_MAX_SIZE_BYTES: '1' };

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
	check('ledger: a table that is full is refused before anything is paid for', async (context) => {
		const { name: ledger } = await newLedger(context);
		const execution = await runItems(context, await productItems(2, 'full'), {
			parameters: { ...GENERATE, ledger },
			onError: 'continueErrorOutput',
		});
		const errors = errorsOf(execution, 1);
		assert.equal(errors.length, 2);
		for (const error of errors) {
			assert.equal(textAt(error, 'code'), 'LEDGER_FAILED');
			assert.match(textAt(error, 'message'), /cannot be used: .*size limit exceeded/);
			assert.match(textAt(error, 'description'), /delete rows.*N8N_DATA_TABLES_MAX_SIZE_BYTES/i);
		}
		nothingTwice(context, 0);
	}),
];
