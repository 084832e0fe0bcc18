/** How long the built node takes to load, and how large its package is. */
import { command } from '../../support/n8n/n8nCommand';
import { listPackage } from '../../tools/pack';
import { ROOT_DIR } from '../../tools/projectFiles';
import type { StartUp } from './results';
import { median } from './statistics';

const LOADS = 10;
const LOAD_LIMIT_MS = 60_000;
const NODE_FILE = './dist/nodes/Aiuta/Aiuta.node.js';

/** Load the node in a new process; `before` is loaded first, and not measured. */
async function loadMs(before: readonly string[]): Promise<number> {
	const script = [
		...before.map((name) => `require(${JSON.stringify(name)});`),
		'const startedMs = performance.now();',
		`require(${JSON.stringify(NODE_FILE)});`,
		'console.log(performance.now() - startedMs);',
	].join('\n');
	const options = { cwd: ROOT_DIR, limitMs: LOAD_LIMIT_MS };
	return Number(await command(process.execPath, ['-e', script], options));
}

async function medianLoadMs(before: readonly string[]): Promise<number> {
	const timesMs: number[] = [];
	for (let load = 0; load < LOADS; load += 1) timesMs.push(await loadMs(before));
	return median(timesMs);
}

/** Measure both; `dist/` must have been built. */
export async function measureStartUp(): Promise<Omit<StartUp, 'machine'>> {
	const { tarballBytes, unpackedBytes, files } = listPackage(ROOT_DIR);
	return {
		requireAloneMs: await medianLoadMs([]),
		requireInHostMs: await medianLoadMs(['n8n-workflow']),
		loads: LOADS,
		tarballBytes,
		unpackedBytes,
		files: files.length,
	};
}
