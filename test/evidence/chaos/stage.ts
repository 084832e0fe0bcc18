/** The n8n processes a run of rounds is played on: started once, killed and started again in place. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import type { N8nClient } from '../../support/n8n/n8nClient';
import { credentialsFor, identityOf, logInWith } from '../../support/n8n/n8nHost';
import type { N8nInstall } from '../../support/n8n/n8nInstall';
import { installNode, type PackedNode } from '../../support/n8n/n8nPackage';
import { freePort, startN8n, type N8nServer } from '../../support/n8n/n8nServer';
import { cacheFolder } from '../../support/n8n/n8nVersions';
import { startQueueServices } from '../../support/n8n/queueServices';
import type { Sandbox } from '../../sandbox';
import type { Mode, Victim } from './plan';
import { ProcessLog } from './processLog';
import type { Relay } from './relay';

type Role = 'main' | 'worker';

/** Shorter times than n8n's own, so that a lost worker is noticed soon (as `npm run test:queue`). */
const QUEUE_SETTINGS = {
	OFFLOAD_MANUAL_EXECUTIONS_TO_WORKERS: 'true',
	QUEUE_WORKER_LOCK_DURATION: '10000',
	QUEUE_WORKER_LOCK_RENEW_TIME: '3000',
	QUEUE_WORKER_STALLED_INTERVAL: '5000',
};

export interface Stage {
	readonly mode: Mode;
	readonly client: N8nClient;
	readonly credentialId: string;
	readonly sandbox: Sandbox;
	readonly relay: Relay;
	/** What all processes have printed. */
	readonly log: ProcessLog;
	/** Send SIGKILL before this call returns; the promise is kept when the processes are gone. */
	kill: (victim: Victim) => Promise<void>;
	/**
	 * Start what was killed again, in the same folders and on the same ports, and log in. A process that
	 * ends while it comes up is started once more, as a supervisor would: returns how often that was.
	 */
	restart: () => Promise<number>;
	close: () => Promise<void>;
}

export interface StageParts {
	mode: Mode;
	install: N8nInstall;
	packed: PackedNode;
	sandbox: Sandbox;
	relay: Relay;
}

interface Member {
	role: Role;
	userFolder: string;
	port: number;
	server: N8nServer | undefined;
}

type Release = () => Promise<void> | void;

async function releaseAll(releases: readonly Release[]): Promise<void> {
	for (const release of [...releases].reverse()) await release();
}

/** Start n8n, and for queue mode Redis, PostgreSQL and one worker. */
export async function startStage(parts: StageParts): Promise<Stage> {
	const releases: Release[] = [];
	try {
		return await build(parts, releases);
	} catch (error) {
		await releaseAll(releases);
		throw error;
	}
}

async function build(
	{ mode, install, packed, sandbox, relay }: StageParts,
	releases: Release[],
): Promise<Stage> {
	const log = new ProcessLog();
	const root = join(cacheFolder(), 'users', `chaos-${mode}-${install.version}-${process.pid}`);
	releases.push(() => rmSync(root, { recursive: true, force: true }));
	let env: Record<string, string> = {};
	if (mode === 'queue') {
		const services = await startQueueServices();
		releases.push(services.stop);
		env = { ...services.env, ...QUEUE_SETTINGS };
	}
	const { owner, encryptionKey } = identityOf(root);
	const roles: Role[] = mode === 'queue' ? ['main', 'worker'] : ['main'];
	const members: Member[] = [];
	for (const role of roles) {
		const userFolder = join(root, role);
		await installNode(userFolder, packed);
		members.push({ role, userFolder, port: await freePort(), server: undefined });
	}
	const memberOf = (role: Role): Member | undefined =>
		members.find((member) => member.role === role);
	const startMissing = async () => {
		// One after the other: the main process makes the tables that the worker needs.
		for (const member of members) {
			const { role, userFolder, port } = member;
			member.server ??= await startN8n({
				install,
				userFolder,
				encryptionKey,
				port,
				role,
				env,
				onOutput: (text) => log.add(text, Date.now()),
			});
		}
	};
	releases.push(async () => {
		await Promise.all(members.map(async ({ server }) => await server?.kill()));
	});
	const credentials = credentialsFor(sandbox, relay.url);
	const logIn = async () => {
		const url = memberOf('main')?.server?.url ?? '';
		return await logInWith(url, owner, credentials);
	};
	await startMissing();
	let session = await logIn();
	return {
		mode,
		sandbox,
		relay,
		log,
		get client() {
			return session.client;
		},
		get credentialId() {
			return session.credentialId;
		},
		kill: async (victim) => {
			const roles: Role[] = victim === 'both' ? ['main', 'worker'] : [victim];
			const killed = roles.map(async (role) => {
				const member = memberOf(role);
				const server = member?.server;
				if (member !== undefined) member.server = undefined;
				await server?.kill();
			});
			await Promise.all(killed);
		},
		restart: async () => {
			let failedStarts = 0;
			// 2.0.3: a worker dies over the log of an offloaded manual execution, the first time only.
			await startMissing().catch(async () => {
				failedStarts += 1;
				await startMissing();
			});
			session = await logIn();
			return failedStarts;
		},
		close: async () => await releaseAll(releases),
	};
}
