/** What is seen of a run besides the node's panel: the form's page, the list of executions, the ledger. */
import type { Page } from 'playwright-core';

import { readExample } from '../examples/files';
import {
	GENERATE,
	START,
	aiutaNode,
	doneNode,
	flowOf,
	itemsNode,
	manualTrigger,
	productItems,
	smallPhoto,
} from '../../support/n8n/n8nFlows';
import { poll } from '../../support/n8n/n8nServer';
import { listAt, textAt, at } from '../../support/n8n/n8nValues';
import type { Trial } from '../trial';
import { VIEW, execute, shoot, type Keep } from './editor';

const RUN_LIMIT_MS = 60_000;
const LEDGER = 'Aiuta ledger';
const CATALOGUE_SIZE = 6;
/** As high as the rows that such a run has written. */
const LEDGER_VIEW = { ...VIEW, height: 560 };
/** Generations that end one after the other, so that a picture can be taken between. */
const STAGGERED_MS = [1000, 1000, 90_000, 90_000, 90_000];
const CREATE_DELAY_MS = 45_000;

/** A photo as a browser hands it over. */
function photoFile(buffer: Buffer) {
	return { name: 'photo.jpg', mimeType: 'image/jpeg', buffer };
}

/** Open a form, which is there some time after its workflow was published. */
async function openForm(page: Page, address: string): Promise<void> {
	const isThere = await poll(async () => {
		await page.goto(address);
		return (await page.locator('input[type="file"]').count()) > 0 ? true : undefined;
	}, RUN_LIMIT_MS);
	if (isThere === undefined) throw new Error('the form never appeared');
}

/** Fill in the form of the first example, and look at its last page. */
export async function lookAtForm(page: Page, trial: Trial, keep: Keep): Promise<void> {
	const { client, server } = trial;
	const flow = await client.createFlow(readExample('1-one-product-form.json', trial));
	await client.activate(flow);
	const cases = [
		['form', 'Red dress', photoFile(await smallPhoto(1))],
		['form-failed', 'Red dress [fail]', photoFile(await smallPhoto(2))],
		['form-pdf', 'Red dress', photoFile(Buffer.from('%PDF-1.7\n%EOF\n'))],
	] as const;
	for (const [name, title, photo] of cases) {
		await openForm(page, `${server.url}/form/aiuta-flat-lay`);
		await page.locator('input[type="text"]').nth(0).fill('DRESS-1');
		await page.locator('input[type="text"]').nth(1).fill(title);
		await page.locator('input[type="file"]').setInputFiles([photo]);
		if (name === 'form') await keep(await shoot(page), 'form');
		await page.getByText('Make a flat lay').click();
		const end = name === 'form' ? 'Here is your flat lay' : 'That did not work';
		await page.getByText(end).waitFor();
		await keep(await shoot(page), `${name}-end`);
	}
	await client.deactivate(flow);
}

/** Half of a catalogue fails: what the editor and the list of executions say. */
export async function lookAtHalfFailed(page: Page, trial: Trial, keep: Keep): Promise<void> {
	const { client, server, credentialId } = trial;
	const items = await productItems(4, 'DRESS', (index) => (index % 2 === 0 ? 'Dress' : '[fail]'));
	const node = aiutaNode({ parameters: GENERATE, credentialId, onError: 'continueErrorOutput' });
	const row = [manualTrigger(), itemsNode(items), node, [doneNode('Done'), doneNode('Failed')]];
	const { id } = await client.createFlow(flowOf('Half failed', row));
	await execute(page, `${server.url}/workflow/${id}`, 'Workflow executed successfully');
	await keep(await shoot(page), 'half-failed');
	await page.goto(`${server.url}/workflow/${id}/executions`);
	await page.getByText('Succeeded').first().waitFor();
	await keep(await shoot(page), 'half-failed-executions');
	await page.goto(`${server.url}/home/executions`);
	await page.getByText('Half failed').first().waitFor();
	await keep(await shoot(page), 'half-failed-all-executions');
}

/** The ledger while a catalogue is on its way. */
export async function lookAtLedger(page: Page, trial: Trial, keep: Keep): Promise<void> {
	const { client, server, credentialId, sandbox } = trial;
	const items = await productItems(CATALOGUE_SIZE, 'DRESS');
	const parameters = { ...GENERATE, ledger: LEDGER };
	const flow = await client.createFlow(
		flowOf('Catalogue with a ledger', [
			manualTrigger(),
			itemsNode(items),
			aiutaNode({ parameters, credentialId }),
		]),
	);
	sandbox.configure({ generationMs: { listMs: STAGGERED_MS } });
	sandbox.fault({
		route: 'create',
		after: CATALOGUE_SIZE - 1,
		times: 1,
		effect: { kind: 'delay', delayMs: CREATE_DELAY_MS },
	});
	await client.execute(flow, START);
	const project = textAt(await client.rest('GET', '/projects/personal'), 'id');
	const path = `/projects/${project}/data-tables`;
	const found = await poll(async () => {
		const tables = listAt(await client.rest('GET', path), 'data');
		const table = tables.find((one) => at(one, 'name') === LEDGER);
		if (table === undefined) return undefined;
		const rows = listAt(
			await client.rest('GET', `${path}/${textAt(table, 'id')}/rows?take=100`),
			'data',
		);
		const states = new Set(rows.map((row) => at(row, 'state')));
		const isMixed = ['claimed', 'created', 'succeeded'].every((state) => states.has(state));
		return isMixed ? textAt(table, 'id') : undefined;
	}, RUN_LIMIT_MS);
	if (found === undefined) throw new Error('the ledger never held all three states at once');
	await page.goto(`${server.url}/projects/${project}/datatables/${found}`);
	await page.getByText('succeeded').first().waitFor();
	await page.setViewportSize(LEDGER_VIEW);
	await keep(await shoot(page), 'ledger');
	await page.setViewportSize(VIEW);
	sandbox.reset();
}
