/**
 * `npm run bench`: the node, a workflow built by hand and a serial node side by side in a real n8n,
 * against the same sandbox with the same generation times; then the node alone by size. Linux only:
 * memory and processor time are read from /proc. Writes bench.json and bench.svg; exit code 1 when a
 * criterion is not met.
 */
import { cpus } from 'node:os';

import { command } from '../../support/n8n/n8nCommand';
import { installN8n, type N8nInstall } from '../../support/n8n/n8nInstall';
import { packNode } from '../../support/n8n/n8nPackage';
import { exitOnSignals } from '../../support/n8n/n8nServer';
import { NEWEST_N8N, recipeOf } from '../../support/n8n/n8nVersions';
import { exitWith } from '../../support/verdict';
import type { Materials } from './bed';
import { measureBigLedger } from './bigLedger';
import { compare, expectedComparisonMs } from './comparison';
import { verdictsOf } from './criteria';
import { readPlan, type BenchPlan } from './options';
import { writePlot } from './plot';
import type { BenchResults, Machine } from './results';
import { readResults, writeResults } from './resultsFile';
import { expectedScaleMs, measureScale } from './scale';
import { measureStartUp } from './startUp';
import {
	comparisonTables,
	machineLine,
	quotableLine,
	scaleTable,
	startUpLine,
	verdictLines,
} from './tables';

const VERSION_LIMIT_MS = 30_000;
const SERVER_START_MS = 20_000;
const MINUTE_MS = 60_000;
const MOST_LISTENERS = 50;

const say = (line: string) => console.log(line);

async function machineOf({ version, nodeBinary }: N8nInstall): Promise<Machine> {
	const options = { cwd: process.cwd(), limitMs: VERSION_LIMIT_MS };
	return {
		date: new Date().toISOString(),
		nodeVersion: process.version,
		n8nVersion: version,
		n8nNodeVersion: (await command(nodeBinary, ['--version'], options)).trim(),
		cores: cpus().length,
		cpu: cpus()[0]?.model ?? 'unknown',
	};
}

function expectedMinutes({ comparison, scale }: BenchPlan): number {
	const comparisonMs =
		comparison === undefined
			? 0
			: expectedComparisonMs(comparison) +
				SERVER_START_MS * comparison.systems.length * comparison.rates.length;
	const scaleMs = scale === undefined ? 0 : expectedScaleMs(scale) + SERVER_START_MS;
	return Math.ceil((comparisonMs + scaleMs + SERVER_START_MS) / MINUTE_MS);
}

async function measure(
	{ comparison, scale, startUp }: BenchPlan,
	materials: Materials,
): Promise<BenchResults> {
	const machine = await machineOf(materials.install);
	const results: BenchResults = {};
	if (startUp) results.startUp = { machine, ...(await measureStartUp()) };
	if (comparison !== undefined) {
		results.comparison = { machine, ...(await compare(comparison, materials, say)) };
	}
	if (scale !== undefined) {
		results.scale = { machine, ...(await measureScale(scale, materials, say)) };
	}
	return results;
}

/** Print everything; tells whether no criterion was missed. */
function report({ comparison, scale, startUp }: BenchResults): boolean {
	const verdicts = comparison === undefined ? [] : verdictsOf(comparison);
	if (comparison !== undefined) comparisonTables(comparison).forEach(say);
	if (scale !== undefined) scaleTable(scale).forEach(say);
	if (startUp !== undefined) say(startUpLine(startUp));
	verdictLines(verdicts).forEach(say);
	const machine = (comparison ?? scale ?? startUp)?.machine;
	if (comparison !== undefined) say(quotableLine(comparison));
	else if (machine !== undefined) say(machineLine(machine));
	return verdicts.every(({ met }) => met !== false);
}

async function withMaterials<T>(
	isBuilt: boolean,
	use: (materials: Materials) => Promise<T>,
): Promise<T> {
	if (process.platform !== 'linux') throw new Error('the benchmark reads /proc: it needs Linux');
	const install = await installN8n(recipeOf(NEWEST_N8N), say);
	const packed = await packNode(isBuilt);
	process.once('exit', packed.remove);
	try {
		return await use({ install, packed });
	} finally {
		packed.remove();
	}
}

async function main(): Promise<boolean> {
	const plan = readPlan();
	if (plan.plotOnly) {
		say(writePlot(plan.outDir, readResults(plan.outDir)));
		return true;
	}
	const { isBuilt, ledgerRows } = plan;
	if (ledgerRows !== undefined) {
		const measureLedger = async (materials: Materials) => {
			(await measureBigLedger(ledgerRows, materials, say)).forEach(say);
			say(machineLine(await machineOf(materials.install)));
		};
		await withMaterials(isBuilt, measureLedger);
		return true;
	}
	say(`This takes about ${expectedMinutes(plan)} minutes.`);
	const results = await withMaterials(isBuilt, async (made) => await measure(plan, made));
	const file = await writeResults(plan.outDir, results);
	const plot = writePlot(plan.outDir, readResults(plan.outDir));
	say(`${file}, ${plot}`);
	return report(results);
}

exitOnSignals();
// Each server and each of their folders is cleared away by a listener of its own.
process.setMaxListeners(MOST_LISTENERS);
exitWith(main());
