/** Faults of the API and the network, met by the node inside a real n8n. */
import assert from 'node:assert/strict';

import { keysNamed } from '../../sandbox';
import { AIUTA, GENERATE, productItems } from '../../support/n8n/n8nFlows';
import { at, textAt } from '../../support/n8n/n8nValues';
import { errorsOf, runItems, check, type Case } from './case';

export const faultCases: Case[] = [
	check('a refused key costs one request, and the error says so', async (context) => {
		const { sandbox } = context;
		sandbox.configure({ apiKeys: keysNamed('another-key') });
		const execution = await runItems(context, await productItems(5, 'refused'), {
			parameters: GENERATE,
		});
		assert.equal(execution.status, 'error');
		assert.match(execution.error(AIUTA)?.message ?? '', /refused the API key/);
		assert.equal(sandbox.stats().requests, 1);
	}),
	check(
		'a node and a credential of different APIs are refused, both named, and nothing is sent',
		async (context) => {
			const { flatLays } = context.credentialIds;
			const ofFlatLays = {
				...context,
				credentialIds: { ...context.credentialIds, studio: flatLays },
			};
			const execution = await runItems(ofFlatLays, await productItems(1, 'other'), {
				parameters: { ...GENERATE, api: 'studio' },
			});
			assert.equal(execution.status, 'error');
			const { message = '', description = '' } = execution.error(AIUTA) ?? {};
			assert.match(`${message} ${description}`, /Studio.*Flat Lays/s);
			assert.equal(context.sandbox.stats().requests, 0);
		},
	),
	check(
		'a create whose answer is lost is reported and not repeated; the others finish',
		async (context) => {
			const { sandbox } = context;
			sandbox.fault({ route: 'create', after: 1, times: 1, effect: { kind: 'resetAfter' } });
			const execution = await runItems(context, await productItems(4, 'reset'), {
				parameters: GENERATE,
				onError: 'continueErrorOutput',
			});
			assert.equal(execution.items(AIUTA, 0).length, 3);
			const [error, ...more] = errorsOf(execution, 1);
			assert.deepEqual(more, []);
			assert.equal(textAt(error, 'code'), 'CREATE_OUTCOME_UNKNOWN');
			assert.equal(sandbox.stats().routes.create.requests, 4);
			assert.equal(sandbox.stats().createsAccepted, 4);
		},
	),
	check(
		'a create answered with 502 and a page of HTML is reported and not repeated',
		async (context) => {
			const { sandbox } = context;
			sandbox.fault({
				route: 'create',
				after: 1,
				times: 1,
				when: 'after',
				effect: {
					kind: 'status',
					status: 502,
					body: '<html>Bad gateway</html>',
					contentType: 'text/html',
				},
			});
			const execution = await runItems(context, await productItems(3, 'gateway'), {
				parameters: GENERATE,
				onError: 'continueRegularOutput',
			});
			const [error, ...more] = errorsOf(execution, 0);
			assert.deepEqual(more, []);
			assert.equal(textAt(error, 'code'), 'CREATE_OUTCOME_UNKNOWN');
			assert.deepEqual(sandbox.stats().duplicates, []);
			assert.equal(sandbox.stats().routes.create.requests, 3);
		},
	),
	check(
		'hiccups of uploads, polls and downloads go unnoticed',
		async (context) => {
			const { sandbox } = context;
			sandbox.fault({
				route: 'upload',
				after: 1,
				times: 1,
				effect: { kind: 'status', status: 503 },
			});
			sandbox.fault({ route: 'getOperation', times: 1, effect: { kind: 'resetBefore' } });
			sandbox.fault({ route: 'file', times: 1, effect: { kind: 'status', status: 500 } });
			const execution = await runItems(context, await productItems(3, 'hiccup'), {
				parameters: GENERATE,
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.equal(execution.items(AIUTA).length, 3);
			assert.equal(sandbox.stats().createsAccepted, 3);
			assert.deepEqual(sandbox.stats().duplicates, []);
		},
		{ limitMs: 120_000 },
	),
	check(
		'answers cut inside their compression are asked for again, but a create is not',
		async (context) => {
			const { sandbox } = context;
			const cut = { kind: 'gzip', damage: 'cut' } as const;
			for (const route of ['upload', 'getOperation', 'file'] as const) {
				sandbox.fault({ route, times: 1, effect: cut });
			}
			sandbox.fault({ route: 'create', after: 1, times: 1, effect: cut });
			const execution = await runItems(context, await productItems(3, 'cut'), {
				parameters: { ...GENERATE, options: { maxWaitMinutes: 0.5 } },
				onError: 'continueErrorOutput',
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.equal(execution.items(AIUTA).length, 2);
			assert.deepEqual(
				errorsOf(execution, 1).map((error) => textAt(error, 'code')),
				['CREATE_OUTCOME_UNKNOWN'],
			);
			assert.equal(sandbox.stats().createsAccepted, 3);
			assert.deepEqual(sandbox.stats().duplicates, []);
		},
	),
	check('answers that drip for ever hold a product no longer than Max Wait', async (context) => {
		const { sandbox, note } = context;
		sandbox.fault({
			route: 'getOperation',
			effect: { kind: 'drip', everyMs: 1000, forMs: 600_000 },
		});
		const startedMs = Date.now();
		const execution = await runItems(context, await productItems(1, 'drip'), {
			parameters: { ...GENERATE, options: { maxWaitMinutes: 0.5 } },
			onError: 'continueRegularOutput',
		});
		const seconds = (Date.now() - startedMs) / 1000;
		const [error] = errorsOf(execution, 0);
		note(`${textAt(error, 'code')} after ${seconds.toFixed(0)} s`);
		assert.ok(seconds < 50, `${seconds} s`);
		assert.equal(textAt(error, 'operation_id'), sandbox.stats().creates[0]?.operationId);
		assert.equal(at(error, 'retryable'), false);
		assert.equal(at(error, 'resumable'), true);
	}),
	check(
		'a rate limit slows the run down and loses nothing',
		async (context) => {
			const { sandbox, note } = context;
			sandbox.configure({ rateLimit: { requestsPerSecond: 3, burst: 3, retryAfter: true } });
			const execution = await runItems(context, await productItems(8, 'limit'), {
				parameters: GENERATE,
			});
			assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			assert.equal(execution.items(AIUTA).length, 8);
			const { createsAccepted, duplicates, throttled } = sandbox.stats();
			note(`${throttled} times 429`);
			assert.equal(createsAccepted, 8);
			assert.deepEqual(duplicates, []);
		},
		{ limitMs: 120_000 },
	),
	check(
		'a redirect of the API is not followed, and the key stays where it belongs',
		async (context) => {
			const { sandbox } = context;
			sandbox.fault({
				route: 'upload',
				effect: { kind: 'redirect', status: 307, location: `${sandbox.filesUrl}/elsewhere` },
			});
			const execution = await runItems(context, await productItems(2, 'redirect'), {
				parameters: GENERATE,
				onError: 'continueRegularOutput',
			});
			assert.equal(at(errorsOf(execution, 0)[0], 'code'), 'REDIRECTED');
			assert.equal(sandbox.stats().routes.file.requests, 0);
		},
	),
	check(
		'a host that cannot be reached is named, and nothing is paid for',
		async (context) => {
			const { client, credentials, credentialId, sandbox } = context;
			const name = 'Aiuta sandbox';
			await client.updateCredential(credentialId, name, {
				...credentials.flatLays,
				baseUrl: 'http://example.com',
			});
			try {
				const execution = await runItems(context, await productItems(2, 'clear'), {
					parameters: GENERATE,
				});
				assert.equal(execution.status, 'error');
				assert.match(JSON.stringify(execution.error(AIUTA)), /Base URL/);
				assert.equal(sandbox.stats().requests, 0);
			} finally {
				await client.updateCredential(credentialId, name, credentials.flatLays);
			}
		},
		{ limitMs: 240_000 },
	),
];
