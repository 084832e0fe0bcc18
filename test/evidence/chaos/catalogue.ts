/**
 * `npm run chaos:ledger [-- --n8n 2.40.7 --products 200 --kills 30 --seed 1 --built]`: a catalogue with a
 * ledger in a real n8n that is killed at seeded moments. Nobody does anything about it: the next run goes
 * on. Prints what came of it; about 40 seconds a kill on two idle cores.
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
import { credentialsFor, startHost } from '../../support/n8n/n8nHost';
import { installN8n } from '../../support/n8n/n8nInstall';
import { packNode } from '../../support/n8n/n8nPackage';
import { exitOnSignals } from '../../support/n8n/n8nServer';
import { NEWEST_N8N, cacheFolder, recipeOf } from '../../support/n8n/n8nVersions';
import { listAt, textAt } from '../../support/n8n/n8nValues';
import { Random } from '../../support/random';

const RUN_LIMIT_MS = 15 * 60_000;
const COLUMNS =
	'product_id state image_url reason operation_id status image_types api inputs run job';

interface Options {
	n8n: string;
	products: string;
	kills: string;
	seed: string;
	built?: boolean;
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

async function main({ n8n, products, kills, seed, built = false }: Options): Promise<boolean> {
	const random = new Random(Number(seed));
	const count = Number(products);
	const install = await installN8n(recipeOf(n8n), console.log);
	const packed = await packNode(built);
	const sandbox = await startSandbox({ picture: 'cached', generationMs: 4000 });
	const userFolder = join(cacheFolder(), 'users', `chaos-ledger-${n8n}-${process.pid}`);
	const credentials = credentialsFor(sandbox, sandbox.url);
	const start = async () => await startHost({ install, userFolder, packed, credentials });
	try {
		let host = await start();
		const table = await makeTable(host.client);
		const items = await productItems(count, 'chaos', (index) => `Product ${index}`);
		const node = aiutaNode({
			parameters: { ...GENERATE, ledger: table },
			credentialId: host.credentialId,
			onError: 'continueErrorOutput',
		});
		const flow = await host.client.createFlow(
			flowOf('Catalogue', [manualTrigger(), itemsNode(items), node]),
		);
		for (let kill = 1; kill <= Number(kills); kill += 1) {
			await host.client.execute(flow, START);
			await sleep(random.between(500, 12_000));
			await host.server.kill();
			const { createsAccepted, duplicates } = sandbox.stats();
			console.log(`kill ${kill}: ${createsAccepted} created, ${duplicates.length} twice`);
			host = await start();
		}
		const last = await host.client.run(flow, START, RUN_LIMIT_MS);
		const pictures = last.items(AIUTA).length;
		const unknown = await countUnknown(host.client, table);
		const { createsAccepted, duplicates } = sandbox.stats();
		console.log(
			`${count} products, ${kills} kills: ${pictures} pictures, ${unknown} unknown, ${createsAccepted} created, ${duplicates.length} paid twice`,
		);
		await host.server.stop();
		return duplicates.length === 0 && pictures + unknown === count;
	} finally {
		await sandbox.close();
		packed.remove();
		rmSync(userFolder, { recursive: true, force: true });
	}
}

exitOnSignals();
const options = new Command()
	.option('--n8n <version>', 'version of n8n', NEWEST_N8N)
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
