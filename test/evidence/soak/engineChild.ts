/**
 * The node in n8n's own engine, as a process of its own that measures itself: input files in n8n's
 * binary store on disk, then one Generate and Wait over all of them.
 */
import type { INodeExecutionData } from 'n8n-workflow';

import { isJsonObject, nonEmptyString } from '../../../nodes/Aiuta/core/json';
import { DataTables } from '../../support/n8n/dataTables';
import { loadBuiltNode } from '../../support/n8n/builtNode';
import {
	initHost,
	recordLog,
	releaseHost,
	runNode,
	storeBinary,
	type InputItem,
	type LogEntry,
	type NodeUnderTest,
	type RunResult,
} from '../../support/n8n/host';
import {
	memoryAfterGc,
	memoryNow,
	openHandles,
	settledHandles,
	watchProcess,
	watchSockets,
} from './gauges';
import type { EngineJob, EngineMessage, EngineReport, ItemReport } from './messages';
import { readLedger } from './ledger';
import { photoSource } from './photo';

const MEGABYTE = 1024 * 1024;
const PROGRESS_EVERY_MS = 10_000;
const LEDGER = 'Soak';
/** As n8n 2.40.7 takes for one when it has nothing else to do. */
const TABLE_CALL_MS = 60;

/** Write every photo into n8n's store; only one of them is in memory at a time. */
async function prepareItems({ products, megabytes }: EngineJob): Promise<InputItem[]> {
	const photoOf = photoSource(Math.round(megabytes * MEGABYTE));
	const items: InputItem[] = [];
	for (let index = 0; index < products; index += 1) {
		const sku = `SKU-${String(index).padStart(6, '0')}`;
		const data = await storeBinary(photoOf(index), `${sku}.png`, 'image/png');
		items.push({ json: { sku }, binary: { data } });
	}
	return items;
}

function operationIdsIn(record: Record<string, unknown>): string[] {
	const operations: unknown[] = Array.isArray(record['operations']) ? record['operations'] : [];
	const ids = [
		record['operation_id'],
		...operations.map((one) => (isJsonObject(one) ? one['operation_id'] : undefined)),
	];
	return [...new Set(ids.filter((id): id is string => typeof id === 'string'))];
}

function describeItem({ json, binary, pairedItem }: INodeExecutionData): ItemReport {
	const { error } = json;
	const record = isJsonObject(error) ? error : json;
	const isPaired = typeof pairedItem === 'object' && 'item' in pairedItem;
	return {
		inputIndex: isPaired ? pairedItem.item : -1,
		productId: nonEmptyString(record['product_id']) ?? '',
		code: isJsonObject(error) ? (nonEmptyString(error['code']) ?? 'NONE') : undefined,
		operationIds: operationIdsIn(record),
		pictures: Object.keys(binary ?? {}).length,
	};
}

/** Operation IDs anywhere in the journal that n8n keeps with the execution. */
function journalIds({ run }: RunResult): string[] {
	const stored = JSON.stringify(run.data.executionData?.contextData ?? {});
	return [...stored.matchAll(/"operationId":"([^"]+)"/g)].map(([, id = '']) => id);
}

function loggedIds(log: readonly LogEntry[]): string[] {
	return log.flatMap(({ level, metadata }) => {
		const id = isJsonObject(metadata) ? metadata['operationId'] : undefined;
		return level === 'info' && typeof id === 'string' ? [id] : [];
	});
}

/** The engine makes services with its first execution: one that is refused before anything is sent. */
async function warmUp(under: NodeUnderTest, job: EngineJob): Promise<void> {
	const { apiKey, url } = job;
	await runNode(under, {
		items: [{}],
		parameters: { resource: 'flatLay', operation: 'generateAndWait' },
		credential: { apiKey, baseUrl: url, api: 'flatLays' },
		onError: 'continueErrorOutput',
	});
}

function tell(message: EngineMessage): void {
	process.send?.(message);
}

async function soak(job: EngineJob): Promise<EngineReport> {
	const under = await loadBuiltNode();
	await initHost();
	const log = recordLog();
	await warmUp(under, job);
	const items = await prepareItems(job);
	const sockets = watchSockets();
	const before = await memoryAfterGc();
	const handlesBefore = openHandles();
	tell({ kind: 'prepared', before });

	const startedAtMs = performance.now();
	const cpuBefore = process.cpuUsage();
	const tables = new DataTables(TABLE_CALL_MS);
	const watch = watchProcess();
	const progress = setInterval(() => {
		const atMs = performance.now() - startedAtMs;
		tell({ kind: 'progress', atMs, memory: memoryNow(), created: loggedIds(log).length });
	}, PROGRESS_EVERY_MS);
	const result = await runNode(under, {
		items,
		parameters: {
			resource: 'flatLay',
			operation: 'generateAndWait',
			productId: '={{ $json.sku }}',
			productTitle: '={{ $json.sku }}',
			batching: { requestsPerSecond: job.rps },
			...(job.ledger === true ? { ledger: LEDGER } : {}),
		},
		tables,
		credential: { apiKey: job.apiKey, baseUrl: job.url, api: 'flatLays' },
		onError: 'continueErrorOutput',
	});
	const durationMs = performance.now() - startedAtMs;
	const { user, system } = process.cpuUsage(cpuBefore);
	clearInterval(progress);
	const lag = watch.stop();
	const end = memoryNow();
	const handlesAtEnd = openHandles();
	const settled = await settledHandles(handlesBefore);
	const openConnections = sockets.open();
	return {
		kind: 'report',
		items: [...result.success, ...result.failed].map(describeItem),
		loggedIds: loggedIds(log),
		journalIds: journalIds(result),
		error: result.error?.message,
		hints: result.hints,
		durationMs,
		cpuSeconds: (user + system) / 1e6,
		before,
		peak: watch.peak().rss > end.rss ? watch.peak() : end,
		end,
		afterGc: await memoryAfterGc(),
		lag,
		handlesBefore,
		handlesAtEnd,
		handlesSettled: settled.handles,
		settledAfterMs: settled.ms,
		refusedConnections: sockets.refused(),
		openConnections,
		ledger: job.ledger === true ? readLedger(tables, LEDGER) : undefined,
	};
}

async function main(): Promise<void> {
	process.on('disconnect', () => process.exit(1));
	tell(await soak(JSON.parse(process.argv[2] ?? '') as EngineJob));
	process.on('message', () => {
		releaseHost();
		process.exit(0);
	});
}

main().catch((error: unknown) => {
	console.error(error);
	process.exit(1);
});
