/** A complete n8n for tests and for trying things out: node installed, owner and credential made. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { N8nClient, type AiutaCredential, type Owner } from './n8nClient';
import type { N8nInstall } from './n8nInstall';
import { installNode, type PackedNode } from './n8nPackage';
import { startN8n, type N8nServer } from './n8nServer';
import { textAt } from './n8nValues';

export const CREDENTIAL_NAME = 'Aiuta sandbox';
const OWNER_FILE = 'owner.json';

/** What identifies one n8n instance, made at random on its first start and kept in its user folder. */
export interface Identity {
	owner: Owner;
	encryptionKey: string;
}

export interface HostOptions {
	install: N8nInstall;
	userFolder: string;
	packed: PackedNode;
	credential: AiutaCredential;
	port?: number;
	env?: Readonly<Record<string, string>>;
}

export interface Host {
	server: N8nServer;
	client: N8nClient;
	owner: Owner;
	credentialId: string;
}

/** Read the identity of an instance; make one where there is none. */
export function identityOf(userFolder: string): Identity {
	const file = join(userFolder, OWNER_FILE);
	if (existsSync(file)) {
		const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
		return {
			owner: {
				email: textAt(kept, 'owner', 'email'),
				password: textAt(kept, 'owner', 'password'),
			},
			encryptionKey: textAt(kept, 'encryptionKey'),
		};
	}
	// n8n asks for eight characters, a digit and a capital letter.
	const password = `N8n-${randomUUID().slice(0, 13)}`;
	const identity = {
		owner: { email: 'sandbox@example.com', password },
		encryptionKey: randomUUID(),
	};
	mkdirSync(userFolder, { recursive: true });
	writeFileSync(file, JSON.stringify(identity), { mode: 0o600 });
	return identity;
}

/** Log in and make the credential say what it should. */
export async function logInWith(
	url: string,
	owner: Owner,
	credential: AiutaCredential,
): Promise<{ client: N8nClient; credentialId: string }> {
	const client = new N8nClient(url);
	await client.logIn(owner);
	const known = await client.findCredential(CREDENTIAL_NAME);
	if (known === undefined) {
		return { client, credentialId: await client.createCredential(CREDENTIAL_NAME, credential) };
	}
	await client.updateCredential(known, CREDENTIAL_NAME, credential);
	return { client, credentialId: known };
}

/** Install the node, start n8n, log in, and make the credential say what it should. */
export async function startHost(options: HostOptions): Promise<Host> {
	const { install, userFolder, packed, credential, port, env } = options;
	const { owner, encryptionKey } = identityOf(userFolder);
	await installNode(userFolder, packed);
	const server = await startN8n({
		install,
		userFolder,
		encryptionKey,
		...(port === undefined ? {} : { port }),
		...(env === undefined ? {} : { env }),
	});
	try {
		return { server, owner, ...(await logInWith(server.url, owner, credential)) };
	} catch (error) {
		await server.stop();
		throw error;
	}
}
