/** Prints what was measured. */
import Table from 'cli-table3';

import type { Verdict } from './criteria';
import {
	SYSTEM_TITLES,
	type Comparison,
	type FailedRun,
	type Machine,
	type ScaleRun,
	type StartUp,
	type SystemName,
} from './results';
import { ratioToNode, summariesAt, summarize, type Ratio, type Summary } from './summary';

const KILOBYTE = 1024;
const MEGABYTE = KILOBYTE * 1024;
const UNKNOWN = '-';
const PLAIN = { head: [], border: [] };
const THOUSAND = 1000;

const seconds = (durationMs: number) => (durationMs / 1000).toFixed(1);
const megabytes = (bytes: number) => (bytes / MEGABYTE).toFixed(0);

/** Write where and when something was measured. */
export function machineLine(machine: Machine): string {
	const { date, nodeVersion, n8nVersion, n8nNodeVersion, cores, cpu } = machine;
	return `${date.slice(0, 10)}, Node.js ${nodeVersion}, n8n ${n8nVersion} on Node.js ${n8nNodeVersion}, ${cores} cores (${cpu})`;
}

function makespan({ isExtrapolated, makespanMs, runs }: Summary): string {
	const { median, min, max } = makespanMs;
	if (isExtrapolated) return `~${seconds(median)}`;
	return runs === 1 ? seconds(median) : `${seconds(median)} (${seconds(min)}-${seconds(max)})`;
}

function rowOf(summary: Summary): string[] {
	const { measured, isExtrapolated, overLowerBound, overClairvoyant } = summary;
	const mark = isExtrapolated ? '~' : '';
	return [
		String(summary.products),
		SYSTEM_TITLES[summary.system],
		makespan(summary),
		mark + overLowerBound.toFixed(2),
		mark + overClairvoyant.toFixed(2),
		measured?.requestsPerProduct.toFixed(2) ?? UNKNOWN,
		measured === undefined ? UNKNOWN : (measured.detectionDelayMs / 1000).toFixed(2),
		measured?.throttled.toFixed(0) ?? UNKNOWN,
		measured === undefined ? UNKNOWN : megabytes(measured.peakRssBytes),
		measured === undefined ? UNKNOWN : megabytes(measured.rssGrowthBytes),
		measured?.cpuSeconds.toFixed(1) ?? UNKNOWN,
	];
}

function ratioText(ratio: Ratio | undefined): string {
	if (ratio === undefined) return UNKNOWN;
	return `${ratio.isExtrapolated ? '~' : ''}${ratio.value.toFixed(2)}`;
}

function failedLine({ system, requestsPerSecond, products, run, reason }: FailedRun): string {
	return `failed: ${reason}: ${SYSTEM_TITLES[system]}, N=${products} at ${requestsPerSecond}/s, run ${run + 1}; no figures above are of this run`;
}

/** Write the table of each rate and the ratios of its makespans. */
export function comparisonTables(comparison: Comparison): string[] {
	const { sizes, rates, runs, generation, pictureBytes } = comparison.settings;
	const others: SystemName[] = ['handBuilt', 'serial', 'ledger'];
	return [
		`Generation times lognormal, median ${generation.medianMs / 1000} s, 95 % below ${generation.p95Ms / 1000} s; photos and pictures of ${pictureBytes === 0 ? 'a few hundred bytes' : `${pictureBytes / KILOBYTE} KiB`}; medians of ${runs} runs (least-greatest); ~ is extrapolated`,
		...rates.flatMap((rate) => {
			const head = [
				...['N', 'system', 'makespan, s', '/ bound', '/ clairvoyant', 'requests/product'],
				...['delay, s', '429s (most)', 'peak RSS, MB', 'RSS growth, MB', 'CPU, s'],
			];
			const table = new Table({ head, style: PLAIN });
			for (const summary of summariesAt(comparison, rate)) table.push(rowOf(summary));
			const ratios = new Table({ head: ['N', 'b / a', 'c / a', 'd / a'], style: PLAIN });
			for (const products of sizes) {
				ratios.push([
					String(products),
					...others.map((other) => ratioText(ratioToNode(comparison, other, rate, products))),
				]);
			}
			return [`${rate} requests/s`, table.toString(), ratios.toString()];
		}),
		...comparison.failures.map(failedLine),
		'Peak RSS and CPU are those of the process that runs n8n’s engine (Linux: VmHWM, utime + stime).',
	];
}

/** Write the table of the node alone by size. */
export function scaleTable({ cells, settings }: ScaleRun): string[] {
	const { minMs, maxMs } = settings.generation;
	const head = [
		...['N', 'makespan, s', '/ bound', 'requests/product', '429s', 'CPU, s', 'CPU s/1000'],
		...['RSS growth, MB', 'MB/1000', 'peak RSS, MB'],
	];
	const table = new Table({ head, style: PLAIN });
	for (const { products, figures } of cells) {
		const growthBytes = figures.peakRssBytes - figures.rssBeforeBytes;
		const share = THOUSAND / products;
		table.push([
			String(products),
			seconds(figures.makespanMs),
			(figures.makespanMs / figures.lowerBoundMs).toFixed(2),
			figures.requestsPerProduct.toFixed(2),
			String(figures.throttled),
			figures.cpuSeconds.toFixed(1),
			(figures.cpuSeconds * share).toFixed(1),
			megabytes(growthBytes),
			megabytes(growthBytes * share),
			megabytes(figures.peakRssBytes),
		]);
	}
	return [
		`The node alone, ${settings.requestsPerSecond} requests/s, generation ${minMs / 1000} to ${maxMs / 1000} s`,
		table.toString(),
	];
}

/** Write how fast the node loads and how large its package is. */
export function startUpLine(startUp: StartUp): string {
	const { requireAloneMs, requireInHostMs, tarballBytes, unpackedBytes, files, loads } = startUp;
	const kilobytes = (bytes: number) => `${(bytes / KILOBYTE).toFixed(0)} KB`;
	return `Loading the node: ${requireInHostMs.toFixed(0)} ms beside n8n-workflow, ${requireAloneMs.toFixed(0)} ms with it (medians of ${loads}); package ${kilobytes(tarballBytes)}, unpacked ${kilobytes(unpackedBytes)} in ${files} files`;
}

/** Write one line per criterion. */
export function verdictLines(verdicts: readonly Verdict[]): string[] {
	return verdicts.map(({ criterion, met, detail }) => {
		if (met === undefined) return `not measured: ${criterion}`;
		return `${met ? 'met' : 'NOT MET'}: ${criterion} (${detail})`;
	});
}

/** Write the line a README can quote: the most products at the highest rate. */
export function quotableLine(comparison: Comparison): string {
	const products = Math.max(...comparison.settings.sizes);
	const rate = Math.max(...comparison.settings.rates);
	const node = summarize(comparison, 'node', rate, products);
	if (node === undefined) return `The node was not measured; ${machineLine(comparison.machine)}`;
	const others: Array<[SystemName, string]> = [
		['handBuilt', 'a workflow by hand'],
		['serial', 'a serial node'],
	];
	const times = others.flatMap(([system, name]) => {
		const ratio = ratioToNode(comparison, system, rate, products);
		return ratio === undefined ? [] : [`; ${name} takes ${ratioText(ratio)} x as long`];
	});
	const requests = node.measured?.requestsPerProduct.toFixed(2) ?? UNKNOWN;
	return `${products} products at ${rate} requests/s in n8n: ${seconds(node.makespanMs.median)} s, ${node.overLowerBound.toFixed(2)} x the lower bound, ${requests} requests per product${times.join('')} (${machineLine(comparison.machine)})`;
}
