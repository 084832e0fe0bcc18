/** What the editor shows of a run that fails: the ten failures that users meet most. */
import type { Page } from 'playwright-core';

import {
	GENERATE,
	aiutaNode,
	flowOf,
	itemsNode,
	manualTrigger,
	productItems,
	smallPhoto,
	type FlowItem,
} from '../../support/n8n/n8nFlows';
import type { Trial } from '../trial';
import { byTestId, execute, shoot, type Keep } from './editor';

const LEDGER = 'Aiuta ledger of the errors';
/** The beginning of a file as a phone writes it: a box that names the format. */
const HEIC = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'.padEnd(400, '\0'), 'latin1');
const PDF = Buffer.from('%PDF-1.7\n%EOF\n');
const TIMEOUT_MINUTES = 0.01;

interface FailingRun {
	items: FlowItem[];
	parameters?: Record<string, unknown>;
	/** The API key, when another than the right one is used. */
	apiKey?: string;
	/** What the sandbox is told before the run. */
	prepare?: (trial: Trial) => void;
}

async function product(photo?: Buffer, json: Record<string, unknown> = {}): Promise<FlowItem> {
	const data = photo ?? (await smallPhoto(1));
	return { json: { sku: 'DRESS-1', title: 'Red dress', ...json }, photos: { data } };
}

async function failingRuns(): Promise<Record<string, FailingRun>> {
	const three = await productItems(3, 'DRESS');
	return {
		'wrong-key': { items: three, apiKey: 'mistyped' },
		'no-photo': { items: [...three, { json: { sku: 'DRESS-4', title: 'No photo' } }] },
		heic: { items: [await product(HEIC)] },
		pdf: { items: [await product(PDF)] },
		'no-product-id': {
			items: [await product(undefined, { sku: '' })],
			parameters: { ledger: LEDGER },
		},
		'api-mismatch': { items: three, parameters: { api: 'studio' } },
		budget: {
			items: three,
			parameters: { ledger: LEDGER, batching: { maxOperationsPerDay: 1 } },
		},
		'unknown-create': {
			items: [await product(undefined, { sku: 'COAT-1' })],
			parameters: { ledger: LEDGER },
			prepare: ({ sandbox }) => {
				sandbox.fault({ route: 'create', times: 1, effect: { kind: 'resetAfter' } });
			},
		},
		'failed-operation': {
			items: await productItems(3, 'SHOE', (index) => (index === 1 ? 'Shoe [fail]' : 'Shoe')),
		},
		'timed-out': {
			items: [await product()],
			parameters: { options: { maxWaitMinutes: TIMEOUT_MINUTES } },
		},
	};
}

/** Let each of them happen, and look. */
export async function lookAtErrors(page: Page, trial: Trial, keep: Keep): Promise<void> {
	const { client, server, credentials, sandbox } = trial;
	for (const [name, run] of Object.entries(await failingRuns())) {
		const { apiKey = credentials.flatLays.apiKey } = run;
		const credential = { ...credentials.flatLays, apiKey };
		const credentialId = await client.createCredential(`Aiuta (${name})`, credential);
		const parameters = { ...GENERATE, ...run.parameters };
		const { id } = await client.createFlow(
			flowOf(`Error: ${name}`, [
				manualTrigger(),
				itemsNode(run.items),
				aiutaNode({ parameters, credentialId }),
			]),
		);
		run.prepare?.(trial);
		await execute(page, `${server.url}/workflow/${id}`, 'Problem in node');
		const panel = byTestId(page, 'output-panel');
		const details = panel.getByText('Error details', { exact: true }).first();
		if (await details.isVisible()) await details.scrollIntoViewIfNeeded();
		await keep(await shoot(page, panel), `error-${name}`);
		sandbox.clearFaults();
	}
}
