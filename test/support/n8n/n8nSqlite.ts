/**
 * Gets the binary of n8n's `sqlite3`, which its install script would fetch from outside of npm. Three
 * ways, the cheapest first; each is proven by loading the module with the Node.js n8n will run on.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { command, messageOf } from './n8nCommand';

interface Place {
	/** Folder of the `sqlite3` package. */
	packageDir: string;
	/** The Node.js binary n8n will run on. */
	nodeBinary: string;
}

const PREBUILT_LIMIT_MS = 60_000;
const DEBIAN_LIMIT_MS = 120_000;
const COMPILE_LIMIT_MS = 10 * 60_000;
const LOAD_LIMIT_MS = 20_000;

async function isLoadable({ packageDir, nodeBinary }: Place): Promise<boolean> {
	try {
		await command(nodeBinary, ['-e', "require('./lib/sqlite3.js')"], {
			cwd: packageDir,
			limitMs: LOAD_LIMIT_MS,
		});
		return true;
	} catch {
		return false;
	}
}

/** The project's own prebuilt binary. Needs its release host on the network; no special rights. */
async function usePrebuilt({ packageDir, nodeBinary }: Place): Promise<void> {
	const installer = createRequire(join(packageDir, 'package.json')).resolve(
		'prebuild-install/bin.js',
	);
	await command(nodeBinary, [installer, '-r', 'napi'], {
		cwd: packageDir,
		limitMs: PREBUILT_LIMIT_MS,
	});
}

/** Find a file by the end of its path below a folder. */
function findBelow(dir: string, fits: (path: string) => boolean): string | undefined {
	return readdirSync(dir, { recursive: true, encoding: 'utf8' })
		.map((path) => join(dir, path))
		.find(fits);
}

/**
 * Debian's build of the same module, unpacked without installing it. Needs a Debian mirror and the
 * package lists (`apt-get update`), Debian's libsqlite3; no root rights.
 */
async function useDebian({ packageDir }: Place): Promise<void> {
	const workDir = mkdtempSync(join(tmpdir(), 'sqlite-'));
	try {
		const options = { cwd: workDir, limitMs: DEBIAN_LIMIT_MS };
		await command('apt-get', ['download', 'node-sqlite3', 'patchelf'], options);
		for (const file of readdirSync(workDir).filter((name) => name.endsWith('.deb'))) {
			await command('dpkg-deb', ['-x', file, 'unpacked'], options);
		}
		const unpacked = join(workDir, 'unpacked');
		const binding = findBelow(unpacked, (path) => /napi-v6-[^/]+\/node_sqlite3\.node$/.test(path));
		if (binding === undefined) throw new Error('the Debian package has no node_sqlite3.node');
		const patchelf = join(unpacked, 'usr/bin/patchelf');
		const needed = await command(patchelf, ['--print-needed', binding], options);
		// Debian links against its own shared Node.js; the symbols are in any Node.js binary.
		for (const library of needed.split('\n').filter((name) => name.startsWith('libnode.so'))) {
			await command(patchelf, ['--remove-needed', library, binding], options);
		}
		const target = join(packageDir, 'build/Release');
		mkdirSync(target, { recursive: true });
		cpSync(binding, join(target, 'node_sqlite3.node'));
	} finally {
		rmSync(workDir, { recursive: true, force: true });
	}
}

/**
 * Compile it, with the headers that come with Node.js. Needs a C++ compiler, make and Python; the
 * network only for npm's node-gyp; no special rights. Takes about two minutes.
 */
async function compile({ packageDir, nodeBinary }: Place): Promise<void> {
	const nodeDir = [dirname(dirname(nodeBinary)), '/usr', '/usr/local'].find((dir) =>
		existsSync(join(dir, 'include/node/node_api.h')),
	);
	await command(
		'npx',
		['--yes', 'node-gyp@11', 'rebuild', ...(nodeDir === undefined ? [] : [`--nodedir=${nodeDir}`])],
		{ cwd: packageDir, limitMs: COMPILE_LIMIT_MS },
	);
}

const WAYS: ReadonlyArray<{ name: string; get: (place: Place) => Promise<void> }> = [
	{ name: 'prebuilt binary', get: usePrebuilt },
	{ name: "Debian's node-sqlite3", get: useDebian },
	{ name: 'compiling', get: compile },
];

/**
 * Make `sqlite3` loadable.
 *
 * @returns the name of the way that worked
 * @throws Error with the reason of each way when none did
 */
export async function provideSqlite(place: Place): Promise<string> {
	if (await isLoadable(place)) return 'already there';
	const reasons: string[] = [];
	for (const { name, get } of WAYS) {
		try {
			await get(place);
			if (await isLoadable(place)) return name;
			reasons.push(`${name}: the module does not load`);
		} catch (error) {
			reasons.push(`${name}: ${messageOf(error)}`);
		}
	}
	throw new Error(`The sqlite3 module of n8n has no binary.\n${reasons.join('\n')}`);
}
