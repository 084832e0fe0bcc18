/**
 * What a large ledger costs: Plan (Dry Run) of thousands of products, without a ledger and with one of many
 * rows, in a fresh server. Nothing is sent: the difference is the opening and reading of the ledger.
 */
import assert from 'node:assert/strict';

import { LEDGER_COLUMNS, jobKey, type NewRow } from '../../../nodes/Aiuta/batch/ledgerRows';
import {
	START,
	AIUTA,
	aiutaNode,
	flowOf,
	manualTrigger,
	plainNode,
} from '../../support/n8n/n8nFlows';
import { textAt } from '../../support/n8n/n8nValues';
import { startBed, type Bed, type Materials } from './bed';
import { cpuSecondsOf } from './procfs';
import { median } from './statistics';

const PRODUCTS = 5000;
const RUNS = 3;
const TABLE = 'Big ledger';
const ROWS_AT_ONCE = 1000;
const RUN_LIMIT_MS = 300_000;
const REQUESTS_PER_SECOND = 20;
/** As long as a hash of inputs. */
const HASH_LENGTH = 64;

interface Cost {
	ms: number;
	cpuSeconds: number;
}

function productId(index: number): string {
	return `product-${index}`;
}

/** A row as a run leaves it behind of a product that has its picture. */
function finishedRow(index: number): NewRow {
	const id = productId(index);
	return {
		product_id: id,
		state: 'succeeded',
		image_url: `https://pictures.example/generated/${index}/${'f'.repeat(HASH_LENGTH)}.png`,
		reason: '',
		operation_id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
		status: 'SUCCESS',
		image_types: '',
		api: 'flatLays',
		inputs: 'a'.repeat(HASH_LENGTH),
		run: `${index} 0 1`,
		job: jobKey({ api: 'flatLays', productId: id, imageTypes: [] }),
	};
}

async function fillTable({ client }: Bed, rows: number): Promise<void> {
	const project = textAt(await client.rest('GET', '/projects/personal'), 'id');
	const path = `/projects/${project}/data-tables`;
	const columns = LEDGER_COLUMNS.map((name) => ({ name, type: 'string' }));
	const id = textAt(await client.rest('POST', path, { name: TABLE, columns }), 'id');
	for (let first = 0; first < rows; first += ROWS_AT_ONCE) {
		const count = Math.min(ROWS_AT_ONCE, rows - first);
		const data = Array.from({ length: count }, (_, index) => finishedRow(first + index));
		await client.rest('POST', `${path}/${id}/insert`, { data, returnType: 'count' });
	}
}

/** Plan all products once; half of them, the last ones, have no row. */
async function planOnce(
	{ client, credentialId, pid }: Bed,
	rows: number,
	ledger: string,
): Promise<Cost> {
	const firstProduct = Math.max(0, rows - PRODUCTS / 2);
	const jsCode = `return Array.from({ length: ${PRODUCTS} }, (_, index) => ({ json: { sku: 'product-' + (${firstProduct} + index) } }));`;
	const parameters = {
		api: 'flatLays',
		resource: 'flatLay',
		operation: 'plan',
		imageSource: 'imageUrls',
		imageUrls: '=https://photos.example/{{ $json.sku }}.jpg',
		productId: '={{ $json.sku }}',
		ledger,
	};
	const flow = flowOf(`Plan ${ledger}`, [
		manualTrigger(),
		plainNode('Items', 'n8n-nodes-base.code', 2, { jsCode }),
		aiutaNode({ credentialId, parameters }),
	]);
	const saved = await client.createFlow(flow);
	const cpuBefore = cpuSecondsOf(pid);
	const execution = await client.run(saved, START, RUN_LIMIT_MS);
	const cpuSeconds = cpuSecondsOf(pid) - cpuBefore;
	assert.equal(execution.status, 'success', execution.error(AIUTA)?.message);
	const actions = execution.items(AIUTA).map(({ json }) => json['action']);
	const known = ledger === '' ? 0 : Math.min(rows, PRODUCTS / 2);
	assert.equal(actions.filter((action) => action === 'return').length, known, 'known products');
	assert.equal(actions.filter((action) => action === 'create').length, PRODUCTS - known);
	const timing = execution.timings().find(({ node }) => node === AIUTA);
	assert.ok(timing);
	return { ms: timing.tookMs, cpuSeconds };
}

function line(what: string, costs: readonly Cost[]): string {
	const seconds = (median(costs.map(({ ms }) => ms)) / 1000).toFixed(1);
	const cpu = median(costs.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1);
	return `Plan of ${PRODUCTS} products, ${what}: ${seconds} s in the node, ${cpu} s of processor time of n8n`;
}

/**
 * Measure it, each several times in turn.
 *
 * @param rows of the ledger, one a product
 * @returns a line each, medians
 */
export async function measureBigLedger(
	rows: number,
	materials: Materials,
	tell: (line: string) => void,
): Promise<string[]> {
	const bed = await startBed('ledger', REQUESTS_PER_SECOND, materials);
	try {
		await fillTable(bed, rows);
		tell(`The ledger has ${rows} rows.`);
		const without: Cost[] = [];
		const withLedger: Cost[] = [];
		for (let run = 0; run < RUNS; run += 1) {
			without.push(await planOnce(bed, rows, ''));
			withLedger.push(await planOnce(bed, rows, TABLE));
		}
		assert.equal(bed.sandbox.stats().requests, 0, 'nothing was sent');
		return [line('no ledger', without), line(`a ledger of ${rows} rows`, withLedger)];
	} finally {
		await bed.close();
	}
}
