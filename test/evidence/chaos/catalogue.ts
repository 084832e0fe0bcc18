/**
 * `npm run chaos:ledger [-- --n8n 2.40.7 --queue --products 200 --kills 30 --seed 1 --built]`: a catalogue
 * with a ledger in a real n8n that is killed at seeded moments, in queue mode both of its workers. Nobody
 * does anything about it: the next run goes on. Prints what came of it; about 40 seconds a kill on two idle
 * cores.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Command } from 'commander';

import { startSandbox } from '../../sandbox';
import type { N8nClient } from '../../support/n8n/n8nClient';
import {
	AIUTA,
	GENERATE,
	START,
	aiutaNode,
	flowOf,
	itemsNode,
	manualTrigger,
	productItems,
} from '../../support/n8n/n8nFlows';
import { credentialsFor, startHost, type Credentials } from '../../support/n8n/n8nHost';
import { installN8n, type N8nInstall } from '../../support/n8n/n8nInstall';
import { packNode, type PackedNode } from '../../support/n8n/n8nPackage';
import { exitOnSignals } from '../../support/n8n/n8nServer';
import { NEWEST_N8N, cacheFolder, recipeOf } from '../../support/n8n/n8nVersions';
import { listAt, textAt } from '../../support/n8n/n8nValues';
import { startQueueHost, type Release } from '../../support/n8n/queueHost';
import { Random } from '../../support/random';

const RUN_LIMIT_MS = 15 * 60_000;
const COLUMNS =
	'product_id state image_url reason operation_id status image_types api inputs run job';

interface Options {
	n8n: string;
	queue?: boolean;
	products: string;
	kills: string;
	seed: string;
	built?: boolean;
}

interface Materials {
	install: N8nInstall;
	packed: PackedNode;
	credentials: Credentials;
}

interface Stage {
	client: N8nClient;
	credentialId: string;
	/** Kill whatever runs executions, and start it again. */
	crash: () => Promise<void>;
}

async function regularStage(materials: Materials, releases: Release[]): Promise<Stage> {
	const { version } = materials.install;
	const userFolder = join(cacheFolder(), 'users', `chaos-ledger-${version}-${process.pid}`);
	releases.push(() => rmSync(userFolder, { recursive: true, force: true }));
	const host = await startHost({ ...materials, userFolder });
	releases.push(async () => await host.server.stop());
	return host;
}

async function queueStage(materials: Materials, releases: Release[]): Promise<Stage> {
	const { client, credentialId, workers, startWorker } = await startQueueHost(materials, releases);
	let running = workers;
	const crash = async () => {
		await Promise.all(running.map(async (worker) => await worker.kill()));
		running = await Promise.all(running.map(async () => await startWorker()));
	};
	return { client, credentialId, crash };
}

async function makeTable(client: N8nClient): Promise<string> {
	const project = textAt(await client.rest('GET', '/projects/personal'), 'id');
	const columns = COLUMNS.split(' ').map((name) => ({ name, type: 'string' }));
	const body = { name: 'Chaos', columns };
	return textAt(await client.rest('POST', `/projects/${project}/data-tables`, body), 'id');
}

async function countUnknown(client: N8nClient, table: string): Promise<number> {
	const project = textAt(await client.rest('GET', '/projects/personal'), 'id');
	const filter = {
		type: 'and',
		filters: [{ columnName: 'state', condition: 'eq', value: 'unknown' }],
	};
	const query = new URLSearchParams({ filter: JSON.stringify(filter), take: '100' });
	const path = `/projects/${project}/data-tables/${table}/rows?${query.toString()}`;
	return listAt(await client.rest('GET', path), 'data').length;
}

async function main({
	n8n,
	queue = false,
	products,
	kills,
	seed,
	built = false,
}: Options): Promise<boolean> {
	const random = new Random(Number(seed));
	const count = Number(products);
	const packed = await packNode(built);
	const sandbox = await startSandbox({ picture: 'cached', generationMs: 4000 });
	const releases: Release[] = [packed.remove, async () => await sandbox.close()];
	try {
		const install = await installN8n(recipeOf(n8n), console.log);
		const materials = { install, packed, credentials: credentialsFor(sandbox, sandbox.url) };
		const stage = await (queue ? queueStage : regularStage)(materials, releases);
		const table = await makeTable(stage.client);
		const items = await productItems(count, 'chaos', (index) => `Product ${index}`);
		const node = aiutaNode({
			parameters: { ...GENERATE, ledger: table },
			credentialId: stage.credentialId,
			onError: 'continueErrorOutput',
		});
		const flow = await stage.client.createFlow(
			flowOf('Catalogue', [manualTrigger(), itemsNode(items), node]),
		);
		for (let kill = 1; kill <= Number(kills); kill += 1) {
			await stage.client.execute(flow, START);
			await sleep(random.between(500, 12_000));
			await stage.crash();
			const { createsAccepted, duplicates } = sandbox.stats();
			console.log(`kill ${kill}: ${createsAccepted} created, ${duplicates.length} twice`);
		}
		const last = await stage.client.run(flow, START, RUN_LIMIT_MS);
		const pictures = last.items(AIUTA).length;
		const unknown = await countUnknown(stage.client, table);
		const { createsAccepted, duplicates } = sandbox.stats();
		console.log(
			`${count} products, ${kills} kills: ${pictures} pictures, ${unknown} unknown, ${createsAccepted} created, ${duplicates.length} paid twice`,
		);
		return duplicates.length === 0 && pictures + unknown === count;
	} finally {
		for (const release of releases.reverse()) await release();
	}
}

exitOnSignals();
const options = new Command()
	.option('--n8n <version>', 'version of n8n', NEWEST_N8N)
	.option('--queue', 'queue mode: Redis, PostgreSQL, one main and two workers')
	.option('--products <count>', 'how many products the catalogue has', '200')
	.option('--kills <count>', 'how often n8n is killed', '30')
	.option('--seed <seed>', 'when', '1')
	.option('--built', 'dist is up to date: do not build')
	.parse()
	.opts<Options>();
main(options).then(
	(isGood) => process.exit(isGood ? 0 : 1),
	(error: unknown) => {
		console.error(error);
		process.exit(1);
	},
);
