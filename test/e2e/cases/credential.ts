/** The Test button of the credential, pressed through n8n's REST API. */
import assert from 'node:assert/strict';

import {
	AIUTA,
	GENERATE,
	plainNode,
	productItems,
	type FlowNode,
} from '../../support/n8n/n8nFlows';
import type { StoredExecution } from '../../support/n8n/n8nExecution';
import { OLDEST_N8N } from '../../support/n8n/n8nVersions';
import { check, nothingTwice, runItems, runRow, type Case, type CaseContext } from './case';

const NOBODY = '/flat-lays/v1/flat_lay_operations/00000000-0000-4000-8000-000000000000';

/** n8n's HTTP Request node with this credential; it follows redirects unless told not to. */
function requestNode(credentialId: string, url: string, method = 'GET'): FlowNode {
	const redirect = { redirect: { followRedirects: true, maxRedirects: 21 } };
	return {
		...plainNode('Request', 'n8n-nodes-base.httpRequest', 4.2, {
			method,
			url,
			authentication: 'predefinedCredentialType',
			nodeCredentialType: 'aiutaApi',
			options: { redirect },
		}),
		credentials: { aiutaApi: { id: credentialId, name: 'Aiuta' } },
	};
}

async function request(
	context: CaseContext,
	url: string,
	method?: string,
): Promise<StoredExecution> {
	return await runRow(context, [requestNode(context.credentialId, url, method)]);
}

export const credentialCases: Case[] = [
	check(
		'the credential test accepts a good key for each API and creates nothing',
		async ({ client, credentials, credentialIds, sandbox }) => {
			for (const credential of Object.values(credentials)) {
				const result = await client.testCredential(credentialIds[credential.api], credential);
				assert.ok(result.isGood, `${credential.api}: ${result.message}`);
			}
			assert.equal(sandbox.stats().createsAccepted, 0);
			assert.equal(sandbox.stats().uploads.length, 0);
		},
	),
	check(
		'the credential test tells a refused key, a key of another API and an unreachable host',
		async ({ client, credentials, credentialId, sandbox, note }) => {
			const refused = await client.testCredential(credentialId, {
				...credentials.flatLays,
				apiKey: 'a-key-nobody-knows',
			});
			assert.equal(refused.isGood, false);
			assert.match(refused.message, /refused the key|Authorization failed/);
			const forbidden = await client.testCredential(credentialId, {
				...credentials.flatLays,
				apiKey: 'forbidden-key',
			});
			assert.equal(forbidden.isGood, false);
			const other = await client.testCredential(credentialId, {
				...credentials.flatLays,
				apiKey: sandbox.apiKeys.studio,
			});
			assert.equal(other.isGood, false);
			const unreachable = await client.testCredential(credentialId, {
				...credentials.flatLays,
				baseUrl: 'http://127.0.0.1:1',
			});
			assert.equal(unreachable.isGood, false);
			assert.notEqual(unreachable.message, refused.message);
			note(
				`401 "${refused.message.slice(0, 40)}", refused connection "${unreachable.message.slice(0, 40)}"`,
			);
		},
	),
	check(
		'the credential test sends a key in clear text to no host but loopback',
		async ({ client, credentials, credentialId, sandbox }) => {
			const plain = await client.testCredential(credentialId, {
				...credentials.flatLays,
				baseUrl: 'http://example.com',
			});
			assert.equal(plain.isGood, false);
			assert.match(plain.message, /base url/i);
			assert.equal(sandbox.stats().requests, 0);
		},
	),
	check(
		'the credential test does not follow a redirect with the key',
		async ({ client, credentials, credentialId, sandbox }) => {
			sandbox.fault({
				route: 'getOperation',
				effect: { kind: 'redirect', status: 307, location: `${sandbox.filesUrl}/elsewhere` },
			});
			const result = await client.testCredential(credentialId, credentials.flatLays);
			assert.equal(result.isGood, false);
			assert.deepEqual(sandbox.stats().keySeenOn, { api: 1, files: 0 });
		},
	),
	check(
		'the credential test refuses a key with an invisible character and sends nothing',
		async ({ client, credentials, credentialId, sandbox, note }) => {
			const { flatLays } = credentials;
			const apiKey = `${flatLays.apiKey.slice(0, 4)}\u200b${flatLays.apiKey.slice(4)}`;
			const result = await client.testCredential(credentialId, { ...flatLays, apiKey });
			assert.equal(result.isGood, false);
			assert.match(result.message, /API Key/);
			assert.equal(sandbox.stats().requests, 0);
			note(`"${result.message.slice(0, 60)}"`);
		},
	),
	check(
		'the credential test takes 404 and 422 for a good key where n8n allows it, and a server error for none',
		async ({ client, credentials, credentialId, sandbox, version, note }) => {
			const knows = version !== OLDEST_N8N;
			for (const [status, isGood] of [
				[404, knows],
				[422, knows],
				[403, false],
				[500, false],
			] as const) {
				sandbox.clearFaults();
				sandbox.fault({ route: 'getOperation', effect: { kind: 'status', status } });
				const result = await client.testCredential(credentialId, credentials.flatLays);
				assert.equal(result.isGood, isGood, `${status}: ${result.message}`);
			}
			note(knows ? 'allowed' : 'not allowed');
		},
	),
	check(
		'a Base URL with the path of an API or a slash at its end is tested and used without it',
		async (context) => {
			const { client, credentials, sandbox } = context;
			const paths = { flatLays: '/flat-lays/v1/', studio: '/studio/v1', unified: '/v1/' };
			for (const api of ['flatLays', 'studio', 'unified'] as const) {
				const data = { ...credentials[api], baseUrl: sandbox.url + paths[api] };
				const id = await client.createCredential(`With a path ${api} ${sandbox.url}`, data);
				const { isGood, message } = await client.testCredential(id, data);
				assert.ok(isGood, `${api}: ${message}`);
				const withPath = { ...context, credentialIds: { ...context.credentialIds, [api]: id } };
				const execution = await runItems(withPath, await productItems(1, `path-${api}`), {
					parameters: { ...GENERATE, api, operation: 'create' },
				});
				assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
			}
			nothingTwice(context, 3);
		},
	),
	check('the HTTP Request node sends the key to the Base URL', async (context) => {
		const { sandbox } = context;
		const execution = await request(context, `${sandbox.url}${NOBODY}`);
		assert.equal(execution.status, 'success', execution.error('Request')?.message);
		assert.deepEqual(sandbox.stats().keySeenOn, { api: 1, files: 0 });
	}),
	check('the HTTP Request node sends the key to no other address', async (context) => {
		const { sandbox, note } = context;
		const execution = await request(context, `${sandbox.filesUrl}/generated/a.png`);
		assert.equal(execution.status, 'error');
		assert.deepEqual(sandbox.stats().keySeenOn, { api: 0, files: 0 });
		note(`"${(execution.error('Request')?.message ?? '').slice(0, 60)}"`);
	}),
	check('the HTTP Request node follows no redirect with the key', async (context) => {
		const { sandbox } = context;
		for (const [status, method] of [
			[302, 'GET'],
			[307, 'GET'],
			[308, 'POST'],
		] as const) {
			sandbox.reset();
			sandbox.fault({
				route: 'getOperation',
				effect: { kind: 'redirect', status, location: `${sandbox.filesUrl}/elsewhere` },
			});
			sandbox.fault({
				route: 'create',
				effect: { kind: 'redirect', status, location: `${sandbox.filesUrl}/elsewhere` },
			});
			const path = method === 'GET' ? NOBODY : '/flat-lays/v1/flat_lay_operations';
			const execution = await request(context, `${sandbox.url}${path}`, method);
			assert.equal(execution.status, 'error');
			assert.deepEqual(sandbox.stats().keySeenOn, { api: 1, files: 0 }, `${status} ${method}`);
		}
	}),
];
