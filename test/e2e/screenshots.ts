/**
 * `npm run screenshots [-- --examples | --look all]`: looks at the node in the real editor with Debian's Chromium and
 * writes what it sees to docs/images; with `--examples` only the canvases of the examples. `--look` takes `all`,
 * or some of `panels errors form executions ledger`, and writes pictures that no document shows to the cache folder.
 * Ends with an error when the editor does not show what it should.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium, type Page } from 'playwright-core';
import sharp from 'sharp';

import { messageOf } from '../support/n8n/n8nCommand';
import {
	DONE,
	FAILED,
	GENERATE,
	aiutaNode,
	doneNode,
	flowOf,
	itemsNode,
	manualTrigger,
	type Flow,
	type FlowItem,
} from '../support/n8n/n8nFlows';
import type { Host } from '../support/n8n/n8nHost';
import { exitOnSignals } from '../support/n8n/n8nServer';
import { NEWEST_N8N, cacheFolder } from '../support/n8n/n8nVersions';
import { ROOT_DIR } from '../tools/projectFiles';
import { pictureExamples } from './examples/pictures';
import { VIEW, byTestId, execute, logIn, openNode, shoot } from './looks/editor';
import { lookAtErrors } from './looks/errors';
import { lookAtPanels } from './looks/panels';
import { lookAtForm, lookAtHalfFailed, lookAtLedger } from './looks/runs';
import { withTrial, type Trial } from './trial';

const IMAGES_DIR = join(ROOT_DIR, 'docs/images');
const PHOTOS_DIR = join(ROOT_DIR, 'test/demo/photos');
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const STEP_LIMIT_MS = 60_000;

const PRODUCTS = [
	{ sku: 'red-dress', title: 'Red midi dress with a tie belt' },
	{ sku: 'green-jacket', title: 'Green jacket with pockets' },
];

function browserPath(): string {
	const found = BROWSERS.find((path) => existsSync(path));
	if (found === undefined)
		throw new Error('This needs Chromium, for example apt-get install chromium');
	return found;
}

function photoItems(): FlowItem[] {
	return PRODUCTS.map(({ sku, title }) => ({
		json: { sku, title },
		photos: {
			front: readFileSync(join(PHOTOS_DIR, sku, 'front.jpg')),
			back: readFileSync(join(PHOTOS_DIR, sku, 'back.jpg')),
		},
	}));
}

function catalogue(credentialId: string, name: string, items: FlowItem[]): Flow {
	const node = aiutaNode({
		parameters: { ...GENERATE, binaryPropertyNames: 'front, back' },
		credentialId,
		onError: name === 'Catalogue' ? 'continueErrorOutput' : 'stopWorkflow',
	});
	const ends = name === 'Catalogue' ? [doneNode(DONE), doneNode(FAILED)] : [doneNode(DONE)];
	return flowOf(name, [manualTrigger(), itemsNode(items), node, ends]);
}

/** Write a picture, small enough for a repository. */
async function write(png: Buffer, name: string, colours = 128): Promise<void> {
	await sharp(png)
		.png({ palette: true, colours, compressionLevel: 9 })
		.toFile(join(IMAGES_DIR, `${name}.png`));
	process.stdout.write(`${name}.png\n`);
}

/** Keep what the page shows. */
async function keep(page: Page, name: string): Promise<void> {
	await write(await shoot(page), name);
}

async function searchNode(page: Page, { server }: Host): Promise<void> {
	await page.goto(`${server.url}/workflow/new`);
	await byTestId(page, 'canvas-add-button').waitFor();
	await byTestId(page, 'node-creator-plus-button').first().click();
	await byTestId(page, 'node-creator-search-bar').fill('flat lay');
	await page.getByText('Aiuta', { exact: true }).first().waitFor();
	await keep(page, 'search');
}

async function testCredential(page: Page, { server, credentialId }: Host): Promise<void> {
	await page.goto(`${server.url}/home/credentials/${credentialId}`);
	await page.getByText('Connection tested successfully').first().waitFor();
	await keep(page, 'credential');
}

async function lookAtNode(page: Page, host: Host): Promise<void> {
	const { client, credentialId, server } = host;
	const good = await client.createFlow(catalogue(credentialId, 'Catalogue', photoItems()));
	const noPhotos = photoItems().map(({ json }) => ({ json }));
	const bad = await client.createFlow(catalogue(credentialId, 'Without photos', noPhotos));
	await searchNode(page, host);
	await openNode(page, `${server.url}/workflow/${good.id}`);
	await keep(page, 'panel');
	await testCredential(page, host);
	await execute(page, `${server.url}/workflow/${good.id}`, 'Workflow executed successfully');
	await keep(page, 'result');
	await byTestId(page, 'output-panel').getByText('View', { exact: true }).first().click();
	await keep(page, 'picture');
	await execute(page, `${server.url}/workflow/${bad.id}`, 'Problem in node');
	await keep(page, 'error');
}

const LOOKS = {
	panels: lookAtPanels,
	errors: lookAtErrors,
	form: lookAtForm,
	executions: lookAtHalfFailed,
	ledger: lookAtLedger,
};

/** What no document shows, for whoever has changed a word or a field: written to the cache folder. */
async function lookAside(page: Page, trial: Trial, names: readonly string[]): Promise<void> {
	const folder = join(cacheFolder(), 'screenshots');
	mkdirSync(folder, { recursive: true });
	const keepAside = async (png: Buffer, name: string) => {
		const file = join(folder, `${name}.png`);
		await sharp(png).toFile(file);
		process.stdout.write(`${file}\n`);
	};
	for (const [name, lookAt] of Object.entries(LOOKS)) {
		if (names.includes(name) || names.includes('all')) await lookAt(page, trial, keepAside);
	}
}

async function look(page: Page, trial: Trial): Promise<void> {
	await logIn(page, trial);
	const [, names] = process.argv.join(' ').split('--look ');
	if (names !== undefined) {
		await lookAside(page, trial, names.split(' '));
		return;
	}
	if (!process.argv.includes('--examples')) {
		await lookAtNode(page, trial);
		await lookAtLedger(page, trial, write);
	}
	// With fewer colours, the small icons lose theirs.
	await pictureExamples(page, trial, async (png, name) => await write(png, name, 256));
}

async function main(): Promise<void> {
	const executablePath = browserPath();
	mkdirSync(IMAGES_DIR, { recursive: true });
	const options = {
		n8n: NEWEST_N8N,
		isBuilt: process.argv.includes('--built'),
		user: `screenshots-${process.pid}`,
		sandbox: { generationMs: 2000 },
	};
	await withTrial(options, async (trial) => {
		const browser = await chromium.launch({
			executablePath,
			args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
		});
		try {
			const page = await browser.newPage({ viewport: VIEW, colorScheme: 'light' });
			page.setDefaultTimeout(STEP_LIMIT_MS);
			await look(page, trial).catch(async (error: unknown) => {
				await page.screenshot({ path: join(cacheFolder(), 'screenshots-failed.png') });
				throw error;
			});
		} finally {
			await browser.close();
		}
	});
}

exitOnSignals();
main().catch((error: unknown) => {
	process.stderr.write(`${messageOf(error)}\n`);
	process.exitCode = 1;
});
