/** Workflows that were saved with an earlier version of the node: they load as they are, and work. */
import assert from 'node:assert/strict';

import {
	AIUTA,
	GENERATE,
	aiutaNode,
	flowOf,
	manualTrigger,
	productItems,
} from '../../support/n8n/n8nFlows';
import { at, listAt } from '../../support/n8n/n8nValues';
import saved from '../saved/0.1.0.json';
import { check, outputText, runItems, type Case } from './case';

/** Longer than a generation of the sandbox takes, and far shorter than the hour of an untouched field. */
const SHORT_WAIT_MINUTES = 0.2;

export const savedCases: Case[] = [
	check(
		'a workflow saved with version 0.1.0 is loaded unchanged, every operation of it',
		async ({ client, credentialId }) => {
			const nodes = [saved.runnable, ...saved.stored].map((parameters, index) =>
				aiutaNode({ parameters, credentialId }, `Saved ${index}`),
			);
			const flow = flowOf('Saved with 0.1.0', [manualTrigger(), ...nodes]);
			const { id } = await client.createFlow(flow);
			const loaded = listAt(await client.rest('GET', `/workflows/${id}`), 'nodes');
			for (const node of nodes) {
				const twin = loaded.find((other) => at(other, 'name') === node.name);
				assert.deepEqual(at(twin, 'parameters'), node['parameters'], node.name);
				assert.equal(at(twin, 'typeVersion'), 1);
			}
		},
	),
	check('a workflow saved with version 0.1.0 still makes pictures', async (context) => {
		const parameters = saved.runnable;
		const execution = await runItems(context, await productItems(2, 'saved'), { parameters });
		assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
		const outputs = execution.items(AIUTA);
		assert.equal(outputs.length, 2);
		for (const [index, { json, binary }] of outputs.entries()) {
			assert.equal(json['product_id'], `saved-${index}`);
			assert.equal(at(json, 'response', 'status'), 'SUCCESS');
			assert.equal(binary['picture']?.fileName, `saved-${index}.png`);
		}
		const [created] = context.sandbox.stats().creates;
		assert.equal(at(created?.body, 'output_resolution'), 'standard');
	}),
	check(
		'a workflow saved with version 0.1.0 waits as long as it says, and downloads no pictures if it says so',
		async (context) => {
			const parameters = saved.stored.find(({ operation }) => operation === 'wait');
			assert.ok(parameters, 'a Wait for Operation is saved');
			context.sandbox.setOutcome({ textContains: 'endless' }, { result: 'forever' });
			const items = await productItems(2, 'waited', (index) => ['Dress', 'endless'][index] ?? '');
			const started = await runItems(context, items, {
				parameters: { ...GENERATE, operation: 'create' },
			});
			const ids = [0, 1].map((index) => outputText(started, 'operation_id', index));
			const waited = await runItems(context, [{ json: {} }], {
				parameters: {
					...parameters,
					operationId: ids.join(', '),
					maxWaitMinutes: SHORT_WAIT_MINUTES,
					onTimeout: 'unfinished',
				},
			});
			assert.equal(waited.status, 'success', waited.error(AIUTA)?.message);
			const [finished, unfinished] = waited.items(AIUTA);
			assert.equal(finished?.json['finished'], true);
			assert.deepEqual(finished.binary, {});
			assert.equal(unfinished?.json['finished'], false);
		},
	),
];
