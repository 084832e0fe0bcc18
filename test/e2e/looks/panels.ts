/** The panel of every operation of every API, as it is when the node has just been added. */
import type { Page } from 'playwright-core';

import { aiutaNode, flowOf, manualTrigger } from '../../support/n8n/n8nFlows';
import type { Host } from '../../support/n8n/n8nHost';
import { TALL_VIEW, VIEW, byTestId, openNode, shoot, type Keep } from './editor';

const APIS = ['flatLays', 'studio', 'unified'] as const;
/** These look alike whatever the API is. */
const OF_EVERY_API: ReadonlyArray<readonly [string, string]> = [
	['flatLay', 'wait'],
	['flatLay', 'get'],
	['image', 'upload'],
	['image', 'get'],
	['image', 'delete'],
	['generatedImage', 'download'],
	['generatedImage', 'delete'],
];
const WITH_LEDGER = {
	productId: '={{ $json.sku }}',
	ledger: 'Aiuta ledger',
	batching: { maxOperationsPerDay: 100 },
};

/** The panels to look at: a name, and what is chosen. */
function choices(): Array<[string, Record<string, unknown>]> {
	const creating = APIS.flatMap((api) =>
		['generateAndWait', 'create', 'plan'].map((operation): [string, Record<string, unknown>] => [
			`panel-${api}-${operation}`,
			{ api, operation },
		]),
	);
	const others = OF_EVERY_API.map(([resource, operation]): [string, Record<string, unknown>] => [
		`panel-${resource}-${operation}`,
		{ resource, operation },
	]);
	return [
		...creating,
		...others,
		['panel-with-ledger', WITH_LEDGER],
		['panel-wait-for-all-in-the-ledger', { operation: 'wait', operationIdSource: 'ledger' }],
		[
			'panel-human-review',
			{ api: 'unified', options: { qaMode: 'human', operationPriority: 'online' } },
		],
		['panel-sku', { api: 'unified', imageSource: 'sku' }],
	];
}

/** The actions that n8n lists when the node is added: those of the node's creator panel. */
async function lookAtActions(page: Page, { server }: Host, keep: Keep): Promise<void> {
	await page.goto(`${server.url}/workflow/new`);
	await byTestId(page, 'canvas-add-button').waitFor();
	await byTestId(page, 'node-creator-plus-button').first().click();
	await byTestId(page, 'node-creator-search-bar').fill('aiuta');
	await page.getByText('Aiuta', { exact: true }).first().click();
	await page.getByText('Generate a flat lay and wait for it').first().waitFor();
	await keep(await shoot(page), 'actions');
}

/** Look at all of them. */
export async function lookAtPanels(page: Page, host: Host, keep: Keep): Promise<void> {
	const { client, server, credentialIds } = host;
	await lookAtActions(page, host, keep);
	await page.setViewportSize(TALL_VIEW);
	for (const [name, parameters] of choices()) {
		const api = APIS.find((other) => other === parameters['api']) ?? 'flatLays';
		const node = aiutaNode({ parameters, credentialId: credentialIds[api] });
		const { id } = await client.createFlow(flowOf(name, [manualTrigger(), node]));
		await openNode(page, `${server.url}/workflow/${id}`);
		await keep(await shoot(page, byTestId(page, 'node-parameters')), name);
	}
	await page.setViewportSize(VIEW);
}
