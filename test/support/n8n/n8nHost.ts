/** A complete n8n for tests and for trying things out: node installed, owner and credential made. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { N8nClient, type AiutaCredential, type Owner } from './n8nClient';
import type { N8nInstall } from './n8nInstall';
import type { ApiKeys, Generation } from '../../sandbox';
import { installNode, type PackedNode } from './n8nPackage';
import { poll, startN8n, type N8nServer } from './n8nServer';
import { textAt } from './n8nValues';

export const CREDENTIAL_NAME = 'Aiuta sandbox';
const CREDENTIAL_NAMES: Readonly<Record<Generation, string>> = {
	flatLays: CREDENTIAL_NAME,
	studio: `${CREDENTIAL_NAME} (Studio)`,
	unified: `${CREDENTIAL_NAME} (Unified)`,
};
const OWNER_FILE = 'owner.json';
const BACK_LIMIT_MS = 30_000;

/** What identifies one n8n instance, made at random on its first start and kept in its user folder. */
export interface Identity {
	owner: Owner;
	encryptionKey: string;
}

/** One credential for each API: a key belongs to one. */
export type Credentials = Readonly<Record<Generation, AiutaCredential>>;

/** The credentials for a sandbox, or for what stands before it at another address. */
export function credentialsFor({ apiKeys }: { apiKeys: ApiKeys }, baseUrl: string): Credentials {
	const of = (api: Generation) => ({ apiKey: apiKeys[api], baseUrl, api });
	return { flatLays: of('flatLays'), studio: of('studio'), unified: of('unified') };
}

/** Find the stored credential of an API. */
export function credentialOf(
	{ credentialIds }: Pick<Host, 'credentialIds'>,
	api: Generation,
): { id: string; name: string } {
	return { id: credentialIds[api], name: CREDENTIAL_NAMES[api] };
}

/** Read the API from a node's parameters. */
export function apiIn({ api }: Readonly<Record<string, unknown>>): Generation {
	return api === 'studio' || api === 'unified' ? api : 'flatLays';
}

export interface HostOptions {
	install: N8nInstall;
	userFolder: string;
	packed: PackedNode;
	credentials: Credentials;
	port?: number;
	env?: Readonly<Record<string, string>>;
}

export interface Host {
	server: N8nServer;
	client: N8nClient;
	owner: Owner;
	/** The credential of Flat Lays. */
	credentialId: string;
	credentialIds: Readonly<Record<Generation, string>>;
	/** Kill n8n as a crash does and start it again, in the same folder and on the same port. */
	crash: () => Promise<void>;
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

/** Log in and make the credentials say what they should. */
export async function logInWith(
	url: string,
	owner: Owner,
	credentials: Credentials,
): Promise<Pick<Host, 'client' | 'credentialId' | 'credentialIds'>> {
	const client = new N8nClient(url);
	await client.logIn(owner);
	return { client, ...(await putCredentials(client, credentials)) };
}

/**
 * Make the credentials, one for each API, or make those that are there say what they should.
 *
 * @param label tells apart several sets on one n8n
 */
export async function putCredentials(
	client: N8nClient,
	credentials: Credentials,
	label = '',
): Promise<Pick<Host, 'credentialId' | 'credentialIds'>> {
	const put = async (api: Generation): Promise<string> => {
		const name = CREDENTIAL_NAMES[api] + label;
		const known = await client.findCredential(name);
		if (known === undefined) return await client.createCredential(name, credentials[api]);
		await client.updateCredential(known, name, credentials[api]);
		return known;
	};
	// Flat Lays last: a new node takes the newest credential (observed on n8n 2.40), and begins with Flat Lays.
	const [studio, unified] = [await put('studio'), await put('unified')];
	const flatLays = await put('flatLays');
	const credentialIds = { flatLays, studio, unified };
	return { credentialId: flatLays, credentialIds };
}

/** Install the node, start n8n, log in, and make the credentials say what they should. */
export async function startHost(options: HostOptions): Promise<Host> {
	const { install, userFolder, packed, credentials, port, env } = options;
	const { owner, encryptionKey } = identityOf(userFolder);
	await installNode(userFolder, packed);
	const start = async (at: number | undefined) =>
		await startN8n({
			install,
			userFolder,
			encryptionKey,
			...(at === undefined ? {} : { port: at }),
			...(env === undefined ? {} : { env }),
		});
	let current = await start(port);
	let earlierOutput = '';
	const server: N8nServer = {
		url: current.url,
		port: current.port,
		get pid() {
			return current.pid;
		},
		output: () => earlierOutput + current.output(),
		stop: async () => await current.stop(),
		kill: async () => await current.kill(),
	};
	try {
		const session = await logInWith(server.url, owner, credentials);
		const isBack = async () =>
			await session.client.logIn(owner).then(
				() => true,
				() => undefined,
			);
		const crash = async () => {
			await current.kill();
			earlierOutput += current.output();
			current = await start(server.port);
			// Connections that were open to the n8n that was killed must fail here, not later.
			if ((await poll(isBack, BACK_LIMIT_MS)) === undefined) throw new Error('n8n is not back');
		};
		return { server, owner, crash, ...session };
	} catch (error) {
		await server.stop();
		throw error;
	}
}
