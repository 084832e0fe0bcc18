/**
 * `npm run demo [-- <folder>]`: the main job, seen from outside. The built node (`dist/`) runs a saved
 * workflow in n8n's own engine: photos in, one finished flat lay per product out, written to a folder.
 */
import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Command } from 'commander';
import { loadBuiltNode } from '../support/n8n/builtNode';
import type { SavedWorkflow } from '../support/n8n/host';
import workflow from './catalogue.workflow.json';
import { ensureBuilt } from '../tools/upToDate';
import { productsIn, sampleProducts, toItem, UsageError, type FoundProducts } from './products';
import { showProgress } from './progress';
import { describeRows, failedRows, finishedRows } from './report';
import { openTarget, type Target } from './target';

const ROOT_DIR = join(__dirname, '../..');
/** Time to change one's mind before a run that costs money. */
const SECOND_THOUGHTS_MS = 5000;

interface CliOptions {
	out: string;
}

function count(number: number, thing: string): string {
	return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** A folder as the user would type it: relative where it lies below the working directory. */
function shortPath(folder: string): string {
	const path = relative(process.cwd(), folder);
	return path.startsWith('..') ? folder : path || '.';
}

function say(line = ''): void {
	process.stdout.write(`${line}\n`);
}

/** What the user should know of the folder before anything is sent. */
function describeFolder({ looseFiles, passedOver }: FoundProducts): string[] {
	return [
		...(looseFiles === 0
			? []
			: [
					`${count(looseFiles, 'photo')} not in a sub-folder: each file is one product.`,
					'Photos of the same product belong in a sub-folder of their own.',
				]),
		...passedOver.map((reason) => `Passed over: ${reason}`),
	];
}

async function announce(target: Target, found: FoundProducts): Promise<void> {
	const { products } = found;
	const photoCount = products.reduce((sum, product) => sum + product.photos.length, 0);
	const photos = count(photoCount, 'photo');
	const productCount = count(products.length, 'product');
	if (target.kind === 'sandbox') {
		say('This runs on a sandbox on this machine: it costs nothing, needs no key and no network.');
		say('The sandbox stands in for Aiuta: it arranges your photos instead of generating pictures.');
	} else {
		const operations = count(products.length, 'operation');
		say(`LIVE: ${photos} of ${productCount} will be sent to ${target.baseUrl}.`);
		say(`This costs money: ${operations} will be created, at the prices of your Aiuta plan.`);
	}
	say();
	say(`${productCount}, ${photos}, API ${target.api}`);
	for (const { productId, title, photos: own } of products) {
		const name = title === undefined ? productId : `${productId} (${title})`;
		say(`  ${name}: ${count(own.length, 'photo')}`);
	}
	for (const line of describeFolder(found)) say(line);
	say();
	if (target.kind === 'live') {
		say(`It starts in ${SECOND_THOUGHTS_MS / 1000} seconds. Until then Ctrl-C costs nothing.`);
		await sleep(SECOND_THOUGHTS_MS);
	}
}

/** The saved workflow, set to the API of the target. */
function workflowFor(api: string): SavedWorkflow {
	const { nodes, connections } = workflow as unknown as SavedWorkflow;
	return {
		nodes: nodes.map((node) =>
			node.name === 'Aiuta' ? { ...node, parameters: { ...node.parameters, api } } : node,
		),
		connections,
	};
}

async function runOn(target: Target, found: FoundProducts, outDir: string): Promise<boolean> {
	const { products } = found;
	await announce(target, found);
	await mkdir(outDir, { recursive: true });
	// The node logs every operation ID the moment it arrives; n8n reads these when it is loaded.
	process.env['N8N_LOG_LEVEL'] = 'info';
	process.env['N8N_LOG_OUTPUT'] = 'file';
	process.env['N8N_LOG_FILE_LOCATION'] = join(outDir, 'n8n.log');
	say("Loading n8n's engine ...");
	const host = await import('../support/n8n/host');
	const under = await loadBuiltNode();
	await host.initHost();
	const progress = showProgress(target.baseUrl, products.length);
	try {
		const { api, apiKey, baseUrl } = target;
		const result = await host.runWorkflow(
			under,
			{
				items: await Promise.all(products.map(toItem)),
				credential: { api, apiKey, baseUrl },
				onStart: (cancel) => process.once('SIGINT', cancel),
			},
			workflowFor(api),
		);
		progress.stop();
		const rows = [
			...(await finishedRows(result.success, outDir, host.readBinary)),
			...failedRows(result.failed),
		].sort((a, b) => a.itemIndex - b.itemIndex);
		if (rows.length > 0) say(`\n${describeRows(rows)}`);
		if (result.error !== undefined) {
			say(`\n${result.error.message}\n${result.error.description ?? ''}`);
		}
		const finished = rows.filter(({ problem }) => problem === undefined).length;
		say(`\n${finished} of ${products.length} products finished.`);
		say(`Pictures, and n8n.log with every operation ID: ${shortPath(outDir)}`);
		return finished === products.length;
	} finally {
		progress.stop();
		host.releaseHost();
	}
}

async function main(): Promise<boolean> {
	const program = new Command('demo')
		.description('Turn the photos of a small catalogue into flat lays.')
		.argument('[folder]', 'your own photos: one sub-folder per product, or one file per product')
		.option('--out <folder>', 'where the pictures go', join(ROOT_DIR, 'demo-output'))
		.addHelpText(
			'after',
			'\nWithout AIUTA_API_KEY a sandbox on this machine is used.\nWith it the run is live; AIUTA_API is flatLays (default), studio or unified.',
		)
		.parse();
	const [folder] = program.args;
	const { out } = program.opts<CliOptions>();
	const found =
		folder === undefined
			? { products: sampleProducts(), looseFiles: 0, passedOver: [] }
			: await productsIn(folder);
	ensureBuilt();
	const target = await openTarget(process.env);
	try {
		return await runOn(target, found, resolve(out));
	} finally {
		await target.close();
	}
}

main().then(
	(isDone) => {
		process.exitCode = isDone ? 0 : 1;
	},
	(error: unknown) => {
		const message = error instanceof Error && !(error instanceof UsageError) ? error.stack : '';
		process.stderr.write(`${message === '' ? (error as Error).message : String(message)}\n`);
		process.exitCode = error instanceof UsageError ? 2 : 1;
	},
);
