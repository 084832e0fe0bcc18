/** A real n8n with the node, on a sandbox, for as long as something is done with it. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { startSandbox, type Sandbox, type SandboxOptions } from '../sandbox';
import { credentialsFor, startHost, type Credentials, type Host } from '../support/n8n/n8nHost';
import { installN8n } from '../support/n8n/n8nInstall';
import { packNode } from '../support/n8n/n8nPackage';
import { cacheFolder, recipeOf } from '../support/n8n/n8nVersions';

export interface TrialOptions {
	/** Version of n8n. */
	n8n: string;
	/** Whether `dist` is up to date. */
	isBuilt: boolean;
	/** Name of n8n's user folder, which lies in the cache folder. */
	user: string;
	/** Keep the user folder, to go on with it the next time. */
	isKept?: boolean;
	/** Port of the editor; a free one unless given. */
	port?: number;
	sandbox: SandboxOptions;
}

export interface Trial extends Host {
	/** Version of n8n. */
	n8n: string;
	sandbox: Sandbox;
	credentials: Credentials;
	/** A folder that n8n may read and write. */
	folder: string;
}

/** Start everything, hand it over, and take everything down when `use` has ended. */
export async function withTrial(
	{ n8n, isBuilt, user, isKept = false, port, sandbox: sandboxOptions }: TrialOptions,
	use: (trial: Trial) => Promise<void>,
): Promise<void> {
	const install = await installN8n(recipeOf(n8n), console.log);
	const packed = await packNode(isBuilt);
	const userFolder = join(cacheFolder(), 'users', user);
	const folder = join(userFolder, 'files');
	const sandbox = await startSandbox(sandboxOptions);
	try {
		mkdirSync(folder, { recursive: true });
		const credentials = credentialsFor(sandbox, sandbox.url);
		console.log(`Starting n8n ${n8n} ...`);
		const host = await startHost({
			install,
			userFolder,
			packed,
			credentials,
			env: { N8N_RESTRICT_FILE_ACCESS_TO: folder },
			...(port === undefined ? {} : { port }),
		});
		try {
			await use({ ...host, n8n, sandbox, credentials, folder });
		} finally {
			await host.server.stop();
		}
	} finally {
		await sandbox.close();
		packed.remove();
		if (!isKept) rmSync(userFolder, { recursive: true, force: true });
	}
}
