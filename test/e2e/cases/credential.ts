/** The Test button of the credential, pressed through n8n's REST API. */
import assert from 'node:assert/strict';

import { check, type Case } from './case';

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
];
