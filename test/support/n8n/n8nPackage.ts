/** Puts this project into an n8n as users get it: built, packed and installed as a community package. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { packInto } from '../../tools/pack';
import { ROOT_DIR } from '../../tools/projectFiles';
import { ensureBuilt } from '../../tools/upToDate';
import { command } from './n8nCommand';

const INSTALL_LIMIT_MS = 120_000;

/** A tarball of this project in a temporary folder. */
export interface PackedNode {
	tarball: string;
	remove: () => void;
}

/** Build the project where something has changed (not with `isBuilt`) and pack it. */
export async function packNode(isBuilt: boolean): Promise<PackedNode> {
	if (!isBuilt) ensureBuilt();
	const workDir = mkdtempSync(join(tmpdir(), 'aiuta-package-'));
	const remove = () => rmSync(workDir, { recursive: true, force: true });
	try {
		packInto(ROOT_DIR, workDir);
		const tarball = readdirSync(workDir).find((name) => name.endsWith('.tgz'));
		if (tarball === undefined) throw new Error('npm pack wrote no tarball');
		return { tarball: join(workDir, tarball), remove };
	} catch (error) {
		remove();
		throw error;
	}
}

/**
 * Install the tarball where n8n keeps community packages. An installed copy is replaced: npm would
 * keep it, because the version is the same.
 */
export async function installNode(userFolder: string, { tarball }: PackedNode): Promise<void> {
	const nodesDir = join(userFolder, '.n8n/nodes');
	mkdirSync(nodesDir, { recursive: true });
	for (const old of ['node_modules', 'package-lock.json']) {
		rmSync(join(nodesDir, old), { recursive: true, force: true });
	}
	writeFileSync(join(nodesDir, 'package.json'), '{ "name": "installed-nodes", "private": true }\n');
	await command(
		'npm',
		['install', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', tarball],
		{ cwd: nodesDir, limitMs: INSTALL_LIMIT_MS },
	);
	if (!existsSync(join(nodesDir, 'node_modules/n8n-nodes-aiuta/package.json'))) {
		throw new Error('npm did not install the package');
	}
}
