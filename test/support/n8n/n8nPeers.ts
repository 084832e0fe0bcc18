/** Provides what an n8n that was installed without peer dependencies lacks. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { command } from './n8nCommand';
import { cacheFolder } from './n8nVersions';

const INSTALL_LIMIT_MS = 120_000;

/**
 * Provide `date-fns`: n8n's node Extract from File does not load without it (observed on n8n 2.40, whose
 * dependency `ts-ics` wants it as a peer). Node.js looks for it in the folder above the installed n8n, too.
 */
export async function provideDateFns(): Promise<void> {
	const cwd = cacheFolder();
	if (existsSync(join(cwd, 'node_modules/date-fns/package.json'))) return;
	mkdirSync(cwd, { recursive: true });
	writeFileSync(join(cwd, 'package.json'), '{ "name": "peers-of-n8n", "private": true }\n');
	const quiet = ['--ignore-scripts', '--no-audit', '--no-fund'];
	await command('npm', ['install', ...quiet, 'date-fns@2'], { cwd, limitMs: INSTALL_LIMIT_MS });
}
